"""Requests made up from the OpenAPI document, good and bad, answered as the document says.

Left out on purpose: the check that every request the document allows succeeds (ids are made up, so
many do not exist) and the check that every other request is refused (MLflow reads "1" as a number
and ignores unknown fields, and so does Roost). A 501 is no defect where the document has it, nor
for a method that MLflow has there and Roost has not.
"""

from __future__ import annotations

import json

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)
from support.servers import REPOSITORY, RoostServer

DOCUMENT = json.loads((REPOSITORY / "api-spec" / "openapi.json").read_text(encoding="utf-8"))
# One query of MLflow's pages is answered, all others are refused.
PARTLY = {"/ajax-api/2.0/mlflow/gateway-proxy"}


def is_told(response: schemathesis.Response, case: schemathesis.Case) -> bool:
    """Whether the status is one that the document announces, or a 501 for what is MLflow's alone:
    a method that the document has not on this path may be one of MLflow's."""
    path = case.operation.path
    is_ours = case.method.lower() in DOCUMENT["paths"][path]
    if response.status_code == 501 and (path in PARTLY or not is_ours):
        return response.json()["error_code"] == "NOT_IMPLEMENTED"
    return str(response.status_code) in case.operation.definition.raw["responses"]


@schemathesis.check
def no_server_error_but_told_ones(
    context: schemathesis.CheckContext, response: schemathesis.Response, case: schemathesis.Case
) -> bool | None:
    return None if is_told(response, case) else not_a_server_error(context, response, case)


@schemathesis.check
def other_methods_are_refused(
    context: schemathesis.CheckContext, response: schemathesis.Response, case: schemathesis.Case
) -> bool | None:
    return None if is_told(response, case) else unsupported_method(context, response, case)


CHECKS = [
    no_server_error_but_told_ones,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    other_methods_are_refused,
]

schema = schemathesis.openapi.from_dict(DOCUMENT)


@pytest.fixture(scope="module")
def server() -> RoostServer:
    """A server of its own: made-up requests fill the store with made-up names."""
    with RoostServer() as one:
        yield one


@schema.parametrize()
@settings(
    max_examples=30,
    derandomize=True,
    deadline=None,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_answers_as_the_document_says(server: RoostServer, case: schemathesis.Case) -> None:
    case.call_and_validate(base_url=server.url, checks=CHECKS, timeout=10)
