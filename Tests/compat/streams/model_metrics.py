"""Metrics that name a model and a dataset, by log-metric and by log-batch."""

from steps import Step, Stream, experiment, get, post, read_run, run

from streams.logged_models import delete, model, read


def point(key="acc", value=0.5, time=1, step=0, **fields) -> dict:
    return {"key": key, "value": value, "timestamp": time, "step": step, **fields}


def log(name: str, *, of: str | None = "{m}", run="{run}", **fields) -> Step:
    """One point, of the model {m} unless told otherwise."""
    linked = {} if of is None else {"model_id": of}
    return post(name, "runs/log-metric", {"run_id": run, **point(**linked, **fields)})


def batch(name: str, *points: dict, **more) -> Step:
    return post(name, "runs/log-batch", {"run_id": "{run}", "metrics": list(points), **more})


def on(name: str, digest: str) -> dict:
    return {"dataset_name": name, "dataset_digest": digest}


M = {"model_id": "{m}"}

STREAMS = [
    Stream(
        "model metrics",
        [
            experiment("model metrics"),
            run(),
            run("other"),
            model(name="m"),
            log("one"),
            log("the same again"),
            log("other value at the same point", value=0.7),
            log("of another run", run="{other}"),
            log("on a dataset", step=1, **on("d", "1")),
            log("on a dataset again", step=1, **on("d", "1")),
            log("on another dataset at the same point", step=1, **on("d", "2")),
            log("dataset without digest", step=2, dataset_name="d"),
            log("digest without dataset", step=2, dataset_digest="1"),
            log("dataset empty", step=3, **on("", "")),
            log("dataset without model", of=None, step=4, **on("d", "1")),
            log("digest without model", of=None, step=4, dataset_digest="1"),
            log("model empty", of="", step=5),
            log("model 5", of=5),
            log("model null", of=None, step=6, model_id=None),
            log("unknown model", of="m-zz", key="unknown"),
            log("infinity", key="inf", value="-Infinity"),
            log("NaN", key="nan", value="NaN"),
            log("key of a path", key="val/acc", value=1),
            log("bad key", key="../a"),
            log("time below 0", time=-1),
            batch(
                "batch",
                *[point("loss", 1 / (i + 1), i, i, **M) for i in range(5)],
                point("plain", 1),
                point("loss", 9, 9, 9, **M, **on("e", "7")),
            ),
            batch("batch again", *[point("loss", 1 / (i + 1), i, i, **M) for i in range(5)]),
            batch("one of it new", point("loss", 1, 0, 0, **M), point("loss", 3, 50, 50, **M)),
            batch("twice in one", point("twin", 1, **M), point("twin", 1, **M)),
            batch("dataset without digest in batch", point("x", **M, dataset_name="d")),
            batch(
                "two models",
                point("two", 1, **M),
                point("two", 2, 2, 2, **M),
            ),
            read_run("the run's own"),
            get("history", "metrics/get-history", {"run_id": "{run}", "metric_key": "loss"}),
            read("the model's own"),
            post("search shows them", "logged-models/search", {"experiment_ids": ["{exp}"]}),
            post("delete run", "runs/delete", {"run_id": "{other}"}),
            log("deleted run", run="{other}", key="late"),
            read("metrics of a deleted run stay"),
            post(
                "outputs",
                "runs/outputs",
                {"run_id": "{run}", "models": [{"model_id": "{m}", "step": 3}]},
            ),
            post("inputs", "runs/log-inputs", {"run_id": "{run}", "models": [{"model_id": "{m}"}]}),
            delete("delete model", "logged-models/{m}"),
            log("deleted model", key="after"),
            read_run("run after its model was deleted"),
            get("model deleted", "logged-models/{m}", {"allow_deleted": "true"}),
        ],
    ),
    Stream(
        "model metrics: across experiments",
        [
            experiment("model metrics: a", "one"),
            experiment("model metrics: b", "two"),
            run(exp="{one}"),
            model(exp="{two}", name="m"),
            log("model of another experiment", key="cross"),
            read("has it"),
        ],
    ),
    Stream(
        "model metrics: refused batch",
        [
            experiment("model metrics: refused batch"),
            run(),
            model(name="m"),
            batch("first", point("loss", 1, 1, 1, **M)),
            batch("other value", point("new", 1), point("loss", 2, 1, 1, **M)),
            read_run("nothing of it was kept"),
            batch("unknown model in batch", point("new", 1), point("x", 1, model_id="m-zz")),
            read_run("nothing of that was kept"),
            read("nor for the model"),
        ],
    ),
]
