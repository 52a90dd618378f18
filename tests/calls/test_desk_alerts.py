"""What a desk in the background shows and says when someone waits, in a real browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from flask import Flask

from tests import factories
from tests.browser.screens import Screen
from tests.calls.conftest import Door
from tests.calls.test_live_view_in_browser import pictures, signed_in
from tests.cast import ARJUN, ASHA, KAVITA, LEELA
from tests.phonesim.fixtures import until
from tests.support.clock import Clock

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"])

RECORD_NOTIFICATIONS = """
  globalThis.shown = [];
  globalThis.Notification = class {
    static permission = "default";
    static async requestPermission() { return Notification.permission = "granted"; }
    constructor(words) { shown.push(words); }
  };
  document.hasFocus = () => globalThis.is_focused !== false;
"""


def test_it_counts_and_alerts_only_who_chose_it_and_looks_elsewhere(
    page: Page, app: Flask, door: Door, at: Clock
) -> None:
    at("2026-11-23 11:00")
    door.app = app
    factories.staff(ASHA)
    page.add_init_script(RECORD_NOTIFICATIONS)
    signed_in(page, door, ASHA, "/desk/")
    plain_icon = page.locator("link[rel=icon]").get_attribute("href")
    assert page.title().startswith("Desk")

    def next_visitor(visitor: object, count: int) -> None:
        at.later(minutes=1)
        factories.callback(visitor)  # type: ignore[arg-type]
        until(lambda: page.title().startswith(f"({count}) Desk"), what="the count in the title")

    page.evaluate("is_focused = false")
    next_visitor(KAVITA, 1)
    assert page.evaluate("shown") == [], "nobody is alerted who did not ask for it"
    icon = page.locator("link[rel=icon]").get_attribute("href") or ""
    assert icon != plain_icon
    assert icon.startswith("data:image/svg+xml,")
    assert "%3E1%3C" in icon

    page.locator("#alerts summary").press("Enter")
    for button, words in (("#sound", "Sound is on"), ("#notify", "Notifications are on")):
        page.locator(button).press("Enter")
        page.locator(f"{button}[aria-pressed=true]").get_by_text(words).wait_for()
    screen = Screen(page, door.url)
    screen.accessible("alerts of the desk")
    pictures(page, "desk-alerts")
    heard = int(page.locator("#sound").get_attribute("data-played") or 0)

    next_visitor(ARJUN, 2)
    assert page.evaluate("shown") == ["Someone is waiting"], "no name, no number"
    assert page.locator("#sound").get_attribute("data-played") == str(heard + 1)
    page.evaluate("is_focused = true")
    next_visitor(LEELA, 3)
    assert len(page.evaluate("shown")) == 1, "whoever looks at the desk sees it there"

    page.reload()
    assert page.title().startswith("(3) Desk")
    assert page.locator("#sound").get_attribute("aria-pressed") == "true", "the choice is kept"
    page.set_viewport_size({"width": 320, "height": 640})
    screen.fits("alerts of the desk")
