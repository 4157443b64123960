"""The intended differences of the artifact routes; see differences.py."""

from expectations import Difference, Expected, group, refused

SHAPE = "mlflow's web framework answers a text, a page or `detail`; Roost answers its error shape"

IN_PARTS = "mlflow takes parts and gives ranges of an object store alone, Roost of a directory, too"
NO_PARTS = Expected(501, "NOT_IMPLEMENTED", "^Multipart upload is not supported")
NO_RANGES = Expected(501, "NOT_IMPLEMENTED", "^Multipart download is not supported")

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
    *group(
        "artifacts: in parts",
        NO_PARTS,
        Expected(200, text="upload_id"),
        IN_PARTS,
        "create",
        "create as text",
    ),
    *group(
        "artifacts: in parts",
        NO_PARTS,
        refused("^Multipart upload is not supported for the current artifact repository with"),
        IN_PARTS,
        "create no parts",
        "create too many parts",
    ),
    *group(
        "artifacts: in parts",
        NO_PARTS,
        Expected(404, "RESOURCE_DOES_NOT_EXIST", "^There is no upload with this id"),
        IN_PARTS,
        "complete",
        "abort",
    ),
    Difference(
        "artifacts: in parts/ranges",
        NO_RANGES,
        Expected(200, text='"file_size": 5'),
        IN_PARTS,
    ),
    Difference(
        "artifacts: in parts/ranges of nothing",
        NO_RANGES,
        Expected(404, "RESOURCE_DOES_NOT_EXIST", "^No such artifact"),
        IN_PARTS,
    ),
    Difference(
        "artifacts: in parts/ranges of a directory",
        NO_RANGES,
        refused("^Artifact path refers to a directory"),
        IN_PARTS,
    ),
]
