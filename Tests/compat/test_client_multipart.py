"""Large files in parts and in ranges with the real client, which a user or the server tells to."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException
from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository
from mlflow.store.artifact.http_artifact_repo import HttpArtifactRepository
from support.servers import RoostServer

PART = 64 << 10
SIZES = (PART, PART + 1, 3 * PART, 10 * PART - 1)


@pytest.fixture(scope="module")
def server() -> Iterator[RoostServer]:
    with RoostServer("--static-prefix", "/tracking") as one:
        yield one


@pytest.fixture(params=["", "/tracking"])
def url(server: RoostServer, request: pytest.FixtureRequest) -> str:
    return server.url + request.param


@pytest.fixture(autouse=True)
def in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Any file of a part or more is sent and fetched in parts."""
    monkeypatch.setenv("MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD", "true")
    monkeypatch.setenv("MLFLOW_ENABLE_PROXY_MULTIPART_DOWNLOAD", "true")
    monkeypatch.setenv("MLFLOW_MULTIPART_UPLOAD_MINIMUM_FILE_SIZE", str(PART))
    monkeypatch.setenv("MLFLOW_MULTIPART_UPLOAD_CHUNK_SIZE", str(PART))
    monkeypatch.setenv("MLFLOW_MULTIPART_DOWNLOAD_CHUNK_SIZE", str(PART))


def make(path: Path, size: int) -> bytes:
    data = os.urandom(size)
    path.write_bytes(data)
    return data


def repository(url: str) -> HttpArtifactRepository:
    uri = MlflowClient(url).create_run("0").info.artifact_uri
    return get_artifact_repository(uri, tracking_uri=url)


def on_disk(server: RoostServer) -> list[Path]:
    """Every file of the store, with what is unfinished."""
    return [path for path in (server.directory / "mlartifacts").rglob("*") if path.is_file()]


def unfinished(server: RoostServer) -> list[Path]:
    return list((server.directory / "mlartifacts" / ".roost-tmp").iterdir())


def sent(monkeypatch: pytest.MonkeyPatch, change: Callable | None = None) -> list[int]:
    """The numbers of the parts that the client sends; `change` may do something to each."""
    numbers: list[int] = []
    upload = HttpArtifactRepository._upload_part

    def noting(credential: object, **rest: object) -> object:
        numbers.append(credential.part_number)
        return (change or (lambda: None))() or upload(credential, **rest)

    monkeypatch.setattr(HttpArtifactRepository, "_upload_part", staticmethod(noting))
    return numbers


@pytest.mark.parametrize("size", SIZES)
def test_up_and_down(
    server: RoostServer, url: str, size: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = sent(monkeypatch)
    data = make(tmp_path / "ü 50%.bin", size)
    repo = repository(url)
    for _ in range(2):  # over what is there, too
        repo.log_artifact(str(tmp_path / "ü 50%.bin"), "a b/c")
    assert sorted(numbers) == sorted(2 * list(range(1, -(-size // PART) + 1)))
    found = [(f.path, f.file_size) for f in repo.list_artifacts("a b/c")]
    assert found == [("a b/c/ü 50%.bin", size)]
    (tmp_path / "copy").mkdir()
    copy = repo.download_artifacts("a b/c/ü 50%.bin", str(tmp_path / "copy"))
    assert Path(copy).read_bytes() == data
    assert unfinished(server) == []


def test_a_download_is_made_of_ranges(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Byte for byte, an empty file too."""
    import mlflow.store.artifact.http_artifact_repo as module

    ranges: list[tuple[int, int]] = []
    fetch = module.download_chunk

    def noting(**call: object) -> None:
        ranges.append((call["range_start"], call["range_end"]))
        fetch(**call)

    monkeypatch.setattr(module, "download_chunk", noting)
    repo = repository(url)
    for name, size in (("large", 3 * PART + 5), ("empty", 0)):
        data = make(tmp_path / name, size)
        repo.log_artifact(str(tmp_path / name))
        (tmp_path / "copy").mkdir(exist_ok=True)
        assert Path(repo.download_artifacts(name, str(tmp_path / "copy"))).read_bytes() == data
    assert len(ranges) == 4
    with pytest.raises(Exception, match="No such artifact"):
        repo.download_artifacts("missing", str(tmp_path / "copy"))


def test_a_part_that_is_sent_again_and_one_that_is_cut(server: RoostServer, url: str) -> None:
    """Only the last whole sending of each part counts."""
    repo = repository(url)
    created = repo.create_multipart_upload("x.bin", 2)
    tags = {}
    for place in created.credentials:
        for text in (b"wrong", b"part %d;" % place.part_number):
            answer = requests.put(place.url, data=text, timeout=10)
            tags[place.part_number] = answer.headers["ETag"]
    cut = requests.Request("PUT", created.credentials[0].url, data=b"torn").prepare()
    cut.headers["Content-Length"] = "5000"
    with pytest.raises(requests.RequestException), requests.Session() as session:
        session.send(cut, timeout=0.3)
    parts = [{"part_number": n, "etag": tags[n], "url": "x"} for n in sorted(tags)]
    complete(repo, "x.bin", created.upload_id, parts).raise_for_status()
    # The answer was lost, says the client.
    complete(repo, "x.bin", created.upload_id, parts).raise_for_status()
    assert requests.get(f"{repo.artifact_uri}/x.bin", timeout=10).content == b"part 1;part 2;"
    assert unfinished(server) == []


def complete(
    repo: HttpArtifactRepository, name: str, upload_id: str, parts: list[dict]
) -> requests.Response:
    place = repo.artifact_uri.replace("/artifacts/", "/mpu/complete/", 1)
    body = {"path": name, "upload_id": upload_id, "parts": parts}
    return requests.post(place, json=body, timeout=10)


def test_a_failure_of_a_part_leaves_what_was_there(
    server: RoostServer, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The client gives the upload up, and says so."""
    repo = repository(url)
    old = make(tmp_path / "file", 2 * PART)
    repo.log_artifact(str(tmp_path / "file"))

    def failing() -> None:
        if len(numbers) == 3:
            raise OSError("the network is down")

    numbers = sent(monkeypatch, failing)
    make(tmp_path / "file", 5 * PART)
    with pytest.raises(MlflowException, match="Failed to upload at least one part"):
        repo.log_artifact(str(tmp_path / "file"))
    assert requests.get(f"{repo.artifact_uri}/file", timeout=10).content == old
    assert unfinished(server) == []


def test_two_uploads_of_one_path(server: RoostServer, url: str, tmp_path: Path) -> None:
    repo = repository(url)
    contents = []
    threads = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        contents.append(make(tmp_path / name / "file", 6 * PART + len(contents)))
        path = str(tmp_path / name / "file")
        threads.append(
            threading.Thread(target=repository_like(repo, url).log_artifact, args=[path])
        )
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert requests.get(f"{repo.artifact_uri}/file", timeout=10).content in contents
    assert unfinished(server) == []


def repository_like(repo: HttpArtifactRepository, url: str) -> HttpArtifactRepository:
    path = repo.artifact_uri.split("/mlflow-artifacts/artifacts/")[1]
    return get_artifact_repository(f"mlflow-artifacts:/{path}", tracking_uri=url)


def test_more_parts_than_there_may_be(
    server: RoostServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The client then sends the file in one piece, as it does where no parts are taken."""
    monkeypatch.setenv("MLFLOW_MULTIPART_UPLOAD_CHUNK_SIZE", "8")
    numbers = sent(monkeypatch)
    repo = repository(server.url)
    data = make(tmp_path / "file", 80_001)
    repo.log_artifact(str(tmp_path / "file"))
    assert numbers == []
    assert requests.get(f"{repo.artifact_uri}/file", timeout=10).content == data


def test_the_server_tells_its_clients(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without variables of the user, the answer of `server-info` decides."""
    monkeypatch.delenv("MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD")
    monkeypatch.delenv("MLFLOW_ENABLE_PROXY_MULTIPART_DOWNLOAD")
    numbers = sent(monkeypatch)
    data = make(tmp_path / "file", 2 * PART)
    counts = []
    for word in ("none", "uploads", "both"):
        with RoostServer("--multipart", word) as server:
            repo = repository(server.url)
            repo.log_artifact(str(tmp_path / "file"))
            (tmp_path / word).mkdir()
            copy = repo.download_artifacts("file", str(tmp_path / word))
            assert Path(copy).read_bytes() == data
            assert repo._is_multipart_download_enabled() == (word == "both")
            counts.append(len(numbers))
    assert counts == [0, 2, 4]


def test_killed_in_the_middle(tmp_path: Path) -> None:
    """The upload is gone with the server, what was there before is not; nothing is left over."""
    with RoostServer() as server:
        repo = repository(server.url)
        old = make(tmp_path / "file", 2 * PART)
        repo.log_artifact(str(tmp_path / "file"))
        created = repo.create_multipart_upload("file", 3)
        for place in created.credentials[:2]:
            requests.put(place.url, data=bytes(PART), timeout=10).raise_for_status()
        assert len(unfinished(server)) == 1
        server.kill()
        server.start()
        assert unfinished(server) == []
        assert [path.read_bytes() for path in on_disk(server)] == [old]
        late = requests.put(created.credentials[2].url, data=bytes(PART), timeout=10)
        assert late.status_code == 404 and "started anew" in late.json()["message"]
        with pytest.raises(Exception, match="There is no upload"):
            repo.abort_multipart_upload("file", created.upload_id)
        assert requests.get(f"{repo.artifact_uri}/file", timeout=10).content == old
