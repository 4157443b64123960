"""Hostile and mistaken requests, a row each, as docs/bad-input.md has them: paths and places."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

CREATE = "2.0/mlflow/experiments/create"
VERSION = "2.0/mlflow/model-versions/create"
FILES = "2.0/mlflow-artifacts/artifacts"


@dataclass(frozen=True)
class Bad:
    """A request and the statuses it may be answered with.

    `path` hangs below `/api/` and `/ajax-api/`, or where it begins with a slash below the static
    prefix alone. In path and body `{run}` is a run, `{gone}` a deleted one, `{n}` a new number.
    """

    row: str
    label: str
    path: str
    body: Any = None
    status: tuple[int, ...] = (400,)
    words: str = ""
    method: str = "POST"
    roots: tuple[str, ...] = ("/api/", "/ajax-api/")
    content_type: str | None = "application/json"

    def __str__(self) -> str:
        return f"{self.row} {self.label}"

    @property
    def bytes(self) -> bytes:
        match self.body:
            case None:
                return b""
            case bytes():
                return self.body
            case str():
                return self.body.encode("utf-8", "surrogatepass")
            case _:
                return json.dumps(self.body).encode()


# As they stand in the URL; what MLflow's client would tidy up reaches the server as it is.
PATHS = [
    ("BI-01", "../../../../etc/passwd"),
    ("BI-02", "..%2f..%2fetc%2fpasswd"),
    ("BI-02", "%2e%2e/%2e%2e/x"),
    ("BI-03", "%252e%252e%252fx"),
    ("BI-04", "%252525252525252525252525252e"),
    ("BI-05", "/etc/passwd"),
    ("BI-05", "%2fetc%2fpasswd"),
    ("BI-05", "file:///etc/passwd"),
    ("BI-06", "C:/windows"),
    ("BI-06", "C:%5Cwindows"),
    ("BI-07", "..%5c..%5cetc"),
    ("BI-08", "a%23/../../x"),
    ("BI-08", "a%3f/../../x"),
    ("BI-08", "a;/../../x"),
    ("BI-09", "a%23b"),
    ("BI-10", "a%00b"),
    ("BI-15", "n" * 300),
    ("BI-21", "%c0%ae%c0%ae/x"),
    ("BI-21", "%ff"),
]


def on_paths() -> list[Bad]:
    found = []
    for row, path in PATHS:
        for method in ("GET", "PUT", "DELETE"):
            found.append(Bad(row, f"{method} {path[:40]}", f"{FILES}/{path}", "x", method=method))
        found.append(Bad(row, f"list {path[:40]}", f"{FILES}?path={path}", method="GET"))
        one = f"2.0/mlflow/artifacts/list?run_id={{run}}&path={path}"
        found.append(Bad(row, f"list of a run {path[:40]}", one, method="GET"))
        one = f"/get-artifact?run_id={{run}}&path={path}"
        found.append(Bad(row, f"get-artifact {path[:40]}", one, method="GET"))
        one = f"2.0/mlflow/upload-artifact?run_uuid={{run}}&path={path}"
        found.append(Bad(row, f"upload-artifact {path[:40]}", one, "x", roots=("/ajax-api/",)))
        for verb in ("create", "complete", "abort"):
            one = f"2.0/mlflow-artifacts/mpu/{verb}/{path}"
            body = {"path": "a", "num_parts": 1, "upload_id": "x", "parts": []}
            found.append(Bad(row, f"mpu {verb} {path[:40]}", one, body))
    return found


UPLOAD = "2.0/mlflow/upload-artifact?run_uuid={run}&path="
ARTIFACTS = [
    *on_paths(),
    Bad("BI-11", "GET of the root", f"{FILES}/.", method="GET"),
    Bad("BI-11", "GET of nothing", f"{FILES}/", method="GET"),
    Bad("BI-12", "DELETE of the root", f"{FILES}/.", method="DELETE"),
    Bad("BI-13", "DELETE of nothing", f"{FILES}/", method="DELETE"),
    Bad("BI-13", "DELETE without a path", FILES, method="DELETE", status=(400, 405)),
    Bad("BI-16", "PUT onto a directory", f"{FILES}/rows", "x", method="PUT"),
    Bad("BI-17", "PUT with a slash behind", f"{FILES}/rows/new/", "x", method="PUT"),
    Bad("BI-18", "a question mark in a name", UPLOAD + "a%3f/a", "x", roots=("/ajax-api/",)),
    Bad("BI-19", "upload-artifact that climbs", UPLOAD + "../../x", "x", roots=("/ajax-api/",)),
    Bad("BI-20", "pages that climb", "/static-files/../../x", status=(404,), method="GET"),
    Bad("BI-20", "escaped", "/static-files/..%2f..%2fx", status=(404, 501), method="GET"),
    Bad("BI-24", "two ranges at once", f"{FILES}/rows/file", status=(200,), method="GET"),
]

LOCATIONS = [
    ("BI-30", "http:///?/../../etc/"),
    ("BI-31", "http:///#/../../etc/"),
    ("BI-31", "http://host#/../.."),
    ("BI-32", "http:///;../../etc"),
    ("BI-32", "http://169.254.169.254/latest/meta-data"),
    ("BI-32", "ftp://127.0.0.1/x"),
    ("BI-32", "hdfs://h/x"),
    ("BI-32", "mlflow-artifacts://evil:80/x"),
    ("BI-33", "file:///etc"),
    ("BI-33", "/etc"),
    ("BI-33", "../../etc"),
    ("BI-34", "mlflow-artifacts:/../../outside"),
    ("BI-35", "s3://b/../x"),
    ("BI-36", "dbfs:/"),
    ("BI-37", "runs:/x"),
    ("BI-38", "s3://b/" + "x" * 3000),
]
SOURCES = [
    *(("BI-40", s) for s in ("/etc", "file:///etc/", "file:/etc", "FILE:///etc")),
    ("BI-40", "//proc/self/root"),
    ("BI-40", r"\..\..\etc"),
    ("BI-41", "file://etc/passwd"),
    ("BI-43", "mlflow-artifacts:/1/../../etc"),
    ("BI-43", "mlflow-artifacts:/..%2f..%2fetc"),
    ("BI-43", "dbfs:/x/a%3f/../../"),
    ("BI-44", "models://evil/m/1"),
    ("BI-45", "runs:/{run}/model"),
]
IS_PROMPT = [{"key": "mlflow.prompt.is_prompt", "value": "true"}]


def version(
    row: str, label: str, source: str, status: tuple[int, ...] = (400,), **more: Any
) -> Bad:
    return Bad(row, label, VERSION, {"name": "rows", "source": source, **more}, status)


def model(row: str, label: str, name: str, status: tuple[int, ...] = (400,)) -> Bad:
    return Bad(row, label, "2.0/mlflow/registered-models/create", {"name": name}, status)


PLACES = [
    *(
        Bad(row, where[:40], CREATE, {"name": "row {n}", "artifact_location": where})
        for row, where in LOCATIONS
    ),
    Bad("BI-39", "no location", CREATE, {"name": "row {n}", "artifact_location": ""}, (200,)),
    *(version(row, source, source) for row, source in SOURCES),
    version("BI-42", "a place beside a real run", "file:///etc/", run_id="{run}"),
    version("BI-44", "a version that is not there", "models:/nothing/1", (404,)),
    version("BI-46", "a place, called a prompt", "/etc", tags=IS_PROMPT),
    *(model("BI-47", repr(name), name) for name in ("a/b", "a:b", "../x", "")),
    *(model("BI-48", repr(name[:9]), name) for name in ("a\0b", "a\nb", "x" * 300)),
    model("BI-48", "an escape, kept as written", "m%2Fx {n}", (200,)),
    model("BI-48", "dots, escaped", "%2e {n}", (200,)),
]
