"""The system that receives webhooks: a real HTTP server of this machine."""

from __future__ import annotations

import json
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any


@dataclass(frozen=True)
class Received:
    """One request."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Receiver:
    """Where the server listens, what it got, and how it answers.

    ``answers``: the statuses of the next answers; after them 204. ``before_answer`` is called with
    the handler after a request was read; returning True, it has answered.
    """

    url: str = ""
    got: list[Received] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    before_answer: Callable[[BaseHTTPRequestHandler], bool | None] = lambda _handler: None


@contextmanager
def receiver(context: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    """A server on a free port, until the end of the block.

    Args:
        context: for HTTPS; with the name localhost.
    """
    state = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            state.got.append(Received(self.path, headers, body))
            if state.before_answer(self):
                return
            self.send_response(state.answers.pop(0) if state.answers else 204)
            self.send_header("Location", state.url)
            self.end_headers()

        def log_message(self, *_args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.block_on_close = False
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    host = "localhost" if context else "127.0.0.1"
    state.url = f"http{'s' if context else ''}://{host}:{server.server_port}/hooks?key=a"
    thread = Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
