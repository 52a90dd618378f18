"""A server that answers as it is told, in the shapes of Plivo's API, and remembers what came."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from helpline.telephony.plivo.client import PlivoCarrier
from helpline.telephony.plivo.http import PlivoAccount
from tests.cast import CARRIER_TOKEN, HELPLINE

AUTH_ID = "MA00000000000000TEST"
PATH = f"/v1/Account/{AUTH_ID}/"
NOT_FOUND = (404, {"api_id": "x", "error": "not found"})


@dataclass
class Asked:
    """A request that came: without the address of the account."""

    method: str
    resource: str
    query: dict[str, str]
    body: Any
    token: str


@dataclass
class PlivoServer:
    """``answers``: status and body by method and resource ("GET Call/x/ live"); else 404."""

    url: str = ""
    answers: dict[str, Any] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    refused_tokens: tuple[str, ...] = ()

    def carrier(self, *tokens: str) -> PlivoCarrier:
        first, second = (*tokens, "", "")[:2]
        account = PlivoAccount(AUTH_ID, first or CARRIER_TOKEN, self.url, HELPLINE, 2.0, second)
        return PlivoCarrier(account)

    def requests(self) -> list[str]:
        return [f"{one.method} {one.resource}" for one in self.asked]

    def answer(self, asked: Asked) -> tuple[int, Any]:
        self.asked.append(asked)
        if asked.token in self.refused_tokens:
            return 401, "Could not verify your access level."
        words = (asked.method, asked.resource, asked.query.get("status", ""))
        found = self.answers.get(" ".join(word for word in words if word), NOT_FOUND)
        return found if isinstance(found, tuple) else (200, found)


@contextmanager
def serving() -> Iterator[PlivoServer]:
    plivo = PlivoServer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(length)
            parts = urlsplit(self.path)
            user, _, token = (
                base64.b64decode(self.headers.get("Authorization", "").removeprefix("Basic "))
                .decode()
                .partition(":")
            )
            asked = Asked(
                self.command,
                parts.path.removeprefix(PATH),
                dict(parse_qsl(parts.query)),
                json.loads(body) if body else None,
                token if user == AUTH_ID else "",
            )
            status, answer = plivo.answer(asked)
            raw = answer if isinstance(answer, bytes) else None
            if raw is None:
                raw = (answer if isinstance(answer, str) else json.dumps(answer)).encode()
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("Location", plivo.url + "/elsewhere")
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        do_POST = do_DELETE = do_GET  # noqa: N815 the names of the base class

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    plivo.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield plivo
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
