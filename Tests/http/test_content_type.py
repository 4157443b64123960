"""Content-Type of a body: JSON, or 400. A form or a text, which any page can send, is no JSON.

BI-61.
"""

from __future__ import annotations

import pytest
from raw import API, assert_error, exchange
from support.servers import RoostServer

BODY = '{"max_results": 1}'


def send(url: str, *lines: str) -> object:
    head = [f"POST {API}experiments/search HTTP/1.1", "Host: localhost", *lines]
    return exchange(url, "\r\n".join([*head, f"Content-Length: {len(BODY)}", "", BODY]))


@pytest.mark.parametrize("value", ["application/json", "application/json; charset=utf-8"])
def test_json(roost: RoostServer, value: str) -> None:
    assert send(roost.url, f"Content-Type: {value}").status == 200


def test_missing(roost: RoostServer) -> None:
    body = assert_error(send(roost.url), 400, "INVALID_PARAMETER_VALUE")
    assert body["message"] == "Bad Request. Content-Type header is missing."


@pytest.mark.parametrize(
    "value",
    [
        "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x",
        "<script>alert(1)</script>", "application/json2", "application/xml",
    ],
)  # fmt: skip
def test_another(roost: RoostServer, value: str) -> None:
    answer = send(roost.url, f"Content-Type: {value}")
    body = assert_error(answer, 400, "INVALID_PARAMETER_VALUE")
    assert body["message"] == "Bad Request. Content-Type must be one of ['application/json']."
    assert "script" not in body["message"]
    assert answer.headers["content-type"].startswith("application/json")


@pytest.mark.parametrize("root", ["/api", "/ajax-api"])
def test_a_refused_body_changes_nothing(roost: RoostServer, root: str) -> None:
    body = '{"name": "made by a form"}'
    answer = exchange(
        roost.url,
        f"POST {root}/2.0/mlflow/experiments/create HTTP/1.1\r\nHost: localhost\r\n"
        f"Content-Type: text/plain\r\nContent-Length: {len(body)}\r\n\r\n{body}",
    )
    assert_error(answer, 400)
    found = exchange(
        roost.url,
        f"GET {API}experiments/get-by-name?experiment_name=made+by+a+form HTTP/1.1\r\n"
        "Host: localhost\r\n\r\n",
    )
    assert found.status == 404
