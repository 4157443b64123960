"""What a server or a database of MLflow answers about everything in it, to be compared."""

from __future__ import annotations

from mlflow import MlflowClient
from mlflow.entities import ViewType

ALL = ViewType.ALL


def text(part: object) -> str:
    """Equal for equal parts: members of a dictionary in order."""
    return repr(sorted(part.items()) if isinstance(part, dict) else part)


def state(client: MlflowClient) -> dict[str, object]:
    """Everything that can be asked, without where files are."""
    found: dict[str, object] = {}
    for experiment in client.search_experiments(view_type=ALL):
        key = experiment.experiment_id
        found[key] = (experiment.name, experiment.lifecycle_stage, experiment.tags)
        for run in client.search_runs([key], run_view_type=ALL):
            run = client.get_run(run.info.run_id)
            info = {k: v for k, v in dict(run.info).items() if k != "artifact_uri"}
            histories = {
                metric: [
                    (p.value, p.timestamp, p.step)
                    for p in client.get_metric_history(run.info.run_id, metric)
                ]
                for metric in run.data.metrics
            }
            inputs = [
                (i.dataset.to_dictionary(), [dict(t) for t in i.tags])
                for i in run.inputs.dataset_inputs
            ]
            models = (
                [m.model_id for m in run.inputs.model_inputs],
                [dict(m) for m in run.outputs.model_outputs],
            )
            parts = [info, run.data.params, run.data.tags, run.data.metrics]
            # As text: no NaN equals another.
            found[run.info.run_id] = [text(part) for part in [*parts, histories, inputs, models]]
        for model in client.search_logged_models([key]):
            whole = client.get_logged_model(model.model_id).to_dictionary()
            found[model.model_id] = repr(
                {k: v or None for k, v in whole.items() if k != "artifact_location"}
            )
    return found
