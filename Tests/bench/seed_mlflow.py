"""Writes the seeds into an MLflow database with MLflow's own models, since its API needs hours.

Runs under the Python that has mlflow: seed_mlflow.py DATABASE_URI, then one of
`runs EXPERIMENT_ID COUNT`, `series RUN_ID COUNT`, `registry MODELS`.
"""

import sys
import uuid

import seed
import seed_registry
import sqlalchemy
from mlflow.store.model_registry.dbmodels import models as registry
from mlflow.store.tracking.dbmodels import models
from sqlalchemy.orm import Session


def write_runs(session: Session, experiment: int, count: int) -> None:
    """The runs that the search rows look through."""
    ids = [uuid.uuid4().hex for _ in range(count)]
    root = session.get(models.SqlExperiment, experiment).artifact_location
    for start in range(0, count, seed.CHUNK):
        write(session, experiment, root, ids, range(start, min(start + seed.CHUNK, count)))
        session.commit()


def write_series(session: Session, run: str, count: int) -> None:
    """One long series."""
    for start in range(0, count, 20_000):
        steps = range(start, min(start + 20_000, count))
        points = [point(run, seed.SERIES, *seed.series_point(step)) for step in steps]
        insert(session, models.SqlMetric, points)
    insert(session, models.SqlLatestMetric, points[-1:])
    session.commit()


def write_registry(session: Session, count: int) -> None:
    """Models with their versions, tags on both."""
    rows: dict[type, list[dict]] = {
        model: []
        for model in (
            registry.SqlRegisteredModel,
            registry.SqlRegisteredModelTag,
            registry.SqlModelVersion,
            registry.SqlModelVersionTag,
        )
    }
    for index in range(count):
        name, made = seed_registry.model_name(index), seed.FIRST_START + index * 1000
        rows[registry.SqlRegisteredModel].append(
            {"name": name, "creation_time": made, "last_updated_time": made + 500}
        )
        rows[registry.SqlRegisteredModelTag] += [
            {"name": name, **tag} for tag in seed_registry.tags(index)
        ]
        for version in range(1, seed_registry.VERSIONS + 1):
            rows[registry.SqlModelVersion].append(
                {
                    "name": name,
                    "version": version,
                    "creation_time": made + version,
                    "last_updated_time": made + version,
                    "current_stage": "None",
                    "source": seed_registry.source(name, version),
                    "status": "READY",
                }
            )
            rows[registry.SqlModelVersionTag] += [
                {"name": name, "version": version, **tag} for tag in seed_registry.tags(version)
            ]
    for model, mappings in rows.items():
        insert(session, model, mappings)
    session.commit()


def point(run: str, key: str, number: float, time: int, step: int) -> dict:
    fixed = {"run_uuid": run, "key": key, "is_nan": False}
    return fixed | {"value": number, "timestamp": time, "step": step}


def insert(session: Session, model: type, rows: list[dict]) -> None:
    if rows:
        session.execute(sqlalchemy.insert(model.__table__), rows)


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
                "status": "RUNNING",
                "start_time": fields["start"],
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
        points = [point(run, *values) for values in fields["points"]]
        rows[models.SqlMetric] += points
        rows[models.SqlLatestMetric] += [p for p in points if p["step"] == seed.STEPS - 1]
    for model, mappings in rows.items():
        insert(session, model, mappings)


def main(uri: str, what: str, *arguments: str) -> None:
    with Session(sqlalchemy.create_engine(uri)) as session:
        if what == "registry":
            write_registry(session, int(arguments[0]))
        elif what == "series":
            write_series(session, arguments[0], int(arguments[1]))
        else:
            write_runs(session, int(arguments[0]), int(arguments[1]))


if __name__ == "__main__":
    main(*sys.argv[1:])
