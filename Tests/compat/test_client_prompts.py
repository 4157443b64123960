"""Prompts through mlflow.genai: registered, loaded, found, named, tagged and deleted."""

from __future__ import annotations

import uuid

import mlflow
import pytest
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException


@pytest.fixture
def prompt(tracking: str) -> str:
    """A name for a prompt; the fluent API talks to the server."""
    before = mlflow.get_registry_uri()
    mlflow.set_registry_uri(tracking)
    yield f"prompt-{uuid.uuid4().hex}"
    mlflow.set_registry_uri(before)


def load(uri: str, **fields: object):
    """A prompt as the server has it, past the client's cache."""
    return mlflow.genai.load_prompt(uri, cache_ttl_seconds=0, **fields)


def test_versions_of_a_prompt(prompt: str) -> None:
    first = mlflow.genai.register_prompt(
        prompt, "Hello {{name}}", commit_message="first", tags={"author": "x"}
    )
    assert (first.version, first.template, first.commit_message) == (1, "Hello {{name}}", "first")
    second = mlflow.genai.register_prompt(
        prompt, [{"role": "user", "content": "Hi {{name}}"}], commit_message="second"
    )
    assert second.version == 2
    assert load(prompt, version=1).format(name="you") == "Hello you"
    assert load(f"prompts:/{prompt}/2").template == [{"role": "user", "content": "Hi {{name}}"}]
    assert load(f"prompts:/{prompt}@latest").version == 2
    assert load(prompt, version=1).tags == {"author": "x"}
    assert load(f"prompts:/{prompt}/3", allow_missing=True) is None


def test_aliases_of_a_prompt(prompt: str) -> None:
    mlflow.genai.register_prompt(prompt, "one")
    mlflow.genai.register_prompt(prompt, "two")
    mlflow.genai.set_prompt_alias(prompt, "production", 1)
    assert load(f"prompts:/{prompt}@production").template == "one"
    mlflow.genai.set_prompt_alias(prompt, "production", 2)
    assert load(f"prompts:/{prompt}@production").template == "two"
    mlflow.genai.delete_prompt_alias(prompt, "production")
    with pytest.raises(MlflowException, match="production"):
        load(f"prompts:/{prompt}@production")


def test_tags_of_a_prompt_and_of_its_versions(prompt: str) -> None:
    mlflow.genai.register_prompt(prompt, "one")
    mlflow.genai.set_prompt_tag(prompt, "team", "a")
    assert mlflow.genai.get_prompt_tags(prompt)["team"] == "a"
    mlflow.genai.delete_prompt_tag(prompt, "team")
    assert "team" not in mlflow.genai.get_prompt_tags(prompt)
    mlflow.genai.set_prompt_version_tag(prompt, 1, "checked", "yes")
    assert load(prompt, version=1).tags["checked"] == "yes"
    mlflow.genai.delete_prompt_version_tag(prompt, 1, "checked")
    assert "checked" not in load(prompt, version=1).tags


def test_prompts_and_models_are_found_apart(prompt: str, client: MlflowClient) -> None:
    mlflow.genai.register_prompt(prompt, "one", tags={"k": "v"})
    client.create_registered_model(f"{prompt}-model")
    client.create_model_version(f"{prompt}-model", "s3://bucket/x")
    scope = f"name LIKE '{prompt}%'"
    assert [p.name for p in mlflow.genai.search_prompts(scope)] == [prompt]
    assert [m.name for m in client.search_registered_models(scope)] == [f"{prompt}-model"]
    assert [v.name for v in client.search_model_versions(scope)] == [f"{prompt}-model"]
    assert [v.version for v in client.search_prompt_versions(prompt)] == [1]
    with pytest.raises(MlflowException, match="exists with the same name"):
        mlflow.genai.register_prompt(f"{prompt}-model", "x")
    with pytest.raises(MlflowException, match="already taken by a prompt"):
        client.create_registered_model(prompt)


def test_a_prompt_is_deleted_version_by_version(prompt: str, client: MlflowClient) -> None:
    mlflow.genai.register_prompt(prompt, "one")
    mlflow.genai.register_prompt(prompt, "two")
    client.delete_prompt_version(prompt, "1")
    assert load(f"prompts:/{prompt}/1", allow_missing=True) is None
    assert load(f"prompts:/{prompt}@latest").template == "two"
    client.delete_prompt_version(prompt, "2")
    client.delete_prompt(prompt)
    assert mlflow.genai.search_prompts(f"name = '{prompt}'") == []
