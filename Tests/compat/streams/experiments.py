"""Experiments: their life, their names, their tags, and what is refused."""

from steps import Stream, experiment, get, post, raw, read_run, run

E = {"experiment_id": "{exp}"}


def read(name: str, key: str = "exp"):
    return get(name, "experiments/get", {"experiment_id": "{" + key + "}"})


LIFE = Stream(
    "experiments: life",
    [
        get("default exists", "experiments/get", {"experiment_id": "0"}),
        get("default by name", "experiments/get-by-name", {"experiment_name": "Default"}),
        experiment("life", tags=[{"key": "k", "value": "v"}, {"key": "team", "value": "ü"}]),
        read("new one"),
        get("by name", "experiments/get-by-name", {"experiment_name": "life"}),
        post("rename", "experiments/update", {**E, "new_name": "life 2"}, pause=0.02),
        read("renamed"),
        get("old name is free", "experiments/get-by-name", {"experiment_name": "life"}),
        post("rename to its own name", "experiments/update", {**E, "new_name": "life 2"}),
        run(),
        run("gone"),
        post("delete one run first", "runs/delete", {"run_id": "{gone}"}),
        post("delete", "experiments/delete", E, pause=0.02),
        read("deleted"),
        get("deleted by name", "experiments/get-by-name", {"experiment_name": "life 2"}),
        post("delete again", "experiments/delete", E),
        post("rename deleted", "experiments/update", {**E, "new_name": "other"}),
        post("tag deleted", "experiments/set-experiment-tag", {**E, "key": "a", "value": "b"}),
        post("untag deleted", "experiments/delete-experiment-tag", {**E, "key": "k"}),
        post("run in deleted", "runs/create", E),
        post("name stays taken", "experiments/create", {"name": "life 2"}),
        read_run("its run is deleted"),
        post(
            "metric for its run",
            "runs/log-metric",
            {"run_id": "{run}", "key": "a", "value": 1, "timestamp": 1},
        ),
        post("restore its run alone", "runs/restore", {"run_id": "{run}"}),
        post(
            "metric then",
            "runs/log-metric",
            {"run_id": "{run}", "key": "a", "value": 1, "timestamp": 1},
        ),
        post("restore", "experiments/restore", E, pause=0.02),
        read("restored"),
        read_run("its run is back"),
        read_run("the run deleted before is back too", "gone"),
        post("restore again", "experiments/restore", E),
        post("restore unknown", "experiments/restore", {"experiment_id": "987654"}),
        post("delete unknown", "experiments/delete", {"experiment_id": "987654"}),
        post("delete garbage", "experiments/delete", {"experiment_id": "abc"}),
        post("update unknown", "experiments/update", {"experiment_id": "987654", "new_name": "x"}),
    ],
)

NAMES = Stream(
    "experiments: names",
    [
        post("missing", "experiments/create", {}),
        post("empty", "experiments/create", {"name": ""}),
        post("null", "experiments/create", {"name": None}),
        post("integer", "experiments/create", {"name": 5}),
        post("list", "experiments/create", {"name": ["a"]}),
        post("object", "experiments/create", {"name": {"b": 1, "a": None}}),
        post("boolean", "experiments/create", {"name": True}),
        post("fraction", "experiments/create", {"name": 1.5}),
        experiment("  ", "blank"),
        read("blank name", "blank"),
        experiment("n" * 500, "n500"),
        post("501 characters", "experiments/create", {"name": "n" * 501}),
        experiment("é" * 500, "e500"),
        experiment("\U0001f600/..\\<b>'\"%25", "odd"),
        read("odd name", "odd"),
        get(
            "odd by name",
            "experiments/get-by-name",
            {"experiment_name": "\U0001f600/..\\<b>'\"%25"},
        ),
        experiment("taken"),
        post("taken", "experiments/create", {"name": "taken"}),
        get("loser finds it", "experiments/get-by-name", {"experiment_name": "taken"}),
        experiment("TAKEN", "upper"),
        post("rename onto a taken one", "experiments/update", {**E, "new_name": "TAKEN"}),
        post("rename without name", "experiments/update", E),
        post("rename to empty", "experiments/update", {**E, "new_name": ""}),
        post("rename to integer", "experiments/update", {**E, "new_name": 5}),
        post("rename to 501", "experiments/update", {**E, "new_name": "n" * 501}),
        post("rename nothing", "experiments/update", {}),
        post("rename garbage id", "experiments/update", {"experiment_id": "zz", "new_name": "q"}),
        post("rename integer id", "experiments/update", {"experiment_id": 5, "new_name": "q"}),
        get("by name: nope", "experiments/get-by-name", {"experiment_name": "nope"}),
        get("by name: empty", "experiments/get-by-name", {"experiment_name": ""}),
        get("by name: missing", "experiments/get-by-name"),
        raw("lone surrogate", "experiments/create", '{"name":"s\\ud800"}'),
        raw("NUL", "experiments/create", '{"name":"a\\u0000b"}'),
    ],
)

IDS = Stream(
    "experiments: ids",
    [
        get(f"get {shown}", "experiments/get", {"experiment_id": value})
        for shown, value in {
            "abc": "abc",
            "1.5": "1.5",
            "-1": "-1",
            "99999": "99999",
            "empty": "",
            "0x1": "0x1",
            "path": "../../x",
            "00": "00",
            "+0": "+0",
            " 0 ": " 0 ",
            "2^63": str(2**63),
            "2^63-1": str(2**63 - 1),
            "23 digits": "9" * 23,
        }.items()
    ]
    + [
        get("get without id", "experiments/get"),
        get("get with another field", "experiments/get", {"nope": "1"}),
        get("get camelCase", "experiments/get", {"experimentId": "0"}),
        get("get twice", "experiments/get", [("experiment_id", "0"), ("experiment_id", "abc")]),
    ],
)

LOCATIONS = Stream(
    "experiments: artifact locations",
    [
        experiment("location: empty", artifact_location=""),
        read("empty means default"),
        post("integer", "experiments/create", {"name": "loc int", "artifact_location": 5}),
    ]
    + [
        post(value[:40], "experiments/create", {"name": f"loc {i}", "artifact_location": value})
        for i, value in enumerate(
            [
                "http:///?/../../etc/",
                "http:///#/../../etc/",
                "http://host#/../..",
                "http:///;../../etc",
                "http://169.254.169.254/latest",
                "ftp://127.0.0.1/x",
                "mlflow-artifacts:/../../outside",
                "s3://b/../x",
                "runs:/x",
            ]
        )
    ],
)

TAGS = Stream(
    "experiments: tags",
    [
        experiment("tags"),
        post("set", "experiments/set-experiment-tag", {**E, "key": "a", "value": "b"}),
        post("set again", "experiments/set-experiment-tag", {**E, "key": "a", "value": "c"}),
        post(
            "set other",
            "experiments/set-experiment-tag",
            {**E, "key": "é/x y:z-1.2", "value": "日本 \U0001f600"},
        ),
        read("two tags"),
        post("without value", "experiments/set-experiment-tag", {**E, "key": "none"}),
        post("null value", "experiments/set-experiment-tag", {**E, "key": "null", "value": None}),
        post("integer value", "experiments/set-experiment-tag", {**E, "key": "i", "value": 5}),
        post("empty key", "experiments/set-experiment-tag", {**E, "key": "", "value": "b"}),
        post("no key", "experiments/set-experiment-tag", {**E, "value": "b"}),
        post("../a", "experiments/set-experiment-tag", {**E, "key": "../a", "value": "b"}),
        post("a<b", "experiments/set-experiment-tag", {**E, "key": "a<b", "value": "b"}),
        post("key 250", "experiments/set-experiment-tag", {**E, "key": "k" * 250, "value": "b"}),
        post("key 251", "experiments/set-experiment-tag", {**E, "key": "k" * 251, "value": "b"}),
        post(
            "value 20000",
            "experiments/set-experiment-tag",
            {**E, "key": "long", "value": "v" * 20000},
        ),
        post(
            "value 20001",
            "experiments/set-experiment-tag",
            {**E, "key": "long", "value": "v" * 20001},
        ),
        post(
            "unknown experiment",
            "experiments/set-experiment-tag",
            {"experiment_id": "99999", "key": "a", "value": "b"},
        ),
        post(
            "garbage experiment",
            "experiments/set-experiment-tag",
            {"experiment_id": "zz", "key": "a", "value": "b"},
        ),
        post(
            "bad key, unknown experiment",
            "experiments/set-experiment-tag",
            {"experiment_id": "99999", "key": "<"},
        ),
        read("all tags"),
        post("delete", "experiments/delete-experiment-tag", {**E, "key": "a"}),
        post("delete again", "experiments/delete-experiment-tag", {**E, "key": "a"}),
        post("delete without key", "experiments/delete-experiment-tag", E),
        post(
            "delete, unknown experiment",
            "experiments/delete-experiment-tag",
            {"experiment_id": "99999", "key": "a"},
        ),
        post(
            "delete, garbage experiment",
            "experiments/delete-experiment-tag",
            {"experiment_id": "zz", "key": "a"},
        ),
        read("without a"),
        post(
            "create: tags as object", "experiments/create", {"name": "tags o", "tags": {"a": "b"}}
        ),
        experiment("tags v", "valueless", tags=[{"key": "a"}]),
        read("tag without value", "valueless"),
        post("create: empty tag", "experiments/create", {"name": "tags e", "tags": [{}]}),
        post("create: bad key", "experiments/create", {"name": "tags b", "tags": [{"key": "a<"}]}),
        post(
            "create: key 251",
            "experiments/create",
            {"name": "tags k", "tags": [{"key": "k" * 251, "value": "1"}]},
        ),
        post(
            "create: value 20001",
            "experiments/create",
            {"name": "tags l", "tags": [{"key": "k", "value": "v" * 20001}]},
        ),
        post(
            "create: one key twice",
            "experiments/create",
            {"name": "tags t", "tags": [{"key": "a", "value": "1"}, {"key": "a", "value": "2"}]},
        ),
        get("create was undone", "experiments/get-by-name", {"experiment_name": "tags t"}),
        post(
            "create: tag value is an integer",
            "experiments/create",
            {"name": "tags i", "tags": [{"key": "a", "value": 1}]},
        ),
    ],
)

STREAMS = [LIFE, NAMES, IDS, LOCATIONS, TAGS]
