"""Backups: of one moment while clients write, checked, and put back as they were."""

from __future__ import annotations

import json
import shutil
import threading
import time
import zlib
from pathlib import Path

import pytest
from support.servers import RoostServer

from operations.commands import contents, post, put, refused, roost, rows, tree, well

API = "2.0/mlflow/"


@pytest.fixture
def served(fresh_roost: RoostServer) -> RoostServer:
    """A server with three runs that have files."""
    for number in range(3):
        made = post(
            fresh_roost, API + "runs/create", {"experiment_id": "0", "run_name": f"r{number}"}
        )
        run = made["run"]["info"]["run_id"]
        metric = {"run_id": run, "key": "loss", "value": 0.5, "timestamp": 1, "step": number}
        post(fresh_roost, API + "runs/log-metric", metric)
        put(fresh_roost, f"0/{run}/artifacts/deep/er/猫.txt", b"content " * number)
    return fresh_roost


class Writer(threading.Thread):
    """Logs points and files to a run of its own; `acknowledged` counts what was answered."""

    def __init__(self, server: RoostServer, stop: threading.Event) -> None:
        super().__init__()
        self.server, self.stop = server, stop
        body = {"experiment_id": "0", "run_name": "writer"}
        self.run_id = post(server, API + "runs/create", body)["run"]["info"]["run_id"]
        self.acknowledged = self.files = 0

    def run(self) -> None:
        while not self.stop.is_set():
            step = self.acknowledged
            # The pair must never be seen apart.
            metrics = [
                {"key": key, "value": float(step), "timestamp": step, "step": step} for key in "ab"
            ]
            post(self.server, API + "runs/log-batch", {"run_id": self.run_id, "metrics": metrics})
            self.acknowledged += 1
            if step % 8 == 0:
                put(
                    self.server,
                    f"0/{self.run_id}/artifacts/{self.files:04d}.bin",
                    bytes([step % 256]) * 5000,
                )
                self.files += 1


def test_backup_of_one_moment_while_16_clients_write(served: RoostServer, tmp_path: Path) -> None:
    stop = threading.Event()
    writers = [Writer(served, stop) for _ in range(16)]
    for writer in writers:
        writer.start()
    backups = []
    try:
        for number in range(3):
            wait_for_more(writers)
            before = [(writer.acknowledged, writer.files) for writer in writers]
            well(roost("backup", tmp_path / f"b{number}", at=served.directory))
            backups.append((tmp_path / f"b{number}", before))
    finally:
        stop.set()
        for writer in writers:
            writer.join()
    written = sum(writer.acknowledged for writer in writers) - sum(count for count, _ in before)
    assert written > 0, "nobody wrote during the last backup"

    for backup, before in backups:
        with RoostServer(database=restored(backup, tmp_path / f"{backup.name}-restored")) as server:
            for writer, (acknowledged, files) in zip(writers, before, strict=True):
                counts = dict(
                    rows(
                        server.database,
                        "SELECT k.name, s.points FROM metric_series s JOIN runs r ON r.id = s.run"
                        " JOIN keys k ON k.id = s.key WHERE r.run_id = ?",
                        writer.run_id,
                    )
                )
                assert counts.get("a", 0) >= acknowledged, "something acknowledged is missing"
                assert counts.get("a") == counts.get("b"), "half of a batch"
                kept = (
                    server.database.parent / "mlartifacts/0" / writer.run_id / "artifacts"
                ).glob("*")
                assert len(list(kept)) >= files, "a file that was acknowledged is missing"
    assert "nothing is wrong" in well(roost("check", at=served.directory))


def wait_for_more(writers: list[Writer]) -> None:
    """Returns once each of them was answered five times more."""
    goals = [writer.acknowledged + 5 for writer in writers]
    deadline = time.monotonic() + 30
    while any(w.acknowledged < goal for w, goal in zip(writers, goals, strict=True)):
        assert time.monotonic() < deadline, "the writers wait"
        time.sleep(0.01)


def restored(backup: Path, target: Path) -> Path:
    target.mkdir()
    well(roost("restore", backup, at=target))
    assert "nothing is wrong" in well(roost("check", at=target))
    return target / "roost.db"


def test_the_way_there_and_back_keeps_everything(served: RoostServer, tmp_path: Path) -> None:
    backup = tmp_path / "backup"
    said = well(roost("backup", backup, at=served.directory))
    assert "3 runs" in said and "3 artifacts" in said
    manifest = json.loads((backup / "manifest.json").read_text())
    assert manifest["rows"]["runs"] == 3 and manifest["artifacts"] == {"files": 3, "bytes": 24}
    database = (backup / "roost.db").read_bytes()
    assert manifest["database"]["crc32"] == f"{zlib.crc32(database):08x}"
    for line in (backup / "artifacts.jsonl").read_text().splitlines():
        listed = json.loads(line)
        content = (backup / "artifacts" / listed["path"]).read_bytes()
        assert (listed["bytes"], listed["crc32"]) == (len(content), f"{zlib.crc32(content):08x}")
    served.stop()
    copy = restored(backup, tmp_path / "restored")
    assert contents(copy) == contents(served.database)
    assert tree(copy.parent / "mlartifacts") == tree(served.directory / "mlartifacts")
    assert sorted(p.name for p in backup.iterdir()) == [
        "artifacts", "artifacts.jsonl", "manifest.json", "roost.db",
    ]  # fmt: skip


def test_a_stopped_and_a_killed_server_can_be_backed_up(
    served: RoostServer, tmp_path: Path
) -> None:
    served.kill()
    assert (served.directory / "roost.db-wal").stat().st_size > 0
    assert "3 runs" in well(roost("backup", tmp_path / "killed", at=served.directory))
    served.start()
    served.stop()
    assert "3 runs" in well(roost("backup", tmp_path / "stopped", at=served.directory))
    left = served.directory / "roost.db-wal"
    assert not left.exists() or left.stat().st_size == 0, "a reader has written"


def test_nothing_is_overwritten(served: RoostServer, tmp_path: Path) -> None:
    backup = tmp_path / "backup"
    well(roost("backup", backup, at=served.directory))
    assert "is not empty" in refused(roost("backup", backup, at=served.directory))
    assert "is there already" in refused(roost("restore", backup, at=served.directory))
    target = tmp_path / "target"
    (target / "mlartifacts").mkdir(parents=True)
    (target / "mlartifacts" / "mine.txt").write_text("mine")
    assert "is not empty" in refused(roost("restore", backup, at=target))
    assert [p.name for p in target.iterdir()] == ["mlartifacts"]
    with RoostServer(database=target / "other.db") as other:
        uri = f"sqlite:///{other.database}"
        said = refused(roost("restore", backup, "--backend-store-uri", uri, at=tmp_path))
        assert "is there already" in said


def test_mistakes_are_named(served: RoostServer, tmp_path: Path) -> None:
    at = served.directory
    assert "There is no database" in refused(roost("backup", tmp_path / "x", at=tmp_path))
    assert not (tmp_path / "x").exists()
    said = refused(roost("backup", tmp_path / "x", "--artifacts-destination", "nowhere", at=at))
    assert "nowhere is no directory" in said
    assert "back up itself" in refused(roost("backup", "mlartifacts/backup", at=at))
    assert "in memory" in refused(
        roost("backup", tmp_path / "x", "--backend-store-uri", "sqlite://", at=at), 2
    )
    assert "there is no backup" in refused(roost("restore", "nowhere", at=tmp_path))
    assert "no finished backup" in refused(roost("restore", at, at=tmp_path))
    assert not (tmp_path / "roost.db.lock").exists()


@pytest.mark.parametrize(
    "damage",
    ["database", "artifact", "missing", "list", "manifest", "truncated", "outside", "accent"],
)
def test_a_damaged_backup_is_not_restored(served: RoostServer, tmp_path: Path, damage: str) -> None:
    backup = tmp_path / "backup"
    well(roost("backup", backup, at=served.directory))
    well(roost("check", backup, at=tmp_path))
    file = next(p for p in (backup / "artifacts").rglob("*.txt") if p.stat().st_size == 16)
    match damage:
        case "database":
            content = bytearray((backup / "roost.db").read_bytes())
            content[5000] ^= 1
            (backup / "roost.db").write_bytes(content)
        case "truncated":
            content = (backup / "roost.db").read_bytes()
            (backup / "roost.db").write_bytes(content[:-4096])
        case "artifact":
            file.write_bytes(b"Content content ")
        case "missing":
            file.unlink()
        case "list":
            (backup / "artifacts.jsonl").write_text("")
        case "outside" | "accent":
            # To Swift a slash with an accent over it is another character.
            name = "../x" if damage == "outside" else "../\u0301x"
            listed = f'{{"path":"{name}","bytes":1,"crc32":"00000000"}}\n'
            (backup / "artifacts.jsonl").write_text(listed)
            manifest = json.loads((backup / "manifest.json").read_text())
            written = listed.encode()
            mark = {"bytes": len(written), "crc32": f"{zlib.crc32(written):08x}"}
            manifest["artifact_list"] |= mark
            (backup / "manifest.json").write_text(json.dumps(manifest))
        case "manifest":
            (backup / "manifest.json").write_text('{"format": 2}')
    target = tmp_path / "target"
    target.mkdir()
    said = refused(roost("restore", backup, at=target))
    named = {
        "database": "roost.db is damaged",
        "truncated": "roost.db has",
        "artifact": "猫.txt is damaged",
        "missing": "猫.txt is missing",
        "list": "artifacts.jsonl has 0 bytes",
        "manifest": "has format 2",
        "outside": "artifacts.jsonl is damaged",
        "accent": "artifacts.jsonl is damaged",
    }[damage]
    assert named in said
    assert list(target.iterdir()) == []
    assert named in refused(roost("check", backup, at=tmp_path))


def test_a_damaged_database_is_not_backed_up(served: RoostServer, tmp_path: Path) -> None:
    served.stop()
    broken = tmp_path / "broken.db"
    shutil.copy(served.database, broken)
    content = bytearray(broken.read_bytes())
    root = rows(broken, "SELECT rootpage FROM sqlite_schema WHERE name = 'run_params'")[0][0]
    content[(root - 1) * 4096 : (root - 1) * 4096 + 8] = b"\x09" * 8
    broken.write_bytes(content)
    uri = f"sqlite:///{broken}"
    said = refused(
        roost("backup", tmp_path / "x", "--no-artifacts", "--backend-store-uri", uri, at=tmp_path)
    )
    assert "run_params" in said
    assert not (tmp_path / "x" / "manifest.json").exists()
