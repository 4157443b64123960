"""Artifacts: the proxy, and the files of a run by its id. What hostile paths get is in Tests/http
and in the Swift tests, since mlflow takes some of them."""

from steps import AJAX, Step, Stream, experiment, get, post, run

FILES = "/api/2.0/mlflow-artifacts/artifacts"
ROOT = "{exp}/{run}/artifacts"


def put(name: str, path: str, data: bytes = b"x", **more) -> Step:
    return Step(name, "PUT", f"{FILES}/{path}", raw=data, **more)


def delete(name: str, path: str) -> Step:
    return Step(name, "DELETE", f"{FILES}/{path}")


def upload(name: str, query, data: bytes = b"x") -> Step:
    return Step(name, "POST", AJAX + "upload-artifact", query=query, raw=data)


def ranged(name: str, value: str) -> Step:
    return get(name, f"{FILES}/{ROOT}/a.txt", headers={"Range": value})


PROXY = Stream(
    "artifacts: proxy",
    [
        experiment("artifacts-proxy"),
        run(run_name="r", start_time=1),
        get("nothing yet", FILES, {"path": ROOT}),
        put("a text", ROOT + "/a.txt", b"hello"),
        put("a deep one", ROOT + "/deep/er/b.json", b'{"b": 1}'),
        put("an empty one", ROOT + "/empty", b""),
        put("over it", ROOT + "/empty", b""),
        put("a space and a plus", ROOT + "/a%20b+c.txt", b"space"),
        put("not ASCII", ROOT + "/%E6%97%A5.txt", b"day"),
        put("a percent", ROOT + "/50%25.txt", b"half"),
        get("the text", f"{FILES}/{ROOT}/a.txt"),
        get("the text by ajax", f"{FILES}/{ROOT}/a.txt".replace("/api/", "/ajax-api/")),
        get("the deep one", f"{FILES}/{ROOT}/deep/er/b.json"),
        get("the empty one", f"{FILES}/{ROOT}/empty"),
        get("the space", f"{FILES}/{ROOT}/a%20b+c.txt"),
        get("the day", f"{FILES}/{ROOT}/%E6%97%A5.txt"),
        get("the half", f"{FILES}/{ROOT}/50%25.txt"),
        get("missing", f"{FILES}/{ROOT}/zz"),
        get("missing directory", f"{FILES}/{ROOT}/zz/y"),
        get("a directory", f"{FILES}/{ROOT}/deep"),
        get("a directory with a slash", f"{FILES}/{ROOT}/deep/"),
        ranged("range of two", "bytes=0-1"),
        ranged("range from", "bytes=3-"),
        ranged("range of the end", "bytes=-2"),
        ranged("range of one too many", "bytes=2-99"),
        ranged("range that is none", "bytes=a"),
        ranged("range of another unit", "items=0-1"),
        ranged("range backwards", "bytes=3-1"),
        get("list the root", FILES, {"path": ROOT}),
        get("list a directory", FILES, {"path": ROOT + "/deep"}),
        get("list a directory with a slash", FILES, {"path": ROOT + "/deep/"}),
        get("list a file", FILES, {"path": ROOT + "/a.txt"}),
        get("list what is missing", FILES, {"path": ROOT + "/zz"}),
        get("list above", FILES, {"path": "../x"}),
        get("list absolute", FILES, {"path": "/etc"}),
        get("list a URI", FILES, {"path": "file:///etc"}),
        get("get above", FILES + "/..%2f..%2fx"),
        put("put above", "..%2f..%2fx"),
        delete("delete above", "..%2f..%2fx"),
        get("get absolute", FILES + "/%2fetc%2fpasswd"),
        get("get with a hash", FILES + "/a%23b"),
        get("get a drive", FILES + "/C:/windows"),
        put("put with a slash at the end", ROOT + "/dir/"),
        delete("delete a file", ROOT + "/a.txt"),
        get("it is gone", f"{FILES}/{ROOT}/a.txt"),
        delete("delete it again", ROOT + "/a.txt"),
        delete("delete a directory", ROOT + "/deep"),
        get("list what is left", FILES, {"path": ROOT}),
    ],
)

OF_RUNS = Stream(
    "artifacts: of runs",
    [
        experiment("artifacts-runs"),
        run(run_name="r", start_time=1),
        get("list nothing", "artifacts/list", {"run_id": "{run}"}),
        put("put", ROOT + "/m/model.pkl", b"pickle"),
        put("put beside", ROOT + "/notes.md", b"# notes"),
        put("put html", ROOT + "/page.html", b"<b>"),
        put("put svg", ROOT + "/a.svg", b"<svg/>"),
        put("put empty", ROOT + "/empty", b""),
        put("put png", ROOT + "/a.png", b"png"),
        get("list", "artifacts/list", {"run_id": "{run}"}),
        get("list by uuid", "artifacts/list", {"run_uuid": "{run}"}),
        get("list by ajax", AJAX + "artifacts/list", {"run_id": "{run}"}),
        get("list a directory", "artifacts/list", {"run_id": "{run}", "path": "m"}),
        get("list a file", "artifacts/list", {"run_id": "{run}", "path": "notes.md"}),
        get("list nowhere", "artifacts/list", {"run_id": "{run}", "path": "zz"}),
        get("list above", "artifacts/list", {"run_id": "{run}", "path": "../"}),
        get("list absolute", "artifacts/list", {"run_id": "{run}", "path": "/etc"}),
        get("list encoded", "artifacts/list", {"run_id": "{run}", "path": "%2e%2e/x"}),
        get("list of no run", "artifacts/list"),
        get("list of an unknown run", "artifacts/list", {"run_id": "0" * 32}),
        get("get", "/get-artifact", {"run_id": "{run}", "path": "notes.md"}),
        get("get by uuid", "/get-artifact", {"run_uuid": "{run}", "path": "m/model.pkl"}),
        get("get html", "/get-artifact", {"run_id": "{run}", "path": "page.html"}),
        get("get svg", "/get-artifact", {"run_id": "{run}", "path": "a.svg"}),
        get("get png", "/get-artifact", {"run_id": "{run}", "path": "a.png"}),
        get("get missing", "/get-artifact", {"run_id": "{run}", "path": "zz"}),
        get("get above", "/get-artifact", {"run_id": "{run}", "path": "../../x"}),
        get("get a directory", "/get-artifact", {"run_id": "{run}", "path": "m"}),
        get("get without a path", "/get-artifact", {"run_id": "{run}"}),
        get("get of an unknown run", "/get-artifact", {"run_id": "0" * 32, "path": "a"}),
        upload("upload", {"run_uuid": "{run}", "path": "u/v.txt"}, b"up"),
        get("get the upload", "/get-artifact", {"run_id": "{run}", "path": "u/v.txt"}),
        upload("upload of no run", {"path": "a"}),
        upload("upload without a path", {"run_uuid": "{run}"}),
        upload("upload of nothing", {"run_uuid": "{run}", "path": "a"}, b""),
        upload("upload above", {"run_uuid": "{run}", "path": "../../x"}),
        upload("upload of an unknown run", {"run_uuid": "0" * 32, "path": "a"}),
        post("delete the run", "runs/delete", {"run_id": "{run}"}),
        get("list of a deleted run", "artifacts/list", {"run_id": "{run}"}),
        get("get of a deleted run", "/get-artifact", {"run_id": "{run}", "path": "notes.md"}),
    ],
)

LINKS = Stream(
    "artifacts: links",
    [
        experiment("artifacts-links"),
        run(run_name="r", start_time=1),
        *[
            post(f"{name} a link for an {kind}", f"artifacts/presigned-{kind}-url", body)
            for kind in ("upload", "download")
            for name, body in (
                ("ask", {"run_id": "{run}", "path": "a"}),
                ("without a path", {"run_id": "{run}"}),
                ("above", {"run_id": "{run}", "path": "../a"}),
                ("of an unknown run", {"run_id": "0" * 32, "path": "a"}),
                ("of no run", {"path": "a"}),
                ("too long", {"run_id": "{run}", "path": "a", "expiration": 604_801}),
                ("too short", {"run_id": "{run}", "path": "a", "expiration": 0}),
            )
        ],
    ],
)

# mlflow closes the connection here, so nothing may follow.
ON_A_DIRECTORY = Stream(
    "artifacts: on a directory",
    [put("below", "on-a-directory/a"), put("on the directory", "on-a-directory")],
)

MPU = "/api/2.0/mlflow-artifacts/mpu"
PRESIGNED = "/api/2.0/mlflow-artifacts/presigned"
ONE_PART = {"path": "a", "upload_id": "x", "parts": [{"part_number": 1, "etag": "x"}]}

# mlflow takes parts and gives ranges of an object store alone; test_client_multipart.py has more.
IN_PARTS = Stream(
    "artifacts: in parts",
    [
        experiment("artifacts-parts"),
        run(run_name="r", start_time=1),
        put("put", ROOT + "/a.txt", b"hello"),
        post("create", f"{MPU}/create/{ROOT}", {"path": "a", "num_parts": 2}),
        post("create as text", f"{MPU}/create/{ROOT}", {"path": "/b/a", "num_parts": "2"}),
        post("create no parts", f"{MPU}/create/{ROOT}", {"path": "a", "num_parts": 0}),
        post("create too many parts", f"{MPU}/create/{ROOT}", {"path": "a", "num_parts": 10_001}),
        post("create without a path", f"{MPU}/create/{ROOT}", {"num_parts": 2}),
        post("create above", f"{MPU}/create/..%2fx", {"path": "a", "num_parts": 2}),
        post("complete", f"{MPU}/complete/{ROOT}", ONE_PART),
        post("complete without parts", f"{MPU}/complete/{ROOT}", {"path": "a", "upload_id": "x"}),
        post("complete above", f"{MPU}/complete/..%2fx", ONE_PART),
        post("abort", f"{MPU}/abort/{ROOT}", {"path": "a", "upload_id": "x"}),
        post("abort without a path", f"{MPU}/abort/{ROOT}", {"upload_id": "x"}),
        post("abort above", f"{MPU}/abort/..%2fx", {"path": "a", "upload_id": "x"}),
        get("ranges", f"{PRESIGNED}/{ROOT}/a.txt"),
        get("ranges of nothing", f"{PRESIGNED}/{ROOT}/zz"),
        get("ranges of a directory", f"{PRESIGNED}/{ROOT}"),
        get("ranges above", f"{PRESIGNED}/..%2fx"),
    ],
)

STREAMS = [PROXY, OF_RUNS, LINKS, IN_PARTS, ON_A_DIRECTORY]
