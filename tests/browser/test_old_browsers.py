"""The visitors' pages in a browser of 2018, which Chromium of today stands for."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from helpline.directory.crisis import quick_exit
from helpline.factory import create_app
from tests.browser.screens import picture
from tests.browser.website import Website, website
from tests.support.database import SqliteDatabases
from tests.support.newer_than_baseline import removal_script
from tests.support.settings import settings_for_tests

OPEN = "2026-11-23 11:00"
PHONE = "098765-00001"
_LOGICAL = re.compile(
    r"(?<![-\w])(?:(?:min-|max-)?(?:inline|block)-size|(?:margin|padding|border|inset)-(?:inline|block)"
    r"[\w-]*|inset|gap|scroll-padding-block|text-wrap|accent-color)\s*:[^;{}]*;?"
)
_NEW_VALUE = re.compile(r"[\w-]+\s*:[^;{}]*(?<![-\w])(?:min|max|clamp|env)\([^;{}]*;?")
_NEW_SELECTOR = re.compile(
    r"[^{}]*(?::is\(|:has\(|:where\(|:focus-visible|:not\([^()]*,)[^{}]*\{[^{}]*\}"
)


@pytest.fixture(scope="module")
def site(
    sqlite_databases: SqliteDatabases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Website]:
    """The visitors' website, with an exit that leads to a page of its own."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    url = sqlite_databases.fresh()
    app = create_app(settings_for_tests(tmp_path_factory.mktemp("old"), url))
    with website(app) as opened:
        opened.at(OPEN)
        published = quick_exit.published_path(
            app.extensions["helpline"].settings.published_crisis_file
        )
        quick_exit.publish(published, quick_exit.Safety(opened.url + "/healthz"))
        yield opened
    sqlite_databases.drop(url)


def of_2018(css: str) -> str:
    """What is left of a stylesheet in a browser that skips what it does not know."""
    css = css.replace("@supports not (inset:0)", "@media all")
    css = re.sub(r"@supports[^{]*selector\([^{]*\{(?:[^{}]*\{[^{}]*\})*\s*\}", "", css)
    css = _NEW_SELECTOR.sub("", css)
    return _LOGICAL.sub("", _NEW_VALUE.sub("", css))


@pytest.fixture
def old_page(browser: Browser, site: Website) -> Iterator[Page]:
    """A phone 320 pixels wide, whose browser is of 2018."""
    context = browser.new_context(
        viewport={"width": 320, "height": 640}, locale="en-IN", bypass_csp=True
    )

    def age(route: Route) -> None:
        answer = route.fetch(max_redirects=0)
        html = answer.text()
        style = re.compile(r"(<style>)(.*?)(</style>)", re.DOTALL)
        html = style.sub(lambda found: found[1] + of_2018(found[2]) + found[3], html)
        route.fulfill(response=answer, body=html)

    context.route(lambda address: address.startswith(site.url) and "/static/" not in address, age)
    opened = context.new_page()
    yield opened
    context.close()


_GAPS = """[...document.querySelectorAll(".line .button, .compact li a")].map((one) => {
  const seen = [...one.children].map((each) => each.getBoundingClientRect());
  const [a, b] = seen.filter((box) => box.width > 2);
  return !b || b.top >= a.bottom - 6 ? 99 : b.left - a.right;
})"""
"""Between two parts of a button that stand side by side, in pixels."""
_OVERLAPS = """([a, b]) => {
  const [x, y] = [a, b].map((css) => document.querySelector(css).getBoundingClientRect());
  return x.left < y.right && y.left < x.right && x.top < y.bottom && y.top < x.bottom;
}"""


def test_nothing_lies_over_anything_else_without_logical_properties(
    old_page: Page, site: Website
) -> None:
    old_page.goto(site.url + "/")
    assert "inline-size" not in old_page.locator("style").inner_html()
    assert old_page.locator("input[name=more]").bounding_box() is None
    for other in (".emergency-strip a", "#phone", "form.ask h2"):
        for over in (".exit", "a.skip"):
            old_page.evaluate(
                "css => document.querySelector(css).scrollIntoView({block: 'center'})", other
            )
            assert not old_page.evaluate(_OVERLAPS, [over, other]), f"{over} over {other}"
    old_page.evaluate("scrollTo(0, 0)")
    picture(old_page, "old-browser")
    field = old_page.locator("#phone").bounding_box()
    assert field is not None and field["width"] > 200 and field["height"] >= 44
    assert old_page.evaluate("document.documentElement.scrollWidth") <= 320
    old_page.get_by_label("Your phone number").fill(PHONE)
    assert old_page.locator("#phone").input_value() == PHONE
    exit_button = old_page.locator("a.exit").bounding_box()
    assert exit_button is not None and exit_button["y"] + exit_button["height"] == 640
    old_page.goto(site.url + "/crisis")
    texts = old_page.locator(".line .button span:first-child, .compact li a").all_inner_texts()
    assert any("Call 112" in text for text in texts)
    assert not [text for text in texts if re.search(r"[a-z]\d", text)], "no “Call112”"
    for gap in old_page.evaluate(_GAPS):
        assert gap >= 3


def test_a_request_and_an_exit_with_every_newer_method_taken_away(
    old_page: Page, site: Website
) -> None:
    errors: list[str] = []
    old_page.on("pageerror", lambda error: errors.append(str(error)))
    old_page.add_init_script(removal_script())
    old_page.goto(site.url + "/")
    assert old_page.evaluate("!Element.prototype.replaceChildren && !window.AbortController")
    old_page.get_by_label("Your phone number").fill(PHONE)
    old_page.get_by_label("Yes, keep this number and call it").check()
    length = old_page.evaluate("history.length")
    old_page.locator("form.ask .is-main").click()
    old_page.wait_for_selector("[data-live]")
    assert old_page.evaluate("history.length") == length
    request = old_page.url
    assert "/request/" in request
    old_page.locator("a.exit").click()
    old_page.wait_for_url(site.url + "/healthz")
    for leave in ("Shift", "click"):
        old_page.goto(site.url + "/crisis")
        for _ in range(3):
            old_page.keyboard.press("Shift")
        if leave == "click":
            old_page.goto(site.url + "/crisis")
            old_page.locator("a.exit").click()
        old_page.wait_for_url(site.url + "/healthz")
    old_page.goto(request)
    expect(old_page.locator("h1")).to_have_text("This page is closed")
    assert errors == []
