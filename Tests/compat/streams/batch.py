"""log-batch: limits, all or nothing, and which error wins."""

from steps import Stream, experiment, get, post, read_run, run

R = {"run_id": "{run}"}


def metric(key="m", value=1, timestamp=1, step=0):
    return {"key": key, "value": value, "timestamp": timestamp, "step": step}


def pair(key="k", value="v"):
    return {"key": key, "value": value}


def batch(name: str, **fields):
    return post(name, "runs/log-batch", {**R, **fields})


def many(count: int, make):
    return [make(f"k{i}") for i in range(count)]


LIMITS = Stream(
    "batch: limits",
    [
        experiment("batch limits"),
        run(run_name="r"),
        batch("empty"),
        batch("empty lists", metrics=[], params=[], tags=[]),
        batch("null lists", metrics=None, params=None, tags=None),
        batch("1000 metrics", metrics=[metric("m", i, i, i) for i in range(1000)]),
        batch("1001 metrics", metrics=[metric("m", i, i, i) for i in range(1001)]),
        batch("100 params", params=many(100, pair)),
        batch("101 params", params=many(101, pair)),
        batch("100 tags", tags=many(100, pair)),
        batch("101 tags", tags=many(101, pair)),
        batch(
            "1000 in all", metrics=many(800, metric), params=many(100, pair), tags=many(100, pair)
        ),
        batch(
            "1001 in all", metrics=many(801, metric), params=many(100, pair), tags=many(100, pair)
        ),
        batch(
            "everything too many",
            metrics=many(1001, metric),
            params=many(101, pair),
            tags=many(101, pair),
        ),
        batch("a bad key wins over the limit", metrics=[*many(1001, metric), metric("<")]),
        batch("one huge tag", tags=[pair("huge", "x" * 1_200_000)]),
        get("last of 1000", "metrics/get-history", {**R, "metric_key": "m", "max_results": 3}),
    ],
)

DATA = Stream(
    "batch: data",
    [
        experiment("batch data"),
        run(run_name="r"),
        batch(
            "mixed",
            metrics=[metric("a", 1), metric("b", "NaN", 2, 3)],
            params=[pair("p", "1")],
            tags=[pair("t", "1")],
        ),
        batch(
            "the same again",
            metrics=[metric("a", 1), metric("b", "NaN", 2, 3)],
            params=[pair("p", "1")],
            tags=[pair("t", "1")],
        ),
        batch("one point twice in a batch", metrics=[metric("twice"), metric("twice")]),
        batch("NaN twice in a batch", metrics=[metric("nan2", "NaN"), metric("nan2", "NaN")]),
        batch("a tag twice", tags=[pair("t2", "1"), pair("t2", "2")]),
        batch(
            "latest within a batch",
            metrics=[metric("l", 1, 1, 5), metric("l", 2, 9, 4), metric("l", 3, 0, 5)],
        ),
        read_run("so far"),
        get("history twice", "metrics/get-history", {**R, "metric_key": "twice"}),
        batch(
            "changed param",
            metrics=[metric("lost")],
            params=[pair("p", "2")],
            tags=[pair("lost", "1")],
        ),
        batch("two changed params", params=[pair("p", "2"), pair("new", "1"), pair("p2", "x")]),
        batch("param with quotes", params=[pair("q", "it's")]),
        batch("changed param with quotes", params=[pair("q", 'say "x"\n')]),
        batch("a param twice", params=[pair("d"), pair("d")], metrics=[metric("lost")]),
        batch("params twice", params=[pair("d"), pair("e"), pair("d"), pair("e"), pair("d")]),
        batch("values left out", params=[{"key": "pv"}], tags=[{"key": "tv"}]),
        batch("step left out", metrics=[{"key": "nostep", "value": 1, "timestamp": 1}]),
        batch(
            "param 6001, tag 8001",
            params=[pair("long", "v" * 6001)],
            tags=[pair("long", "v" * 8001)],
        ),
        read_run("after all"),
    ],
)

REFUSED = Stream(
    "batch: refused",
    [
        experiment("batch refused"),
        run(run_name="r"),
        post("nothing", "runs/log-batch", {}),
        post("no run", "runs/log-batch", {"metrics": [metric()]}),
        post("run_uuid alone", "runs/log-batch", {"run_uuid": "{run}", "metrics": [metric()]}),
        post("unknown run", "runs/log-batch", {"run_id": "zz", "metrics": [metric()]}),
        post("unsafe run id", "runs/log-batch", {"run_id": "../x", "metrics": [metric()]}),
        post("integer run", "runs/log-batch", {"run_id": 5}),
        post("run id of 257", "runs/log-batch", {"run_id": "r" * 257}),
        batch("metrics text", metrics="x"),
        batch("metrics object", metrics={"key": "a"}),
        batch("params text", params="x"),
        batch("tags integer", tags=5),
        batch("metric: no key", metrics=[metric(), {"value": 1, "timestamp": 1}]),
        batch("metric: empty key", metrics=[metric("")]),
        batch("metric: no value", metrics=[{"key": "a", "timestamp": 1}]),
        batch("metric: null value", metrics=[metric("a", None)]),
        batch("metric: no time", metrics=[metric(), {"key": "a", "value": 1}]),
        batch("param: no key", params=[{"value": "1"}]),
        batch("tag: no key", tags=[pair(), {"value": "1"}]),
        batch("metric: value x", metrics=[metric("a", "x")]),
        batch("metric: step x", metrics=[metric("a", 1, 1, "x")]),
        batch("metric: time -1", metrics=[metric(), metric("a", 1, -1)]),
        batch("metric: one with time -1", metrics=[metric("a", 1, -1)]),
        batch("metric: key bad", metrics=[metric(), metric("../a")]),
        batch("metric: key 251", metrics=[metric("k" * 251)]),
        batch("param: key bad", params=[pair("a<")]),
        batch("param: key 251", params=[pair("k" * 251)]),
        batch("param: value 5", params=[pair("a", 5)]),
        batch("tag: key bad", tags=[pair("a//b")]),
        batch("tag: key 251", tags=[pair("k" * 251)]),
        batch("tag: value 5", tags=[pair("a", 5)]),
        batch("metric is no object", metrics=[5]),
        batch("metric is null", metrics=[None]),
        batch("param is no object", params=["x"]),
        batch(
            "order: metrics, params, tags",
            metrics=[metric("<")],
            params=[pair("<")],
            tags=[pair("<")],
        ),
        batch("order: params, tags", params=[pair("<")], tags=[pair("<")]),
        batch("order: limit, duplicate", metrics=many(1001, metric), params=[pair("d"), pair("d")]),
        post(
            "order: duplicate, unknown run",
            "runs/log-batch",
            {"run_id": "zz", "params": [pair("d"), pair("d")]},
        ),
        post(
            "order: bad run id, bad key", "runs/log-batch", {"run_id": "../x", "tags": [pair("<")]}
        ),
        batch("both spellings inside", metrics=[{**metric(), "runId": "a", "run_id": "b"}]),
        read_run("nothing was kept"),
    ],
)

STREAMS = [LIMITS, DATA, REFUSED]
