"""Bodies that are not what they should be: broken JSON, encodings, content types, spellings."""

from steps import Stream, experiment, post, raw, read_run, run

LOG = "runs/log-metric"
GOOD = '{"run_id":"{run}","key":"ct","value":1,"timestamp":1}'


def typed(name: str, content_type: str | None):
    return raw(
        name, LOG, GOOD, headers={} if content_type is None else {"Content-Type": content_type}
    )


BODIES = [
    ("cut off", '{"run_id":'),
    ("empty", ""),
    ("blank", "  \n"),
    ("null", "null"),
    ("array", "[1,2]"),
    ("empty array", "[]"),
    ("text", '"x"'),
    ("number", "5"),
    ("true", "true"),
    ("object", "{}"),
    ("trailing comma", '{"run_id":"{run}",}'),
    ("two values", '{"a":1}{"b":2}'),
    ("text after", '{"run_id":"x"} x'),
    ("comment", '{"run_id":"x" /* c */}'),
    ("single quotes", "{'run_id':'x'}"),
    ("bare key", '{run_id:"x"}'),
    ("control character in text", '{"run_id":"a\nb"}'),
    ("bad escape", '{"run_id":"\\x"}'),
    ("bad number", '{"value":01}'),
    ("byte order mark", "\ufeff" + '{"run_id":"x"}'),
    ("encoded twice", '"{\\"run_id\\": \\"q\\"}"'),
    ("key twice", '{"run_id":"a","run_id":"zz","key":"k","value":1,"timestamp":1}'),
]

STREAMS = [
    Stream(
        "json: bodies",
        [experiment("json bodies"), run(run_name="r")]
        + [raw(f"body {name}", LOG, text) for name, text in BODIES]
        + [
            raw("body not UTF-8", LOG, b'{"run_id":"\xff\xfe"}'),
            raw("body overlong UTF-8", LOG, b'{"run_id":"\xc0\xaf"}'),
            raw("body surrogate in UTF-8", LOG, b'{"run_id":"\xed\xa0\x80"}'),
            raw("body all 0", LOG, b"\x00" * 20),
            raw(
                "lone surrogate in an unknown field",
                LOG,
                '{"run_id":"{run}","key":"k","value":1,"timestamp":1,"x":"\\ud800"}',
            ),
            raw(
                "lone surrogate in the id",
                LOG,
                '{"run_id":"\\ud800","key":"k","value":1,"timestamp":1}',
            ),
            raw(
                "surrogate pair",
                "runs/set-tag",
                '{"run_id":"{run}","key":"pair","value":"\\ud83d\\ude00"}',
            ),
            raw(
                "pair in raw UTF-8",
                "runs/set-tag",
                '{"run_id":"{run}","key":"raw","value":"\U0001f600é"}',
            ),
            raw(
                "escapes",
                "runs/set-tag",
                '{"run_id":"{run}","key":"esc","value":"\\u0041\\n\\t\\/\\"\\\\\\b\\f\\r"}',
            ),
            raw("deep array", LOG, "[" * 100_000),
            raw("deep field", LOG, '{"run_id":"{run}","x":' + "[" * 5000 + "]" * 5000 + "}"),
            raw(
                "deep but fine",
                LOG,
                '{"run_id":"{run}","key":"k","value":1,"timestamp":1,"x":'
                + "[" * 50
                + "]" * 50
                + "}",
            ),
            raw(
                "huge number in unknown field",
                LOG,
                '{"run_id":"{run}","key":"k","value":1,"timestamp":1,"x":1e999}',
            ),
            raw("search: empty body", "runs/search", ""),
            raw("experiments search: empty body", "experiments/search", ""),
            raw("create: array", "runs/create", "[]"),
            raw("log-batch: empty", "runs/log-batch", ""),
            raw("log-batch: null", "runs/log-batch", "null"),
            raw("log-batch: array", "runs/log-batch", "[1]"),
            raw("log-batch: cut off", "runs/log-batch", '{"run_id":'),
            read_run("tags"),
        ],
    ),
    Stream(
        "json: content types",
        [
            experiment("json types"),
            run(run_name="r"),
            typed("none", None),
            typed("json", "application/json"),
            typed("charset", "application/json; charset=utf-8"),
            typed("parameter", "application/json;x"),
            typed("space before", "application/json ;charset=utf-8"),
            typed("upper case", "APPLICATION/JSON"),
            typed("longer", "application/jsonx"),
            typed("vendor", "application/vnd.x+json"),
            typed("plain", "text/plain"),
            typed("form", "application/x-www-form-urlencoded"),
            typed("multipart", "multipart/form-data; boundary=x"),
            typed("script", "<script>"),
            typed("empty", ""),
            raw("none, empty body", LOG, "", headers={}),
            raw("none, search", "runs/search", "{}", headers={}),
        ],
    ),
    Stream(
        "json: spellings",
        [
            experiment("json spellings"),
            run(run_name="r"),
            post("camelCase", LOG, {"runId": "{run}", "key": "k", "value": 1, "timestamp": 1}),
            post(
                "camelCase, required",
                "experiments/set-experiment-tag",
                {"experimentId": "{exp}", "key": "k", "value": "1"},
            ),
            post(
                "camelCase, optional",
                "runs/update",
                {"run_id": "{run}", "endTime": 5, "runName": "camel"},
            ),
            post("both", LOG, {"run_id": "a", "runId": "b"}),
            post(
                "both, equal",
                LOG,
                {"run_id": "{run}", "runId": "{run}", "key": "k", "value": 1, "timestamp": 1},
            ),
            post("both, other wrong", LOG, {"run_id": 5, "runId": "b", "key": 5}),
            post(
                "both, null",
                LOG,
                {"run_id": None, "runId": "{run}", "key": "k", "value": 1, "timestamp": 1},
            ),
            post(
                "both, nested",
                "runs/log-inputs",
                {
                    "run_id": "{run}",
                    "datasets": [{"dataset": {"sourceType": "a", "source_type": "b"}}],
                },
            ),
            post(
                "nested camelCase",
                "runs/log-inputs",
                {
                    "run_id": "{run}",
                    "datasets": [
                        {"dataset": {"name": "n", "digest": "d", "sourceType": "a", "source": "b"}}
                    ],
                },
            ),
            post(
                "outputs, nested camelCase",
                "runs/outputs",
                {"run_id": "{run}", "models": [{"modelId": "m", "step": "3"}]},
            ),
            post("RUN_ID", LOG, {"RUN_ID": "{run}"}),
            read_run("result"),
        ],
    ),
]
