"""Model versions: life, stages, tags, sources, and what is refused."""

from steps import Stream, experiment, get, label, post, run

from streams.registered_models import LATER, MV, RM, delete, model, patch, read, tag, version

NUMBERS = ["1", " 1 ", "+1", "01", "0", "-1", "99", "x", "1.5", "1e0", "", "1" * 30]


def create(name: str, source: str, **fields: object):
    return post(name, MV + "create", {"name": "sourced", "source": source, **fields})


def stage(name: str, number: str, to: str, **fields: object):
    body = {"name": "moved", "version": number, "stage": to, **fields}
    return post(name, MV + "transition-stage", body, pause=LATER)


def of(number: str, **fields: object) -> dict[str, object]:
    return {"name": "versions", "version": number, **fields}


ARTIFACTS = "mlflow-artifacts:/{exp}/{run}/artifacts"

MODEL_FILES = "mlflow-artifacts:/{exp}/models/{lm}/artifacts"
FROM_MODEL = {"name": "made of it", "source": "models:/{lm}", "model_id": "{lm}"}

# Sources that no request may name, or that need no run.
SOURCES = [
    "/etc",
    "file:///etc/",
    "file:/etc",
    "FILE:///etc",
    "file://localhost/etc",
    "file://etc/passwd",
    "//proc/self/root",
    "\\..\\..\\etc",
    "C:\\x",
    "x",
    "./x",
    "dummy-source",
    "databricks",
    "mlflow-artifacts:/1/../../etc",
    "mlflow-artifacts:/..%2f..%2fetc",
    "mlflow-artifacts:/%252e%252e/etc",
    "mlflow-artifacts:/1",
    "mlflow-artifacts:1/x",
    "mlflow-artifacts://host/1/x",
    "mlflow-artifacts:///1/x",
    ARTIFACTS,
    ARTIFACTS + "/model",
    "dbfs:/x/a%3f/../../",
    "dbfs:/x/y",
    "dbfs:x/y",
    "models://evil/m/1",
    "models:/m/1",
    "models:/",
    "models:x",
    "models:/a/b/c",
    "models:/a/",
    "models:/a//",
    "models:/../1",
    "models:/m-0123",
    "models:/sourced@",
    "models:/sourced@zz",
    "models:/sourced@a b",
    "models:/sourced/99",
    "models:/sourced/Nowhere",
    "models:/a prompt/1",
    "runs:/",
    "runs:x",
    "runs://host/x",
    "runs:/{run}/model",
    "runs:/nope/model",
    "http://h/x",
    "http:/x",
    "https://h/x?a=b",
    "ftp://h/x",
    "sftp://h/x",
    "hdfs://h/x",
    "viewfs://h/x",
    "r2://b/x",
    "b2://b/x",
    "abfss://c@h/x",
    "wasbs://c@h/x",
    "gs://b/x",
    "gs://b/x#y",
    "s3://b",
    "s3://b/",
    "s3:b",
    "s3:/x",
    "s3:///x",
    "s3://b/a/../c",
    "s3://b/a%2f..%2fc",
    "s3://b/./c",
    "s3://b//c",
    "s3://b/c/",
    "s3://b/a;b",
    "s3://b/a b",
    "s3://b/%",
    "s3://b/x%00",
    "s3://b/é",
    "abc:def",
    "abc:/def",
    "s3://b/" + "x" * 600,
]

# Sources that lie in a run or do not.
IN_RUN = [
    "/etc",
    "file:///etc/",
    "/etc/../tmp",
    "runs:/{run}/model",
    "runs:/{run}",
    "runs:/{other}/model",
    "Runs:/{run}/x",
    ARTIFACTS,
    ARTIFACTS + "/",
    ARTIFACTS + "/model",
    ARTIFACTS + "/a%20b",
    ARTIFACTS + "/../x",
    ARTIFACTS + "x",
    "mlflow-artifacts:/{exp}/{run}",
    "mlflow-artifacts:/{exp}/{other}/artifacts/x",
    "mlflow-artifacts:///{exp}/{run}/artifacts/m",
    "MLFLOW-ARTIFACTS:/{exp}/{run}/artifacts/x",
    "mlflow-artifacts://h/{exp}/{run}/artifacts/x",
    "models:/m-0123",
    "s3://b/x",
]

PROMPT = [tag("mlflow.prompt.is_prompt", "TRUE")]

STREAMS = [
    Stream(
        "model versions: life",
        [
            model("versions"),
            version("first", "versions"),
            version(
                "with everything",
                "versions",
                run_id="r",
                run_link="https://example.org/run",
                description="second",
                tags=[tag("a", "1"), tag("b", "")],
            ),
            version("tag without value", "versions", tags=[{"key": "t"}]),
            version("one tag twice", "versions", tags=[tag("a", "1"), tag("a", "2")]),
            *(get(f"get {label(n)}", MV + "get", of(n)) for n in NUMBERS),
            get("get without version", MV + "get", {"name": "versions"}),
            get("get without name", MV + "get", {"version": "1"}),
            get("get of unknown", MV + "get", {"name": "nope", "version": "1"}),
            get("get of a path", MV + "get", {"name": "a/b", "version": "1"}),
            read("model", "versions"),
            patch("describe", MV + "update", of("1", description="new")),
            get("described", MV + "get", of("1")),
            patch("describe with nothing", MV + "update", of("1", description="")),
            patch("describe not at all", MV + "update", of("1")),
            patch("describe with 5", MV + "update", of("1", description=5)),
            patch("describe unknown", MV + "update", of("99", description="x")),
            patch("describe x", MV + "update", of("x", description="x")),
            get("where", MV + "get-download-uri", of("1")),
            get("where is unknown", MV + "get-download-uri", of("99")),
            get("where is nobody", MV + "get-download-uri"),
            get("where is no version", MV + "get-download-uri", {"name": "versions"}),
            delete("delete 2", MV + "delete", of("2")),
            get("deleted", MV + "get", of("2")),
            delete("delete again", MV + "delete", of("2")),
            delete("delete x", MV + "delete", of("x")),
            delete("delete none", MV + "delete", {"name": "versions"}),
            delete("delete of unknown", MV + "delete", {"name": "nope", "version": "1"}),
            patch("describe deleted", MV + "update", of("2", description="x")),
            get("where is deleted", MV + "get-download-uri", of("2")),
            read("model after that", "versions"),
            delete("delete 4", MV + "delete", of("4")),
            version("a number is not used again", "versions"),
            version("of unknown", "nope"),
            version("of a path", "a/b"),
            post("without source", MV + "create", {"name": "versions"}),
            post("empty source", MV + "create", {"name": "versions", "source": ""}),
            post("without name", MV + "create", {"source": "s3://b/x"}),
            post("source 5", MV + "create", {"name": "versions", "source": 5}),
            version("run 5", "versions", run_id=5),
            version("tags text", "versions", tags="x"),
            version("tag key 251", "versions", tags=[tag("k" * 251, "")]),
            version("tag key bad", "versions", tags=[tag("a<", "")]),
            version("tag value 100001", "versions", tags=[tag("k", "v" * 100_001)]),
            version("tag value 100000", "versions", tags=[tag("k", "v" * 100_000)]),
            version(
                "prompt text 100001", "versions", tags=[tag("mlflow.prompt.text", "v" * 100_001)]
            ),
            version("model 5", "versions", model_id=5),
        ],
    ),
    Stream(
        "model versions: stages",
        [
            model("moved"),
            *(version(f"version {number}", "moved") for number in range(1, 6)),
            stage("to production", "1", "production"),
            stage("also to production", "2", "PRODUCTION", archive_existing_versions=False),
            stage("archiving others", "3", "Production", archive_existing_versions=True),
            get("first is archived", MV + "get", {"name": "moved", "version": "1"}),
            stage("to itself, archiving others", "3", "Production", archive_existing_versions=True),
            stage("to staging", "4", "staging", archive_existing_versions=True),
            stage("to none", "4", "none"),
            stage("to the archive", "4", "Archived"),
            read("model", "moved"),
            stage("archiving into the archive", "4", "archived", archive_existing_versions=True),
            stage("archiving into none", "4", "None", archive_existing_versions=True),
            stage("nowhere", "4", "x"),
            stage("nowhere, archiving", "4", "x", archive_existing_versions=True),
            stage("deleted word", "4", "Deleted_Internal"),
            stage("unknown", "99", "Staging"),
            stage("unknown, archiving", "99", "Production", archive_existing_versions=True),
            get("nothing was archived", MV + "get", {"name": "moved", "version": "3"}),
            stage("version x", "x", "Staging"),
            stage("archive x", "4", "Staging", archive_existing_versions="x"),
            stage("archive true as text", "4", "Staging", archive_existing_versions="true"),
            post("no stage", MV + "transition-stage", {"name": "moved", "version": "4"}),
            post("no version", MV + "transition-stage", {"name": "moved", "stage": "None"}),
        ],
    ),
    Stream(
        "model versions: tags",
        [
            model("versions"),
            version("first", "versions"),
            version("second", "versions"),
            *(
                post(f"set {n}: {label(body)}", MV + "set-tag", of("1", **body))
                for n, body in enumerate(
                    [
                        {"key": "a", "value": "1"},
                        {"key": "a", "value": "2"},
                        {"key": "b"},
                        {"key": "k" * 250, "value": "v"},
                        {"key": "k" * 251, "value": "v"},
                        {"key": "long", "value": "v" * 100_001},
                        {"key": "mlflow.prompt.text", "value": "v" * 100_001},
                        {"key": "", "value": "v"},
                        {"value": "v"},
                        {"key": "../a", "value": "v"},
                        {"key": "n", "value": 5},
                    ]
                )
            ),
            get("tags", MV + "get", of("1")),
            get("other version", MV + "get", of("2")),
            post("set on unknown", MV + "set-tag", of("9", key="a", value="b")),
            post("set on x", MV + "set-tag", of("x", key="a", value="b")),
            post("set on 1 as a number", MV + "set-tag", of(1, key="a", value="b")),
            delete("remove", MV + "delete-tag", of("1", key="a")),
            delete("remove again", MV + "delete-tag", of("1", key="a")),
            delete("remove from unknown", MV + "delete-tag", of("9", key="a")),
            delete("remove without key", MV + "delete-tag", of("1")),
            delete("remove bad key", MV + "delete-tag", of("1", key="a<")),
            get("tags that are left", MV + "get", of("1")),
        ],
    ),
    Stream(
        "model versions: sources",
        [
            experiment("sources"),
            run(run_name="r"),
            run("other", run_name="other"),
            model("sourced"),
            model("copy"),
            model("made of it"),
            post("a prompt", RM + "create", {"name": "a prompt", "tags": PROMPT}),
            create("first", "s3://b/first", run_id="r1"),
            *(create(f"source {label(source)}", source) for source in SOURCES),
            *(create(f"in a run: {label(s)}", s, run_id="{run}") for s in IN_RUN),
            create("in an unknown run: proxied", ARTIFACTS, run_id="nope"),
            create("in an unknown run: local", "/etc", run_id="nope"),
            create("in an unknown run: remote", "s3://b/x", run_id="nope"),
            get("files of a run", MV + "get-download-uri", {"name": "sourced", "version": "1"}),
            *(
                post(
                    f"copy of {which}",
                    MV + "create",
                    {"name": "copy", "source": f"models:/sourced/{which}"},
                )
                for which in ["1", "01"]
            ),
            *(
                post(
                    f"copy with {label(fields)}",
                    MV + "create",
                    {"name": "copy", "source": "models:/sourced/1", **fields},
                )
                for fields in [
                    {"run_id": "r1"},
                    {"run_id": "r1", "model_id": ""},
                    {"run_id": "other"},
                    {"run_id": ""},
                    {"model_id": "m-1"},
                    {"model_id": ""},
                ]
            ),
            post("alias", RM + "alias", {"name": "sourced", "alias": "x", "version": "1"}),
            *(
                post(f"copy from {suffix}", MV + "create", {"name": "copy", "source": source})
                for suffix, source in [
                    ("alias", "models:/sourced@x"),
                    ("stage", "models:/copy/none"),
                    ("latest", "models:/copy/LATEST"),
                    ("no such stage", "models:/copy/production"),
                    ("capitals", "MODELS:/sourced/1"),
                    ("a slash", "models:/sourced/1/"),
                ]
            ),
            get("where the copy is", MV + "get-download-uri", {"name": "copy", "version": "1"}),
            get("where its copy is", MV + "get-download-uri", {"name": "copy", "version": "7"}),
            post(
                "a logged model",
                "logged-models",
                {"experiment_id": "{exp}", "name": "lm", "source_run_id": "{run}"},
                capture={"lm": "model.info.model_id"},
            ),
            post("model: registered", MV + "create", FROM_MODEL),
            get("model: where", MV + "get-download-uri", {"name": "made of it", "version": "1"}),
            post("model: again, with a run", MV + "create", {**FROM_MODEL, "run_id": "{other}"}),
            get("model: noted", "logged-models/{lm}"),
            create("model: without saying so", "models:/{lm}"),
            create("model: in its directory", MODEL_FILES + "/x", model_id="{lm}"),
            create("model: beside its directory", MODEL_FILES + "x", model_id="{lm}"),
            create("model: in a run", ARTIFACTS, model_id="{lm}", run_id="{run}"),
            create("model: elsewhere", "s3://b/x", model_id="{lm}"),
            create("model: on the disk", "/etc", model_id="{lm}"),
            post("copy with a model", MV + "create", {**FROM_MODEL, "source": "models:/sourced/1"}),
            create("model: none such", "s3://b/x", model_id="m-zz"),
            create("model: its own source", "models:/m-zz", model_id="m-zz"),
            create("model: another's source", "models:/m-zz", model_id="m-yy"),
            create("model: a run's source", "runs:/{run}/x", model_id="m-zz", run_id="{run}"),
            create("model: proxied", ARTIFACTS, model_id="m-zz", run_id="{run}"),
            create("model: local", "/etc", model_id="m-zz"),
            *(
                create(f"prompt from {source}", source, tags=PROMPT)
                for source in ["/etc", "x", "s3://b/x", "dummy-source", "prompt-template"]
            ),
            create(
                "no prompt in the end",
                "/etc",
                tags=[*PROMPT, tag("mlflow.prompt.is_prompt", "false")],
            ),
        ],
    ),
]
