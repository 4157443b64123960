"""Prints how MLflow's own connections write: journal mode and synchronous, as JSON.

Runs under the Python that has mlflow: mlflow_durability.py DATABASE_URI
"""

import json
import sys

from mlflow.store.db.utils import create_sqlalchemy_engine
from sqlalchemy import text

with create_sqlalchemy_engine(sys.argv[1]).connect() as connection:
    facts = {
        name: connection.execute(text(f"PRAGMA {name}")).scalar()
        for name in ("journal_mode", "synchronous")
    }
    facts["sqlite"] = connection.execute(text("SELECT sqlite_version()")).scalar()
print(json.dumps(facts))
