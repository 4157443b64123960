"""runs/search: each comparator on each kind, order with NaN and gaps, pages, ties, view types."""

from typing import Any

from steps import Step, Stream, experiment, post, run


def names(document: Any) -> Any:
    """The names of the runs found, in order; what a filter or an order is judged by."""
    found = [item["info"]["run_name"] for item in document.get("runs", [])]
    return {"names": found, "more": "next_page_token" in document}


def tied(document: Any) -> Any:
    """Whether runs of one start time come in the order of their ids (which are random)."""
    keys = [(-r["info"]["start_time"], r["info"]["run_id"]) for r in document.get("runs", [])]
    return {"count": len(keys), "in order": keys == sorted(keys)}


def search(name: str, filter: str | None = None, view=names, **more: Any) -> Step:
    body = {"experiment_ids": ["{exp}"], **more}
    if filter is not None:
        body["filter"] = filter
    return post(name, "runs/search", body, view=view, capture={"token": "next_page_token"})


def by_filter(filters: list[str]) -> list[Step]:
    return [search(f"filter {text}", text) for text in filters]


def by_order(clauses: list[list[str]]) -> list[Step]:
    return [search(f"order {clause}", order_by=clause) for clause in clauses]


def data(key: str, metrics=(), params=(), tags=(), **fields: Any) -> list[Step]:
    """A run with its metrics (name, value), params and tags."""
    batch = {
        "run_id": "{" + key + "}",
        "metrics": [{"key": k, "value": v, "timestamp": 1, "step": 0} for k, v in metrics],
        "params": [{"key": k, "value": v} for k, v in params],
        "tags": [{"key": k, "value": v} for k, v in tags],
    }
    return [run(key, run_name=key, **fields), post(f"fill {key}", "runs/log-batch", batch)]


def end(key: str, status: str, time: int) -> Step:
    return post(
        f"end {key}", "runs/update", {"run_id": "{" + key + "}", "status": status, "end_time": time}
    )


def dataset(name: str, digest: str, context: str | None = None) -> dict:
    tags = [{"key": "mlflow.data.context", "value": context}] if context else []
    return {
        "dataset": {"name": name, "digest": digest, "source_type": "t", "source": "s"},
        "tags": tags,
    }


RUNS = [
    *data(
        "a",
        [("acc", 0.5), ("x y", 1)],
        [("lr", "0.1"), ("opt", "Adam")],
        [("team", "Red"), ("a.b.c", "1")],
        start_time=1000,
        user_id="ann",
    ),
    *data(
        "b",
        [("acc", "NaN"), ("loss", 2)],
        [("lr", "0.01"), ("opt", "adam")],
        [("team", "red")],
        start_time=2000,
        user_id="bob",
    ),
    *data(
        "c",
        [("acc", 1.5), ("loss", 0)],
        [("lr", "0.1")],
        [("team", "blue_x")],
        start_time=3000,
        user_id="ann",
    ),
    *data("d", [("loss", -1)], [("opt", "SGD")], [("team", "blueXx")], start_time=4000),
    *data(
        "e",
        [("acc", "Infinity"), ("loss", "NaN")],
        [("lr", "1%")],
        [("é", "日本")],
        start_time=5000,
    ),
    *data("f", [("acc", "-Infinity")], [("lr", "")], [("team", "")], start_time=6000),
    *data("g", start_time=7000),
    *data("h", [("acc", 0)], [("lr", "it's")], [("team", 'say "x"')], start_time=8000),
    end("a", "FINISHED", 1500),
    end("b", "FAILED", 2500),
    end("c", "KILLED", 3500),
    post(
        "datasets of a",
        "runs/log-inputs",
        {
            "run_id": "{a}",
            "datasets": [dataset("train", "d1", "training"), dataset("eval", "d2", "eval")],
        },
    ),
    post(
        "datasets of b",
        "runs/log-inputs",
        {"run_id": "{b}", "datasets": [dataset("train", "d1", "testing"), dataset("Train", "d3")]},
    ),
    run("dead", run_name="dead", start_time=500),
    post("delete dead", "runs/delete", {"run_id": "{dead}"}),
]

METRICS = [
    f"metrics.acc {op} {value}"
    for op in ("=", "!=", ">", ">=", "<", "<=")
    for value in ("0.5", "0")
]

FILTERS = Stream(
    "search runs: filters",
    [experiment("search runs: filters"), *RUNS]
    + [search("everything", view=None), search("empty filter", ""), search("blank filter", "  ")]
    + by_filter(METRICS)
    + by_filter(
        [
            "metrics.acc > -1.5e0 AND metrics.acc < 1E1",
            "metrics.acc = 1.7976931348623157e308",
            "metrics.acc > 1e308",
            "metrics.acc >= .5",
            "metrics.acc > -0.5",
            "metrics.loss = 0",
            "metrics.loss != 0",
            "metrics.loss != 7 and metrics.acc != 7",
            "metrics.nope > 0",
            "metrics.nope != 0",
            "metrics.`x y` = 1",
            'metrics."x y" = 1',
            "metric.acc = 0.5",
            "metrics.acc=0.5",
            "  metrics.acc  =  0.5  ",
            "`metrics`.acc = 0.5",
            "params.lr = '0.1'",
            'params.lr = "0.1"',
            "params.lr != '0.1'",
            "params.lr = ''",
            'params.lr = "it\'s"',
            "params.opt LIKE 'a%'",
            "params.opt LIKE 'A%'",
            "params.opt ILIKE 'a%'",
            "params.opt like 'Ada_'",
            "params.opt ilike '%D%'",
            "params.lr LIKE '%\\%'",
            "params.lr LIKE '1%'",
            "params.lr LIKE '0._'",
            "params.lr LIKE ''",
            "params.lr IS NULL",
            "params.lr IS NOT NULL",
            "params.nope IS NULL",
            "params.lr is not null and params.opt is null",
            "param.lr = '0.1'",
            "parameter.lr = '0.1'",
            "parameters.lr = '0.1'",
            "tags.team = 'Red'",
            "tags.team != 'Red'",
            "tags.team LIKE 'blue_x'",
            "tags.team LIKE 'blue%'",
            "tags.team ILIKE 'RED'",
            "tags.team = ''",
            "tags.team IS NULL",
            "tags.team IS NOT NULL",
            "tags.a.b.c = '1'",
            "tags.`a.b.c` = '1'",
            'tags."a.b.c" = "1"',
            "tags.team = 'say \"x\"'",
            "tag.team = 'Red'",
            "tags.`é` = '日本'",
            "tags.é = '日本'",
            "tags.`é` LIKE '日%'",
            "tags.`mlflow.runName` = 'a'",
            "tags.mlflow.runName ILIKE 'A'",
            "run_name = 'a'",
            "attributes.run_name != 'a'",
            "attribute.run_name LIKE 'a%'",
            "attr.run_name ILIKE 'A'",
            "run.run_name = 'a'",
            "`run name` = 'a'",
            "attributes.`run name` = 'a'",
            "attributes.`Run name` = 'a'",
            'attributes."Run Name" = "a"',
            "status = 'RUNNING'",
            "status = 'running'",
            "attributes.status != 'RUNNING'",
            "status LIKE 'F%'",
            "status ILIKE 'f%'",
            "user_id = 'ann'",
            "user_id = ''",
            "user_id != 'ann'",
            "attributes.artifact_uri LIKE 'mlflow-artifacts:/%'",
            "start_time = 1000",
            "attributes.start_time > 3000",
            "start_time >= 3000 AND start_time < 5000",
            "start_time != 1000",
            "start_time <= 2000.5",
            "Created > 6000",
            "created < 2000",
            "end_time > 2000",
            "end_time <= 2500",
            "end_time != 0",
            "run_id = '{a}'",
            "attributes.run_id IN ('{a}', '{c}')",
            "run_id NOT IN ('{a}', '{c}')",
            "run_id IN ('{a}')",
            "run_id in ('{a}','zz')",
            "run_id LIKE '%'",
            "run_id != '{a}'",
            "dataset.name = 'train'",
            "datasets.name LIKE 'Tr%'",
            "dataset.name ILIKE 'TR%'",
            "dataset.name != 'train'",
            "dataset.digest = 'd2'",
            "dataset.context = 'training'",
            "dataset.context != 'training'",
            "dataset.name IN ('train', 'eval')",
            "dataset.name NOT IN ('train')",
            "dataset.context IN ('eval')",
            "dataset.name = 'train' AND dataset.context = 'testing'",
            "dataset.name = 'nope'",
            "metrics.acc > 0 AND params.lr = '0.1' AND tags.team ILIKE 'red' AND user_id = 'ann'",
            "metrics.acc > 0 and params.lr = '0.1'",
            "AND metrics.acc > 0",
            "metrics.acc > 0 AND",
            "metrics.acc > 0 AND AND params.lr = '0.1'",
            "metrics.`a'; DROP TABLE runs;--` > 0",
            "params.`lr` = '0.1'",
            " AND ".join(["tags.team = 'Red'"] * 20),
        ]
    ),
)

ORDER = Stream(
    "search runs: order",
    [experiment("search runs: order"), *RUNS]
    + by_order(
        [
            [],
            ["metrics.acc"],
            ["metrics.acc ASC"],
            ["metrics.acc DESC"],
            ["metrics.acc desc"],
            ["metrics.loss DESC", "metrics.acc ASC"],
            ["metrics.nope DESC"],
            ["metrics.`x y`"],
            ['metrics."x y" DESC'],
            ["params.lr"],
            ["params.lr DESC"],
            ["params.opt ASC", "params.lr DESC"],
            ["tags.team"],
            ["tags.team DESC"],
            ["tags.a.b.c"],
            ["tags.`a.b.c` DESC"],
            ["tag.team"],
            ["run_name DESC"],
            ["attributes.run_name"],
            ["attribute.run_name DESC"],
            ["attr.run_name"],
            ["run.run_name DESC"],
            ["start_time"],
            ["start_time DESC"],
            ["Created ASC"],
            ["created"],
            ["attributes.`Created` DESC"],
            ["end_time"],
            ["end_time DESC"],
            ["status", "start_time"],
            ["status DESC", "start_time DESC"],
            ["user_id", "start_time ASC"],
            ["  metrics.acc   DESC  "],
            ["attributes.end_time DESC", "metrics.acc", "params.lr"],
        ]
    )
    + [
        search("first page", max_results=3, order_by=["metrics.acc DESC"]),
        search("second page", max_results=3, order_by=["metrics.acc DESC"], page_token="{token}"),
        search("third page", max_results=3, order_by=["metrics.acc DESC"], page_token="{token}"),
        search("a page that just fits", max_results=8),
        search("one by one", max_results=1),
        search("the next one", max_results=1, page_token="{token}"),
        search("filtered page", "metrics.acc != 77", max_results=2),
        search("its next", "metrics.acc != 77", max_results=2, page_token="{token}"),
        search("no such experiment", experiment_ids=["99999"]),
        search("no experiments", experiment_ids=[]),
        post("no experiment field", "runs/search", {}),
        search("experiment twice", experiment_ids=["{exp}", "{exp}"]),
        search("integer experiment", experiment_ids=[99999]),
        search("garbage experiment", experiment_ids=["abc"]),
        search("experiments as text", experiment_ids="{exp}"),
        search("active", run_view_type="ACTIVE_ONLY"),
        search("deleted", run_view_type="DELETED_ONLY"),
        search("all", run_view_type="ALL"),
        search("view by number", run_view_type=2),
        search("unknown view", run_view_type="NOPE"),
        search(
            "null everything",
            filter=None,
            run_view_type=None,
            order_by=None,
            max_results=None,
            page_token=None,
        ),
        search("max as text", max_results="2"),
        search("max 50000", max_results=50000),
        post(
            "camelCase",
            "runs/search",
            {"experimentIds": ["{exp}"], "maxResults": 1, "orderBy": ["start_time"]},
            view=names,
        ),
        post(
            "under ajax",
            "/ajax-api/2.0/mlflow/runs/search",
            {"experiment_ids": ["{exp}"]},
            view=names,
        ),
    ],
)

TIES = Stream(
    "search runs: ties",
    [
        experiment("search ties"),
        experiment("search ties 2", "exp2"),
        *[run(f"t{i}", run_name=f"t{i}", start_time=5) for i in range(6)],
        *[run(f"u{i}", run_name=f"u{i}", start_time=4) for i in range(3)],
        run("v", exp="{exp2}", run_name="v", start_time=9),
        search("ties", view=tied),
        search("ties by a missing metric", view=tied, order_by=["metrics.m DESC"]),
        search("two experiments", experiment_ids=["{exp}", "{exp2}"], view=tied),
        search("first ties", view=tied, max_results=4),
        search("other ties", view=tied, max_results=4, page_token="{token}"),
        post("delete second", "experiments/delete", {"experiment_id": "{exp2}"}),
        search("runs of a deleted one", experiment_ids=["{exp2}"]),
        search("deleted runs of it", experiment_ids=["{exp2}"], run_view_type="DELETED_ONLY"),
    ],
)

STREAMS = [FILTERS, ORDER, TIES]
