"""Makes `python -m Tests.bench` the same as running bench.py in here."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from bench import main  # noqa: E402 - found through the line above

sys.exit(main())
