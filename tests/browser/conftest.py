"""A real browser, and a whole house of real processes for it to look at."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.journeys.live_services import House, open_house
from tests.languages.third import with_urdu
from tests.support.browser import QUIET, need_chromium
from tests.support.database import SqliteDatabases

__all__ = ["with_urdu"]


@pytest.fixture(scope="session")
def browser(chromium: Browser) -> Browser:
    """Chromium, headless: the one that all tests of this process share."""
    return chromium


@pytest.fixture(scope="session")
def chromium_with_back_cache(browser: Browser) -> Iterator[Browser]:
    """Chromium with the memory for the Back button that tests are usually spared."""
    opened = browser.browser_type.launch(
        executable_path=need_chromium(),
        args=[*([] if os.geteuid() else ["--no-sandbox"]), *QUIET],
        ignore_default_args=["--disable-back-forward-cache"],
    )
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
