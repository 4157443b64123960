"""Searches of registered models and of model versions: filters, orders, pages, what is refused."""

from steps import Step, Stream, get, post

from streams.registered_models import LATER, MV, RM, model, patch, tag, version

WORDS = ("found ", "sought ")  # what the names begin with, in the one stream and in the other


def ours(answer: object) -> object:
    """The answer without what other streams have made."""
    if not isinstance(answer, dict) or "error_code" in answer:
        return answer
    key = "registered_models" if "registered_models" in answer else "model_versions"
    return [item for item in answer.get(key, []) if item["name"].startswith(WORDS)]


def names(answer: object) -> object:
    """Names and versions in their order; an error as it is."""
    if not isinstance(answer, dict) or "error_code" in answer:
        return answer
    items = answer.get("registered_models", answer.get("model_versions", []))
    return [(item["name"], item.get("version")) for item in items if item["name"].startswith(WORDS)]


def search(area: str, name: str, text: str | None, **more: object) -> Step:
    view = more.pop("view", ours)
    query: dict[str, object] = {"filter": text, "max_results": "1000", **more}
    return get(name, area + "search", {k: v for k, v in query.items() if v is not None}, view=view)


FILTERS = [
    "name = 'found a'",
    'name = "found a"',
    "name='found a'",
    "name != 'found a' AND name LIKE 'found %'",
    "name like 'found %'",
    "name LIKE 'FOUND %'",
    "name ILIKE 'FOUND %'",
    "name LIKE 'found _'",
    "name LIKE '%%'",
    "name IN ('found a', 'found b')",
    "name IN ('found a')",
    "name NOT IN ('found a')",
    "name in ('found a')",
    "attribute.name = 'found a'",
    "tags.env = 'prod'",
    "tag.env = 'prod'",
    "tags.env != 'prod'",
    "tags.env LIKE 'p%'",
    "tags.env ilike 'P%'",
    "tags.`env` = 'prod'",
    'tags."env" = "prod"',
    "tags.'env' = 'prod'",
    "tags.`two words` = 'x'",
    "tags.a.b = 'dotted'",
    "tags.env = 'prod' AND tags.team = 'x'",
    "tags.env = 'prod' AND tags.env = 'test'",
    "tags.env = 'prod' AND tags.env LIKE 'p%'",
    "name = 'found a' AND tags.env = 'prod'",
    "name = 'found a' AND name = 'found b'",
    "name = 'found a' AND",
    "AND name = 'found a'",
    "name = 'found a' name = 'found a'",
    "name = ''",
    "name = 'it''s'",
    "run_id = 'r1'",
    "run_id != 'r1'",
    "run_id IN ('r1', 'r2')",
    "run_id NOT IN ('r1')",
    "run_id LIKE 'r%'",
    "source_path = 's3://bucket/1'",
    "source_path LIKE 's3://bucket/%'",
    "source_path ILIKE 'S3://%'",
    "version_number = 1",
    "version_number = '1'",
    "version_number != 1",
    "version_number > 1",
    "version_number >= 2",
    "version_number < 2",
    "version_number <= '1'",
    "version_number = -1",
    "attribute.version_number = 1",
    "name = 'found a' AND version_number > 1",
]

REFUSED = [
    " ",
    "name > 'x'",
    "name == 'x'",
    "name <> 'x'",
    "name RLIKE 'x'",
    "name REGEXP 'x'",
    "name = x",
    "name = 5",
    "name = 5.5",
    "name IN ()",
    "name IN (1)",
    "name IN ('a', 1)",
    "name IN ('a'",
    "name IS NULL",
    "name IS NOT NULL",
    "tags.env IS NULL",
    "tags.env IS NOT NULL",
    "name = ('a')",
    "name NOT LIKE 'a'",
    "'name' = 'x'",
    "`name` = 'x'",
    '"name" = "x"',
    "attribute.`name` = 'x'",
    "attributes.name = 'x'",
    "attr.name = 'x'",
    "model.name = 'x'",
    "`attribute`.name = 'x'",
    "metrics.a = 1",
    "params.a = 'x'",
    "dataset.name = 'x'",
    "NAME = 'x'",
    "foo = 'x'",
    "description = 'x'",
    "tags.env > 'a'",
    "tags.env = 5",
    "tags.env = prod",
    "tags.env IN ('a')",
    "tags.env NOT IN ('a')",
    "tags.env RLIKE 'a'",
    "creation_timestamp > 5",
    "last_updated_timestamp > 5",
    "version_number = 'x'",
    "version_number = 1.5",
    "version_number = '1.5'",
    "version_number LIKE '1'",
    "version_number IN ('1')",
    "version_number IN (1)",
    "run_id = 5",
    "run_id > 'x'",
    "source_path = 5",
    "source_path > 'x'",
    "source_path IN ('x')",
    "current_stage = 'None'",
    "name = 'x' OR name = 'y'",
    "(name = 'x')",
    "a b c",
    "x",
    "name",
    "=",
    "name = ",
    "= 'x'",
    "name = 'x",
    "name = 'x' AND name",
    "name = 'x'; name = 'y'",
    "name = 'x' -- y",
    "1 = 1",
    "name = 'x' AND 1 = 1",
]

ORDERS = [
    ["name"],
    ["name ASC"],
    ["name DESC"],
    ["name desc"],
    ["timestamp"],
    ["timestamp ASC"],
    ["timestamp  desc"],
    ["last_updated_timestamp"],
    ["last_updated_timestamp DESC"],
    ["last_updated_timestamp DESC", "name"],
    ["creation_timestamp"],
    ["creation_timestamp DESC"],
    ["version_number"],
    ["version_number DESC", "name DESC"],
    ["name DESC", "version_number"],
    ["attribute.name"],
    ["attribute.version_number DESC"],
    ["`name`"],
    ["`name` DESC"],
    ["'name'"],
    ['"name"'],
    ["name", "name DESC"],
    ["timestamp", "last_updated_timestamp"],
    ["NAME"],
    ["Timestamp"],
    ["TIMESTAMP DESC"],
    ["timestamp x"],
    ["timestamp asc x"],
    ["timestamp, name"],
    ["tags.env"],
    ["attributes.name"],
    ["metrics.a"],
    ["run_id"],
    ["foo"],
    ["name SIDEWAYS"],
    ["name asc desc"],
    ["name, version_number"],
    ["name ASC, version_number"],
    [""],
    [" "],
    ["name;"],
    ["1"],
]

LIMITS = ["0", "-1", "1", "1000", "1001", "200000", "200001", "x", "1.5", ""]
TOKENS = ["x", "!!!", "e30=", "eyJvZmZzZXQiOiAieCJ9", "eyJvZmZzZXQiOiAtMX0="]


def make(word: str) -> list[Step]:
    """Four models and five versions."""
    a, b, c, d = (word + letter for letter in "abcD")
    return [
        model(a, tags=[tag("env", "prod"), tag("team", "x"), tag("a.b", "dotted")]),
        model(b, tags=[tag("env", "test"), tag("two words", "x")]),
        model(c, tags=[tag("env", "prod")], description="third"),
        model(d),
        version("a 1", a, "s3://bucket/1", run_id="r1", tags=[tag("env", "prod")]),
        version("b 1", b, "s3://bucket/2", run_id="r2", tags=[tag("team", "x")]),
        version("a 2", a, "dbfs:/3", run_id="r1", tags=[tag("env", "test"), tag("team", "x")]),
        version("a 3", a, "s3://bucket/4", tags=[tag("env", "prod"), tag("team", "x")]),
        version("c 1", c, "s3://bucket/5", tags=[tag("two words", "x"), tag("a.b", "dotted")]),
        patch("b 1 described", MV + "update", {"name": b, "version": "1", "description": "d"}),
        patch("c described", RM + "update", {"name": c, "description": "changed"}),
        post("alias", RM + "alias", {"name": a, "alias": "best", "version": "1"}, pause=LATER),
        post(
            "a 2 to production",
            MV + "transition-stage",
            {
                "name": a,
                "version": "2",
                "stage": "Production",
                "archive_existing_versions": False,
            },
            pause=LATER,
        ),
    ]


def area(title: str, path: str, word: str) -> Stream:
    """One stream of searches; both areas are asked the same, and each refuses its part of it."""
    scope = f"name LIKE '{word}%'"
    filters = [
        text.replace("found ", word).replace("FOUND ", word.upper()) for text in FILTERS + REFUSED
    ]
    page = {"filter": scope, "max_results": "2", "order_by": "name"}
    return Stream(
        title,
        [
            *make(word),
            search(path, "everything of ours", scope),
            search(path, "no filter", None),
            search(path, "no limit", scope, max_results=None),
            *(search(path, f"filter {text}", text) for text in filters),
            *(search(path, f"order {o}", scope, order_by=o, view=names) for o in ORDERS),
            *(search(path, f"limit {n!r}", scope, max_results=n, view=names) for n in LIMITS),
            *(search(path, f"token {t}", scope, page_token=t, max_results="1") for t in TOKENS),
            get("page 1", path + "search", page, capture={"token": "next_page_token"}, view=names),
            get("page 2", path + "search", {**page, "page_token": "{token}"}, view=names),
            post("by POST", path + "search", {"filter": scope}),
        ],
    )


STREAMS = [area("registry: models", RM, WORDS[0]), area("registry: versions", MV, WORDS[1])]
