"""A small client of the tracking API for setting up and for counting what arrived. Never timed."""

import http.client
import json
from urllib.parse import urlencode

PREFIX = "/api/2.0/mlflow"


class API:
    """One keep-alive connection to a server on the loopback."""

    def __init__(self, port: int, timeout: float = 120):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)

    def close(self) -> None:
        self.connection.close()

    def get(self, path: str, **query) -> dict:
        return self._send("GET", f"{PREFIX}/{path}?{urlencode(query)}", None)

    def post(self, path: str, **body) -> dict:
        return self._send("POST", f"{PREFIX}/{path}", json.dumps(body))

    def _send(self, method: str, path: str, body: str | None) -> dict:
        return json.loads(self.raw(method, path, body))

    def raw(self, method: str, path: str, body: str | None = None) -> bytes:
        """The bytes of a good answer to a request by its whole path."""
        try:
            answer, content = self._exchange(method, path, body)
        except (BrokenPipeError, ConnectionResetError, http.client.RemoteDisconnected):
            # mlflow closes a connection after five idle seconds: nobody has read this request.
            self.connection.close()
            answer, content = self._exchange(method, path, body)
        if answer.status != 200:
            raise RuntimeError(f"{method} {path}: {answer.status} {content[:300]!r}")
        return content

    def _exchange(self, method: str, path: str, body: str | None):
        headers = {"Content-Type": "application/json"} if body else {}
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        return answer, answer.read()

    def create_experiment(self, name: str) -> str:
        return self.post("experiments/create", name=name)["experiment_id"]

    def create_run(self, experiment: str, **fields) -> str:
        return self.post("runs/create", experiment_id=experiment, **fields)["run"]["info"]["run_id"]

    def runs(self, experiment: str, **search):
        """All runs that a search finds, page after page."""
        token = None
        while True:
            page = {"page_token": token} if token else {}
            answer = self.post(
                "runs/search", experiment_ids=[experiment], max_results=1000, **search, **page
            )
            yield from answer.get("runs", [])
            token = answer.get("next_page_token")
            if not token:
                return

    def history(self, run: str, key: str):
        """All points of one series, page after page."""
        token = None
        while True:
            page = {"page_token": token} if token else {}
            answer = self.get(
                "metrics/get-history", run_id=run, metric_key=key, max_results=10000, **page
            )
            yield from answer.get("metrics", [])
            token = answer.get("next_page_token")
            if not token:
                return
