"""log-metric: values, times, steps, keys, and which point is the latest."""

from steps import Stream, experiment, get, label, post, raw, read_run, run

POINT = {"run_id": "{run}", "key": "m", "value": 1, "timestamp": 1, "step": 0}


def log(name: str, **changed):
    body = {key: value for key, value in {**POINT, **changed}.items() if value != "absent"}
    return post(name, "runs/log-metric", body)


def history(key: str):
    return get(f"history of {key}", "metrics/get-history", {"run_id": "{run}", "metric_key": key})


VALUES = Stream(
    "metrics: values",
    [
        experiment("metrics values"),
        run(run_name="r"),
        *[
            log(f"value {value!r}", key=f"k{i}", value=value)
            for i, value in enumerate(
                [0, -0.0, 1, 1.5, -1e-300, 1e308, 5e-324, 2**53 + 1, 10**30, "1.5", "1e3", " 2 "]
                + ["NaN", "Infinity", "-Infinity", "nan", "inf", "-inf", "1e400", 0.1, 1 / 3]
            )
        ],
        log("missing", value="absent"),
        log("null", value=None),
        log("text", value="x"),
        log("empty", value=""),
        log("true", key="true", value=True),
        log("list", value=[]),
        log("object", value={}),
        raw(
            "bare NaN",
            "runs/log-metric",
            '{"run_id":"{run}","key":"bare","value":NaN,"timestamp":1}',
        ),
        raw(
            "bare Infinity",
            "runs/log-metric",
            '{"run_id":"{run}","key":"bare2","value":Infinity,"timestamp":1}',
        ),
        raw(
            "1e400", "runs/log-metric", '{"run_id":"{run}","key":"big","value":1e400,"timestamp":1}'
        ),
        raw("1E+2", "runs/log-metric", '{"run_id":"{run}","key":"exp","value":1E+2,"timestamp":1}'),
    ],
)

ROUND_TRIP = Stream(
    "metrics: round trip",
    [
        experiment("metrics round trip"),
        run(run_name="r"),
        *[
            log(f"value {value!r}", key=f"k{i:02}", value=value, step=i)
            for i, value in enumerate(
                [0, -0.0, 1.5, -1e-300, 1e308, 5e-324, 2**53 + 1, 10**30, "1.5", "NaN", "Infinity"]
                + ["-Infinity", 0.1, 1 / 3, 1e22, 123456789.123456789]
            )
        ],
        read_run("all of them"),
        history("k09"),
        history("k10"),
        history("k06"),
        *[log(f"step {step}", key="steps", step=step) for step in (-(2**63), 2**63 - 1, -5, "7")],
        history("steps"),
        *[log(f"time {time}", key="times", timestamp=time) for time in (0, 2**63 - 1, "12")],
        history("times"),
        log("no step", key="nostep", step="absent"),
        log("null step", key="nostep", step=None, timestamp=2),
        history("nostep"),
    ],
)

LATEST = Stream(
    "metrics: latest",
    [
        experiment("metrics latest"),
        run(run_name="r"),
        log("first", value=5, step=3, timestamp=10),
        log("the same point again", value=5, step=3, timestamp=10),
        log("earlier step, later time", value=9, step=2, timestamp=99),
        read_run("step wins"),
        log("same step, later time", value=1, step=3, timestamp=11),
        read_run("time wins"),
        log("same step and time, smaller", value=0, step=3, timestamp=11),
        read_run("value wins"),
        log("same step and time, greater", value=2, step=3, timestamp=11),
        read_run("greater value"),
        log("NaN against 2", value="NaN", step=3, timestamp=11),
        read_run("NaN counts as 0"),
        log("NaN first", key="n", value="NaN", step=1),
        log("then minus one", key="n", value=-1, step=1),
        log("NaN again", key="n", value="NaN", step=1),
        read_run("NaN stays"),
        log("then plus one", key="n", value=1, step=1),
        read_run("one is greater"),
        log("zero and NaN: zero", key="z", value=0, step=1),
        log("zero and NaN: NaN", key="z", value="NaN", step=1),
        read_run("zero or NaN"),
        history("m"),
        history("n"),
    ],
)

FIELDS = Stream(
    "metrics: fields",
    [
        experiment("metrics fields"),
        run(run_name="r"),
        log("run_uuid alone", run_id="absent", run_uuid="{run}"),
        log("both ids", run_uuid="{run}"),
        log("camelCase", run_id="absent", runId="{run}"),
        log("both spellings", runId="{run}"),
        log("no run", run_id="absent"),
        log("empty run", run_id=""),
        log("integer run", run_id=5),
        log("unknown run", run_id="zz"),
        log("unknown run, bad key", run_id="zz", key="<"),
        log("unknown field", nope={"a": [1]}),
        log("time missing", timestamp="absent"),
        log("time null", timestamp=None),
        log("time -1", timestamp=-1),
        log("time x", timestamp="x"),
        log("time '1.5'", timestamp="1.5"),
        log("time 1.5", key="t15", timestamp=1.5),
        log("time 1.0", key="t10", timestamp=1.0),
        log("time true", key="ttrue", timestamp=True),
        log("time 2^63", key="t63", timestamp=2**63),
        log("time list", timestamp=[]),
        log("step x", step="x"),
        log("step 1.5", key="s15", step=1.5),
        log("step 1.0", key="s10", step=1.0),
        log("step 1000.0", key="s1000", step=1e3),
        log("step '1.0'", key="s1.0", step="1.0"),
        log("step ' 8 '", key="s8", step=" 8 "),
        log("step ''", key="sempty", step=""),
        log("step true", key="strue", step=True),
        log("step 2^63", key="s63", step=2**63),
        log("step list", step=[]),
        log("everything wrong", run_id=5, key=5, value="x", timestamp="x", step="x"),
        log("nothing", **{key: "absent" for key in POINT}),
        log("key missing, value wrong", key="absent", value="x"),
        log("value missing, time wrong", value="absent", timestamp="x"),
        log("time wrong, step wrong", timestamp="x", step="x"),
        log("key bad, time negative", key="<", timestamp=-1),
        log("time negative, key too long", key="k" * 251, timestamp=-1),
        log("model id of 5", model_id=5),
        log("dataset name of 5", dataset_name=5),
    ],
)

KEYS = Stream(
    "metrics: keys",
    [
        experiment("metrics keys"),
        run(run_name="r"),
        log("missing", key="absent"),
        log("empty", key=""),
        log("null", key=None),
        log("integer", key=5),
        *[
            log(f"key {label(key)}", key=key)
            for key in ["a b:c-d._/e", "é/日本", " ", "A", "a", "k" * 250, "k" * 251, "é" * 251]
            + ["../a", "a/../b", "a//b", "/a", "a/", ".", "..", "./a", "a/.", "..a", "a<b>", "a\\b"]
            + [
                "a\nb",
                "a\n",
                "\x00a",
                "a\tb",
                "a'b",
                'a"b',
                "a%2e",
                "a;b",
                "\U0001f600",
                "_",
                "...",
                "a\u0301",
            ]
        ],
        read_run("what was taken"),
    ],
)

STREAMS = [VALUES, ROUND_TRIP, LATEST, FIELDS, KEYS]
