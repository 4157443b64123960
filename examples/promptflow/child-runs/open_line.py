"""Before the model: the child run of this line, below the run that the batch itself is."""

from mlflow import MlflowClient
from promptflow.core import tool
from shared.batch import current_line
from shared.lines import failing, log_inputs


@tool
def open_line(question: str, topic: str) -> dict:
    line = current_line()
    if line is None:  # a single test: nothing is logged
        return {"run_id": "", "question": checked(question)}

    client = MlflowClient()
    root = client.get_run(line.batch)  # the first of these makes the run: --adopt-runs
    tags = {"framework": "Prompt Flow", "mlflow.parentRunId": root.info.run_id}
    child = client.create_run(root.info.experiment_id, run_name=line.run_name, tags=tags)
    run_id = child.info.run_id
    with failing(client, run_id):
        log_inputs(client, run_id, line, question=question, topic=topic)
        return {"run_id": run_id, "question": checked(question)}


def checked(question: str) -> str:
    if not question.strip():
        raise ValueError("the question is empty")
    return question.strip()
