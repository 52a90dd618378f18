"""The fixtures that all tests share.

====================  ============================================================================
``app``               the application on a fresh database, its context pushed; runs twice, on
                      SQLite and on PostgreSQL
``client``            a browser without JavaScript: get, post, submit(page, ...), sign_in(ASHA)
``new_client``        another browser, as often as it is called
``at``                puts the clock: at("2026-11-23 10:00"), at.later(minutes=5)
``second_app``        another process's application on the same database
``settings``          the settings of ``app``; changed with @pytest.mark.settings(name=value)
``database_url``      a fresh migrated database
``database_kind``     sqlite and postgresql in turn; one of them only with
                      @pytest.mark.parametrize("database_kind", ["sqlite"]); for the tests of
                      ON_ONE one of the two, drawn by the test's name, unless --on-both
``databases``         where such databases come from: fresh(), empty(), drop(url)
``chromium``          a real browser; ``page`` a page of it
====================  ============================================================================

The people are in tests/cast.py; tests/factories.py brings them, and their callbacks, to life.
"""

from __future__ import annotations

import gc
import os
import tempfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest

from config import ROOT, Settings
from tests.support.clock import Clock
from tests.support.settings import settings_for_tests

if TYPE_CHECKING:
    from flask import Flask
    from playwright.sync_api import Browser, Page

    from tests.support.database import PostgresDatabases, SqliteDatabases
    from tests.support.web import Client

# The same cases every time, so that a change is judged by itself. For others, as often as you
# like: --hypothesis-profile=other-cases
hypothesis.settings.register_profile("same-cases", derandomize=True)
hypothesis.settings.register_profile("other-cases", derandomize=False)
hypothesis.settings.load_profile("same-cases")

KINDS = ("sqlite", "postgresql")
ON_ONE = (
    ("api", "embed", "inbound", "languages", "messaging", "referrals", "staff", "web")
    + ("cli", "text_overrides", "attacks/test_audit_log.py", "calls/test_correct_outcome.py")
    + ("calls/test_drafts.py", "calls/test_earlier_calls.py", "calls/test_emergencies.py")
    + ("calls/test_help_requests.py", "calls/test_outbound.py", "calls/test_outcomes.py")
    + ("calls/test_safe_times.py", "calls/test_shortcuts.py", "calls/test_undo_outcome.py")
    + ("dispatch/test_call_settings.py", "dispatch/test_carrier_routes.py")
    + ("dispatch/test_preflight.py", "invariants/test_crisis_numbers_always.py")
    + ("invariants/test_hours.py", "privacy/test_key_check.py", "webhooks/test_pages.py")
)
"""Tests of pages, texts and codes: what they ask of a database, others ask of both."""

LONGEST_FIRST = (
    ("test_quick_exit", "test_whole_story", "test_story_in_browser", "test_helpline_machine")
    + ("test_worker_killed", "test_web_starts", "test_inbound_calls", "test_push", "test_wheel")
    + ("test_sms", "test_visitor_pages", "test_in_hindi", "test_one_machine", "test_any_restore")
    + ("test_running_page",)
)
"""The modules that take the longest, in order: each more than ten seconds on its own."""


def pytest_configure() -> None:
    """What the developer's own environment says is not for tests."""
    for name in list(os.environ):
        if name.startswith("HELPLINE_") or name == "DATABASE_URL":
            del os.environ[name]


def pytest_addoption(parser: pytest.Parser) -> None:
    """--on-both."""
    parser.addoption("--on-both", action="store_true", help="every test on both databases")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what one database is enough for, and begin with what takes long."""
    if not config.getoption("--on-both"):
        _leave_out(config, items)
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    if workers > 1:
        items[:] = _longest_first(items, workers)


def _leave_out(config: pytest.Config, items: list[pytest.Item]) -> None:
    moved = [name for name in ON_ONE if not (ROOT / "tests" / name).exists()]
    assert not moved, f"ON_ONE names what is gone: {moved}"
    names = Counter(_name_and_kind(each)[0] for each in items)
    left_out = [each for each in items if names[_name_and_kind(each)[0]] > 1 and _is_other(each)]
    config.hook.pytest_deselected(items=left_out)
    gone = set(left_out)
    items[:] = [each for each in items if each not in gone]


def pytest_collection_finish() -> None:
    """Keep the garbage collector away from what is imported by now; it never becomes garbage.

    Each test makes an application of thousands of objects, and each time all was looked through.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def _longest_first(items: list[pytest.Item], workers: int) -> list[pytest.Item]:
    # xdist gives each worker one stretch of the list to begin with. The long modules are dealt out
    # to the first half of these stretches, with others between, so that no worker is left alone
    # with one at the end, and few run side by side.
    by_module: dict[str, list[pytest.Item]] = {name: [] for name in LONGEST_FIRST}
    others: list[pytest.Item] = []
    for each in items:
        by_module.get(each.path.stem, others).append(each)
    modules = [found for found in by_module.values() if found]
    ordered: list[pytest.Item] = []
    for number in range(workers):
        of_worker = modules[number::workers]
        left = workers - number
        size = (len(items) - len(ordered)) // left - sum(map(len, of_worker))
        step = max(0, size) // (2 * len(of_worker) + 1)
        for each in of_worker:
            ordered += each
            ordered += others[:step]
            del others[:step]
        rest = max(0, size - step * len(of_worker))
        ordered += others[:rest]
        del others[:rest]
    return ordered + others


def _name_and_kind(item: pytest.Item) -> tuple[str, str | None]:
    spec = getattr(item, "callspec", None)
    kind = spec.params.get("database_kind") if spec else None
    name = item.nodeid.replace(f"{kind}-", "").replace(f"-{kind}", "").replace(f"[{kind}]", "")
    return name, kind


def _is_other(item: pytest.Item) -> bool:
    name, kind = _name_and_kind(item)
    path = item.path.relative_to(ROOT / "tests")
    is_on_one = path.parts[0] in ON_ONE or path.as_posix() in ON_ONE
    return kind in KINDS and is_on_one and kind != KINDS[zlib.crc32(name.encode()) % 2]


@pytest.fixture(scope="session", autouse=True)
def no_file_left_behind() -> Iterator[None]:
    """Fail where a test writes into the work tree, such as to a path that was never set."""
    before = set(os.listdir(ROOT))
    yield
    new = {name for name in os.listdir(ROOT) if not name.startswith((".", "__"))} - before
    assert new <= {"instance", "test-results"}, f"left in {ROOT}: {sorted(new)}"


@pytest.fixture
def at() -> Iterator[Clock]:
    """The clock, to be put where the test wants it."""
    clock = Clock()
    yield clock
    clock.stop()


@pytest.fixture(scope="session")
def sqlite_databases() -> Iterator[SqliteDatabases]:
    """SQLite files."""
    from tests.support.database import SqliteDatabases, quick_folder

    with tempfile.TemporaryDirectory(prefix="helpline-sqlite-", dir=quick_folder()) as folder:
        yield SqliteDatabases(Path(folder))


@pytest.fixture(scope="session")
def postgresql_databases() -> Iterator[PostgresDatabases]:
    """A PostgreSQL server that lives as long as this test process."""
    from tests.support.database import PostgresDatabases

    server = PostgresDatabases()
    yield server
    server.stop()


@pytest.fixture(params=KINDS)
def database_kind(request: pytest.FixtureRequest) -> str:
    """sqlite or postgresql: a test that touches the database runs on both."""
    return str(request.param)


@pytest.fixture
def databases(
    request: pytest.FixtureRequest, database_kind: str
) -> SqliteDatabases | PostgresDatabases:
    """Where databases come from."""
    found: SqliteDatabases | PostgresDatabases = request.getfixturevalue(
        f"{database_kind}_databases"
    )
    return found


@pytest.fixture
def database_url(
    request: pytest.FixtureRequest, databases: SqliteDatabases | PostgresDatabases
) -> Iterator[str]:
    """A fresh database at head."""
    if hasattr(request, "param"):
        pytest.fail('for one kind only: @pytest.mark.parametrize("database_kind", ["sqlite"])')
    url = databases.fresh()
    yield url
    databases.drop(url)


@pytest.fixture
def make_settings(tmp_path: Path, database_url: str) -> Callable[..., Settings]:
    """Settings with changes, all of one folder and one database."""

    def make(**changes: Any) -> Settings:
        return settings_for_tests(tmp_path / "instance", database_url, **changes)

    return make


@pytest.fixture
def settings(request: pytest.FixtureRequest, make_settings: Callable[..., Settings]) -> Settings:
    """The settings of ``app``."""
    changes: dict[str, Any] = {}
    for mark in reversed(list(request.node.iter_markers("settings"))):
        changes.update(mark.kwargs)
    return make_settings(**changes)


@contextmanager
def _opened(settings: Settings) -> Iterator[Flask]:
    # Imported here so that the tests of domain/ and phonesim/ run without the rest of the house.
    from jinja2 import StrictUndefined

    from helpline.cli import commands
    from helpline.db import db
    from helpline.factory import create_app
    from tests.support import app_cache, write_guard
    from tests.support.web import Client

    app_cache.prepare(db)
    write_guard.install()
    app = create_app(settings)
    app.testing = True
    app.cli.add_command(commands.group)
    app.test_client_class = Client
    app.jinja_env.bytecode_cache = app_cache.COMPILED
    app.jinja_env.undefined = StrictUndefined
    app_cache.use_cheap_password_hashes(app)
    try:
        yield app
    finally:
        app_cache.give_back(db, app)


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    """The application. Its context is pushed: db.session works in the test."""
    with _opened(settings) as app, app.app_context():
        yield app


@pytest.fixture
def second_app(app: Flask, settings: Settings) -> Iterator[Flask]:
    """The application as another process has it: connections of its own, the same database."""
    with _opened(settings) as second:
        yield second


@pytest.fixture
def client(app: Flask) -> Client:
    """A browser without JavaScript."""
    return app.test_client()


@pytest.fixture
def new_client(app: Flask) -> Callable[[], Client]:
    """More browsers: another person, another cookie jar."""
    return app.test_client


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """A real browser, headless."""
    from playwright.sync_api import expect, sync_playwright

    from tests.support.browser import QUIET, need_chromium

    expect.set_options(timeout=60_000)  # milliseconds
    path = os.environ.get("CHROMIUM") or need_chromium()
    with sync_playwright() as playwright:
        # Chromium's own sandbox does not start as root, which is what CI is.
        sandbox = [] if os.geteuid() else ["--no-sandbox"]
        browser = playwright.chromium.launch(executable_path=path, args=[*sandbox, *QUIET])
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A page of a phone's size, with cookies of its own."""
    context = chromium.new_context(viewport={"width": 390, "height": 844}, locale="en-IN")
    yield context.new_page()
    context.close()
