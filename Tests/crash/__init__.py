"""Kill -9 under load: what was acknowledged must be there afterwards, whole and exact."""

import sys
from pathlib import Path

# `support` lies beside this package; by hand (`python -m Tests.crash.driver`) nobody else says so.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
