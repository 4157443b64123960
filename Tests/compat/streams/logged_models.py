"""Logged models: making, finalizing, deleting, tags, params; and the tag of older clients."""

import json

from steps import Step, Stream, experiment, get, post, run

M = "logged-models"
AJAX = "/ajax-api/2.0/mlflow/logged-models"


def patch(name: str, path: str, body, **more) -> Step:
    return Step(name, "PATCH", path, body=body, **more)


def delete(name: str, path: str, **more) -> Step:
    return Step(name, "DELETE", path, **more)


def model(key: str = "m", exp: str = "{exp}", **fields) -> Step:
    """Makes a logged model and keeps its id as {m}."""
    body = {"experiment_id": exp, **fields}
    return post(f"create model {key}", M, body, capture={key: "model.info.model_id"})


def create(step: str, /, **fields) -> Step:
    return post(step, M, {"experiment_id": "{exp}", **fields})


def read(name: str, key: str = "m", **query) -> Step:
    return get(name, f"{M}/{{{key}}}", query or None)


def pairs(**values: str) -> list[dict]:
    return [{"key": key, "value": value} for key, value in values.items()]


def finalize(name: str, status, key: str = "m", **more) -> Step:
    path = f"{M}/{{{key}}}"
    return patch(name, path, {"model_id": f"{{{key}}}", "status": status}, pause=0.002, **more)


CREATE = Stream(
    "logged models: create",
    [
        experiment("logged models"),
        run(),
        create("plain"),
        create(
            "full",
            name="n",
            model_type="Agent",
            source_run_id="{run}",
            params=pairs(b="1", a="2"),
            tags=pairs(t="v", s=""),
        ),
        *[create(f"name {n!r}", name=n) for n in ("", " ", "日本 x", "a-b_c", "n" * 500)],
        *[create(f"name {n!r}", name=n) for n in ("a/b", "a:b", "a.b", "a%b", 'a"b', "a'b")],
        create("name 501", name="n" * 501),
        create("name 5", name=5),
        create("name null", name=None),
        create("type text", model_type="m" * 500),
        create("source run unknown", source_run_id="zz"),
        create("source run 5", source_run_id=5),
        create("same name again", name="n"),
        create("params text", params="x"),
        create("params of texts", params=["x"]),
        create("param without key", params=[{"value": "x"}]),
        create("param without value", params=[{"key": "x"}]),
        create("param value 5", params=[{"key": "x", "value": 5}]),
        create("param twice", params=[*pairs(a="1"), *pairs(a="2")]),
        create("params 101", params=[{"key": f"p{i}", "value": "v"} for i in range(101)]),
        create("any key", params=pairs(**{"../x<": "v"}), tags=pairs(**{"../x<": "v"})),
        create("key 255", params=pairs(**{"k" * 255: "v" * 7000})),
        create("key 256", params=pairs(**{"k" * 256: "v"})),
        create("tag twice", tags=[*pairs(a="1"), *pairs(a="2")]),
        create("tags object", tags={"a": "b"}),
        post("no experiment", M, {"name": "x"}),
        post("experiment unknown", M, {"experiment_id": "99999"}),
        post("experiment x", M, {"experiment_id": "abc"}),
        post("experiment 5", M, {"experiment_id": 5}),
        post("by a page", AJAX, {"experiment_id": "{exp}", "name": "page"}),
        experiment("logged models deleted", "gone"),
        model("orphan", "{gone}", name="orphan"),
        post("delete experiment", "experiments/delete", {"experiment_id": "{gone}"}),
        post("in a deleted experiment", M, {"experiment_id": "{gone}"}),
        read("model of a deleted experiment", "orphan"),
        post("search there", f"{M}/search", {"experiment_ids": ["{gone}"]}),
    ],
)

LIFE = Stream(
    "logged models: life",
    [
        experiment("logged models: life"),
        model(params=pairs(lr="0.1")),
        read("pending"),
        get("unknown", f"{M}/m-zz"),
        get("by a page", f"{AJAX}/{{m}}"),
        finalize("ready", "LOGGED_MODEL_READY"),
        read("as ready"),
        *[finalize(f"status {s!r}", s) for s in (2, "3", 1, 0, "LOGGED_MODEL_UPLOAD_FAILED")],
        *[finalize(f"status {s!r}", s) for s in (9, "x", "READY")],
        patch("no status", f"{M}/{{m}}", {"model_id": "{m}"}),
        patch("no model id", f"{M}/{{m}}", {"status": 2}),
        patch("nothing", f"{M}/{{m}}", {}),
        patch("another id in the body", f"{M}/{{m}}", {"model_id": "m-other", "status": 2}),
        patch("finalize unknown", f"{M}/m-zz", {"model_id": "m-zz", "status": 2}),
        finalize("ready again", 2),
        delete("delete", f"{M}/{{m}}"),
        read("deleted"),
        read("deleted, allowed", allow_deleted="true"),
        read("deleted, Allowed", allow_deleted="True"),
        read("deleted, not allowed", allow_deleted="x"),
        delete("delete again", f"{M}/{{m}}"),
        delete("delete unknown", f"{M}/m-zz"),
        finalize("finalize deleted", 2),
        patch("tag deleted", f"{M}/{{m}}/tags", {"tags": pairs(a="1")}),
        post("param deleted", f"{M}/{{m}}/params", {"model_id": "{m}", "params": pairs(p="1")}),
        read("deleted, after writes", allow_deleted="true"),
        get("list artifacts of deleted", f"{M}/{{m}}/artifacts/directories"),
        post("search leaves it out", f"{M}/search", {"experiment_ids": ["{exp}"]}),
    ],
)


def tag(name: str, tags, key: str = "{m}") -> Step:
    return patch(name, f"{M}/{key}/tags", {"tags": tags})


def param(name: str, params, **more) -> Step:
    return post(name, f"{M}/{{m}}/params", {"model_id": "{m}", "params": params, **more})


TAGS_PARAMS = Stream(
    "logged models: tags and params",
    [
        experiment("logged models: tags"),
        model(tags=pairs(first="1")),
        tag("set", pairs(a="1", b="x y", é="日本")),
        tag("change, and one twice", [*pairs(a="2"), *pairs(a="3"), *pairs(e="")]),
        tag("without value", [{"key": "nv"}]),
        tag("without key", [{"value": "x"}]),
        tag("value 5", [{"key": "five", "value": 5}]),
        tag("none", []),
        patch("no tags", f"{M}/{{m}}/tags", {}),
        tag("text", "x"),
        tag("unknown model", pairs(a="1"), "m-zz"),
        tag("key 255", pairs(**{"k" * 255: "v"})),
        tag("key 256", pairs(**{"k" * 256: "v"})),
        read("tags"),
        delete("delete", f"{M}/{{m}}/tags/a"),
        delete("delete again", f"{M}/{{m}}/tags/a"),
        delete("delete with a quote", f"{M}/{{m}}/tags/a%27b"),
        delete("delete escaped", f"{M}/{{m}}/tags/%C3%A9"),
        delete("delete of unknown", f"{M}/m-zz/tags/a"),
        delete("delete by a page", f"{AJAX}/{{m}}/tags/b"),
        param("params", pairs(p="1", q="")),
        param("another param", pairs(r="2")),
        param("same value", pairs(p="1")),
        param("other value", pairs(p="2")),
        param("no params", []),
        post("params absent", f"{M}/{{m}}/params", {"model_id": "{m}"}),
        post("params without id", f"{M}/{{m}}/params", {"params": pairs(z="1")}),
        post("params unknown", f"{M}/m-zz/params", {"model_id": "m-zz", "params": pairs(z="1")}),
        param("params text", "x"),
        read("all"),
    ],
)

JSON_MODEL = {
    "artifact_path": "model",
    "flavors": {"python_function": {"config": {"x": 1}, "path": "m.pkl", "é": "日"}, "s": 5},
    "utc_time_created": "2024-01-01 00:00:00.000000",
    "run_id": "{run}",
}


def record(name: str, /, **changes) -> Step:
    document = {**JSON_MODEL, **changes}
    kept = {key: value for key, value in document.items() if value != "absent"}
    return post(name, "runs/log-model", {"run_id": "{run}", "model_json": json.dumps(kept)})


def record_text(name: str, text) -> Step:
    return post(name, "runs/log-model", {"run_id": "{run}", "model_json": text})


OLDER_CLIENTS = Stream(
    "logged models: older clients",
    [
        experiment("logged models: older clients"),
        run(),
        record("first"),
        get("tag of one", "runs/get", {"run_id": "{run}"}),
        record(
            "second",
            model_uuid="u",
            mlflow_version="2.1.0",
            metadata={"a": [1, 2.5, None, True]},
            artifact_path="deep/model",
        ),
        record(
            "numbers", flavors={"f": {"a": 1.0, "b": 1e-7, "c": [1, {"d": False}], "e": 10**20}}
        ),
        record("flavors null", flavors=None),
        record("flavors 5", flavors=5),
        record("without run id", run_id="absent"),
        record_text("not JSON", "{"),
        record_text("a list", "[]"),
        record_text("a number", "5"),
        record_text("an object in place of text", {}),
        post("no model", "runs/log-model", {"run_id": "{run}"}),
        post("no run", "runs/log-model", {"model_json": "{}"}),
        post(
            "unknown run",
            "runs/log-model",
            {"run_id": "zz", "model_json": json.dumps({**JSON_MODEL, "run_id": "zz"})},
        ),
        record("longer than a tag", flavors={"x": {"y": "z" * 9000}}),
        get("tag of all", "runs/get", {"run_id": "{run}"}),
        post("delete run", "runs/delete", {"run_id": "{run}"}),
        record("deleted run"),
    ],
)


def directories(name: str, **query) -> Step:
    return get(name, f"{M}/{{m}}/artifacts/directories", query or None)


def file(name: str, **query) -> Step:
    return get(name, f"{AJAX}/{{m}}/artifacts/files", query or None)


def put(path: str, text: str) -> Step:
    url = "/api/2.0/mlflow-artifacts/artifacts/{exp}/models/{m}/artifacts/" + path
    return Step(f"put {path}", "PUT", url, raw=text.encode(), headers={})


def presign(name: str, **fields) -> Step:
    return post(name, "artifacts/presigned-upload-url", fields)


ARTIFACTS = Stream(
    "logged models: artifacts",
    [
        experiment("logged models: artifacts"),
        run(),
        model(name="files"),
        directories("nothing yet"),
        put("MLmodel", "flavors: {}\n"),
        put("data/model.pkl", "bytes"),
        directories("top"),
        directories("below", artifact_directory_path="data"),
        directories("empty path", artifact_directory_path=""),
        directories("missing", artifact_directory_path="nope"),
        directories("a file", artifact_directory_path="MLmodel"),
        directories("upwards", artifact_directory_path="../x"),
        directories("absolute", artifact_directory_path="/etc"),
        get("directories of unknown", f"{M}/m-zz/artifacts/directories"),
        file("text", artifact_file_path="MLmodel"),
        file("binary", artifact_file_path="data/model.pkl"),
        file("missing file", artifact_file_path="nope"),
        file("directory", artifact_file_path="data"),
        file("file upwards", artifact_file_path="../x"),
        file("no path"),
        file("blank path", artifact_file_path=""),
        get("file of unknown", f"{AJAX}/m-zz/artifacts/files", {"artifact_file_path": "a"}),
        get("not for clients", f"{M}/{{m}}/artifacts/files", {"artifact_file_path": "MLmodel"}),
        presign("presign", model_id="{m}", path="a"),
        presign("presign unknown", model_id="m-zz", path="a"),
        presign("presign upwards", model_id="{m}", path="../a"),
        presign("presign both", model_id="{m}", run_id="{run}", path="a"),
        presign("presign neither", path="a"),
    ],
)

STREAMS = [CREATE, LIFE, TAGS_PARAMS, OLDER_CLIENTS, ARTIFACTS]
