"""log-inputs and outputs: datasets, their tags, models, and what is refused."""

from steps import Stream, experiment, post, read_run, run

R = {"run_id": "{run}"}


def dataset(name="d", digest="1", tags=(), **fields):
    body = {
        "name": name,
        "digest": digest,
        "source_type": "local",
        "source": '{"uri": "x"}',
        **fields,
    }
    return {"dataset": body, "tags": [{"key": k, "value": v} for k, v in tags]}


def inputs(name: str, *datasets, **more):
    return post(name, "runs/log-inputs", {**R, "datasets": list(datasets), **more})


STREAMS = [
    Stream(
        "inputs and outputs",
        [
            experiment("inputs"),
            run(run_name="r"),
            run("other", run_name="other"),
            inputs(
                "one", dataset(tags=[("mlflow.data.context", "training")], schema="s", profile="p")
            ),
            read_run("one dataset"),
            inputs("the same again, other tags", dataset(tags=[("mlflow.data.context", "eval")])),
            inputs("other digest", dataset(digest="2")),
            inputs(
                "twice in one request",
                dataset("t", tags=[("a", "1")]),
                dataset("t", tags=[("b", "2")]),
            ),
            inputs("without schema and tags", dataset("plain")),
            read_run("datasets"),
            post(
                "same dataset, other run",
                "runs/log-inputs",
                {"run_id": "{other}", "datasets": [dataset(schema="changed", profile="changed")]},
            ),
            read_run("other run", "other"),
            inputs("model input", models=[{"model_id": "m-1"}]),
            inputs("model input again", models=[{"model_id": "m-1"}, {"model_id": "m-2"}]),
            post(
                "outputs",
                "runs/outputs",
                {**R, "models": [{"model_id": "m-3", "step": 4}, {"model_id": "m-4"}]},
            ),
            read_run("models"),
            post(
                "search shows them",
                "runs/search",
                {"experiment_ids": ["{exp}"], "order_by": ["run_name"]},
            ),
            inputs("nothing to log"),
            post("no datasets", "runs/log-inputs", R),
            post("no run", "runs/log-inputs", {"datasets": []}),
            post("unknown run", "runs/log-inputs", {"run_id": "zz", "datasets": []}),
            post("unsafe run", "runs/log-inputs", {"run_id": "../x", "datasets": []}),
            post("datasets text", "runs/log-inputs", {**R, "datasets": "x"}),
            post("models text", "runs/log-inputs", {**R, "models": "x"}),
            inputs("name 500", dataset("n" * 500)),
            inputs("name 501", dataset("n" * 501)),
            inputs("digest 36", dataset(digest="d" * 36)),
            inputs("digest 37", dataset(digest="d" * 37)),
            inputs("source 65535", dataset("s1", source="s" * 65535)),
            inputs("source 65536", dataset("s2", source="s" * 65536)),
            inputs("schema 1048575", dataset("c1", schema="s" * 1048575)),
            inputs("schema 1048576", dataset("c2", schema="s" * 1048576)),
            inputs("tag key 255", dataset("k1", tags=[("k" * 255, "v")])),
            inputs("tag key 256", dataset("k2", tags=[("k" * 256, "v")])),
            inputs("tag value 500", dataset("v1", tags=[("k", "v" * 500)])),
            inputs("tag value 501", dataset("v2", tags=[("k", "v" * 501)])),
            inputs("one tag twice", dataset("twice", tags=[("k", "1"), ("k", "2")])),
            inputs("no dataset", {"tags": []}),
            inputs(
                "dataset without name",
                {"dataset": {"digest": "1", "source_type": "a", "source": "b"}},
            ),
            inputs("dataset name 5", dataset(5)),
            inputs("second is bad", dataset("lost"), dataset("n" * 501)),
            post("outputs: no models", "runs/outputs", R),
            post("outputs: empty", "runs/outputs", {**R, "models": []}),
            post("outputs: text", "runs/outputs", {**R, "models": "x"}),
            post(
                "outputs: unknown run",
                "runs/outputs",
                {"run_id": "zz", "models": [{"model_id": "m"}]},
            ),
            post("outputs: no run", "runs/outputs", {"models": [{"model_id": "m"}]}),
            post(
                "outputs: step x", "runs/outputs", {**R, "models": [{"model_id": "m", "step": "x"}]}
            ),
            post(
                "outputs: same again",
                "runs/outputs",
                {**R, "models": [{"model_id": "m-3", "step": 9}]},
            ),
        ],
    )
]
