"""Staff, rota, capacity and floor in a real browser: by keyboard alone, on a phone, for axe."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import product

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from helpline import clock
from helpline.callbacks.phone_limits import service as numbers
from helpline.db import db
from helpline.domain.opening_hours import Interval
from helpline.policy import queries as policy_queries
from helpline.staff import service as accounts
from helpline.staff.rota import queries as rota
from tests import factories
from tests.browser.screens import Screen, new_context, picture
from tests.browser.website import website
from tests.cast import ARJUN, ASHA, KAVITA, MEERA, RAVI, VIKRAM, Member
from tests.staff import fixtures
from tests.support.clock import Clock

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"])


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    """Where a browser reaches the application of this test."""
    with website(app) as site:
        yield site.url


def tab_to(page: Page, wanted: str) -> None:
    """Presses Tab until what has this selector has the focus."""
    for _press in range(90):
        page.keyboard.press("Tab")
        if page.evaluate("wanted => document.activeElement.matches(wanted)", wanted):
            return
    pytest.fail(f"Tab never came to {wanted}")


def enter(page: Page, wanted: str) -> None:
    """Goes to it with Tab and presses Enter."""
    tab_to(page, wanted)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def sign_in(page: Page, address: str, member: Member) -> None:
    page.goto(f"{address}/login")
    tab_to(page, "#email")
    page.keyboard.type(member.email)
    page.keyboard.press("Tab")
    page.keyboard.type(member.password)
    with page.expect_navigation(url=lambda url: "/login" not in url):
        page.keyboard.press("Enter")


def test_an_admin_works_by_keyboard_alone(app: Flask, address: str, page: Page, at: Clock) -> None:
    at("2026-11-23 12:00")
    factories.staff(MEERA)
    asha = factories.staff(ASHA).id
    sign_in(page, address, MEERA)

    enter(page, 'a[href="/admin/rota"]')
    enter(page, 'a[href="/admin/staff"]')
    enter(page, 'a[href="/admin/staff/invite"]')
    tab_to(page, "#email")
    page.keyboard.type("nila@example.org")
    tab_to(page, "#roles-1")
    page.keyboard.press("Space")
    enter(page, "#save")
    assert "/invitation/" in page.input_value("#link")

    enter(page, 'a[href="/admin/rota"]')
    enter(page, f'a[href="/admin/rota/{asha}"]')
    for box in ("#days", "#days-1"):
        tab_to(page, box)
        page.keyboard.press("Space")
    tab_to(page, "#opens")
    page.keyboard.type("10:00")
    tab_to(page, "#closes")
    page.keyboard.type("18:00")
    enter(page, "#add-shifts")
    expect(page.get_by_role("status")).to_contain_text("Saved")
    db.session.rollback()
    member = rota.member(db.session(), asha)
    assert member.starting_on(date(2026, 11, 30)) == (Interval.parse("10:00", "18:00"),)
    assert member.starting_on(date(2026, 12, 2)) == ()

    enter(page, 'a[href="/admin/hours"]')
    enter(page, 'a[href="/admin/capacity"]')
    tab_to(page, "#capacity_mode")
    page.keyboard.press("ArrowDown")
    enter(page, "#preview")
    expect(page.get_by_text("Nothing is saved yet.")).to_be_visible()
    enter(page, "#save")
    db.session.rollback()
    assert policy_queries.current(db.session()).capacity_mode == "shifts"


def test_the_floor_keeps_itself_up_to_date_and_is_worked_by_keyboard(
    app: Flask, address: str, page: Page, at: Clock
) -> None:
    at("2026-11-23 12:00")
    factories.staff(VIKRAM)
    asha, ravi = factories.staff(ASHA).id, factories.staff(RAVI).id
    accounts.record_desk_seen(asha, now=clock.now())
    sign_in(page, address, VIKRAM)
    expect(page.get_by_text("No one is waiting")).to_be_visible()
    waiting = factories.callback(KAVITA).id
    expect(page.get_by_role("link", name=f"Callback {waiting}")).to_be_visible()
    expect(page.locator("#updated")).to_contain_text("Updated")
    assert KAVITA.name not in page.content()

    enter(page, f'a[href="/floor/callbacks/{waiting}"]')
    tab_to(page, "#deed")
    page.keyboard.press("Space")
    tab_to(page, "#to")
    page.keyboard.type("Ravi")
    tab_to(page, "#reason")
    page.keyboard.type("He knows the family.")
    enter(page, "#do")
    expect(page.get_by_text("Change saved.")).to_be_visible()
    expect(page.get_by_text("reserved for Ravi")).to_be_visible()
    db.session.rollback()
    assert db.session.get_one(factories.Callback, waiting).wanted_advisor == ravi


def test_every_page_fits_a_phone_and_has_nothing_for_axe(
    app: Flask, address: str, chromium: Browser, at: Clock
) -> None:
    at("2026-11-23 12:00")
    factories.staff(MEERA, roles=("admin", "supervisor", "advisor"))
    asha = fixtures.shift(ASHA, "9:00", "14:00", days=(0, 1))
    fixtures.off(asha, date(2026, 11, 24))
    fixtures.capacity()
    held = factories.claimed(ASHA, KAVITA)
    waiting = factories.callback(ARJUN)
    numbers.block(
        waiting.id, days=7, reason="Rings and laughs", supervisor_id=asha, now=clock.now()
    )
    context = new_context(chromium, width=320)
    screen = Screen(context.new_page(), address)
    screen.watch()
    sign_in(screen.page, address, MEERA)
    for path in (
        "/admin/staff",
        "/admin/staff/invite",
        f"/admin/staff/{asha}",
        "/admin/rota",
        f"/admin/rota/{asha}",
        "/admin/capacity",
        "/admin/callbacks",
        "/admin/costs",
        "/floor/",
        f"/floor/callbacks/{held.id}",
        f"/floor/blocks?callback={held.id}",
        "/floor/held",
        "/floor/set-aside",
        "/floor/texts",
        "/admin/audit",
        "/admin/calls",
        "/admin/complaints",
        "/admin/outcomes",
        "/admin/privacy",
        "/admin/safety",
        "/admin/webhooks",
        "/desk/past",
        "/desk/unfinished",
        "/desk/shifts",
        "/callers/",
        "/callers/new",
    ):
        screen.go(path)
        screen.fits(path)
        screen.accessible(path)
    screen.quiet()
    context.close()


def test_alerts_and_service_fit_in_both_languages_and_sizes(
    app: Flask, address: str, chromium: Browser, at: Clock
) -> None:
    at("2026-11-23 12:00")
    meera_id = factories.staff(MEERA).id
    context = new_context(chromium)
    screen = Screen(context.new_page(), address)
    screen.watch()
    sign_in(screen.page, address, MEERA)
    for language in ("en", "hi"):
        accounts.set_page_language(meera_id, language)
        for path, width in product(("/admin/alerts", "/admin/service"), (1280, 320)):
            screen.page.set_viewport_size({"width": width, "height": 900})
            screen.go(path)
            assert screen.page.get_attribute("html", "lang") == language
            screen.fits(path)
            screen.accessible(path)
            name = f"{path.rpartition('/')[2]}-{language}-{width}"
            picture(screen.page, name)
            screen.page.emulate_media(color_scheme="dark")
            picture(screen.page, f"{name}-dark")
    screen.quiet()
    context.close()
