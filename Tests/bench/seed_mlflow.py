"""Writes the seed runs into an MLflow database with MLflow's own models, since its API needs hours.

Runs under the Python that has mlflow: seed_mlflow.py DATABASE_URI EXPERIMENT_ID COUNT
"""

import sys
import uuid

import seed
from mlflow.store.tracking.dbmodels import models
from sqlalchemy import create_engine
from sqlalchemy.orm import Session


def main(uri: str, experiment: int, count: int) -> None:
    engine = create_engine(uri)
    ids = [uuid.uuid4().hex for _ in range(count)]
    with Session(engine) as session:
        root = session.get(models.SqlExperiment, experiment).artifact_location
        for start in range(0, count, seed.CHUNK):
            write(session, experiment, root, ids, range(start, min(start + seed.CHUNK, count)))
            session.commit()


def write(session: Session, experiment: int, root: str, ids: list[str], indexes: range) -> None:
    """Inserts a chunk of runs with all that belongs to them."""
    rows: dict[type, list[dict]] = {
        model: []
        for model in (
            models.SqlRun,
            models.SqlTag,
            models.SqlParam,
            models.SqlMetric,
            models.SqlLatestMetric,
        )
    }
    for index in indexes:
        fields, run = seed.run_fields(index), ids[index]
        rows[models.SqlRun].append(
            {
                "run_uuid": run,
                "name": fields["name"],
                "source_type": "UNKNOWN",
                "source_name": "",
                "entry_point_name": "",
                "user_id": "bench",
                "status": "FINISHED",
                "start_time": fields["start"],
                "end_time": fields["end"],
                "source_version": "",
                "lifecycle_stage": "active",
                "artifact_uri": f"{root}/{run}/artifacts",
                "experiment_id": experiment,
            }
        )
        tags = {**fields["tags"], "mlflow.runName": fields["name"]}
        parent = seed.parent_of(index, len(ids))
        if parent is not None:
            tags["mlflow.parentRunId"] = ids[parent]
        rows[models.SqlTag] += [{"run_uuid": run, "key": k, "value": v} for k, v in tags.items()]
        rows[models.SqlParam] += [
            {"run_uuid": run, "key": k, "value": v} for k, v in fields["params"].items()
        ]
        points = [
            {
                "run_uuid": run,
                "key": key,
                "value": number,
                "timestamp": time,
                "step": step,
                "is_nan": False,
            }
            for key, number, time, step in fields["points"]
        ]
        rows[models.SqlMetric] += points
        rows[models.SqlLatestMetric] += [p for p in points if p["step"] == seed.STEPS - 1]
    for model, mappings in rows.items():
        session.bulk_insert_mappings(model, mappings)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
