"""The pages about the panel and the API, in a real browser: the reading page, the admin's list."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tests import factories
from tests.browser.screens import Screen, new_context
from tests.cast import MEERA
from tests.embed.conftest import Site

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"])


def test_they_fit_a_phone_and_everybody_can_use_them(site: Site, chromium: Browser) -> None:
    factories.staff(MEERA)
    context = new_context(chromium, width=320)
    screen = Screen(context.new_page(), site.helpline.url)
    screen.watch()
    page = screen.page

    screen.go("/api/v1/")
    screen.accessible("the reading page")
    screen.fits("the reading page")
    page.get_by_role("link", name="Ask", exact=True).click()
    expect(page.locator("#shape-Ask")).to_contain_text("consent")

    screen.go("/login")
    page.get_by_label("Email").fill(MEERA.email)
    page.get_by_label("Password").fill(MEERA.password)
    page.get_by_role("button", name="Sign in").click()
    screen.go("/admin/websites")
    screen.accessible("the list of websites")
    screen.fits("the list of websites")
    page.get_by_label("Website address").fill("http://articles.example")
    page.get_by_role("button", name="Allow website").click()
    screen.expected = ("422",)
    expect(page.get_by_role("alert")).to_contain_text("must start with https")
    screen.accessible("the list of websites, with an error")
    page.get_by_label("Website address").fill("articles.example")
    page.get_by_role("button", name="Allow website").click()
    expect(page.locator(".site-list")).to_contain_text("https://articles.example")
    screen.quiet()
    context.close()
