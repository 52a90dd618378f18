"""Pages under gunicorn, beside a plain view under the same gunicorn."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import requests
from flask import Flask

from bench import load
from bench.cores import keep_to_core
from bench.database import NOW, durable
from bench.plan import Plan, in_turn, say
from bench.table import Row
from config import ROOT, Settings
from helpline.db import db
from helpline.factory import create_app
from tests import factories
from tests.cast import ASHA
from tests.journeys.live_services import clean_environment, end, free_port, prepare, until
from tests.support.settings import environment_of, settings_for_tests
from tests.support.web import Client

_GUNICORN = ("-m", "gunicorn", "--config", "deploy/gunicorn.conf.py", "--workers", "1")
_PATIENCE_SECONDS = 60
_PARTS = 10
_MINUTE = 60
_STARTING_SECONDS = 4


@dataclass(frozen=True, slots=True)
class Page:
    """A page to measure.

    Args:
        headers: returns the request headers, by the seconds since the start.
        size: length of the page in bytes.
        status: of the response.
    """

    words: str
    url: str
    headers: Callable[[float], Mapping[str, str]]
    size: int
    at_least: float
    status: int = 200


def against_plain(plan: Plan) -> Sequence[Row]:
    """Answers a second of the pages that are asked for most, beside a plain view's."""
    rows = []
    with opened() as (settings, app), _gunicorn(settings) as _, _plain() as plain:
        for page in _pages(settings, app):
            ours, theirs = in_turn(
                plan.rounds,
                lambda p=page: _rate(p, plan.seconds),  # type: ignore[misc]
                lambda p=page: load.rate(f"{plain}/{p.size}", plan.seconds),  # type: ignore[misc]
            )
            say(f"{page.words}: {ours:,.0f}/s against {theirs:,.0f}/s")
            rows.append(Row(page.words, ours, theirs, "/s", at_least=page.at_least))
    return rows


def memory(plan: Plan) -> Sequence[Row]:
    """What a web process holds after very many requests, beside what it held after a tenth."""
    with opened() as (settings, app), _gunicorn(settings) as master:
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
        token, asked_at = factories.link(), time.monotonic()
        cookie = _signed_in(app)
    main, request, queue = f"{url}/", f"{url}/request/{token}", f"{url}/desk/queue"

    def unchanged(seconds: float) -> Mapping[str, str]:
        """The desk's queue contains minutes of waiting, so it is requested where none ends
        meanwhile.
        """
        left = _MINUTE - (time.monotonic() - asked_at) % _MINUTE
        if left < seconds + _STARTING_SECONDS:
            time.sleep(left + 1)
        came = requests.get(queue, headers=cookie, timeout=10)
        came.raise_for_status()
        return {**cookie, "If-None-Match": came.headers["ETag"], "HX-Request": "true"}

    return (
        Page("the visitor's main page", main, _nothing, _size(main), 0.7),
        Page("the page of a request", request, _nothing, _size(request), 0.5),
        Page(
            "the desk asks, nothing changed (304)", queue, unchanged, _size(queue, cookie), 0.5, 304
        ),
    )


def _nothing(_seconds: float) -> Mapping[str, str]:
    return {}


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
def _gunicorn(settings: Settings) -> Iterator[int]:
    """Our application; the id of its process."""
    environment = {**clean_environment(), **environment_of(settings)}
    with _served("app:create_app()", settings.public_url, "/healthz", environment) as process:
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
    command = [sys.executable, *_GUNICORN, "--max-requests", "0", "--bind", url.partition("//")[2]]
    process = subprocess.Popen(
        [*command, "--log-level", "warning", app],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    keep_to_core(0, process.pid)
    try:
        until(lambda: _answers(url + ready), f"{app} answers", _PATIENCE_SECONDS)
        yield process.pid
    finally:
        end([process])


def _answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=5).ok
    except requests.RequestException:
        return False
