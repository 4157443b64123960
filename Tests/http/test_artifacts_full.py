"""A full disk, or a limit on the size of files: 507, nothing half-written, well again by itself.

BI-136.
"""

from __future__ import annotations

import resource
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from artifacts import get, on_disk, put, url
from support.servers import RoostServer

MIB = 1 << 20


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 3 MiB; only root may make one."""
    place = tmp_path / "disk"
    place.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "none", place], check=False)
    if made.returncode != 0:
        pytest.skip("no small file system can be made here")
    try:
        yield place
    finally:
        subprocess.run(["umount", place], check=False)


def test_a_full_disk(small_disk: Path) -> None:
    root = small_disk / "root"
    with RoostServer("--artifacts-destination", str(root)) as server:
        assert put(server, "a/old", b"old" * 1000).status_code == 200
        for path in ("a/old", "a/new", "b/new"):
            refused = put(server, path, bytes(4 * MIB))
            assert refused.status_code == 507
            assert refused.json()["error_code"] == "RESOURCE_EXHAUSTED"
            assert "full" in refused.json()["message"] and str(root) not in refused.text
        assert on_disk(server, str(root)) == [".roost-tmp", "a", "a/old"]
        assert get(server, "a/old").content == b"old" * 1000
        # As large as fits, then no room is left for anything, and deleting makes room again.
        assert put(server, "large", bytes(2 * MIB)).status_code == 200
        assert put(server, "second", bytes(2 * MIB)).status_code == 507
        assert requests.delete(url(server, "large"), timeout=10).status_code == 200
        assert put(server, "second", bytes(2 * MIB)).status_code == 200
        assert requests.get(f"{server.url}/ready", timeout=10).status_code == 200


def test_a_limit_on_the_size_of_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """The signal that goes with the limit must not end the server."""
    with RoostServer() as server:
        resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (2 * MIB, 2 * MIB))
        assert put(server, "fits", bytes(2 * MIB)).status_code == 200
        refused = put(server, "fits", bytes(2 * MIB + 1))
        assert refused.status_code == 507
        assert get(server, "fits").content == bytes(2 * MIB)
        assert on_disk(server) == [".roost-tmp", "fits"]


def test_no_file_can_be_opened() -> None:
    """Out of descriptors is a matter of moments: 503, and served again when they are back."""
    with RoostServer() as server:
        put(server, "a", b"x")
        limits = resource.prlimit(server.pid, resource.RLIMIT_NOFILE)
        with requests.Session() as session:
            assert session.get(url(server, "a"), timeout=10).status_code == 200
            count = len(list(Path(f"/proc/{server.pid}/fd").iterdir()))
            resource.prlimit(server.pid, resource.RLIMIT_NOFILE, (count, limits[1]))
            refused = session.put(url(server, "b"), data=b"y", timeout=10)
            assert refused.status_code == 503 and refused.headers["Retry-After"]
            resource.prlimit(server.pid, resource.RLIMIT_NOFILE, limits)
            assert session.put(url(server, "b"), data=b"y", timeout=10).status_code == 200


def test_a_root_that_cannot_be_written(tmp_path: Path) -> None:
    """A file in the way of the root: an error that says so, without the path."""
    (tmp_path / "file").write_text("in the way")
    root = tmp_path / "file" / "root"
    with RoostServer("--artifacts-destination", str(root)) as server:
        refused = put(server, "a", b"x")
        assert refused.status_code == 500 and str(tmp_path) not in refused.text
        assert get(server, "a").status_code in (404, 500)
        assert requests.get(f"{server.url}/health", timeout=10).status_code == 200


def test_a_full_disk_and_uploads_in_parts(small_disk: Path) -> None:
    """507 for the part that does not fit; a file as large as the disk is made without a copy."""
    root = small_disk / "root"
    with RoostServer("--artifacts-destination", str(root)) as server:
        put(server, "d/old", b"old")
        upload = create(server, "new", 10)
        tags = []
        for number in range(1, 11):
            sent = requests.put(upload[number], data=bytes(MIB // 4), timeout=10)
            assert sent.status_code == 200
            tags.append({"part_number": number, "etag": sent.headers["ETag"]})
        refused = requests.put(create(server, "more", 1)[1], data=bytes(MIB), timeout=10)
        assert refused.status_code == 507 and "full" in refused.json()["message"]
        done = mpu(server, "complete", "new", upload_id=upload[0], parts=tags)
        assert done.status_code == 200, done.text
        assert get(server, "d/new").content == bytes(10 * MIB // 4)
        # No room for a second copy of a part, where the parts themselves still fit.
        requests.delete(url(server, "d/new"), timeout=10)
        upload = create(server, "new", 2)
        tags = []
        for number, size in ((1, MIB), (2, 3 * MIB // 2)):
            sent = requests.put(upload[number], data=bytes(size), timeout=10)
            tags.append({"part_number": number, "etag": sent.headers["ETag"]})
        refused = mpu(server, "complete", "new", upload_id=upload[0], parts=tags)
        assert refused.status_code == 507 and str(root) not in refused.text
        assert mpu(server, "abort", "new", upload_id=upload[0]).status_code == 404
        assert get(server, "d/new").status_code == 404
        assert get(server, "d/old").content == b"old"
        # The room is there again.
        assert put(server, "d/new", bytes(2 * MIB)).status_code == 200


def mpu(server: RoostServer, verb: str, name: str, **fields: object) -> requests.Response:
    place = f"{server.url}/api/2.0/mlflow-artifacts/mpu/{verb}/d"
    return requests.post(place, json={"path": name, **fields}, timeout=10)


def create(server: RoostServer, name: str, parts: int) -> list[str]:
    """The id of a new upload, then the address of each part."""
    made = mpu(server, "create", name, num_parts=parts).json()
    return [made["upload_id"], *(place["url"] for place in made["credentials"])]
