"""The intended differences of the artifact routes; see differences.py."""

from expectations import Difference, Expected, group, refused

SHAPE = "mlflow's web framework answers a text, a page or `detail`; Roost answers its error shape"

ARTIFACTS: list[Difference] = [
    *group(
        "artifacts: proxy",
        Expected(400),
        refused("refers to a directory, not a file"),
        SHAPE,
        "a directory",
        "a directory with a slash",
    ),
    *group(
        "artifacts: proxy",
        Expected(400),
        refused("must include a filename"),
        SHAPE,
        "put with a slash at the end",
    ),
    *group(
        "artifacts: proxy",
        Expected(400),
        refused("[Rr]ange"),
        SHAPE,
        "range that is none",
        "range of another unit",
        "range backwards",
    ),
    *group(
        "artifacts: on a directory",
        Expected(500),
        refused("refers to a directory, not a file"),
        "mlflow fails with 500, which its client retries for minutes; bad input is 400",
        "on the directory",
    ),
    *group(
        "artifacts: of runs",
        Expected(400),
        refused("Request must specify path"),
        SHAPE,
        "get without a path",
    ),
]
