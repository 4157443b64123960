"""search-datasets: what runs of an experiment have read, by context."""

from steps import AJAX, Stream, experiment, get, post, run

from streams.inputs_outputs import dataset

SEARCH = AJAX + "experiments/search-datasets"


def by_name(document):
    """The summaries in an order of ours: no server promises one."""
    found = document.get("dataset_summaries", [])
    return sorted(found, key=lambda each: (each["name"], each["digest"], each.get("context", "")))


def search(name: str, ids=("{exp}",), path: str = SEARCH):
    return post(name, path, {"experiment_ids": list(ids)}, view=by_name)


def inputs(name: str, key: str, *datasets):
    body = {"run_id": "{" + key + "}", "datasets": list(datasets)}
    return post(name, "runs/log-inputs", body)


def context(value: str) -> list:
    return [("mlflow.data.context", value), ("other", "x")]


STREAMS = [
    Stream(
        "datasets: search",
        [
            experiment("datasets: search"),
            experiment("datasets: search, second", "second"),
            experiment("datasets: search, empty", "empty"),
            run("a"),
            run("b"),
            run("c", exp="{second}"),
            search("none yet"),
            inputs("of a", "a", dataset("x", tags=context("training")), dataset("y", "2")),
            inputs("of b", "b", dataset("x", tags=context("eval")), dataset("y", "2")),
            inputs("b again", "b", dataset("x", tags=context("later"))),
            inputs("of c", "c", dataset("x", tags=context("training")), dataset("é", "日")),
            search("one experiment"),
            search("two experiments", ["{exp}", "{second}"]),
            search("an experiment twice", ["{exp}", "{exp}"]),
            search("an experiment without runs", ["{empty}"]),
            search("unknown experiment", ["99999"]),
            search("known and unknown", ["99999", "{second}"]),
            search("20 experiments", [str(100_000 + i) for i in range(20)]),
            search("21 experiments", [str(100_000 + i) for i in range(21)]),
            search("not an id", ["abc"]),
            search("no experiment", []),
            post("nothing", SEARCH, {}),
            post("text", SEARCH, {"experiment_ids": "x"}),
            post("integers", SEARCH, {"experiment_ids": [5]}),
            post("null", SEARCH, {"experiment_ids": None}),
            get("by GET", SEARCH, {"experiment_ids": "1"}),
            search("not for clients", path="experiments/search-datasets"),
            search("the table's own path", path="/api/2.0mlflow/experiments/search-datasets"),
            search("and for pages", path="/ajax-api/2.0mlflow/experiments/search-datasets"),
            post("delete run b", "runs/delete", {"run_id": "{b}"}),
            search("with a deleted run"),
            post("delete experiment", "experiments/delete", {"experiment_id": "{second}"}),
            search("of a deleted experiment", ["{second}"]),
        ],
    ),
]
