"""log-parameter, set-tag and delete-tag: rewriting, lengths, keys."""

from steps import Stream, experiment, label, post, raw, read_run, run

R = {"run_id": "{run}"}
KEYS = [
    "a b:c-d._/e",
    "é/日本",
    "k" * 250,
    "k" * 251,
    "../a",
    "a//b",
    "/a",
    "a/",
    ".",
    "a<b>",
    "a\nb",
    "a\n",
    "\x00a",
]


def param(name: str, key, value="1", **more):
    return post(name, "runs/log-parameter", {**R, "key": key, "value": value, **more})


def tag(name: str, key, value="1", **more):
    return post(name, "runs/set-tag", {**R, "key": key, "value": value, **more})


PARAMS = Stream(
    "params",
    [
        experiment("params"),
        run(run_name="r"),
        param("log", "p"),
        param("again, same value", "p"),
        param("again, other value", "p", "2"),
        post("no value", "runs/log-parameter", {**R, "key": "none"}),
        param("empty value", "none", ""),
        param("null value", "null", None),
        param("quotes", "q", 'it\'s "x" \\ {}'),
        param("quotes, other value", "q", "it's"),
        param("unicode", "u", "日本 \U0001f600\n\t"),
        param("6000", "p6000", "v" * 6000),
        param("6001", "p6001", "v" * 6001),
        param("6001, same after the cut", "p6001", "v" * 6001 + "w"),
        param("6001, cut value itself", "p6001", "v" * 6000),
        param("6000 of two units each", "wide", "\U0001f600" * 6001),
        read_run("params"),
        param("integer value", "i", 5),
        param("list value", "i", ["a"]),
        param("true value", "i", True),
        param("integer key", 5),
        param("empty key", ""),
        param("null key", None),
        post("no key", "runs/log-parameter", R),
        post("no run", "runs/log-parameter", {"key": "a", "value": "1"}),
        post("nothing", "runs/log-parameter", {}),
        param("unknown run", "a", run_id="zz"),
        param("unknown run, bad key", "<", run_id="zz"),
        post(
            "run_uuid alone",
            "runs/log-parameter",
            {"run_uuid": "{run}", "key": "uuid", "value": "1"},
        ),
        param("both ids", "both", run_uuid="{run}"),
        param("both spellings", "both", runId="{run}"),
        *[param(f"key {label(key)}", key) for key in KEYS],
        read_run("all params"),
        raw(
            "value with lone surrogate",
            "runs/log-parameter",
            '{"run_id":"{run}","key":"sur","value":"\\ud800"}',
        ),
        param("value with NUL", "nul", "a\x00b"),
    ],
)

TAGS = Stream(
    "tags",
    [
        experiment("tags of runs"),
        run(run_name="r"),
        tag("set", "t"),
        tag("set again", "t", "2"),
        post("no value", "runs/set-tag", {**R, "key": "none"}),
        tag("null value", "null", None),
        tag("unicode", "u", "日本 \U0001f600\n\t"),
        tag("8000", "t8000", "v" * 8000),
        tag("8001", "t8001", "v" * 8001),
        tag("20000", "t20000", "v" * 20000),
        tag("8001 of two units each", "wide", "\U0001f600" * 8001),
        read_run("tags"),
        tag("mlflow tags are plain", "mlflow.user", "somebody"),
        tag("source tags are plain", "mlflow.source.name", "x.py"),
        read_run("user_id does not follow"),
        tag("integer value", "i", 5),
        tag("integer key", 5),
        tag("empty key", ""),
        post("no key", "runs/set-tag", R),
        post("nothing", "runs/set-tag", {}),
        tag("unknown run", "a", run_id="zz"),
        tag("unknown run, bad key", "<", run_id="zz"),
        post("run_uuid alone", "runs/set-tag", {"run_uuid": "{run}", "key": "uuid", "value": "1"}),
        *[tag(f"key {label(key)}", key) for key in KEYS],
        read_run("all tags"),
        post("delete", "runs/delete-tag", {**R, "key": "t"}),
        post("delete again", "runs/delete-tag", {**R, "key": "t"}),
        post("delete odd key", "runs/delete-tag", {**R, "key": "<>"}),
        post("delete without key", "runs/delete-tag", R),
        post("delete without run", "runs/delete-tag", {"key": "t"}),
        post("delete, unknown run", "runs/delete-tag", {"run_id": "zz", "key": "t"}),
        post("delete by uuid", "runs/delete-tag", {"run_uuid": "{run}", "key": "none"}),
        read_run("after deletion"),
        tag("value with NUL", "nul", "a\x00b"),
    ],
)

STREAMS = [PARAMS, TAGS]
