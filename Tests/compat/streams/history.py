"""Metric history: order, pages, many runs at once, and the sampled one of the UI."""

from steps import Stream, experiment, get, post, run

R = {"run_id": "{run}"}
HISTORY, BULK, INTERVAL = (
    "metrics/get-history",
    "/ajax-api/2.0/mlflow/metrics/get-history-bulk",
    "/ajax-api/2.0/mlflow/metrics/get-history-bulk-interval",
)


def fill_metric(key: str, points, runs: str = "run"):
    metrics = [{"key": key, "value": v, "timestamp": t, "step": s} for v, t, s in points]
    return post(
        f"fill {key} of {runs}", "runs/log-batch", {"run_id": "{" + runs + "}", "metrics": metrics}
    )


def page(name: str, token: str | None = None, **query):
    fields = {**R, "metric_key": "m", **query}
    if token:
        fields["page_token"] = "{" + token + "}"
    return get(name, HISTORY, fields, capture={f"{token or 'p'}x": "next_page_token"})


PAGES = Stream(
    "history: pages",
    [
        experiment("history pages"),
        run(run_name="r"),
        fill_metric("m", [(i * 0.5, 100 - i, i % 3) for i in range(12)]),
        page("whole"),
        page("five", max_results=5),
        page("five more", "px", max_results=5),
        page("the rest", "pxx", max_results=5),
        page("page that just fits", max_results=12),
        page("one too few", max_results=11),
        page("as text", max_results="3"),
        page("zero", max_results=0),
        page("negative", max_results=-1),
        page("not a number", max_results="x"),
        page("fraction", max_results="1.5"),
        page("huge", max_results=2**31),
        page("token garbage", page_token="!!!"),
        page("token of other bytes", page_token="YWJj"),
        page("token without offset", page_token="e30="),
        page("token empty", page_token="", max_results=2),
        get("no key", HISTORY, R),
        get("no run", HISTORY, {"metric_key": "m"}),
        get("nothing", HISTORY),
        get("by uuid", HISTORY, {"run_uuid": "{run}", "metric_key": "m", "max_results": 1}),
        get("unknown run", HISTORY, {"run_id": "zz", "metric_key": "m"}),
        get("unknown key", HISTORY, {**R, "metric_key": "nope"}),
        get("odd key", HISTORY, {**R, "metric_key": "<../"}),
        fill_metric("ties", [(3, 1, 1), ("NaN", 1, 1), (-3, 1, 1), (0, 1, 1), ("Infinity", 1, 1)]),
        get("ties", HISTORY, {**R, "metric_key": "ties"}),
        post("delete the run", "runs/delete", R),
        page("of a deleted run", max_results=1),
    ],
)

BULKS = Stream(
    "history: bulk",
    [
        experiment("history bulk"),
        run(run_name="r"),
        fill_metric("m", [(i * 0.5, 100 - i, i % 3) for i in range(6)]),
        fill_metric("n", [("NaN", 1, 1), ("Infinity", 2, 2)]),
        get("one run", BULK, {**R, "metric_key": "m"}),
        get("limited", BULK, {**R, "metric_key": "m", "max_results": 2}),
        get("under api", "metrics/get-history-bulk", {**R, "metric_key": "m", "max_results": 2}),
        get("NaN and Infinity", BULK, {**R, "metric_key": "n"}),
        get("the same run twice", BULK, {"run_id": ["{run}", "{run}"], "metric_key": "n"}),
        get("unknown runs", BULK, {"run_id": ["zz", "yy"], "metric_key": "m"}),
        get("known and unknown", BULK, {"run_id": ["zz", "{run}"], "metric_key": "n"}),
        get("unknown key", BULK, {**R, "metric_key": "nope"}),
        get("empty key", BULK, {**R, "metric_key": ""}),
        get("no key", BULK, R),
        get("no run", BULK, {"metric_key": "m"}),
        get("nothing", BULK),
        get("100 runs", BULK, {"run_id": ["{run}"] * 100, "metric_key": "n"}),
        get("101 runs", BULK, {"run_id": ["{run}"] * 101, "metric_key": "n"}),
        get("max_results 0", BULK, {**R, "metric_key": "m", "max_results": 0}),
        get("max_results -1", BULK, {**R, "metric_key": "m", "max_results": -1}),
        get("max_results x", BULK, {**R, "metric_key": "m", "max_results": "x"}),
        get("max_results 1e9", BULK, {**R, "metric_key": "m", "max_results": 10**9}),
    ],
)


def sampled(name: str, **query):
    return get(name, INTERVAL, {"run_ids": ["{run}"], "metric_key": "m", **query})


SAMPLED = Stream(
    "history: sampled",
    [
        experiment("history sampled"),
        run(run_name="r"),
        run("second", run_name="second"),
        fill_metric("m", [(i, i, i) for i in range(100)]),
        fill_metric("m", [(i, i, 1000) for i in range(7)], "second"),
        fill_metric("n", [("NaN", 1, 5), (1, 1, 5), ("Infinity", 2, 6)]),
        sampled("all"),
        *[
            sampled(f"{n} of 100", max_results=n)
            for n in (1, 2, 3, 5, 7, 10, 33, 50, 51, 99, 100, 101)
        ],
        sampled("2500", max_results=2500),
        sampled("2501", max_results=2501),
        sampled("0", max_results=0),
        sampled("-1", max_results=-1),
        sampled("x", max_results="x"),
        sampled("range", start_step=10, end_step=20, max_results=4),
        sampled("range of one", start_step=10, end_step=10),
        sampled("range beyond", start_step=1000, end_step=2000),
        sampled("range over the end", start_step=95, end_step=2000),
        sampled("range backwards", start_step=20, end_step=10),
        sampled("start alone", start_step=1),
        sampled("end alone", end_step=1),
        sampled("start x", start_step="x", end_step=2),
        sampled("negative range", start_step=-5, end_step=3),
        get(
            "two runs",
            INTERVAL,
            {"run_ids": ["{second}", "{run}"], "metric_key": "m", "max_results": 4},
        ),
        get(
            "one run twice",
            INTERVAL,
            {"run_ids": ["{run}", "{run}"], "metric_key": "m", "max_results": 2},
        ),
        get(
            "known and unknown",
            INTERVAL,
            {"run_ids": ["zz", "{run}"], "metric_key": "m", "max_results": 2},
        ),
        get("unknown run", INTERVAL, {"run_ids": ["zz"], "metric_key": "m"}),
        get("unknown key", INTERVAL, {"run_ids": ["{run}"], "metric_key": "nope"}),
        get("NaN and Infinity", INTERVAL, {"run_ids": ["{run}"], "metric_key": "n"}),
        get(
            "NaN and Infinity, two",
            INTERVAL,
            {"run_ids": ["{run}"], "metric_key": "n", "max_results": 2},
        ),
        get("no key", INTERVAL, {"run_ids": ["{run}"]}),
        get("no runs", INTERVAL, {"metric_key": "m"}),
        get("nothing", INTERVAL),
        get(
            "100 runs", INTERVAL, {"run_ids": ["{run}"] * 100, "metric_key": "m", "max_results": 1}
        ),
        get(
            "101 runs", INTERVAL, {"run_ids": ["{run}"] * 101, "metric_key": "m", "max_results": 1}
        ),
        get("run_id instead of run_ids", INTERVAL, {"run_id": "{run}", "metric_key": "m"}),
        get(
            "under api",
            "metrics/get-history-bulk-interval",
            {"run_ids": ["{run}"], "metric_key": "m", "max_results": 1},
        ),
    ],
)

STREAMS = [PAGES, BULKS, SAMPLED]
