"""Artifacts with the real client and default settings: log, list, fetch, load and delete."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import mlflow
import mlflow.artifacts
import pytest
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException, RestException
from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository


def tree(root: Path, count: int) -> dict[str, bytes]:
    """Many small files in nested directories; by path, what is in them."""
    made = {}
    for number in range(count):
        path = f"d{number % 7}/e{number % 3}/file {number}.bin"
        made[path] = os.urandom(200 + number)
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(made[path])
    return made


def fetched(root: Path) -> dict[str, bytes]:
    files = [path for path in root.rglob("*") if path.is_file()]
    return {str(path.relative_to(root)): path.read_bytes() for path in files}


def listed(client: MlflowClient, run_id: str, path: str | None = None) -> list[tuple]:
    return [(f.path, f.is_dir, f.file_size) for f in client.list_artifacts(run_id, path)]


def test_a_tree_of_500_files(client: MlflowClient, run_id: str, tmp_path: Path) -> None:
    made = tree(tmp_path / "source", 500)
    client.log_artifacts(run_id, str(tmp_path / "source"), "tree")
    assert listed(client, run_id) == [("tree", True, None)]
    assert listed(client, run_id, "tree") == [(f"tree/d{i}", True, None) for i in range(7)]
    assert listed(client, run_id, "tree/d0") == [(f"tree/d0/e{i}", True, None) for i in range(3)]
    here = {path: data for path, data in made.items() if path.startswith("d1/e2/")}
    assert listed(client, run_id, "tree/d1/e2") == sorted(
        (f"tree/{path}", False, len(data)) for path, data in here.items()
    )
    copy = client.download_artifacts(run_id, "tree", str(tmp_path))
    assert fetched(Path(copy)) == made


def test_names(client: MlflowClient, run_id: str, tmp_path: Path) -> None:
    """Names that a URL, a header or a file system might take for something else."""
    names = [
        "a b",
        "a+b",
        "a&b=c",
        "a;b",
        "50%",
        "日本.txt",
        "e\u0301",
        "\u00e9",
        "a'b",
        'a"b',
        "~",
        "...",
        "a:b",
    ]
    for name in names:
        (tmp_path / name).write_bytes(name.encode())
        client.log_artifact(run_id, str(tmp_path / name), "names")
    assert [path for path, *_ in listed(client, run_id, "names")] == sorted(
        f"names/{n}" for n in names
    )
    for name in names:
        copy = client.download_artifacts(run_id, f"names/{name}", tempfile.mkdtemp(dir=tmp_path))
        assert Path(copy).read_bytes() == name.encode()


def test_empty_and_overwritten(client: MlflowClient, run_id: str, tmp_path: Path) -> None:
    source = tmp_path / "file.txt"
    for data in (b"", b"first", b"second, and longer"):
        source.write_bytes(data)
        client.log_artifact(run_id, str(source))
        # A size of 0 is left out of the answer, as in MLflow.
        assert listed(client, run_id) == [("file.txt", False, len(data) or None)]
        copy = client.download_artifacts(run_id, "file.txt", tempfile.mkdtemp(dir=tmp_path))
        assert Path(copy).read_bytes() == data


def test_texts_and_dicts(tracking: str, name: str) -> None:
    mlflow.set_experiment(name)
    with mlflow.start_run() as run:
        mlflow.log_text("Grüße\n", "notes/hello.txt")
        mlflow.log_dict({"a": [1, 2.5, None], "b": "é"}, "conf.json")
        mlflow.log_dict({"a": 1}, "conf.yaml")
        root = run.info.artifact_uri
        uri = mlflow.get_artifact_uri("notes/hello.txt")
    assert mlflow.artifacts.load_text(uri) == "Grüße\n"
    assert mlflow.artifacts.load_dict(f"{root}/conf.json") == {"a": [1, 2.5, None], "b": "é"}
    assert mlflow.artifacts.load_text(f"runs:/{run.info.run_id}/conf.yaml") == "a: 1\n"
    found = mlflow.artifacts.list_artifacts(run_id=run.info.run_id)
    assert [file.path for file in found] == ["conf.json", "conf.yaml", "notes"]


def test_figures_and_images(tracking: str, name: str) -> None:
    figures = pytest.importorskip("matplotlib.figure")
    images = pytest.importorskip("PIL.Image")
    mlflow.set_experiment(name)
    with mlflow.start_run() as run:
        figure = figures.Figure()
        figure.subplots().plot([1, 2, 3])
        mlflow.log_figure(figure, "plots/line.png")
        mlflow.log_image(images.new("RGB", (4, 3), "red"), "red.png")
        mlflow.log_image(images.new("RGB", (2, 2)), key="steps", step=1)
    red = mlflow.artifacts.load_image(f"{run.info.artifact_uri}/red.png")
    assert red.size == (4, 3) and red.getpixel((0, 0)) == (255, 0, 0)
    plot = mlflow.artifacts.load_image(f"runs:/{run.info.run_id}/plots/line.png")
    assert plot.size[0] > 100
    assert len(mlflow.artifacts.list_artifacts(run_id=run.info.run_id, artifact_path="images")) > 0


def test_tables(tracking: str, name: str) -> None:
    mlflow.set_experiment(name)
    with mlflow.start_run() as run:
        mlflow.log_table({"x": [1, 2], "y": ["a", "b"]}, "table.json")
        mlflow.log_table({"x": [3], "y": ["c"]}, "table.json")
    table = mlflow.load_table("table.json", run_ids=[run.info.run_id])
    assert table.to_dict("list") == {"x": [1, 2, 3], "y": ["a", "b", "c"]}


def test_deleting(client: MlflowClient, run_id: str, target_url: str, tmp_path: Path) -> None:
    tree(tmp_path, 10)
    client.log_artifacts(run_id, str(tmp_path))
    root = client.get_run(run_id).info.artifact_uri
    repository = get_artifact_repository(root, tracking_uri=target_url)
    repository.delete_artifacts("d0/e0")
    assert ("d0/e0", True, None) not in listed(client, run_id, "d0")
    repository.delete_artifacts("d1")
    repository.delete_artifacts("never there")
    assert "d1" not in [path for path, *_ in listed(client, run_id)]
    assert "d2" in [path for path, *_ in listed(client, run_id)]


def test_what_is_not_there(client: MlflowClient, run_id: str, tmp_path: Path) -> None:
    assert listed(client, run_id) == []
    assert listed(client, run_id, "nope") == []
    with pytest.raises((MlflowException, RestException, OSError)):
        client.download_artifacts(run_id, "nope", str(tmp_path))


def test_a_file_is_no_directory(client: MlflowClient, run_id: str, tmp_path: Path) -> None:
    (tmp_path / "a").write_text("x")
    client.log_artifact(run_id, str(tmp_path / "a"))
    assert listed(client, run_id, "a") == []


def test_paths_that_climb_are_refused(client: MlflowClient, run_id: str, tmp_path: Path) -> None:
    (tmp_path / "a").write_text("x")
    for path in ("..", "../up", "a/../../b"):
        with pytest.raises(Exception):  # noqa: B017 - the client or the server, each in its way
            client.log_artifact(run_id, str(tmp_path / "a"), path)


def test_mlflow_keeps_its_address(client: MlflowClient, experiment_id: str, run_id: str) -> None:
    assert (
        client.get_experiment(experiment_id).artifact_location
        == f"mlflow-artifacts:/{experiment_id}"
    )
    uri = client.get_run(run_id).info.artifact_uri
    assert uri == f"mlflow-artifacts:/{experiment_id}/{run_id}/artifacts"


def test_many_writers(client: MlflowClient, run_id: str, tmp_path: Path) -> None:
    """As the asynchronous queue of the client does it."""
    from concurrent.futures import ThreadPoolExecutor

    made = tree(tmp_path, 64)
    with ThreadPoolExecutor(16) as pool:
        for path in made:
            pool.submit(client.log_artifact, run_id, str(tmp_path / path), str(Path(path).parent))
    copy = client.download_artifacts(run_id, "", tempfile.mkdtemp(dir=tmp_path.parent))
    assert fetched(Path(copy)) == made
