"""The visitor's way in Hindi, and right to left, in Chromium on a narrow screen. No font is asked
for: where none has Devanagari, boxes stand in its place, of about the same size."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, expect

from tests.browser.screens import Screen, new_context, picture
from tests.browser.website import Website, website

NARROW, WIDE = (320, 640), (1280, 900)

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"])


@pytest.fixture
def site(app: Flask) -> Iterator[Website]:
    """The website, open at noon."""
    with website(app) as opened:
        opened.at("2026-11-23 12:00")
        yield opened


def narrow(browser: Browser, site: Website) -> Screen:
    """A phone of 320 pixels."""
    screen = Screen(new_context(browser, 320, 640).new_page(), site.url)
    screen.watch()
    screen.expected = ("422",)
    return screen


def looks_right(screen: Screen, what: str, lang: str = "hi") -> None:
    """It is in this language, nothing is wider than the screen, the console is quiet."""
    assert screen.page.get_attribute("html", "lang") == lang
    screen.fits(what)
    picture(screen.page, f"{lang}-{what}")
    screen.quiet()


def test_a_call_is_asked_for_in_hindi_from_the_first_page_to_the_last(
    browser: Browser, site: Website
) -> None:
    screen = narrow(browser, site)
    page = screen.page
    screen.go("/")
    page.get_by_role("link", name="हिन्दी").click()
    expect(page).to_have_url(f"{site.url}/hi/")
    looks_right(screen, "open")
    page.get_by_role("button", name="कॉल का अनुरोध करें").click()
    expect(page.locator("#error-summary")).to_be_focused()
    looks_right(screen, "wrong")
    screen.accessible("the form in Hindi, with errors")
    page.get_by_label("आपका फ़ोन नंबर").fill("98765 00001")
    page.get_by_label("हाँ, यह नंबर रखें और इस पर फ़ोन करें").check()
    page.get_by_role("button", name="कॉल का अनुरोध करें").click()
    expect(page).to_have_url(re.compile(r"/hi/request/[\w-]{22}$"))
    expect(page.locator("h1")).to_have_text("आपका अनुरोध मिल गया है")
    looks_right(screen, "status")
    page.get_by_role("link", name="English").click()
    expect(page.locator("h1")).to_have_text("We have your request")
    site.at("2026-11-23 20:00")
    screen.go("/hi/")
    looks_right(screen, "closed")
    screen.accessible("closed, in Hindi")
    assert page.context.cookies() == []
    page.context.close()


def test_every_page_in_hindi_is_accessible_in_both_sizes(browser: Browser, site: Website) -> None:
    screen = narrow(browser, site)
    page, screen.expected = screen.page, ("status of 404",)

    def check(what: str) -> None:
        page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        for width, height in (NARROW, WIDE):
            page.set_viewport_size({"width": width, "height": height})
            looks_right(screen, f"{what}-{width}")
            screen.accessible(f"{what} in Hindi, {width}")

    screen.go("/hi/")
    page.get_by_label("आपका फ़ोन नंबर").fill("98765 00001")
    page.get_by_label("हाँ, यह नंबर रखें और इस पर फ़ोन करें").check()
    page.get_by_role("button", name="कॉल का अनुरोध करें").click()
    expect(page).to_have_url(re.compile(r"/hi/request/[\w-]{22}$"))
    status = page.url
    for path in (status, f"{status}/number", f"{status}/move"):
        page.goto(path)
        check(path.removeprefix(status).strip("/") or "status")
    for path in ("emergency", "crisis", "exit-help", "nowhere"):
        page.goto(f"{site.url}/hi/{path}")
        check(path)
    site.at("2026-11-23 20:00")
    screen.go("/hi/")
    check("closed")
    page.context.close()


def test_a_language_that_is_written_from_right_to_left_fits_too(
    with_urdu: None, browser: Browser, site: Website
) -> None:
    screen = narrow(browser, site)
    for path, what in (("/ur/", "open"), ("/ur/crisis", "crisis")):
        screen.go(path)
        assert screen.page.get_attribute("html", "dir") == "rtl"
        looks_right(screen, what, "ur")
    screen.accessible("from right to left")
    phone = screen.page.locator(".line b[dir=ltr]").first
    assert phone.evaluate("one => getComputedStyle(one).direction") == "ltr"
    screen.page.context.close()
