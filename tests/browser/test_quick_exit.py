"""Exit, Back and the history of the tab, in the engines of all browsers that people have."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from threading import Thread

import pytest
from flask import Flask, Response
from playwright.sync_api import Browser, expect
from werkzeug.serving import make_server

from helpline.directory.crisis import quick_exit
from helpline.factory import create_app
from tests.browser.screens import picture
from tests.browser.website import Website, website
from tests.support import engines
from tests.support.database import SqliteDatabases
from tests.support.engines import Chromium, Engine, Firefox, wait_for, wait_for_url
from tests.support.settings import settings_for_tests

OPEN = "2026-11-23 11:00"
PHONE = "098765-00001"
NAMES = ("chromium", "firefox", "webkit")


@pytest.fixture(scope="module")
def site(
    sqlite_databases: SqliteDatabases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Website]:
    """The visitors' website, without a worker and without phones."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    url = sqlite_databases.fresh()
    app = create_app(settings_for_tests(tmp_path_factory.mktemp("leaving"), url))
    with website(app) as opened:
        opened.at(OPEN)
        yield opened
    sqlite_databases.drop(url)


def _serve(page: str) -> Iterator[str]:
    app = Flask("other")
    app.add_url_rule("/", view_func=lambda: page)
    app.add_url_rule("/favicon.ico", "icon", view_func=lambda: Response(status=404))
    server = make_server("127.0.0.1", 0, app, threaded=True)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()


@pytest.fixture(scope="module")
def neutral_site(site: Website) -> Iterator[str]:
    """Where Exit leads."""
    for address in _serve("<title>Weather</title><h1>Sunny</h1>"):
        published = quick_exit.published_path(
            site.app.extensions["helpline"].settings.published_crisis_file
        )
        quick_exit.publish(published, quick_exit.Safety(address))
        yield address
        published.unlink()


@pytest.fixture(scope="module")
def before(site: Website) -> Iterator[str]:
    """A page that the visitor was on before, and that leads to the helpline."""
    yield from _serve(f"<title>News</title><h1>News</h1><a href='{site.url}/'>Help</a>")


@pytest.fixture(scope="module")
def firefox() -> Iterator[Firefox]:
    """Firefox takes seconds to start: one for all tests."""
    with engines.firefox() as opened:
        yield opened


@contextmanager
def _chromium(request: pytest.FixtureRequest) -> Iterator[Chromium]:
    opened = Chromium(request.getfixturevalue("chromium_with_back_cache"))
    yield opened
    opened.page.context.close()


@contextmanager
def _firefox(request: pytest.FixtureRequest) -> Iterator[Firefox]:
    opened: Firefox = request.getfixturevalue("firefox")
    with opened.new_tab():
        yield opened


@pytest.fixture(params=NAMES)
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """A tab of each engine, without any history."""
    starts: dict[str, Callable[[], AbstractContextManager[Engine]]] = {
        "chromium": lambda: _chromium(request),
        "firefox": lambda: _firefox(request),
        "webkit": engines.webkit,
    }
    with starts[request.param]() as opened:
        yield opened


def ask_for_a_call(engine: Engine, before: str, site: Website) -> None:
    """From a site before, to the page of a request."""
    engine.open(before)
    engine.click("a")
    wait_for_url(engine, site.url)
    engine.type("#phone", PHONE)
    engine.run("document.querySelector('#consent').click()")
    engine.run("document.querySelector('form.ask .is-main').click()")
    wait_for_url(engine, f"{site.url}/request/")


LEAVE: dict[str, Callable[[Engine], None]] = {
    "by its button": lambda engine: engine.click("a.exit"),
    "by Shift": lambda engine: engine.press_shift(3),
}


@pytest.mark.parametrize("way", LEAVE)
def test_one_press_on_back_after_an_exit_shows_the_site_before(
    engine: Engine, site: Website, neutral_site: str, before: str, way: str
) -> None:
    ask_for_a_call(engine, before, site)
    length = engine.run("return history.length")
    engine.click("a[href$='/number']")
    wait_for(
        engine, "document.querySelector('.entered-number') && document.readyState === 'complete'"
    )
    assert engine.run("return history.length") == length, "a link replaces the page it is on"
    assert "98765" in engine.run("return document.body.textContent")
    LEAVE[way](engine)
    wait_for_url(engine, neutral_site)
    assert engine.run("return history.length") == length, "so does Exit"
    engine.back()
    wait_for_url(engine, before)
    wait_for(engine, "document.title === 'News'")


def test_a_page_reached_by_back_after_an_exit_leaves_again(
    engine: Engine, site: Website, neutral_site: str, before: str
) -> None:
    """Also where the history does hold more pages of ours: addresses typed by hand."""
    ask_for_a_call(engine, before, site)
    request = engine.url()
    engine.open(site.url + "/crisis")
    engine.open(request)
    engine.open(request + "/number")
    wait_for(engine, "document.querySelector('.entered-number')")
    engine.click("a.exit")
    wait_for_url(engine, neutral_site)
    for _ in range(3):
        engine.back()
        wait_for(engine, "document.title === 'Weather'")
        wait_for_url(engine, neutral_site)
    engine.back()
    wait_for_url(engine, before)

    # Who comes back on purpose finds the request, after one press.
    engine.open(request)
    wait_for(engine, "document.querySelector('h1').textContent === 'This page is closed'")
    engine.click("button")
    wait_for(engine, "document.querySelector('[data-live]')")
    assert re.match(r".*/request/[\w-]+$", engine.url())
    engine.open(site.url + "/")
    wait_for(engine, "document.title.startsWith('Talk with us')")


def test_an_exit_that_cannot_be_scripted_is_a_link_that_works(
    engine: Engine, site: Website, neutral_site: str
) -> None:
    """Emptying the page fails in every way; leaving goes on."""
    engine.open(site.url + "/crisis")
    engine.run(
        "Node.prototype.removeChild = document.querySelectorAll = () => { throw Error('old'); };"
        "Object.defineProperty(document, 'title', { set() { throw Error('old'); } });"
    )
    engine.click("a.exit")
    wait_for_url(engine, neutral_site)


def test_without_scripts_back_after_an_exit_shows_nothing_of_the_request(
    browser: Browser, site: Website, neutral_site: str
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(site.url + "/")
    page.get_by_label("Your phone number").fill(PHONE)
    page.get_by_label("Yes, keep this number and call it").check()
    page.locator("form.ask .is-main").click()
    page.wait_for_url("**/request/*")
    request = page.url
    page.locator("a.exit").click()
    page.wait_for_url(neutral_site)
    page.go_back()
    expect(page).to_have_url(request)
    expect(page.locator("h1")).to_have_text("This page is closed")
    expect(page.locator("main")).not_to_contain_text("call")
    picture(page, "closed-after-exit")
    page.get_by_role("button", name="Open it again").click()
    expect(page).to_have_url(request)
    expect(page.locator("[data-live]")).to_be_visible()
    context.close()
