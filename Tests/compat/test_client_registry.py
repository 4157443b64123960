"""The model registry through MlflowClient: every method of it, with what each answers."""

from __future__ import annotations

import pytest
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException


@pytest.fixture
def model(client: MlflowClient, name: str) -> str:
    """A registered model of the test's own."""
    return client.create_registered_model(name, tags={"team": "a"}, description="words").name


def make_version(client: MlflowClient, model: str, **fields: object) -> str:
    return client.create_model_version(model, "s3://bucket/model", **fields).version


def test_a_registered_model_is_made_read_changed_and_deleted(
    client: MlflowClient, model: str
) -> None:
    made = client.get_registered_model(model)
    assert (made.description, made.tags, made.aliases) == ("words", {"team": "a"}, {})
    assert made.latest_versions == []
    assert made.creation_timestamp == made.last_updated_timestamp
    changed = client.update_registered_model(model, "other words")
    assert changed.description == "other words"
    client.set_registered_model_tag(model, "k", "v")
    client.delete_registered_model_tag(model, "team")
    assert client.get_registered_model(model).tags == {"k": "v"}
    client.delete_registered_model(model)
    with pytest.raises(MlflowException, match="not found") as error:
        client.get_registered_model(model)
    assert error.value.error_code == "RESOURCE_DOES_NOT_EXIST"


def test_a_name_is_taken_once(client: MlflowClient, model: str) -> None:
    with pytest.raises(MlflowException, match="already exists") as error:
        client.create_registered_model(model)
    assert error.value.error_code == "RESOURCE_ALREADY_EXISTS"


def test_a_rename_keeps_versions_tags_and_aliases(client: MlflowClient, model: str) -> None:
    make_version(client, model, tags={"checked": "yes"})
    client.set_registered_model_alias(model, "champion", "1")
    client.rename_registered_model(model, f"{model}-new")
    renamed = client.get_registered_model(f"{model}-new")
    assert renamed.aliases == {"champion": "1"}
    version = client.get_model_version_by_alias(f"{model}-new", "champion")
    assert (version.name, version.version, version.tags) == (
        f"{model}-new",
        "1",
        {"checked": "yes"},
    )
    with pytest.raises(MlflowException, match="not found"):
        client.get_model_version(model, "1")


def test_a_version_is_made_read_changed_and_deleted(
    client: MlflowClient, model: str, run_id: str
) -> None:
    made = client.create_model_version(
        model,
        f"runs:/{run_id}/model",
        run_id=run_id,
        tags={"a": "1"},
        run_link="https://example.org",
        description="first",
    )
    assert (made.version, made.status, made.current_stage) == ("1", "READY", "None")
    assert (made.run_id, made.run_link, made.description) == (
        run_id,
        "https://example.org",
        "first",
    )
    assert client.get_model_version_download_uri(model, "1") == f"runs:/{run_id}/model"
    assert client.update_model_version(model, "1", "second").description == "second"
    client.set_model_version_tag(model, "1", "b", "2")
    client.delete_model_version_tag(model, "1", "a")
    assert client.get_model_version(model, "1").tags == {"b": "2"}
    client.delete_model_version(model, "1")
    with pytest.raises(MlflowException, match="not found"):
        client.get_model_version(model, "1")
    assert make_version(client, model) == "2", "a number is not given twice"


def test_aliases_move_and_end_with_their_version(client: MlflowClient, model: str) -> None:
    make_version(client, model)
    make_version(client, model)
    client.set_registered_model_alias(model, "champion", "1")
    client.set_registered_model_alias(model, "champion", "2")
    client.set_registered_model_alias(model, "old", "1")
    assert client.get_model_version_by_alias(model, "champion").version == "2"
    assert client.get_model_version(model, "2").aliases == ["champion"]
    assert client.get_registered_model(model).aliases == {"champion": "2", "old": "1"}
    client.delete_registered_model_alias(model, "old")
    client.delete_model_version(model, "2")
    assert client.get_registered_model(model).aliases == {}
    with pytest.raises(MlflowException, match="Registered model alias champion not found"):
        client.get_model_version_by_alias(model, "champion")
    assert client.get_model_version_by_alias(model, "latest").version == "1"


@pytest.mark.filterwarnings("ignore::FutureWarning")
def test_stages_and_the_latest_of_each(client: MlflowClient, model: str) -> None:
    for _ in range(3):
        make_version(client, model)
    client.transition_model_version_stage(model, "1", "Production")
    moved = client.transition_model_version_stage(
        model, "2", "production", archive_existing_versions=True
    )
    assert moved.current_stage == "Production"
    assert client.get_model_version(model, "1").current_stage == "Archived"
    latest = {v.current_stage: v.version for v in client.get_latest_versions(model)}
    assert latest == {"Archived": "1", "Production": "2", "None": "3"}
    assert [v.version for v in client.get_latest_versions(model, ["Production"])] == ["2"]


def test_a_version_is_copied_to_another_model(
    client: MlflowClient, model: str, run_id: str
) -> None:
    make_version(client, model, run_id=run_id)
    copied = client.copy_model_version(f"models:/{model}/1", f"{model}-copy")
    assert (copied.name, copied.version, copied.run_id) == (f"{model}-copy", "1", run_id)
    assert copied.source == f"models:/{model}/1"
    assert client.get_model_version_download_uri(f"{model}-copy", "1") == "s3://bucket/model"
    again = client.copy_model_version(f"models:/{model}-copy/1", f"{model}-copy")
    assert (
        client.get_model_version_download_uri(f"{model}-copy", again.version) == "s3://bucket/model"
    )


def test_searches(client: MlflowClient, name: str) -> None:
    for letter in "abc":
        client.create_registered_model(f"{name}-{letter}", tags={"letter": letter})
        for number in range(2):
            make_version(client, f"{name}-{letter}", tags={"number": str(number)})
    scope = f"name LIKE '{name}-%'"
    models = client.search_registered_models(scope, order_by=["name DESC"])
    assert [m.name for m in models] == [f"{name}-{letter}" for letter in "cba"]
    assert [m.latest_versions[0].version for m in models] == ["2", "2", "2"]
    tagged = client.search_registered_models(f"{scope} AND tags.letter = 'b'")
    assert [m.name for m in tagged] == [f"{name}-b"]
    versions = client.search_model_versions(
        f"{scope} AND tags.number = '1'", order_by=["name ASC", "version_number DESC"]
    )
    assert [(v.name[-1], v.version) for v in versions] == [("a", "2"), ("b", "2"), ("c", "2")]
    above = client.search_model_versions(f"name = '{name}-a' AND version_number > 1")
    assert [v.version for v in above] == ["2"]
    with pytest.raises(MlflowException, match="Invalid attribute key 'foo'"):
        client.search_model_versions("foo = 'x'")


def test_pages_stay_right_while_models_and_versions_are_added(
    client: MlflowClient, name: str, target_is_mlflow: bool
) -> None:
    if target_is_mlflow:
        pytest.skip("mlflow's tokens count rows, so an added one moves all that follow")
    for number in range(6):
        client.create_registered_model(f"{name}-{number:02}")
        make_version(client, f"{name}-{number:02}")
    scope = f"name LIKE '{name}-%'"
    seen, found, token = [], [], None
    for page in range(3):
        models = client.search_registered_models(scope, max_results=2, page_token=token)
        seen += [m.name for m in models]
        token = models.token
        client.create_registered_model(f"{name}-{page:02} before")
    assert [n for n in seen if "before" not in n] == [f"{name}-{n:02}" for n in range(6)]
    assert len(seen) == len(set(seen))
    token = None
    while True:
        versions = client.search_model_versions(scope, max_results=2, page_token=token)
        found += [v.name for v in versions]
        make_version(client, f"{name}-00")
        if not (token := versions.token):
            break
    assert sorted(set(found)) == [f"{name}-{n:02}" for n in range(6)]
    assert len(found) == 6, "versions are listed newest first, so one that is added is never shown"


def test_model_files_are_fetched_by_version(
    client: MlflowClient, model: str, run_id: str, target_url: str, tmp_path
) -> None:
    import mlflow.artifacts
    import requests

    client.log_text(run_id, "weights", "model/weights.txt")
    uri = client.get_run(run_id).info.artifact_uri
    client.create_model_version(model, f"runs:/{run_id}/model", run_id=run_id)
    client.create_model_version(model, f"{uri}/model", run_id=run_id)
    before = mlflow.get_tracking_uri()
    mlflow.set_tracking_uri(target_url)
    try:
        for version in ("1", "2"):
            local = mlflow.artifacts.download_artifacts(
                f"models:/{model}/{version}", dst_path=str(tmp_path / version)
            )
            assert open(f"{local}/weights.txt").read() == "weights"
    finally:
        mlflow.set_tracking_uri(before)
    answer = requests.get(
        f"{target_url}/model-versions/get-artifact",
        params={"name": model, "version": "2", "path": "weights.txt"},
        timeout=10,
    )
    assert (answer.status_code, answer.text) == (200, "weights")
    assert "attachment" in answer.headers["Content-Disposition"]


@pytest.mark.parametrize(
    "source", ["/etc", "file:///etc", "mlflow-artifacts:/1/../../etc", "http://h/x"]
)
def test_a_source_that_is_no_ones_is_refused(client: MlflowClient, model: str, source: str) -> None:
    with pytest.raises(MlflowException) as error:
        client.create_model_version(model, source)
    assert error.value.error_code == "INVALID_PARAMETER_VALUE"
