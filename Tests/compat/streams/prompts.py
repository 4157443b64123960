"""Prompts: registered models with a tag, their versions, and how searches leave them out."""

from steps import Stream, get, post

from streams.registered_models import MV, RM, delete, model, read, tag, version

IS_PROMPT = "mlflow.prompt.is_prompt"
PROMPT = [tag(IS_PROMPT, "true")]

# What MLflow's own client adds to a filter, and other ways to speak of the tag.
FILTERS = [
    "",
    f"tags.`{IS_PROMPT}` = 'true'",
    f"tag.`{IS_PROMPT}` = 'true'",
    f"tags.{IS_PROMPT} = 'true'",
    f"tags.`{IS_PROMPT}` = 'TRUE'",
    f"tags.`{IS_PROMPT}` = 'false'",
    f"tags.`{IS_PROMPT}` != 'true'",
    f"tags.`{IS_PROMPT}` != 'false'",
    f"tags.`{IS_PROMPT}` LIKE 'true'",
    f"tags.`{IS_PROMPT}` ILIKE '%R%'",
    f"name LIKE 'prompts %' AND tags.`{IS_PROMPT}` = 'true'",
    f"name LIKE 'prompts %' AND tags.`{IS_PROMPT}` != 'true'",
    f"tags.`{IS_PROMPT}` = 'true' AND tags.`{IS_PROMPT}` = 'false'",
    f"tags.`{IS_PROMPT}` = 'false' AND tags.`{IS_PROMPT}` = 'true'",
    f"tags.`{IS_PROMPT}` = 'true' AND tags.team = 'a'",
    "tags.team = 'a'",
    "name = 'prompts greeting'",
    f"name = 'prompts greeting' AND tags.`{IS_PROMPT}` = 'true'",
]


def text(name: str, step: str, words: str, **fields: object):
    tags = [*PROMPT, tag("mlflow.prompt.text", words), *fields.pop("more", [])]
    return version(step, name, "dummy-source", tags=tags, **fields)


def only_ours(answer: object) -> object:
    """The answer without what other streams have made."""
    if not isinstance(answer, dict) or "error_code" in answer:
        return answer
    key = "registered_models" if "registered_models" in answer else "model_versions"
    return [item for item in answer.get(key, []) if item["name"].startswith("prompts ")]


STREAMS = [
    Stream(
        "prompts",
        [
            model("prompts greeting", tags=[*PROMPT, tag("team", "a")], description="says hello"),
            text("prompts greeting", "version 1", "Hello {{name}}", description="first"),
            text("prompts greeting", "version 2", "Hi {{name}}", more=[tag("author", "x")]),
            read("prompt", "prompts greeting"),
            get("version", MV + "get", {"name": "prompts greeting", "version": "2"}),
            post(
                "alias",
                RM + "alias",
                {"name": "prompts greeting", "alias": "live", "version": "1"},
            ),
            get("by alias", RM + "alias", {"name": "prompts greeting", "alias": "live"}),
            get("latest", RM + "alias", {"name": "prompts greeting", "alias": "latest"}),
            post(
                "version tag",
                MV + "set-tag",
                {"name": "prompts greeting", "version": "1", "key": "k", "value": "v"},
            ),
            post(
                "prompt tag",
                RM + "set-tag",
                {"name": "prompts greeting", "key": "k", "value": "v"},
            ),
            delete(
                "version tag removed",
                MV + "delete-tag",
                {"name": "prompts greeting", "version": "1", "key": "k"},
            ),
            post("the same prompt", RM + "create", {"name": "prompts greeting", "tags": PROMPT}),
            post("a model of that name", RM + "create", {"name": "prompts greeting"}),
            post(
                "a tag that says no is still a prompt's",
                RM + "create",
                {"name": "prompts greeting", "tags": [tag(IS_PROMPT, "false")]},
            ),
            model("prompts no", tags=[tag(IS_PROMPT, "false")]),
            model("prompts TRUE", tags=[tag(IS_PROMPT, "TRUE")]),
            model("prompts model", tags=[tag("team", "a")]),
            version("of a model", "prompts model"),
            version("of a model that says no", "prompts no"),
            model("prompts mixed"),
            version("a plain one", "prompts mixed"),
            text("prompts mixed", "a prompt's", "x"),
            text("prompts TRUE", "one with a capital tag", "y"),
            version("a model's in a prompt", "prompts greeting", "s3://b/x"),
            version("a prompt of a model", "prompts model", "models:/prompts greeting/1"),
            version(
                "long text",
                "prompts greeting",
                "prompt-template",
                tags=[*PROMPT, tag("mlflow.prompt.text", "x" * 100_000)],
            ),
            version(
                "too long text",
                "prompts greeting",
                "dummy-source",
                tags=[*PROMPT, tag("mlflow.prompt.text", "x" * 100_001)],
            ),
            delete(
                "long text deleted",
                MV + "delete",
                {"name": "prompts greeting", "version": "4"},
            ),
            *(
                get(
                    f"models: {text}",
                    RM + "search",
                    {"filter": text, "max_results": 1000},
                    view=only_ours,
                )
                for text in FILTERS
            ),
            *(
                get(
                    f"versions: {text}",
                    MV + "search",
                    {"filter": text, "max_results": 1000, "order_by": "name"},
                    view=only_ours,
                )
                for text in FILTERS
            ),
            delete("delete version 1", MV + "delete", {"name": "prompts greeting", "version": "1"}),
            get("alias of it", RM + "alias", {"name": "prompts greeting", "alias": "live"}),
            delete("delete the prompt", RM + "delete", {"name": "prompts greeting"}),
            read("deleted", "prompts greeting"),
        ],
    )
]
