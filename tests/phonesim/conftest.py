"""A simulated network, and a small service that gives it instructions."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

from tests.phonesim.fixtures import Service, Sim, start


class _Quiet(WSGIRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        pass


@pytest.fixture
def service() -> Iterator[Service]:
    """The service, served on a free port."""
    app = Flask("service")
    made = Service()
    methods = ["GET", "POST"]
    app.add_url_rule("/<path:rest>", view_func=lambda rest: made.answer(), methods=methods)
    http = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
    made.url = f"http://127.0.0.1:{http.port}"
    thread = threading.Thread(
        target=http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
    )
    thread.start()
    yield made
    http.shutdown()
    thread.join()
    http.server_close()


@pytest.fixture
def sim() -> Iterator[Sim]:
    """A network whose time runs sixty times as fast."""
    made = start()
    yield made
    made.server.stop()


@pytest.fixture
def start_sim() -> Iterator[Callable[..., Sim]]:
    """Start networks with settings of one's own."""
    made: list[Sim] = []

    def begin(**more: Any) -> Sim:
        made.append(start(**more))
        return made[-1]

    yield begin
    for one in made:
        one.server.stop()
