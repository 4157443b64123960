"""Asks mlflow 3.17.2 what it makes of filters and orderings, and writes its answers as a fixture.

`python -m support.search_corpus` from the folder Tests rewrites the file that the Swift tests
compare Roost with. Every text goes through the same functions as in a request to mlflow's own SQL
store, short of the database. Where Roost answers otherwise on purpose the text stands in
DIFFERENCES with the reason; the Swift tests fail if one of those starts to agree.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from mlflow.exceptions import MlflowException
from mlflow.store.tracking import sqlalchemy_store as store
from mlflow.utils.search_utils import SearchExperimentsUtils, SearchUtils
from sqlalchemy.orm import Session

from support.search_texts import (
    COMPARATORS,
    COMPARED,
    EXPERIMENT_FILTERS,
    EXPERIMENT_ORDERS,
    KEYS,
    LISTS,
    NUMBERS,
    PATHS,
    RUN_FILTERS,
    RUN_ORDERS,
    STRINGS,
    VALUES,
)

FIXTURE = Path(__file__).parents[1] / "RoostSearchTests" / "Fixtures" / "mlflow-filters.json"

EXTENSION = "Roost has OR and parentheses"
PLAIN = "mlflow's SQL tokenizer takes the word for another thing, though its meaning is plain"
WORDING = "both refuse, but mlflow's text names the wrong part or less of it"
STATUS = "mlflow answers 500, Roost 400"
SQL_WORDS = [
    "from", "values", "in", "case", "as", "using", "IN", "a.in", "a.values.b",
]  # fmt: skip
# (kind, what, text): reason. The clauses of an ordering stand as JSON.
DIFFERENCES: dict[tuple[str, str, str], str] = {
    **{("runs", "filter", f"params.{word} = 'v'"): PLAIN for word in SQL_WORDS},
    **{("runs", "order", json.dumps([f"tags.{word}"])): PLAIN for word in SQL_WORDS},
    # mlflow takes `metrics.as DESC` for an alias, and so does order by it.
    **{
        ("runs", "order", json.dumps([f"metrics.{word} DESC"])): PLAIN
        for word in SQL_WORDS
        if word != "as"
    },
    ("runs", "filter", "tags.a IS NOT  NULL"): PLAIN,
    ("runs", "filter", "params.हिन्दी = 'x'"): PLAIN,
    ("runs", "filter", "metrics.a > 1 OR metrics.b > 2"): EXTENSION,
    ("runs", "filter", "(metrics.a > 1)"): EXTENSION,
    ("runs", "filter", "metrics.a > 1 AND (params.b = 'c' OR tags.d = 'e')"): EXTENSION,
    ("experiments", "filter", "name = 'a' OR name = 'b'"): EXTENSION,
    ("runs", "filter", "' OR 1=1"): EXTENSION,
    ("experiments", "filter", "' OR 1=1"): EXTENSION,
    ("runs", "filter", "metrics.a /* x */ > 1"): WORDING,
    ("runs", "filter", "\x00"): WORDING,
    ("runs", "filter", "level = 'x'"): WORDING,
    ("runs", "filter", "params.a = ABSOLUTE"): WORDING,
    ("runs", "filter", "metrics.a > 0x10"): WORDING,
    ("runs", "filter", "metrics.acc 5 AND run_id IN ('a')"): WORDING,
    ("runs", "order", json.dumps(["timestamp foo"])): WORDING,
    ("runs", "order", json.dumps(["metrics.a", "metrics.a DESC"])): STATUS,
    ("runs", "order", json.dumps(["created", "attributes.start_time"])): STATUS,
    ("runs", "order", json.dumps(['metrics.`a"b` DESC'])): STATUS,
    ("runs", "order", json.dumps(['metrics."a`b" DESC'])): STATUS,
    ("runs", "order", json.dumps(['tags.`a"b`'])): STATUS,
    ("runs", "order", json.dumps(['tags."a`b"'])): STATUS,
    ("runs", "filter", "run_id IN (a)"): STATUS,
    # mlflow reads these, and its database then refuses what it made of them.
    ("runs", "filter", "run_id = ('a', 'b')"): STATUS,
    ("runs", "filter", "dataset.name LIKE ('a')"): STATUS,
    ("experiments", "filter", "experiment_id = ('1', '2')"): STATUS,
}


def clauses_of_runs(text: str, session: Session) -> list[list[Any]]:
    parsed = SearchUtils.parse_search_filter(text)
    store._get_sqlalchemy_filter_clauses(parsed, session, "sqlite")
    return [
        [
            clause["type"],
            SearchUtils.translate_key_alias(clause["key"]),
            clause["comparator"].upper(),
            float(clause["value"]) if clause["type"] == "metric" else clause["value"],
        ]
        for clause in parsed
    ]


def clauses_of_experiments(text: str, session: Session) -> list[list[Any]]:
    parsed = SearchExperimentsUtils.parse_search_filter(text)
    store._get_search_experiments_filter_clauses(parsed, "sqlite")
    clauses = []
    for clause in parsed:
        value = clause["value"]
        if clause["key"] == "experiment_id" and clause["type"] == "attribute":
            value = [str(int(v)) for v in value] if isinstance(value, tuple) else int(value)
        clauses.append([clause["type"], clause["key"], clause["comparator"], value])
    return clauses


def keys_of_runs(clauses: list[str], session: Session) -> list[list[Any]]:
    store._get_orderby_clauses(clauses, session)
    parsed = [SearchUtils.parse_order_by_for_search_runs(clause) for clause in clauses]
    return [[kind, SearchUtils.translate_key_alias(key), up] for kind, key, up in parsed]


def keys_of_experiments(clauses: list[str], session: Session) -> list[list[Any]]:
    store._get_search_experiments_order_by_clauses(clauses)
    return [
        list(SearchExperimentsUtils.parse_order_by_for_search_experiments(clause))
        for clause in clauses
    ]


def with_sorted_sets(message: str) -> str:
    """mlflow prints sets in the order of the moment; the fixture holds them sorted."""
    for owner in (SearchUtils, SearchExperimentsUtils):
        for value in vars(owner).values():
            if isinstance(value, set) and all(isinstance(member, str) for member in value):
                message = message.replace(str(value), "{" + str(sorted(value))[1:-1] + "}")
    return message


def printable(value: Any) -> Any:
    """JSON has no infinities."""
    if isinstance(value, list | tuple):
        return [printable(member) for member in value]
    return str(value) if isinstance(value, float) and math.isinf(value) else value


def ask(
    function: Callable[[Any, Session], list[Any]], text: Any, session: Session
) -> dict[str, Any]:
    try:
        return {"answer": printable(function(text, session))}
    except MlflowException as error:
        if error.error_code != "INVALID_PARAMETER_VALUE":
            return {"crash": error.error_code}
        return {"error": with_sorted_sets(error.message)}
    except Exception as error:
        return {"crash": type(error).__name__}


def texts() -> Iterator[tuple[str, str, Any]]:
    filters = [
        *(f"{key} = {value}" for key in KEYS for value in VALUES),
        *(f"{key} {comparator} {value}" for key, value in COMPARED for comparator in COMPARATORS),
        *(f"run_id IN {text}" for text in LISTS),
        *(f"metrics.m > {number}" for number in NUMBERS),
        *(f"start_time >= {number}" for number in NUMBERS),
        *(f"params.p = {string}" for string in STRINGS),
        *(f"status LIKE {string}" for string in STRINGS[:12]),
        *(f"params.{path} = 'v'" for path in PATHS),
        *RUN_FILTERS,
        *(text for kind, what, text in DIFFERENCES if (kind, what) == ("runs", "filter")),
    ]
    for text in dict.fromkeys(filters):
        yield "runs", "filter", text
    experiment_filters = [
        *EXPERIMENT_FILTERS,
        *(
            f"{key} {comparator} {value}"
            for key, value in COMPARED[6:]
            for comparator in COMPARATORS
        ),
        *(text for kind, what, text in DIFFERENCES if (kind, what) == ("experiments", "filter")),
    ]
    for text in dict.fromkeys(experiment_filters):
        yield "experiments", "filter", text
    for kind, orders in (("runs", RUN_ORDERS), ("experiments", EXPERIMENT_ORDERS)):
        extra = [json.loads(text) for k, what, text in DIFFERENCES if (k, what) == (kind, "order")]
        for order in {tuple(order): None for order in [*orders, *extra]}:
            yield kind, "order", list(order)


FUNCTIONS = {
    ("runs", "filter"): clauses_of_runs,
    ("runs", "order"): keys_of_runs,
    ("experiments", "filter"): clauses_of_experiments,
    ("experiments", "order"): keys_of_experiments,
}


def entries() -> Iterator[dict[str, Any]]:
    session = Session()
    for kind, what, text in texts():
        written = text if isinstance(text, str) else json.dumps(text, ensure_ascii=False)
        reason = DIFFERENCES.get((kind, what, written))
        differs = {"differs": reason} if reason else {}
        answer = ask(FUNCTIONS[kind, what], text, session)
        yield {"kind": kind, "what": what, "text": text, **answer, **differs}


def main() -> None:
    lines = [json.dumps(e, ensure_ascii=False, separators=(",", ":")) for e in entries()]
    FIXTURE.parent.mkdir(exist_ok=True)
    FIXTURE.write_text("[\n" + ",\n".join(lines) + "\n]\n", encoding="utf-8")


if __name__ == "__main__":
    main()
