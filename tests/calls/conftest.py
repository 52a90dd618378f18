"""The telephone line of tests/calls/fixtures.py, as the fixture ``line``."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

from config import Settings
from helpline.cli.worker import carrier_contexts
from helpline.worker import runner
from tests import factories
from tests.calls.fixtures import Line, Phones, phones_running
from tests.cast import ASHA
from tests.support.carriers import PLIVO_NUMBER, TWILIO, account
from tests.support.clock import Clock
from tests.support.web import Client

# In real seconds; the simulated network is told the same and runs faster.
FAST = {"carrier_timeout_seconds": 5, "calls_per_second": 100}


class _Quiet(WSGIRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        pass


class Door:
    """An HTTP server that is there before the application it serves."""

    def __init__(self) -> None:
        self.app: Flask | None = None
        self.http = make_server("127.0.0.1", 0, self._serve, threaded=True, request_handler=_Quiet)
        self.url = f"http://127.0.0.1:{self.http.port}"

    def _serve(self, environ: Any, start_response: Any) -> Any:
        if self.app is None:
            start_response("503 Service Unavailable", [])
            return [b""]
        return self.app(environ, start_response)


@pytest.fixture(scope="session")
def phones_process() -> Iterator[Phones]:
    """One simulated network for all tests."""
    with phones_running() as phones:
        yield phones


@pytest.fixture
def phones(phones_process: Phones) -> Iterator[Phones]:
    """The network as after its start; nothing of one test happens in the next."""
    phones_process.tell("POST", "/reset")
    yield phones_process
    phones_process.tell("POST", "/reset")


@pytest.fixture
def door() -> Iterator[Door]:
    """Where the carrier reaches the application."""
    made = Door()
    thread = threading.Thread(
        target=made.http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
    )
    thread.start()
    yield made
    made.http.shutdown()
    thread.join()
    made.http.server_close()


@pytest.fixture
def carrier() -> str:
    """Where the account is. Modules and tests name another."""
    return TWILIO


@pytest.fixture
def settings(
    request: pytest.FixtureRequest, make_settings: Callable[..., Settings], carrier: str
) -> Settings:
    """The settings of ``app``; for tests with a line, those of the line."""
    changes: dict[str, Any] = {}
    if "line" in request.fixturenames:
        changes |= FAST
        changes["public_url"] = request.getfixturevalue("door").url
        url = request.getfixturevalue("phones").url
        changes |= account(carrier, url, plivo_number=PLIVO_NUMBER)
    for mark in reversed(list(request.node.iter_markers("settings"))):
        changes.update(mark.kwargs)
    return make_settings(**changes)


@pytest.fixture
def line(app: Flask, door: Door, phones: Phones, at: Clock, client: Client) -> Line:
    """A line at eleven in the morning, the helpline open."""
    real = time.time()
    at("2026-11-23 11:00")
    phones.tell("PUT", "/clock", {"offset_seconds": time.time() - real})
    door.app = app
    with app.app_context():
        settings = app.extensions["helpline"].settings
    ticks = runner.build_jobs("test", carrier_contexts(app), settings.published_crisis_file)
    factories.staff(ASHA)
    client.sign_in(ASHA)
    return Line(app, phones, ticks, at, client)


@pytest.fixture
def asha(client: Client) -> Client:
    """Asha's browser, signed in."""
    factories.staff(ASHA)
    client.sign_in(ASHA)
    return client
