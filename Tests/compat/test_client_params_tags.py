"""Params and tags through the client: values of any kind, immutability, overwriting, deleting."""

from __future__ import annotations

import pytest
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException


def test_params_are_text(client: MlflowClient, run_id: str) -> None:
    assert client.log_param(run_id, "rate", 0.1) == 0.1
    client.log_param(run_id, "layers", [1, 2])
    client.log_param(run_id, "none", None)
    client.log_param(run_id, "empty", "")
    assert client.get_run(run_id).data.params == {
        "rate": "0.1",
        "layers": "[1, 2]",
        "none": "None",
        "empty": "",
    }


def test_param_again_with_the_same_value(client: MlflowClient, run_id: str) -> None:
    client.log_param(run_id, "p", "1")
    client.log_param(run_id, "p", "1")
    assert client.get_run(run_id).data.params == {"p": "1"}


def test_param_with_another_value_is_refused(client: MlflowClient, run_id: str) -> None:
    client.log_param(run_id, "p", "1")
    with pytest.raises(MlflowException, match="Changing param values is not allowed") as caught:
        client.log_param(run_id, "p", "2")
    assert caught.value.error_code == "INVALID_PARAMETER_VALUE"
    assert client.get_run(run_id).data.params == {"p": "1"}


def test_long_param_is_cut_at_6000(client: MlflowClient, run_id: str) -> None:
    client.log_param(run_id, "p", "x" * 6000)
    client.log_param(run_id, "longer", "y" * 6001)
    params = client.get_run(run_id).data.params
    assert params["p"] == "x" * 6000
    assert params["longer"] == "y" * 6000


@pytest.mark.parametrize("value", ["🪺 nest", "line\nbreak", "tab\t", "\\ \" '", "日本語" * 100])
def test_text_round_trips(client: MlflowClient, run_id: str, value: str) -> None:
    client.log_param(run_id, "p", value)
    client.set_tag(run_id, "t", value)
    data = client.get_run(run_id).data
    assert data.params["p"] == value
    assert data.tags["t"] == value


def test_tag_overwrites(client: MlflowClient, run_id: str) -> None:
    client.set_tag(run_id, "t", "1")
    client.set_tag(run_id, "t", "2")
    client.set_tag(run_id, "number", 3)
    tags = client.get_run(run_id).data.tags
    assert tags["t"] == "2"
    assert tags["number"] == "3"


def test_delete_tag(client: MlflowClient, run_id: str) -> None:
    client.set_tag(run_id, "t", "1")
    client.delete_tag(run_id, "t")
    assert "t" not in client.get_run(run_id).data.tags
    with pytest.raises(MlflowException, match="No tag with name: t in run with id") as caught:
        client.delete_tag(run_id, "t")
    assert caught.value.error_code == "RESOURCE_DOES_NOT_EXIST"


def test_long_tag_is_cut_at_8000(client: MlflowClient, run_id: str) -> None:
    client.set_tag(run_id, "t", "x" * 8001)
    assert client.get_run(run_id).data.tags["t"] == "x" * 8000


@pytest.mark.parametrize("key", ["", "../up", "a//b", "a<b>", "/lead", "k" * 251])
def test_bad_keys_are_refused(client: MlflowClient, run_id: str, key: str) -> None:
    with pytest.raises(MlflowException) as caught:
        client.log_param(run_id, key, "1")
    assert caught.value.error_code == "INVALID_PARAMETER_VALUE"
    with pytest.raises(MlflowException):
        client.set_tag(run_id, key, "1")
    assert client.get_run(run_id).data.params == {}
