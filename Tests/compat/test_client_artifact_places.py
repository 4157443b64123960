"""Where artifacts are kept, by the flags of the server; each time the same steps of the client."""

from __future__ import annotations

from pathlib import Path

import mlflow
import mlflow.artifacts
import pytest
from mlflow import MlflowClient
from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository
from support.servers import RoostServer


def steps(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Logs, lists, fetches and deletes; gives the artifact URI of the run."""
    client = MlflowClient(url)
    experiment = client.create_experiment("places")
    run = client.create_run(experiment)
    run_id, root = run.info.run_id, run.info.artifact_uri
    source = tmp_path / "source"
    (source / "deep").mkdir(parents=True)
    (source / "a.txt").write_text("a")
    (source / "deep" / "b.txt").write_text("bb")
    client.log_artifacts(run_id, str(source))
    client.log_dict(run_id, {"x": 1}, "c.json")
    found = [(f.path, f.is_dir, f.file_size) for f in client.list_artifacts(run_id)]
    assert found == [("a.txt", False, 1), ("c.json", False, 12), ("deep", True, None)]
    assert [f.path for f in client.list_artifacts(run_id, "deep")] == ["deep/b.txt"]
    copy = Path(client.download_artifacts(run_id, "", str(tmp_path)))
    assert (copy / "deep" / "b.txt").read_text() == "bb"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", url)
    before = mlflow.get_tracking_uri()
    mlflow.set_tracking_uri(url)
    try:
        assert mlflow.artifacts.load_text(f"{root}/a.txt") == "a"
        assert mlflow.artifacts.load_dict(f"runs:/{run_id}/c.json") == {"x": 1}
    finally:
        mlflow.set_tracking_uri(before)
    get_artifact_repository(root, tracking_uri=url).delete_artifacts("deep")
    assert [f.path for f in client.list_artifacts(run_id)] == ["a.txt", "c.json"]
    return root


def test_a_destination(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = tmp_path / "kept"
    with RoostServer("--artifacts-destination", kept.as_uri()) as server:
        root = steps(server.url, tmp_path, monkeypatch)
        assert (kept / root.removeprefix("mlflow-artifacts:/") / "a.txt").read_text() == "a"
        assert not (server.directory / "mlartifacts").exists()


def test_the_default_destination(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with RoostServer() as server:
        assert not (server.directory / "mlartifacts").exists(), "made with the first file"
        root = steps(server.url, tmp_path, monkeypatch)
        kept = server.directory / "mlartifacts" / root.removeprefix("mlflow-artifacts:/")
        assert (kept / "a.txt").read_text() == "a"


@pytest.mark.parametrize("as_uri", [False, True])
def test_a_directory_as_the_root(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, as_uri: bool
) -> None:
    """The client is on the same machine and writes there itself."""
    own = tmp_path / "own"
    with RoostServer("--default-artifact-root", own.as_uri() if as_uri else str(own)) as server:
        root = steps(server.url, tmp_path, monkeypatch)
        path = Path(root.removeprefix("file://"))
        assert path.is_relative_to(own) and (path / "a.txt").read_text() == "a"


def test_no_serving(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with RoostServer("--no-serve-artifacts") as server:
        root = steps(server.url, tmp_path, monkeypatch)
        assert root.startswith(str(server.directory / "mlruns"))


def test_below_a_prefix(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with RoostServer("--static-prefix", "/tracking/v1") as server:
        address = server.url.removesuffix("/tracking/v1")
        root = steps(address + "/tracking/v1", tmp_path, monkeypatch)
        # Without the prefix, too.
        repository = get_artifact_repository(root, tracking_uri=address)
        assert [f.path for f in repository.list_artifacts()] == ["a.txt", "c.json"]


def test_a_server_for_artifacts_alone(tmp_path: Path) -> None:
    """One server keeps runs, another one their files; runs name the other by its address."""
    with RoostServer("--artifacts-only") as files, RoostServer("--no-serve-artifacts") as runs:
        where = files.url.removeprefix("http://")
        repository = get_artifact_repository(
            f"mlflow-artifacts://{where}/team/x", tracking_uri=runs.url
        )
        (tmp_path / "a.txt").write_text("a")
        repository.log_artifact(str(tmp_path / "a.txt"), "deep")
        assert [f.path for f in repository.list_artifacts("deep")] == ["deep/a.txt"]
        copy = repository.download_artifacts("deep/a.txt", str(tmp_path))
        assert Path(copy).read_text() == "a"
        assert (files.directory / "mlartifacts/team/x/deep/a.txt").exists()
        repository.delete_artifacts("deep")
        assert repository.list_artifacts() == []
        with pytest.raises(Exception, match="503"):
            MlflowClient(files.url).create_experiment("e")
