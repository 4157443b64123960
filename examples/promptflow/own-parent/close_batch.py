"""After all lines: the parent gets the roll-up of its children, and ends."""

from mlflow import MlflowClient
from promptflow.core import log_metric, tool
from shared import roost
from shared.batch import current_batch
from shared.lines import end_batch, fail_the_unfinished
from shared.own_parent import experiment, parent_of


@tool
def close_batch(run_ids: list) -> None:
    log_metric("lines_answered", len(run_ids))  # into promptflow's own metrics.json
    batch = current_batch()
    if batch is None:
        return
    client = MlflowClient()
    parent = parent_of(batch)
    fail_the_unfinished(client, batch, experiment(), parent)
    summary = roost.children_summary(parent)
    rollup = {}
    for metric in summary["metrics"]:  # answer.total_tokens: its sum and its mean, and so on
        if metric["count"]:  # NaN is not counted
            rollup[f"{metric['key']}.sum"] = metric["sum"]
            rollup[f"{metric['key']}.mean"] = metric["mean"]
    end_batch(client, parent, summary["status"], rollup)
