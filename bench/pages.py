"""Pages under gunicorn, beside a plain view under the same gunicorn."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import psutil
import requests
from flask import Flask

from bench import load, services
from bench.cores import keep_to_core
from bench.database import NOW, durable
from bench.plan import Plan, in_turn, say
from bench.table import Row
from config import Settings
from helpline.db import db
from helpline.factory import create_app
from tests import factories
from tests.cast import ARJUN, ASHA
from tests.journeys.live_services import clean_environment, free_port, prepare, until
from tests.support.settings import settings_for_tests
from tests.support.web import Client

_PATIENCE_SECONDS = 60
_PARTS = 10
_MINUTE = 60
_STARTING_SECONDS = 4
_A_DAY = timedelta(days=1)
BROWSER = {"Accept-Encoding": "gzip, deflate, br, zstd"}
"""Headers."""
_QUEUE_EVERY_SECONDS, _LINE_EVERY_SECONDS = 3, 2
"""How often a desk polls: see templates/desk."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page to measure.

    Args:
        headers: returns the request headers, by the seconds since the start.
        size: length of the page in bytes, before compression.
        at_least: the bound beside a plain view of this size; None where it is not judged.
        status: of the response.
    """

    words: str
    url: str
    headers: Callable[[float], Mapping[str, str]]
    size: int
    at_least: float | None = None
    status: int = 200


def against_plain(plan: Plan) -> Sequence[Row]:
    """Answers a second of the pages that are asked for most, beside a plain view's."""
    rows = []
    with opened() as (settings, app), gunicorn(settings) as _, _plain() as plain:
        for page in _pages(settings, app):
            plain_headers = BROWSER if page.status == 200 else {}
            ours, theirs = in_turn(
                plan.rounds,
                lambda p=page: _rate(p, plan.seconds),  # type: ignore[misc]
                lambda p=page, h=plain_headers: load.rate(  # type: ignore[misc]
                    f"{plain}/{p.size}", plan.seconds, h
                ),
            )
            say(f"{page.words}: {ours:,.0f}/s against {theirs:,.0f}/s")
            rows.append(Row(page.words, ours, theirs, "/s", at_least=page.at_least))
    return rows


def polls(plan: Plan) -> Sequence[Row]:
    """How many desks a core serves whose queue and status line do not change."""
    with opened() as (settings, app), gunicorn(settings):
        *_, queue, line = _pages(settings, app)
        line_rate, queue_rate = in_turn(
            plan.rounds, lambda: _rate(line, plan.seconds), lambda: _rate(queue, plan.seconds)
        )
    say(f"the queue {queue_rate:,.0f}/s, the status line {line_rate:,.0f}/s")
    of_a_desk = 1 / (queue_rate * _QUEUE_EVERY_SECONDS) + 1 / (line_rate * _LINE_EVERY_SECONDS)
    line_ms, queue_ms = 1000 / line_rate, 1000 / queue_rate
    return [
        Row("the status line, unchanged, beside the queue", line_ms, queue_ms, "ms", at_most=1.5),
        Row("desks with a callback that a core serves", 1 / of_a_desk, at_least=500),
    ]


def refused(plan: Plan) -> Sequence[Row]:
    """What it costs to refuse a request, beside what it costs to serve it."""
    with opened() as (settings, app):
        other = settings.model_copy(update={"public_url": f"http://127.0.0.1:{free_port()}"})
        with gunicorn(settings), gunicorn(other, "bench.refusing:create_app()"):
            served, *_ = _pages(settings, app)
            no = replace(served, url=f"{other.public_url}/", status=503)
            refusals, answers = in_turn(
                plan.rounds, lambda: _rate(no, plan.seconds), lambda: _rate(served, plan.seconds)
            )
    say(f"refused {refusals:,.0f}/s, served {answers:,.0f}/s")
    words = "a request that is refused (503), beside one that is served"
    return [Row(words, 1000 / refusals, 1000 / answers, "ms", at_most=0.1)]


def memory(plan: Plan) -> Sequence[Row]:
    """What a web process holds after very many requests, beside what it held after a tenth."""
    with opened() as (settings, app), gunicorn(settings) as master:
        pages = _pages(settings, app)
        held = []
        for part in range(_PARTS):
            for page in pages:
                share = max(1, plan.requests // _PARTS // len(pages))
                load.answers(page.url, page.headers(0), 8, share)
            (worker,) = psutil.Process(master).children()
            held.append(worker.memory_info().rss / 2**20)
            say(f"after {plan.requests * (part + 1) // _PARTS:,} requests {held[-1]:.0f} MB")
    words = f"memory of a web process after {plan.requests:,} requests, against a tenth of them"
    return [Row(words, held[-1], held[0], "MB", at_most=1.05)]


def _rate(page: Page, seconds: float) -> float:
    """Answers a second; every one must be what it is measured as."""
    return load.rate(page.url, seconds, page.headers(seconds), status=page.status)


def _pages(settings: Settings, app: Flask) -> Sequence[Page]:
    url = settings.public_url
    with app.app_context():
        claimed = factories.claimed(ASHA, ARJUN)
        claimed.claim_ends_at = NOW + _A_DAY
        db.session.commit()
        token, asked_at = factories.link(), time.monotonic()
        cookie = _signed_in(app)
    main, request, queue = f"{url}/", f"{url}/request/{token}", f"{url}/desk/queue"
    crisis, line = f"{url}/crisis", f"{url}/desk/hand"

    def unchanged(address: str, seconds: float) -> Mapping[str, str]:
        """The desk's queue contains minutes of waiting, so it is requested where none ends
        meanwhile.
        """
        left = _MINUTE - (time.monotonic() - asked_at) % _MINUTE
        if left < seconds + _STARTING_SECONDS:
            time.sleep(left + 1)
        came = requests.get(address, headers=cookie, timeout=10)
        came.raise_for_status()
        return {**cookie, "If-None-Match": came.headers["ETag"], "HX-Request": "true"}

    return (
        Page("the visitor's main page", main, _as_browsers_ask, _size(main), 0.8),
        Page("the page of a request", request, _as_browsers_ask, _size(request), 0.8),
        Page("the crisis page", crisis, _as_browsers_ask, _size(crisis), 1),
        Page(
            "the desk asks for the queue, nothing changed (304)",
            queue,
            partial(unchanged, queue),
            _size(queue, cookie),
            status=304,
        ),
        Page(
            "the desk asks for its status line, nothing changed (304)",
            line,
            partial(unchanged, line),
            _size(line, cookie),
            status=304,
        ),
    )


def _as_browsers_ask(_seconds: float) -> Mapping[str, str]:
    return BROWSER


def _size(url: str, headers: Mapping[str, str] | None = None) -> int:
    plain = {**(headers or {}), "Accept-Encoding": "identity"}
    page = requests.get(url, timeout=10, headers=plain)
    page.raise_for_status()
    return len(page.content)


def _signed_in(app: Flask) -> dict[str, str]:
    """The cookie of an advisor's browser."""
    app.test_client_class = Client
    browser = app.test_client()
    assert isinstance(browser, Client)
    browser.sign_in(ASHA)
    kept = browser.get_cookie("session")
    assert kept is not None
    return {"Cookie": f"session={kept.value}"}


@contextmanager
def opened() -> Iterator[tuple[Settings, Flask]]:
    """The application with the cast in it, on a durable PostgreSQL, its clock on a morning when we
    are open."""
    with durable() as server, tempfile.TemporaryDirectory() as folder:
        settings = settings_for_tests(
            Path(folder) / "instance",
            server.fresh(),
            public_url=f"http://127.0.0.1:{free_port()}",
            clock_offset_seconds=NOW.timestamp() - time.time(),
        )
        prepare(settings)
        app = create_app(settings)
        yield settings, app
        with app.app_context():
            db.engine.dispose()


@contextmanager
def gunicorn(settings: Settings, application: str = "app:create_app()") -> Iterator[int]:
    """Our application; the id of its process."""
    environment = services.environment(settings)
    with _served(application, settings.public_url, "/healthz", environment) as process:
        yield process


@contextmanager
def _plain() -> Iterator[str]:
    """The plain one; its address."""
    url = f"http://127.0.0.1:{free_port()}"
    with _served("bench.plain:create_app()", url, "/1000", clean_environment()):
        yield url


@contextmanager
def _served(app: str, url: str, ready: str, environment: dict[str, str]) -> Iterator[int]:
    """One process with a core of its own, as each has where there is one for every core."""
    command = services.web(url, "--max-requests", "0", processes=1, application=app)
    program = services.Program(command, environment)
    with services.running([program]):
        keep_to_core(0, program.pid)
        until(lambda: services.answers(url + ready), f"{app} answers", _PATIENCE_SECONDS)
        yield program.pid
