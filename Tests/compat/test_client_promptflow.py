"""The shape of a PromptFlow batch: 16 processes, each making child runs of one parent."""

from __future__ import annotations

from client_workers import line_metrics, line_params, promptflow_lines, together
from mlflow import MlflowClient

PROCESSES = 16
LINES_EACH = 3


def test_children_of_sixteen_processes(
    target_url: str, client: MlflowClient, experiment_id: str
) -> None:
    parent = client.create_run(experiment_id, run_name="flow_variant_0").info.run_id
    work = [
        (target_url, parent, range(worker, PROCESSES * LINES_EACH, PROCESSES))
        for worker in range(PROCESSES)
    ]
    made: dict[int, str] = {}
    for answer in together(promptflow_lines, work):
        made |= answer
    client.set_terminated(parent)
    assert sorted(made) == list(range(PROCESSES * LINES_EACH))

    children = client.search_runs([experiment_id], f"tags.mlflow.parentRunId = '{parent}'")
    by_id = {run.info.run_id: run for run in children}
    assert set(by_id) == set(made.values())
    for line, run_id in made.items():
        for run in (by_id[run_id], client.get_run(run_id)):
            assert run.info.run_name == f"Run {line:09d}"
            assert run.info.status == "FINISHED"
            assert run.info.end_time >= run.info.start_time
            assert run.data.params == line_params(line)
            assert run.data.metrics == line_metrics(line)
            assert run.data.tags == {
                "framework": "Prompt Flow",
                "mlflow.parentRunId": parent,
                "mlflow.runName": f"Run {line:09d}",
            }
        assert client.get_parent_run(run_id).info.run_id == parent
