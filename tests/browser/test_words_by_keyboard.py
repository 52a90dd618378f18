"""The directories and the words in a real browser: by keyboard alone, on a phone, for axe."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from helpline import clock
from helpline.callbacks import claims
from helpline.calls import referrals
from helpline.db import db
from helpline.directory.crisis import queries as crisis_queries
from helpline.directory.crisis import service as crisis
from helpline.directory.referrals import service as care
from helpline.directory.referrals.seed import ServiceDetails
from helpline.i18n import catalogs, index
from helpline.messaging import sms_templates
from tests import factories
from tests.browser.screens import Screen, new_context, picture
from tests.browser.test_people_by_keyboard import enter, sign_in, tab_to
from tests.browser.website import website
from tests.cast import ASHA, KAVITA, MEERA, Member
from tests.support.clock import Clock

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"])
TEXT = index.keyed_texts(catalogs.TEXT, sms_templates.english_templates())[0]


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
    crisis.import_packaged_lines(clock.now())
    sign_in(page, address, MEERA)
    enter(page, 'a[href="/admin/service"]')
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
        each for each in crisis_queries.active_lines(db.session()) if each.name == "Night line"
    )
    names = page.locator("#region-IN ~ .checks h3")
    before = names.all_inner_texts().index("Night line")
    enter(page, f'form[action$="/{added.id}/move"] [value="up"]')
    assert names.all_inner_texts().index("Night line") == before - 1


def test_an_advisor_tells_of_a_place_by_keyboard_and_nothing_typed_is_lost(
    app: Flask, address: str, page: Page, at: Clock
) -> None:
    at("2026-11-23 12:00")
    clinic, token = told(ASHA, name=False)
    sign_in(page, address, ASHA)
    page.goto(f"{address}/desk/")
    tab_to(page, "#call")
    with page.expect_navigation():
        page.keyboard.press("c")
    tab_to(page, "textarea[name=notes]")
    page.keyboard.type("Asked for a detox.")
    tab_to(page, "input[name=tab]")
    page.keyboard.press("p")
    tab_to(page, "#place-kind")
    page.keyboard.type("Detox")
    enter(page, "#find-places")
    enter(page, f"#name-{clinic}")
    expect(page.get_by_text("Shown on their page")).to_be_visible()
    expect(page.locator("textarea[name=notes]")).to_have_value("Asked for a detox.")
    page.goto(f"{address}/request/{token}")
    expect(page.get_by_role("heading", name="Places that can help you")).to_be_visible()
    expect(page.locator(".referral-list")).to_contain_text("The Clinic")


def test_an_admin_says_it_otherwise_by_keyboard_alone(
    app: Flask, address: str, page: Page, at: Clock
) -> None:
    at("2026-11-23 12:00")
    factories.staff(MEERA)
    sign_in(page, address, MEERA)
    enter(page, 'a[href="/admin/service"]')
    enter(page, 'a[href="/admin/crisis-lines"]')
    enter(page, 'a[href="/admin/words"]')
    tab_to(page, "#q")
    page.keyboard.type("here to assist")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    enter(page, ".text-list a")
    tab_to(page, "#words-0")
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("We are glad you are here")
    enter(page, "#save")
    expect(page.get_by_role("status")).to_contain_text("Saved.")
    page.goto(address)
    expect(page.get_by_role("heading", name="We are glad you are here")).to_be_visible()


def told(advisor: Member, *, name: bool = True) -> tuple[int, str]:
    """A callback in an advisor's hands, and a place that its visitor was told of."""
    staff_id, token = factories.staff(advisor).id, factories.link(KAVITA)
    clinic = care.SERVICES.add(
        ServiceDetails(
            "IN",
            "detox",
            "The Clinic",
            area="Pune",
            phone="020 2345 6789",
            tel="02023456789",
            hours="24/7",
            cost="from 500 rupees",
            languages=("hi", "en"),
            notes="Bring somebody you trust.",
            website="clinic.example",
            sources=("their own page",),
        ),
        admin_id=staff_id,
        now=clock.now(),
    )
    held = claims.claim_next(staff_id, now=clock.now())
    if name:
        care.seed_directory(admin_id=staff_id, now=clock.now())
        referrals.refer(held, staff_id, clinic, now=clock.now())
    return clinic, token


def test_every_page_fits_a_phone_and_has_nothing_for_axe(
    app: Flask, address: str, chromium: Browser, at: Clock
) -> None:
    at("2026-11-23 12:00")
    factories.staff(MEERA, roles=("admin", "advisor"))
    crisis.import_packaged_lines(clock.now())
    clinic, token = told(MEERA)
    context = new_context(chromium, width=320)
    screen = Screen(context.new_page(), address)
    screen.watch()
    sign_in(screen.page, address, MEERA)
    screen.go("/admin/crisis-lines")
    screen.fits("the lines")
    for path in (
        "/admin/places",
        f"/admin/places/{clinic}",
        "/admin/words?part=texts&language=hi",
        f"/admin/words/hi/{TEXT.id}",
        "/desk/",
        f"/request/{token}",
    ):
        screen.go(path)
        if path == "/desk/":
            screen.page.keyboard.press("p")
        screen.fits(path)
        screen.accessible(path)
        picture(screen.page, path.replace("/", "-"))
    screen.quiet()
    context.close()
