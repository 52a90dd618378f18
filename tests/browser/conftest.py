"""A real browser, and a whole house of real processes for it to look at."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.journeys.house import House, open_house
from tests.support.browser import need_chromium
from tests.support.database import SqliteDatabases

QUIET = (
    *("--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, headless: $CHROMIUM, or the one of this machine."""
    path = os.environ.get("CHROMIUM") or need_chromium()
    # Its own sandbox does not start as root, which is what CI is.
    sandbox = [] if os.geteuid() else ["--no-sandbox"]
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=[*sandbox, *QUIET])
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def house(
    browser: Browser, sqlite_databases: SqliteDatabases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    """Open at 11:00 on a Monday; the phones' time runs twice as fast."""
    folder: Path = tmp_path_factory.mktemp("browser-house")
    url = sqlite_databases.fresh()
    with open_house(folder, url, time_scale=2.0) as opened:
        yield opened
    sqlite_databases.drop(url)
