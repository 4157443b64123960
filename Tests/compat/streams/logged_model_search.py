"""logged-models/search: filters, datasets, order by metrics, pages, and what is refused."""

from typing import Any

from steps import Step, Stream, experiment, post, run

from streams.logged_models import finalize, model, pairs

SEARCH = "logged-models/search"


def names(document: Any) -> Any:
    found = [item["info"]["name"] for item in document.get("models", [])]
    return {"names": found, "more": "next_page_token" in document}


def search(name: str, filter: Any = None, view=names, **more: Any) -> Step:
    body = {"experiment_ids": ["{exp}"], **more}
    if filter is not None:
        body["filter"] = filter
    return post(name, SEARCH, body, view=view, capture={"token": "next_page_token"})


def by_filter(*filters: str) -> list[Step]:
    return [search(f"filter {text}", text) for text in filters]


def metric(key: str, name: str, value: Any, time: int, step: int = 0, data: tuple = ()) -> Step:
    body = {"run_id": "{run}", "key": name, "value": value, "timestamp": time, "step": step}
    body["model_id"] = "{" + key + "}"
    if data:
        body["dataset_name"], body["dataset_digest"] = data
    return post(f"{name} of {key} at {time}, {step}", "runs/log-metric", body)


def made(key: str, **fields: Any) -> Step:
    """A model of a creation time of its own."""
    step = model(key, name=key, **fields)
    return Step(**{**step.__dict__, "pause": 0.003})


D1, D9, E2 = ("d", "1"), ("d", "9"), ("e", "2")

MODELS = [
    run(),
    made(
        "a",
        params=pairs(lr="0.1", opt="Adam"),
        tags=pairs(**{"team": "Red", "a.b": "1"}),
        model_type="t1",
    ),
    made("b", params=pairs(lr="0.01"), tags=pairs(team="red"), source_run_id="{run}"),
    made("c", params=pairs(lr=""), model_type="T1"),
    made("d"),
    made("gone"),
    Step("delete gone", "DELETE", "logged-models/{gone}"),
    metric("a", "acc", 0.5, 1, 0, D1),
    metric("a", "acc", 0.9, 2, 0, E2),
    metric("a", "x y", 1, 1),
    metric("b", "acc", 0.7, 5, 0, D1),
    metric("b", "acc", 0.3, 5, 1, D9),
    metric("c", "loss", "Infinity", 1),
    metric("c", "acc", 0, 1),
    finalize("a is ready", "LOGGED_MODEL_READY", "a"),
    finalize("b has failed", "LOGGED_MODEL_UPLOAD_FAILED", "b"),
]

FILTERS = Stream(
    "logged model search: filters",
    [experiment("logged model search: filters"), *MODELS]
    + [search("everything", view=None), search("empty filter", ""), search("filter null", None)]
    + by_filter(
        "name = 'a'",
        "name='a'",
        "name = a",
        "name != 'a'",
        "name LIKE '%A%'",
        "name ILIKE '%A%'",
        "name like '%a%'",
        "name IN ('a','b')",
        "name IN ('a')",
        "name NOT IN ('a')",
        "name in ('a', \"b\")",
        "attributes.name = 'a'",
        "`name` = 'a'",
        "attributes.`name` = 'a'",
        "name = 'it''s'",
        "model_id = '{a}'",
        "model_id IN ('{a}', '{b}')",
        "model_type = 't1'",
        "model_type ILIKE 't1'",
        "model_type = ''",
        "source_run_id = '{run}'",
        "source_run_id != '{run}'",
        "status = '2'",
        "status = 2",
        "status != '2'",
        "status LIKE '2'",
        "status IN ('1', '3')",
        "lifecycle_stage = 'active'",
        "lifecycle_stage = 'deleted'",
        "experiment_id = '{exp}'",
        "experiment_id = {exp}",
        "experiment_id IN ('{exp}')",
        "experiment_id = '99999'",
        "artifact_location LIKE 'mlflow%'",
        "status_message = 'x'",
        "creation_time > 0",
        "creation_timestamp > 0",
        "creation_timestamp_ms > 0",
        "attributes.creation_timestamp_ms < 10",
        "last_updated_timestamp >= 1.5",
        "last_updated_timestamp_ms != 0",
        "metrics.acc > 0.6",
        "metrics.acc>0.6",
        "metrics.acc = 0.5",
        "metrics.acc != 0.5",
        "metrics.acc < 0.4",
        "metrics.acc <= 0",
        "metrics.acc >= 0",
        "metrics.acc > -1e0",
        "metrics.loss > 1",
        "metrics.`x y` = 1",
        "metrics.nope > 0",
        "metrics.acc > 0.6 AND metrics.acc < 0.4",
        "metrics.acc > 1e400",
        "params.lr = '0.1'",
        "params.lr = 0.1",
        "params.lr != '0.1'",
        "params.lr LIKE '0.%'",
        "params.lr = ''",
        "params.lr IN ('0.1','0.01')",
        "params.lr NOT IN ('0.1')",
        "params.opt ILIKE 'adam'",
        "params.nope != 'x'",
        "tags.team = 'Red'",
        "tags.team LIKE 'r%'",
        "tags.a.b = '1'",
        "tags.`a.b` = '1'",
        "tags.team IN ('Red')",
        "name = 'a' AND params.lr = '0.1' AND tags.team = 'Red' AND metrics.acc > 0.8",
        "name = 'a' name = 'b'",
        "AND",
        "AND name = 'a' AND",
        # Roost is kinder here.
        'name = "a"',
        "status = 'READY'",
        "status = 'LOGGED_MODEL_UPLOAD_FAILED'",
        "status IN ('READY', 'PENDING')",
        "attributes.creation_time > 0",
        'metrics."x y" = 1',
        "name = 'a' OR name = 'b'",
        "(name = 'a')",
    ),
)


def data(*datasets: tuple) -> list[dict]:
    return [dict(zip(("dataset_name", "dataset_digest"), each, strict=False)) for each in datasets]


DATASETS = Stream(
    "logged model search: datasets",
    [
        experiment("logged model search: datasets"),
        *MODELS,
        search("one", datasets=data(D1)),
        search("two", datasets=data(D9, E2)),
        search("unknown", datasets=data(("zz", "1"))),
        search("without digest", datasets=data(("d",))),
        search("none", datasets=[]),
        search("text", datasets="x"),
        search("digest alone", datasets=[{"dataset_digest": "1"}]),
        search("name empty", datasets=data(("", "1"))),
        search("metric on one", "metrics.acc > 0.6", datasets=data(D1)),
        search("metric on another", "metrics.acc > 0.6", datasets=data(E2)),
        search("metric on none", "metrics.acc > 0.95", datasets=data(D1, E2)),
        search("beside an attribute", "name = 'a'", datasets=data(D1)),
        search("beside a param", "params.lr LIKE '%'", datasets=data(E2)),
    ],
)


def by(field: Any, ascending: Any = None, **more: Any) -> dict:
    return {
        "field_name": field,
        **({} if ascending is None else {"ascending": ascending}),
        **more,
    }


def order(name: str, *keys: Any, **more: Any) -> Step:
    return search(f"order {name}", order_by=list(keys), **more)


ORDER = Stream(
    "logged model search: order",
    [experiment("logged model search: order"), *MODELS]
    + [
        order(f"{field} {'down' if down else 'up'}", by(field, not down))
        for field in (
            "name",
            "creation_time",
            "creation_timestamp",
            "creation_timestamp_ms",
            "last_updated_timestamp",
            "last_updated_timestamp_ms",
            "status",
            "model_type",
            "source_run_id",
            "lifecycle_stage",
            "experiment_id",
            "status_message",
            "metrics.acc",
            "metrics.loss",
            "metrics.nope",
            "metrics.x y",
            "metrics.`x y`",
            "metrics.",
        )
        for down in (False, True)
    ]
    + [
        order("default direction", by("name")),
        order("metric on a dataset", by("metrics.acc", False, dataset_name="d")),
        order("metric on a digest", by("metrics.acc", False, dataset_name="d", dataset_digest="1")),
        order("metric on a digest alone", by("metrics.acc", False, dataset_digest="1")),
        order("two metrics", by("metrics.loss"), by("metrics.acc", False)),
        order("metric and name", by("metrics.acc"), by("name")),
        order("the same twice", by("name"), by("name", False)),
        order("unknown field", by("nope")),
        order("empty field", by("")),
        order("no field", {}),
        order("blanks around", by(" name ")),
        order("with a type", by("attributes.name")),
        order("param", by("params.lr")),
        order("tag", by("tags.team")),
        order("relation", by("tags")),
        order("text for a key", "name"),
        order("direction x", by("name", "x")),
        order("direction 1", by("name", 1)),
        search("order text", order_by="x"),
        search("pages: first", max_results=2, order_by=[by("metrics.acc", False)]),
        search(
            "pages: second",
            max_results=2,
            order_by=[by("metrics.acc", False)],
            page_token="{token}",
        ),
        search("by name: first", max_results=3, order_by=[by("name")]),
        search("by name: second", max_results=3, order_by=[by("name")], page_token="{token}"),
        search("default: first", max_results=1),
        search("default: second", max_results=1, page_token="{token}"),
        search("default: third", max_results=1, page_token="{token}"),
        search("default: last", max_results=1, page_token="{token}"),
        search("another order: first", max_results=1, order_by=[by("name")]),
        search("another order: token", max_results=1, page_token="{token}"),
        search("another filter: first", max_results=1),
        search("another filter: token", "name != 'z'", max_results=1, page_token="{token}"),
    ],
)

REFUSED = Stream(
    "logged model search: refused",
    [experiment("logged model search: refused"), *MODELS]
    + by_filter(
        "name > 'a'",
        "name == 'a'",
        "name <> 'a'",
        "attribute.name = 'a'",
        "metric.acc > 0",
        "param.lr = '0.1'",
        "tag.team = 'x'",
        "x.y = 'z'",
        "datasets.name = 'd'",
        "creation_time LIKE 5",
        "creation_time IN (1)",
        "metrics.acc LIKE 1",
        "metrics.acc IS NULL",
        "params.lr IS NULL",
        "params.lr IS NOT NULL",
        "params.lr > '0.1'",
        "  ",
        "name",
        "name =",
        "= 'a'",
        "name = 'a';",
        "name = 'a'; name = 'b'",
        "name IN ('a'",
        "name = 'a' -- c",
        "params.lr = 'a' 'b'",
        # mlflow fails here, or finds something else to say.
        "nope = 'x'",
        "Name = 'a'",
        "tags = 'x'",
        "creation_time > 'x'",
        "creation_time > x",
        "metrics.acc > 'x'",
        "metrics.acc > '0.6'",
        "metrics.acc > x",
        "metrics.acc > nan",
        "'a' = name",
        "METRICS.acc > 0",
        "name IN ()",
        "name IN (5)",
        "name IN (a)",
    )
    + [
        search("max 0", max_results=0),
        search("max 4", max_results=4),
        search("max 100000", max_results=100_000),
        search("max '2'", max_results="2"),
        search("max x", max_results="x"),
        search("max -1", max_results=-1),
        search("max 1.5", max_results=1.5),
        search("token !!!", page_token="!!!"),
        search("token {}", page_token="e30="),
        search("token []", page_token="W10="),
        search("token 5", page_token=5),
        search("filter 5", 5),
        post("no experiments", SEARCH, {}),
        post("experiments empty", SEARCH, {"experiment_ids": []}),
        post("experiments text", SEARCH, {"experiment_ids": "x"}),
        post("experiments integers", SEARCH, {"experiment_ids": [5]}),
        post("experiment x", SEARCH, {"experiment_ids": ["abc"]}),
        post("experiment unknown", SEARCH, {"experiment_ids": ["99999"]}),
        post("experiment twice", SEARCH, {"experiment_ids": ["{exp}", "{exp}"]}, view=names),
    ],
)

STREAMS = [FILTERS, DATASETS, ORDER, REFUSED]
