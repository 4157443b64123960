"""Requests made up from the OpenAPI document, good and bad, answered as the document says.

Left out on purpose: the check that every request the document allows succeeds (ids are made up, so
many do not exist) and the check that every other request is refused (MLflow reads "1" as a number
and ignores unknown fields, and so does Roost). A 501 is no defect where the document has it.
"""

from __future__ import annotations

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


@schemathesis.check
def no_server_error_but_documented_ones(
    context: schemathesis.CheckContext, response: schemathesis.Response, case: schemathesis.Case
) -> bool | None:
    documented = case.operation.definition.raw["responses"]
    if str(response.status_code) in documented:
        return None
    return not_a_server_error(context, response, case)


CHECKS = [
    no_server_error_but_documented_ones,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    unsupported_method,
]

schema = schemathesis.openapi.from_path(REPOSITORY / "api-spec" / "openapi.json")


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
