"""experiments/search, by POST and by GET: filters, order, pages, view types, refusals."""

from typing import Any

from steps import Step, Stream, experiment, get, post

# Other streams have experiments too: each search here keeps to this prefix, or to a view of it.
MINE = "name LIKE 'se-%'"


def names(document: Any) -> Any:
    found = [item["name"] for item in document.get("experiments", [])]
    return {
        "names": [n for n in found if n.startswith("se-")],
        "more": "next_page_token" in document,
    }


def search(name: str, filter: str | None = MINE, view=names, **more: Any) -> Step:
    body = {"max_results": 1000, **more}
    if filter is not None:
        body["filter"] = filter
    body = {key: value for key, value in body.items() if value != "absent"}
    return post(name, "experiments/search", body, view=view, capture={"token": "next_page_token"})


def by_get(name: str, query: Any, view=names) -> Step:
    return get(name, "experiments/search", query, view=view, capture={"token": "next_page_token"})


def filters(texts: list[str]) -> list[Step]:
    return [search(f"filter {text}", text) for text in texts]


DATA = [
    experiment("se-a", "a", tags=[{"key": "team", "value": "Red"}, {"key": "a.b", "value": "1"}]),
    experiment(
        "se-B",
        "b",
        tags=[{"key": "team", "value": "red"}],
    ),
    experiment("se-c_x", "c", tags=[{"key": "team", "value": "blue"}]),
    experiment("se-cXx", "d"),
    experiment("se-gone", "gone"),
]
# Times of creation must differ: the default order looks at them.
DATA = [Step(**{**vars(step), "pause": 0.02}) for step in DATA]
DATA += [post("delete gone", "experiments/delete", {"experiment_id": "{gone}"})]

STREAMS = [
    Stream(
        "search experiments",
        DATA
        + [search("mine"), search("whole answer", view=None)]
        + filters(
            [
                "name = 'se-a'",
                "name != 'se-a' AND name LIKE 'se-%'",
                "name LIKE 'se-c_x'",
                "name LIKE 'SE-%'",
                "name ILIKE 'SE-B'",
                "name ILIKE 'se-%' AND tags.team = 'Red'",
                "attribute.name = 'se-a'",
                "tags.team = 'Red'",
                "tags.team != 'Red'",
                "tags.team LIKE 'r%'",
                "tags.team ILIKE 'r%'",
                "tag.team = 'blue'",
                "tags.`a.b` = '1'",
                "tags.a.b = '1'",
                'tags."team" = "Red"',
                "tags.team IS NULL AND name LIKE 'se-%'",
                "tags.team IS NOT NULL AND name LIKE 'se-%'",
                "experiment_id = '{a}'",
                "experiment_id IN ('{a}', '{b}')",
                "experiment_id NOT IN ('{a}') AND name LIKE 'se-%'",
                "experiment_id != '{a}' AND name LIKE 'se-%'",
                "creation_time > 0 AND name LIKE 'se-%'",
                "last_update_time < 5 AND name LIKE 'se-%'",
                "creation_time = 0",
                "name = 'nope'",
                "",
                "AND name = 'se-a'",
            ]
        )
        + [
            search("all", view_type="ALL"),
            search("deleted", view_type="DELETED_ONLY"),
            search("active", view_type="ACTIVE_ONLY"),
            search("view by number", view_type=3),
            search("view by number in text", view_type="3"),
            search("unknown view", view_type="NOPE"),
            *[
                search(f"order {clause}", order_by=clause)
                for clause in (
                    [
                        ["name"],
                        ["name DESC"],
                        ["name ASC"],
                        ["experiment_id"],
                        ["experiment_id DESC"],
                    ]
                    + [["creation_time"], ["creation_time DESC"], ["last_update_time", "name"]]
                    + [["attribute.name DESC"], ["name desc", "experiment_id"], []]
                )
            ],
            search("first page", max_results=2),
            search("second page", max_results=2, page_token="{token}"),
            search("page that fits", max_results=4),
            search("max as text", max_results="1"),
            search("max 50000", max_results=50000),
            by_get("by GET", {"filter": MINE, "max_results": 1000}),
            by_get(
                "by GET, ordered",
                [
                    ("filter", MINE),
                    ("max_results", 3),
                    ("order_by", "name DESC"),
                    ("order_by", "experiment_id"),
                ],
            ),
            by_get(
                "by GET, next page",
                [
                    ("filter", MINE),
                    ("max_results", 3),
                    ("order_by", "name DESC"),
                    ("order_by", "experiment_id"),
                    ("page_token", "{token}"),
                ],
            ),
            by_get("by GET, view", {"filter": MINE, "max_results": 10, "view_type": "ALL"}),
            by_get("by GET, view by number", {"filter": MINE, "max_results": 10, "view_type": "2"}),
            by_get(
                "by GET, unknown view", {"filter": MINE, "max_results": 10, "view_type": "NOPE"}
            ),
            by_get("by GET, max x", {"max_results": "x"}),
            by_get("by GET, nothing", None),
            post(
                "under ajax",
                "/ajax-api/2.0/mlflow/experiments/search",
                {"filter": MINE, "max_results": 1},
                view=names,
            ),
        ],
    ),
    Stream(
        "search experiments: refused",
        [
            *filters(
                [
                    "name = se-a",
                    "name = 5",
                    "name > 'a'",
                    "name IN ('a')",
                    "name IS NULL",
                    "attributes.name = 'a'",
                    "attr.name = 'a'",
                    "metrics.a > 1",
                    "params.a = 'x'",
                    "nope = 'x'",
                    "tags.a > 'x'",
                    "tags.a IN ('x')",
                    "tags.a = 1",
                    "experiment_id = 5",
                    "experiment_id = 'abc'",
                    "experiment_id LIKE '1'",
                    "experiment_id > '1'",
                    "experiment_id IN ('abc')",
                    "experiment_id IN (1)",
                    "creation_time = 'x'",
                    "creation_time > 1.5",
                    "creation_time LIKE '1'",
                    "creation_time IN (1)",
                    "name = 'a' name = 'b'",
                    "name = 'a'; name = 'b'",
                    "name",
                    "name =",
                    "((((",
                    "'",
                    "lifecycle_stage = 'active'",
                ]
            ),
            *[
                search(f"order {clause}", order_by=clause)
                for clause in (
                    [
                        [""],
                        ["nope"],
                        ["name SIDEWAYS"],
                        ["tags.a"],
                        ["name; DROP"],
                        ["name ASC DESC"],
                    ]
                    + [["attributes.name"], ["lifecycle_stage"], ["name", "name DESC"]]
                )
            ],
            search("max missing", max_results="absent"),
            search("max 0", max_results=0),
            search("max -1", max_results=-1),
            search("max 50001", max_results=50001),
            search("max x", max_results="x"),
            search("max 1.5", max_results=1.5),
            search("max true", max_results=True),
            search("order text", order_by="name"),
            search("order of integers", order_by=[1]),
            search("filter 5", filter=5),
            search("token !!!", page_token="!!!"),
            search("token of other bytes", page_token="YWJj"),
            search("token {}", page_token="e30="),
            search("token negative", page_token="eyJvZmZzZXQiOiAtNX0="),
            search("token 5", page_token=5),
            search("view x", view_type="x"),
            search("view 9", view_type=9),
            search("view list", view_type=[]),
            search("order: max, filter", "foo", max_results=0),
            search("order: filter, order", "foo", order_by=["nope"], page_token="!!!"),
            search("order: order, token", order_by=["nope"], page_token="!!!"),
        ],
    ),
]
