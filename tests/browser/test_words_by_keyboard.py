"""The directories and the words in a real browser: by keyboard alone, on a phone, for axe."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from helpline.crisis import queries as crisis_queries
from helpline.crisis import service as crisis
from helpline.db import db
from tests import factories
from tests.browser.screens import Screen, new_context, picture
from tests.browser.test_people_by_keyboard import enter, sign_in, tab_to
from tests.browser.website import website
from tests.cast import MEERA
from tests.support.clock import Clock

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"])


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    """Where a browser reaches the application of this test."""
    with website(app) as site:
        yield site.url


def test_an_admin_adds_a_line_and_puts_it_first_by_keyboard_alone(
    app: Flask, address: str, page: Page, at: Clock
) -> None:
    at("2026-11-23 12:00")
    factories.staff(MEERA)
    crisis.first_fill()
    sign_in(page, address, MEERA)
    enter(page, 'a[href="/admin/crisis-lines"]')
    enter(page, 'a[href="/admin/crisis-lines/new"]')
    for selector, words in (
        ("#kind", "Thoughts of"),
        ("#name", "Night line"),
        ("#phone", "1800-599-0019"),
        ("#hours", "24/7"),
        ("#sources", "the state's own list"),
    ):
        tab_to(page, selector)
        page.keyboard.type(words)
    enter(page, "#see")
    expect(page.locator("#as-seen")).to_contain_text("Night line")
    enter(page, "#save")
    expect(page.get_by_role("status")).to_contain_text("Saved. Visitors see it now.")
    db.session.rollback()
    added = next(
        each for each in crisis_queries.kept_lines(db.session()) if each.name == "Night line"
    )
    enter(page, f'form[action$="/{added.id}/move"] [value="up"]')
    names = page.locator("#region-IN ~ .checks h3").all_inner_texts()
    assert names.index("Night line") == 1


def test_every_page_fits_a_phone_and_has_nothing_for_axe(
    app: Flask, address: str, chromium: Browser, at: Clock
) -> None:
    at("2026-11-23 12:00")
    factories.staff(MEERA)
    crisis.first_fill()
    for width in (320, 1280):
        context = new_context(chromium, width=width)
        screen = Screen(context.new_page(), address)
        screen.watch()
        sign_in(screen.page, address, MEERA)
        for name, path in (
            ("lines", "/admin/crisis-lines"),
            ("line", "/admin/crisis-lines/2"),
            ("home", "/admin/"),
        ):
            screen.go(path)
            screen.fits(path)
            if width == 320:
                screen.accessible(path)
            picture(screen.page, f"{name}-{width}")
        screen.quiet()
        context.close()
