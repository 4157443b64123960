"""After all lines: what nobody ended is FAILED, and so is the batch if a line failed."""

from mlflow import MlflowClient
from promptflow.core import log_metric, tool
from shared.batch import current_batch
from shared.lines import end_batch, fail_the_unfinished


@tool
def close_batch(run_ids: list) -> None:
    log_metric("lines_answered", len(run_ids))  # into promptflow's own metrics.json
    batch = current_batch()
    if batch is None:
        return
    client = MlflowClient()
    root = client.get_run(batch).info
    fail_the_unfinished(client, batch, root.experiment_id, root.run_id)
    counts, rollup = roll_up(client, root.experiment_id, root.run_id)
    end_batch(client, root.run_id, counts, rollup)


def roll_up(
    client: MlflowClient, experiment: str, parent: str
) -> tuple[dict[str, int], dict[str, float]]:
    """Counts by status and sums of the metrics, with nothing but MLflow's client: page by page.

    Roost can do it in one request; the flow `own-parent` uses that.
    """
    counts: dict[str, int] = {}
    sums: dict[str, float] = {}
    children = f"tags.mlflow.parentRunId = '{parent}'"
    token = None
    while True:
        page = client.search_runs([experiment], children, max_results=1000, page_token=token)
        for child in page:
            counts[child.info.status] = counts.get(child.info.status, 0) + 1
            for name, value in child.data.metrics.items():
                sums[f"{name}.sum"] = sums.get(f"{name}.sum", 0.0) + value
        if not (token := page.token):
            return counts, sums
