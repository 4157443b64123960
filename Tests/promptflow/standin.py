"""A stand-in for OpenAI's API on 127.0.0.1: chat completions with token counts known before.

The counts follow from the question alone (`usage_of`), so that a test can compare what arrived at
the tracking server with what was said here. A question with FAIL in it is refused with 400.
"""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

FAIL = "please fail"
REFUSAL = "the stand-in was asked to fail: 失敗"


def usage_of(question: str) -> dict[str, int]:
    """Token counts that differ from question to question, and from each other."""
    prompt = 7 + len(question)
    completion = 3 + sum(question.encode()) % 89
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
    }


def answer_to(question: str) -> str:
    return f"答え: {question[::-1]}"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))))
        question = body["messages"][-1]["content"].strip()
        with self.server.lock:
            self.server.asked.append(question)
        if not self.path.endswith("/chat/completions"):
            self.answer(404, {"error": {"message": f"no {self.path} here", "type": "not_found"}})
        elif FAIL in question:
            self.answer(400, {"error": {"message": REFUSAL, "type": "invalid_request_error"}})
        else:
            self.answer(200, completion(body["model"], question))

    def answer(self, status: int, content: dict) -> None:
        data = json.dumps(content, ensure_ascii=False).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        pass


def completion(model: str, question: str) -> dict:
    message = {"role": "assistant", "content": answer_to(question)}
    return {
        "id": "chatcmpl-standin",
        "object": "chat.completion",
        "created": 1_700_000_000,
        "model": model,
        "choices": [{"index": 0, "finish_reason": "stop", "message": message}],
        "usage": usage_of(question),
    }


class Standin(ThreadingHTTPServer):
    """Use it as a context manager; `asked` holds every question in the order of arrival."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.lock = threading.Lock()
        self.asked: list[str] = []
        self.url = f"http://127.0.0.1:{self.server_address[1]}/v1"
        self.thread = threading.Thread(target=self.serve_forever, daemon=True)

    def __enter__(self) -> Standin:
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.thread.join()
        self.server_close()
