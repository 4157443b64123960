"""What several users ask of a server with users, step by step: the same for both sides."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

PASSWORD = "a-long-password"


@dataclass
class Step:
    """A request: who sends it, and what; `{name}` stands for what an earlier answer held."""

    who: str
    method: str
    path: str
    body: dict[str, Any] = field(default_factory=dict)
    keep: tuple[str, ...] = ()
    """A name, and the way to what is kept under it in the answer."""


def grant(who: str, user: str, level: str, kind: str, name: str) -> Step:
    body = {"username": user, "resource_type": kind, "resource_id": name, "permission": level}
    return Step(who, "POST", "3.0/mlflow/users/permissions/grant", body)


def users() -> list[Step]:
    """Making, reading and changing users."""
    create = "2.0/mlflow/users/create"
    password = "2.0/mlflow/users/update-password"
    return [
        *(
            Step("admin", "POST", create, {"username": name, "password": PASSWORD})
            for name in ("ann", "bob", "eve")
        ),
        Step("admin", "POST", create, {"username": "ann", "password": PASSWORD}),
        Step("admin", "POST", create, {"username": "x", "password": "short"}),
        Step("admin", "POST", create, {"username": "", "password": PASSWORD}),
        Step("admin", "POST", create, {"username": "x"}),
        Step("ann", "POST", create, {"username": "x", "password": PASSWORD}),
        Step("ann", "GET", "2.0/mlflow/users/current"),
        Step("ann", "GET", "2.0/mlflow/users/get", {"username": "ann"}),
        Step("ann", "GET", "2.0/mlflow/users/get", {"username": "bob"}),
        Step("admin", "GET", "2.0/mlflow/users/get", {"username": "bob"}),
        Step("admin", "GET", "2.0/mlflow/users/get", {"username": "nobody"}),
        Step("admin", "GET", "2.0/mlflow/users/get"),
        Step("ann", "GET", "2.0/mlflow/users/list"),
        Step("admin", "GET", "2.0/mlflow/users/list"),
        Step("nobody", "GET", "2.0/mlflow/users/list"),
        Step("", "GET", "2.0/mlflow/users/list"),
        Step(
            "ann", "PATCH", "2.0/mlflow/users/update-admin", {"username": "ann", "is_admin": True}
        ),
        Step("ann", "PATCH", password, {"username": "ann", "password": "another-password"}),
        Step(
            "ann",
            "PATCH",
            password,
            {"username": "ann", "password": "another-password", "current_password": "wrong"},
        ),
        Step(
            "ann",
            "PATCH",
            password,
            {"username": "ann", "password": PASSWORD, "current_password": PASSWORD},
        ),
        Step("ann", "PATCH", password, {"username": "bob", "password": "another-password"}),
        Step("admin", "PATCH", password, {"username": "eve", "password": "another-password"}),
        Step("eve", "GET", "2.0/mlflow/users/current"),
        Step("admin", "PATCH", password, {"username": "nobody", "password": "another-password"}),
        Step("admin", "DELETE", "2.0/mlflow/users/delete", {"username": "admin"}),
        Step("admin", "DELETE", "2.0/mlflow/users/delete", {"username": "eve"}),
        Step("admin", "DELETE", "2.0/mlflow/users/delete", {"username": "eve"}),
    ]


def roles() -> list[Step]:
    """Roles, what they grant and who has them."""
    add = "3.0/mlflow/roles/permissions/add"
    edit = {"resource_type": "experiment", "resource_pattern": "*", "permission": "EDIT"}
    create = "3.0/mlflow/roles/create"
    team = {"name": "team", "workspace": "default", "description": "d"}
    return [
        Step("admin", "POST", create, team, ("role", "role", "id")),
        Step("admin", "POST", create, team),
        Step("admin", "POST", create, {"name": " ", "workspace": "default"}),
        Step("admin", "POST", create, {"name": "__user_9__", "workspace": "default"}),
        Step("admin", "POST", create, {"name": "x"}),
        Step("ann", "POST", create, {"name": "x", "workspace": "default"}),
        Step("admin", "POST", add, {"role_id": "{role}", **edit}, ("p", "role_permission", "id")),
        Step("admin", "POST", add, {"role_id": "{role}", **edit}),
        Step("admin", "POST", add, {"role_id": 999, **edit}),
        Step("admin", "POST", add, {"role_id": "x", **edit}),
        Step("admin", "POST", add, {"role_id": "{role}", **edit, "permission": "NO_PERMISSIONS"}),
        Step("admin", "POST", add, {"role_id": "{role}", **edit, "permission": "ALL"}),
        Step("admin", "POST", add, {"role_id": "{role}", **edit, "resource_type": "thing"}),
        Step(
            "admin",
            "POST",
            add,
            {"role_id": "{role}", **edit, "resource_type": "run", "resource_pattern": "x"},
        ),
        Step("admin", "POST", add, {"role_id": "{role}", **edit, "resource_type": "workspace"}),
        Step("admin", "GET", "3.0/mlflow/roles/get", {"role_id": "{role}"}),
        Step("admin", "GET", "3.0/mlflow/roles/get", {"role_id": "999"}),
        Step("bob", "GET", "3.0/mlflow/roles/get", {"role_id": "{role}"}),
        Step("admin", "GET", "3.0/mlflow/roles/list", {"workspace": "default"}),
        Step("admin", "GET", "3.0/mlflow/roles/list"),
        Step("bob", "GET", "3.0/mlflow/roles/list", {"workspace": "default"}),
        Step("admin", "POST", "3.0/mlflow/roles/assign", {"username": "ann", "role_id": "{role}"}),
        Step("admin", "POST", "3.0/mlflow/roles/assign", {"username": "ann", "role_id": "{role}"}),
        Step("admin", "POST", "3.0/mlflow/roles/assign", {"username": "no", "role_id": "{role}"}),
        Step("ann", "GET", "3.0/mlflow/roles/get", {"role_id": "{role}"}),
        Step("ann", "GET", "3.0/mlflow/roles/list"),
        Step("ann", "GET", "3.0/mlflow/roles/list", {"workspace": "default"}),
        Step("ann", "GET", "3.0/mlflow/users/roles/list", {"username": "ann"}),
        Step("bob", "GET", "3.0/mlflow/users/roles/list", {"username": "ann"}),
        Step("ann", "GET", "3.0/mlflow/users/current/permissions"),
        Step("admin", "GET", "3.0/mlflow/users/permissions/list", {"username": "ann"}),
        Step("admin", "GET", "3.0/mlflow/roles/users/list", {"role_id": "{role}"}),
        Step("ann", "GET", "3.0/mlflow/roles/users/list", {"role_id": "{role}"}),
        Step("admin", "GET", "3.0/mlflow/roles/permissions/list", {"role_id": "{role}"}),
        Step(
            "admin",
            "PATCH",
            "3.0/mlflow/roles/permissions/update",
            {"role_permission_id": "{p}", "permission": "READ"},
        ),
        Step("admin", "PATCH", "3.0/mlflow/roles/update", {"role_id": "{role}", "name": "crew"}),
        Step("admin", "PATCH", "3.0/mlflow/roles/update", {"role_id": "{role}"}),
        Step(
            "admin", "DELETE", "3.0/mlflow/roles/permissions/remove", {"role_permission_id": "{p}"}
        ),
        Step(
            "admin", "DELETE", "3.0/mlflow/roles/permissions/remove", {"role_permission_id": "{p}"}
        ),
        Step(
            "admin", "DELETE", "3.0/mlflow/roles/unassign", {"username": "ann", "role_id": "{role}"}
        ),
        Step(
            "admin", "DELETE", "3.0/mlflow/roles/unassign", {"username": "ann", "role_id": "{role}"}
        ),
        Step("admin", "DELETE", "3.0/mlflow/roles/delete", {"role_id": "{role}"}),
        Step("admin", "DELETE", "3.0/mlflow/roles/delete", {"role_id": "{role}"}),
    ]


def things() -> list[Step]:
    """Who may do what with an experiment of ann's, and with a model: bob's level grows."""
    steps = [
        Step(
            "ann", "POST", "2.0/mlflow/experiments/create", {"name": "hers"}, ("e", "experiment_id")
        ),
        Step(
            "ann",
            "POST",
            "2.0/mlflow/runs/create",
            {"experiment_id": "{e}"},
            ("r", "run", "info", "run_id"),
        ),
        Step(
            "ann",
            "POST",
            "2.0/mlflow/logged-models",
            {"experiment_id": "{e}", "name": "m"},
            ("lm", "model", "info", "model_id"),
        ),
        Step("ann", "POST", "2.0/mlflow/registered-models/create", {"name": "hers"}),
        Step(
            "ann",
            "POST",
            "2.0/mlflow/model-versions/create",
            {"name": "hers", "source": "s3://b/m"},
        ),
        Step("admin", "POST", "2.0/mlflow/experiments/create", {"name": "other"}),
    ]
    revoke = "3.0/mlflow/users/permissions/revoke"
    for level in ("", "DENY", "READ", "USE", "EDIT", "MANAGE"):
        for kind, name in (("experiment", "{e}"), ("registered_model", "hers")):
            target = {"username": "bob", "resource_type": kind, "resource_id": name}
            if level not in {"", "DENY"}:
                steps.append(Step("ann", "POST", revoke, target))
            if level:
                steps.append(grant("ann", "bob", level, kind, name))
            steps.append(Step("bob", "GET", "3.0/mlflow/users/permissions/get", target))
        steps += probes("bob")
    steps += [
        grant("bob", "nobody", "READ", "experiment", "{e}"),
        grant("ann", "bob", "MANAGE", "experiment", "{e}"),
        grant("ann", "bob", "MANAGE", "workspace", "*"),
        grant("ann", "bob", "READ", "experiment", "*"),
        grant("admin", "bob", "DENY", "run", "*"),
        *probes("bob"),
        Step(
            "admin",
            "POST",
            revoke,
            {"username": "bob", "resource_type": "run", "resource_id": "*"},
        ),
        Step(
            "bob", "POST", revoke, {"username": "bob", "resource_type": "run", "resource_id": "*"}
        ),
        Step(
            "bob",
            "POST",
            "2.0/mlflow/registered-models/rename",
            {"name": "hers", "new_name": "his"},
        ),
        *probes("bob"),
        Step("bob", "DELETE", "2.0/mlflow/registered-models/delete", {"name": "his"}),
        Step("bob", "GET", "2.0/mlflow/registered-models/get", {"name": "his"}),
        Step("bob", "POST", "2.0/mlflow/experiments/delete", {"experiment_id": "{e}"}),
        Step("bob", "POST", "2.0/mlflow/experiments/restore", {"experiment_id": "{e}"}),
    ]
    return steps


def probes(who: str) -> list[Step]:
    """What somebody may do, in requests that change little."""
    v2 = "2.0/mlflow/"
    run = {"run_id": "{r}"}
    return [
        Step(who, "GET", v2 + "experiments/get", {"experiment_id": "{e}"}),
        Step(who, "GET", v2 + "experiments/get-by-name", {"experiment_name": "hers"}),
        Step(who, "GET", v2 + "experiments/get-by-name", {"experiment_name": "nothing"}),
        Step(who, "GET", v2 + "experiments/get", {"experiment_id": "12345"}),
        Step(who, "POST", v2 + "experiments/search", {"max_results": 100}),
        Step(who, "POST", v2 + "runs/search", {"experiment_ids": ["{e}", "0"]}),
        Step(who, "POST", v2 + "logged-models/search", {"experiment_ids": ["{e}", "0"]}),
        Step(who, "GET", v2 + "registered-models/search"),
        Step(who, "GET", v2 + "model-versions/search"),
        Step(who, "GET", v2 + "runs/get", run),
        Step(who, "GET", v2 + "runs/get", {"run_id": "0" * 32}),
        Step(who, "POST", v2 + "runs/set-tag", {**run, "key": "k", "value": "v"}),
        Step(who, "POST", v2 + "runs/log-metric", {**run, "key": "k", "value": 1, "timestamp": 1}),
        Step(who, "POST", v2 + "runs/delete", run),
        Step(who, "POST", v2 + "runs/restore", run),
        Step(who, "POST", v2 + "runs/create", {"experiment_id": "{e}", "run_name": "more"}),
        Step(who, "GET", v2 + "artifacts/list", run),
        Step(who, "GET", v2 + "logged-models/{lm}"),
        Step(who, "PATCH", v2 + "logged-models/{lm}/tags", {"tags": [{"key": "k", "value": "v"}]}),
        Step(who, "DELETE", v2 + "logged-models/{lm}/tags/k"),
        Step(
            who,
            "POST",
            v2 + "experiments/set-experiment-tag",
            {"experiment_id": "{e}", "key": "k", "value": "v"},
        ),
        Step(who, "GET", v2 + "registered-models/get", {"name": "hers"}),
        Step(
            who,
            "POST",
            v2 + "registered-models/set-tag",
            {"name": "hers", "key": "k", "value": "v"},
        ),
        Step(
            who,
            "POST",
            v2 + "registered-models/alias",
            {"name": "hers", "alias": "a", "version": "1"},
        ),
        Step(who, "GET", v2 + "registered-models/alias", {"name": "hers", "alias": "a"}),
        Step(who, "DELETE", v2 + "registered-models/alias", {"name": "hers", "alias": "a"}),
        Step(who, "GET", v2 + "model-versions/get", {"name": "hers", "version": "1"}),
        Step(
            who,
            "POST",
            v2 + "model-versions/set-tag",
            {"name": "hers", "version": "1", "key": "k", "value": "v"},
        ),
        Step(
            who,
            "DELETE",
            v2 + "model-versions/delete-tag",
            {"name": "hers", "version": "1", "key": "k"},
        ),
        Step(who, "GET", v2 + "model-versions/get", {"name": "nothing", "version": "1"}),
        Step(who, "GET", "2.0/mlflow-artifacts/artifacts", {"path": "{e}"}),
        Step(who, "GET", "2.0/mlflow-artifacts/artifacts", {"path": "other/place"}),
        Step(who, "PUT", "2.0/mlflow-artifacts/artifacts/{e}/{r}/artifacts/a.txt"),
        Step(who, "GET", "2.0/mlflow-artifacts/artifacts/{e}/{r}/artifacts/a.txt"),
    ]
