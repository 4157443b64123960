"""Registered models: life, names, tags, aliases, latest versions, and what is refused."""

from steps import Step, Stream, get, label, post

RM, MV = "registered-models/", "model-versions/"
LATER = 0.01  # seconds: a later time of the server is then another one


def patch(name: str, path: str, body: object) -> Step:
    return Step(name, "PATCH", path, body=body, pause=LATER)


def delete(name: str, path: str, body: object) -> Step:
    return Step(name, "DELETE", path, body=body)


def model(name: str, **fields: object) -> Step:
    return post(f"create {name}", RM + "create", {"name": name, **fields})


def version(step: str, name: str, source: str = "s3://bucket/model", **fields: object) -> Step:
    body = {"name": name, "source": source, **fields}
    return post(step, MV + "create", body, pause=LATER)


def read(step: str, name: str) -> Step:
    return get(step, RM + "get", {"name": name})


def tag(key: str, value: object) -> dict[str, object]:
    return {"key": key, "value": value}


NAMES = [
    " ",
    "  \t ",
    "a/b",
    "a:b",
    "../x",
    "..",
    ".",
    "..x",
    "...",
    ".x",
    "x.",
    "m%2Fx",
    "%2e",
    "%2e%2e",
    "m ",
    " m",
    "größe",
    "名前",
    "a b-c_d.e",
    "a\\b",
    "<b>",
    "'quoted'",
    '"double"',
    "a\nb",
    "a\u0000b",
    "n" * 256,
    "n" * 257,
    "n" * 300,
]

STREAMS = [
    Stream(
        "registered models: life",
        [
            model("life", tags=[tag("a", "1"), tag("b", "2")], description="first"),
            read("as created", "life"),
            post("the name again", RM + "create", {"name": "life"}),
            post(
                "the name as a prompt",
                RM + "create",
                {"name": "life", "tags": [tag("mlflow.prompt.is_prompt", "true")]},
            ),
            model("plain"),
            read("without anything", "plain"),
            model("job", deployment_job_id="j-1"),
            patch("job changed", RM + "update", {"name": "job", "deployment_job_id": "j-2"}),
            patch("describe", RM + "update", {"name": "life", "description": "second"}),
            read("described", "life"),
            patch("describe with nothing", RM + "update", {"name": "life", "description": ""}),
            patch("describe not at all", RM + "update", {"name": "life"}),
            patch("describe unknown", RM + "update", {"name": "nope", "description": "x"}),
            patch("describe with a number", RM + "update", {"name": "life", "description": 5}),
            patch("describe nobody", RM + "update", {"description": "x"}),
            version("version 1", "life", tags=[tag("v", "1")]),
            version("version 2", "life"),
            post("alias", RM + "alias", {"name": "life", "alias": "champion", "version": "1"}),
            post(
                "rename",
                RM + "rename",
                {"name": "life", "new_name": "life renamed"},
                pause=LATER,
            ),
            read("old name", "life"),
            read("new name", "life renamed"),
            get("version went with it", MV + "get", {"name": "life renamed", "version": "1"}),
            get("alias went with it", RM + "alias", {"name": "life renamed", "alias": "champion"}),
            post("rename to a taken name", RM + "rename", {"name": "plain", "new_name": "job"}),
            post("rename to itself", RM + "rename", {"name": "plain", "new_name": "plain"}),
            post("rename unknown", RM + "rename", {"name": "nope", "new_name": "nope 2"}),
            post("rename to blank", RM + "rename", {"name": "plain", "new_name": " "}),
            post("rename to empty", RM + "rename", {"name": "plain", "new_name": ""}),
            post("rename without a new name", RM + "rename", {"name": "plain"}),
            post("rename to a path", RM + "rename", {"name": "plain", "new_name": "a/b"}),
            post("rename from a path", RM + "rename", {"name": "a/b", "new_name": "plain 2"}),
            post("rename to 5", RM + "rename", {"name": "plain", "new_name": 5}),
            delete("delete", RM + "delete", {"name": "life renamed"}),
            read("deleted", "life renamed"),
            get("its version", MV + "get", {"name": "life renamed", "version": "1"}),
            get("its alias", RM + "alias", {"name": "life renamed", "alias": "champion"}),
            delete("delete again", RM + "delete", {"name": "life renamed"}),
            delete("delete nobody", RM + "delete", {}),
            model("life renamed"),
            version("numbers begin anew", "life renamed"),
            read("unknown", "nope"),
            get("get nobody", RM + "get"),
            get("get empty", RM + "get", {"name": ""}),
            get("get blank", RM + "get", {"name": " "}),
            get("get a path", RM + "get", {"name": "a/b"}),
            get("two names", RM + "get", [("name", "plain"), ("name", "job")]),
        ],
    ),
    Stream(
        "registered models: names",
        [post(f"name {label(name)}", RM + "create", {"name": name}) for name in NAMES]
        + [get(f"get {label(name)}", RM + "get", {"name": name}) for name in NAMES[:27]]
        + [
            post("no name", RM + "create", {}),
            post("null", RM + "create", {"name": None}),
            post("name 5", RM + "create", {"name": 5}),
            post("name list", RM + "create", {"name": ["a"]}),
            post("description 5", RM + "create", {"name": "d5", "description": 5}),
            post("description long", RM + "create", {"name": "dl", "description": "d" * 6000}),
            post("tags text", RM + "create", {"name": "tt", "tags": "x"}),
            post("tags object", RM + "create", {"name": "to", "tags": {"a": "b"}}),
        ],
    ),
    Stream(
        "registered models: tags",
        [
            model("tagged"),
            *(
                post(f"set {n}: {label(body)}", RM + "set-tag", {"name": "tagged", **body})
                for n, body in enumerate(
                    [
                        {"key": "a", "value": "1"},
                        {"key": "a", "value": "2"},
                        {"key": "b", "value": ""},
                        {"key": "c"},
                        {"key": "d", "value": None},
                        {"key": "with space", "value": "x"},
                        {"key": "a.b/c:d-e_f", "value": "größe"},
                        {"key": "k" * 250, "value": "v"},
                        {"key": "k" * 251, "value": "v"},
                        {"key": "long", "value": "v" * 100_000},
                        {"key": "too long", "value": "v" * 100_001},
                        {"key": "", "value": "v"},
                        {"value": "v"},
                        {"key": "../a", "value": "v"},
                        {"key": "a<", "value": "v"},
                        {"key": "/a", "value": "v"},
                        {"key": 5, "value": "v"},
                        {"key": "n", "value": 5},
                    ]
                )
            ),
            read("all tags", "tagged"),
            post("set on unknown", RM + "set-tag", {"name": "nope", "key": "a", "value": "b"}),
            post("set on nobody", RM + "set-tag", {"key": "a", "value": "b"}),
            post("set on a path", RM + "set-tag", {"name": "a/b", "key": "a", "value": "b"}),
            delete("remove", RM + "delete-tag", {"name": "tagged", "key": "a"}),
            delete("remove again", RM + "delete-tag", {"name": "tagged", "key": "a"}),
            delete("remove without key", RM + "delete-tag", {"name": "tagged"}),
            delete("remove bad key", RM + "delete-tag", {"name": "tagged", "key": "a<"}),
            delete("remove from unknown", RM + "delete-tag", {"name": "nope", "key": "a"}),
            read("tags that are left", "tagged"),
            model("one key twice", tags=[tag("a", "1"), tag("a", "2")]),
            post("tag without key", RM + "create", {"name": "t1", "tags": [{"value": "x"}]}),
            post("tag without value", RM + "create", {"name": "t2", "tags": [{"key": "x"}]}),
            post("tag key 251", RM + "create", {"name": "t3", "tags": [tag("k" * 251, "")]}),
            post(
                "tag value 100001", RM + "create", {"name": "t4", "tags": [tag("k", "v" * 100001)]}
            ),
            post("nothing was kept", RM + "get-latest-versions", {"name": "t4"}),
        ],
    ),
    Stream(
        "registered models: aliases",
        [
            model("aliased"),
            version("version 1", "aliased"),
            version("version 2", "aliased"),
            *(
                post(f"set {n}: {label(alias)}", RM + "alias", {"name": "aliased", **alias})
                for n, alias in enumerate(
                    [
                        {"alias": "champion", "version": "1"},
                        {"alias": "b_a-1", "version": "1"},
                        {"alias": "größe", "version": "1"},
                        {"alias": "champion", "version": "2"},
                        {"alias": "a" * 255, "version": "2"},
                        {"alias": "a" * 256, "version": "2"},
                        {"alias": "latest", "version": "1"},
                        {"alias": "LaTest", "version": "1"},
                        {"alias": "v1", "version": "1"},
                        {"alias": "V12", "version": "1"},
                        {"alias": "v", "version": "1"},
                        {"alias": "v1a", "version": "1"},
                        {"alias": "1", "version": "1"},
                        {"alias": "a b", "version": "1"},
                        {"alias": "a.b", "version": "1"},
                        {"alias": "a/b", "version": "1"},
                        {"alias": "", "version": "1"},
                        {"version": "1"},
                        {"alias": "x"},
                        {"alias": "x", "version": 1},
                        {"alias": "x", "version": "x"},
                        {"alias": "x", "version": "3"},
                        {"alias": "x", "version": "0"},
                        {"alias": "x", "version": " 1 "},
                    ]
                )
            ),
            post("set on unknown", RM + "alias", {"name": "nope", "alias": "a", "version": "1"}),
            read("all aliases", "aliased"),
            get("aliases of a version", MV + "get", {"name": "aliased", "version": "1"}),
            get("get", RM + "alias", {"name": "aliased", "alias": "champion"}),
            get("get latest", RM + "alias", {"name": "aliased", "alias": "latest"}),
            get("get LATEST", RM + "alias", {"name": "aliased", "alias": "LATEST"}),
            get("get unknown", RM + "alias", {"name": "aliased", "alias": "zz"}),
            get("get of unknown", RM + "alias", {"name": "nope", "alias": "zz"}),
            get("get bad", RM + "alias", {"name": "aliased", "alias": "a b"}),
            get("get none", RM + "alias", {"name": "aliased"}),
            get("get of nobody", RM + "alias", {"alias": "x"}),
            delete("remove", RM + "alias", {"name": "aliased", "alias": "b_a-1"}),
            delete("remove again", RM + "alias", {"name": "aliased", "alias": "b_a-1"}),
            delete("remove bad", RM + "alias", {"name": "aliased", "alias": "a b"}),
            delete("remove none", RM + "alias", {"name": "aliased"}),
            delete("remove of unknown", RM + "alias", {"name": "nope", "alias": "b"}),
            delete("remove version 2", MV + "delete", {"name": "aliased", "version": "2"}),
            get("alias of a deleted one", RM + "alias", {"name": "aliased", "alias": "champion"}),
            read("aliases that are left", "aliased"),
            model("no versions"),
            get("latest of none", RM + "alias", {"name": "no versions", "alias": "latest"}),
        ],
    ),
    Stream(
        "registered models: latest versions",
        [
            model("staged"),
            post("of none", RM + "get-latest-versions", {"name": "staged"}),
            *(version(f"version {number}", "staged") for number in range(1, 6)),
            *(
                post(
                    f"move {number}",
                    MV + "transition-stage",
                    {
                        "name": "staged",
                        "version": number,
                        "stage": stage,
                        "archive_existing_versions": False,
                    },
                    pause=LATER,
                )
                for number, stage in [("2", "Production"), ("3", "Staging"), ("4", "Archived")]
            ),
            post("alias", RM + "alias", {"name": "staged", "alias": "prod", "version": "2"}),
            read("model", "staged"),
            get("all", RM + "get-latest-versions", {"name": "staged"}),
            post("all by POST", RM + "get-latest-versions", {"name": "staged"}),
            *(
                get(
                    f"stages {stages}",
                    RM + "get-latest-versions",
                    [("name", "staged"), *(("stages", stage) for stage in stages)],
                )
                for stages in [
                    ["Production"],
                    ["production", "STAGING"],
                    ["None"],
                    ["x"],
                    ["Production", "x"],
                    [""],
                ]
            ),
            post(
                "stages by POST",
                RM + "get-latest-versions",
                {"name": "staged", "stages": ["none", "archived"]},
            ),
            post("stages text", RM + "get-latest-versions", {"name": "staged", "stages": "None"}),
            post("stages 5", RM + "get-latest-versions", {"name": "staged", "stages": [5]}),
            get("of unknown", RM + "get-latest-versions", {"name": "nope"}),
            get("of nobody", RM + "get-latest-versions"),
        ],
    ),
]
