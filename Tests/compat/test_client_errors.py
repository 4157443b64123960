"""Errors as the client raises them: class, code, status, so that `except` clauses keep working."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException, RestException

UNKNOWN_RUN = "0123456789abcdef0123456789abcdef"


@pytest.mark.parametrize(
    ("call", "code", "status", "text"),
    [
        (
            lambda c: c.get_run(UNKNOWN_RUN),
            "RESOURCE_DOES_NOT_EXIST",
            404,
            f"Run with id={UNKNOWN_RUN} not found",
        ),
        (
            lambda c: c.log_metric(UNKNOWN_RUN, "m", 1.0),
            "RESOURCE_DOES_NOT_EXIST",
            404,
            f"Run with id={UNKNOWN_RUN} not found",
        ),
        (
            lambda c: c.set_terminated(UNKNOWN_RUN),
            "RESOURCE_DOES_NOT_EXIST",
            404,
            f"Run with id={UNKNOWN_RUN} not found",
        ),
        (
            lambda c: c.delete_run(UNKNOWN_RUN),
            "RESOURCE_DOES_NOT_EXIST",
            404,
            f"Run with id={UNKNOWN_RUN} not found",
        ),
        (
            lambda c: c.get_experiment("987654321"),
            "RESOURCE_DOES_NOT_EXIST",
            404,
            "No Experiment with id=987654321 exists",
        ),
        (
            lambda c: c.get_experiment("abc"),
            "INVALID_PARAMETER_VALUE",
            400,
            "Invalid experiment ID 'abc'. Experiment ID must be a valid integer.",
        ),
        (
            lambda c: c.create_experiment("Default"),
            "RESOURCE_ALREADY_EXISTS",
            400,
            "Experiment(name=Default) already exists.",
        ),
        (
            lambda c: c.create_run("987654321"),
            "RESOURCE_DOES_NOT_EXIST",
            404,
            "No Experiment with id=987654321 exists",
        ),
        (
            lambda c: c.search_experiments(filter_string="nonsense"),
            "INVALID_PARAMETER_VALUE",
            400,
            "Invalid clause(s) in filter string: nonsense",
        ),
    ],
)
def test_code_status_and_text(
    client: MlflowClient, call: Callable[[MlflowClient], object], code: str, status: int, text: str
) -> None:
    with pytest.raises(RestException) as caught:
        call(client)
    assert caught.value.error_code == code
    assert caught.value.get_http_status_code() == status
    assert caught.value.json["error_code"] == code
    assert text in caught.value.message


def test_rest_exception_is_a_client_exception(client: MlflowClient) -> None:
    with pytest.raises(MlflowException):
        client.get_run(UNKNOWN_RUN)


def test_experiment_state(client: MlflowClient, experiment_id: str) -> None:
    with pytest.raises(RestException) as caught:
        client.restore_experiment(experiment_id)
    assert caught.value.error_code == "RESOURCE_DOES_NOT_EXIST"
    client.delete_experiment(experiment_id)
    with pytest.raises(RestException) as caught:
        client.delete_experiment(experiment_id)
    assert caught.value.error_code == "RESOURCE_DOES_NOT_EXIST"
    with pytest.raises(RestException, match="must be in the 'active' state") as caught:
        client.create_run(experiment_id)
    assert caught.value.error_code == "INVALID_PARAMETER_VALUE"
    with pytest.raises(RestException, match="must be in the 'active' state"):
        client.set_experiment_tag(experiment_id, "k", "v")


def test_name_of_a_deleted_experiment_stays_taken(
    client: MlflowClient, experiment_id: str, name: str
) -> None:
    client.delete_experiment(experiment_id)
    with pytest.raises(RestException) as caught:
        client.create_experiment(name)
    assert caught.value.error_code == "RESOURCE_ALREADY_EXISTS"


def test_experiment_name_limit(client: MlflowClient, name: str) -> None:
    longest = name + "x" * (500 - len(name))
    assert client.get_experiment(client.create_experiment(longest)).name == longest
    with pytest.raises(MlflowException, match="exceeds the maximum length of 500 characters"):
        client.create_experiment(longest + "x")


def test_what_is_not_served_yet_says_so(
    client: MlflowClient, run_id: str, target_is_mlflow: bool
) -> None:
    """A clear error at once: 501 is a status that the client does not retry."""
    if target_is_mlflow:
        pytest.skip("mlflow serves it")
    for call in (
        lambda: client.search_traces(locations=["0"]),
        lambda: client.list_webhooks(),
    ):
        with pytest.raises(RestException) as caught:
            call()
        assert caught.value.error_code == "NOT_IMPLEMENTED"
        assert caught.value.get_http_status_code() == 501
