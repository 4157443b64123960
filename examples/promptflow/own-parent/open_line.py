"""Before the model: the child run of this line, below a parent in an experiment of our own."""

from mlflow import MlflowClient
from promptflow.core import tool
from shared.batch import current_line
from shared.lines import failing, log_inputs
from shared.own_parent import child_of


@tool
def open_line(question: str, topic: str) -> dict:
    line = current_line()
    if line is None:  # a single test: nothing is logged
        return {"run_id": "", "question": checked(question)}

    client = MlflowClient()
    run_id = child_of(line)
    with failing(client, run_id):
        log_inputs(client, run_id, line, question=question, topic=topic)
        return {"run_id": run_id, "question": checked(question)}


def checked(question: str) -> str:
    if not question.strip():
        raise ValueError("the question is empty")
    return question.strip()
