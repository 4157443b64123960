"""Paths and methods: both prefixes, what is unknown, what has another method."""

from steps import API, Step, Stream, experiment, get, post, run


def call(name: str, method: str, path: str, **more):
    return Step(name, method, path, **more)


STREAMS = [
    Stream(
        "routing",
        [
            experiment("routing"),
            run(run_name="r", start_time=1),
            get("ajax", "/ajax-api/2.0/mlflow/experiments/get", {"experiment_id": "{exp}"}),
            post(
                "ajax post",
                "/ajax-api/2.0/mlflow/runs/set-tag",
                {"run_id": "{run}", "key": "a", "value": "1"},
            ),
            get("unknown below the API", API + "nope"),
            post("unknown below the API, POST", API + "nope", {}),
            get("unknown below ajax", "/ajax-api/2.0/mlflow/nope"),
            get("unknown version", "/api/9.0/mlflow/runs/get"),
            get("unknown", "/nothing/here"),
            get("longer path", API + "runs/get/more", {"run_id": "{run}"}),
            get("trailing slash", API + "runs/get/", {"run_id": "{run}"}),
            get("upper case", API + "Runs/Get", {"run_id": "{run}"}),
            get("GET of a POST route", API + "runs/create"),
            get("GET of log-metric", API + "runs/log-metric"),
            post("POST of a GET route", API + "runs/get", {"run_id": "{run}"}),
            call("PUT", "PUT", API + "runs/create", body={}),
            call("PATCH", "PATCH", API + "runs/update", body={}),
            call("DELETE", "DELETE", API + "experiments/get"),
            call("GET of search runs", "GET", API + "runs/search"),
            get("health", "/health"),
            get("version", "/version"),
            get("ignored query", API + "runs/get", {"run_id": "{run}", "nope": "1"}),
            post("query on a POST is not read", API + "runs/delete?run_id={run}", {}),
            get("plus is a space", API + "experiments/get-by-name?experiment_name=no+such"),
            get("percent", API + "experiments/get-by-name?experiment_name=%C3%A9%20x"),
            get("bad percent", API + "experiments/get-by-name?experiment_name=%zz"),
            get("not UTF-8 in the query", API + "experiments/get-by-name?experiment_name=%ff"),
            get("NUL in the query", API + "experiments/get-by-name?experiment_name=a%00b"),
            get("empty query value", API + "experiments/get-by-name?experiment_name"),
            get("semicolon", API + "experiments/get-by-name?a=1;experiment_name=x"),
        ],
    )
]
