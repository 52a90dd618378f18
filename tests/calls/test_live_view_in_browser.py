"""The live view beside a desk, in a real browser: what is heard, seen and done by keyboard."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from flask import Flask

from helpline import clock
from helpline.calls import advisor_actions
from helpline.calls.listening import service as listening
from helpline.calls.listening.models import Listener
from helpline.calls.models import Attempt
from helpline.db import db
from helpline.domain.call_progress import AttemptState, Leg
from tests import factories
from tests.browser.screens import Screen, picture
from tests.calls.conftest import Door
from tests.cast import ARJUN, ASHA, KAVITA, RAVI, VIKRAM, Member
from tests.support.clock import Clock

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"])


@pytest.fixture(autouse=True)
def morning(app: Flask, door: Door, at: Clock) -> None:
    at("2026-11-23 11:00")
    door.app = app
    for member in (ASHA, RAVI, VIKRAM):
        factories.staff(member)


def signed_in(page: Page, door: Door, member: Member, path: str) -> Page:
    page.set_viewport_size({"width": 1366, "height": 768})
    page.goto(f"{door.url}/login")
    page.fill("[name=email]", member.email)
    page.fill("[name=password]", member.password)
    page.click("button[type=submit]")
    page.goto(f"{door.url}{path}")
    return page


def test_help_is_asked_for_heard_and_answered(page: Page, chromium: Browser, door: Door) -> None:
    held = factories.wrapping_up(ASHA, KAVITA)
    desk = signed_in(page, door, ASHA, "/desk/")
    live_view = signed_in(
        chromium.new_context(reduced_motion="reduce").new_page(), door, VIKRAM, "/floor/"
    )
    sound = live_view.locator("#sound")
    assert (sound.inner_text(), sound.get_attribute("aria-pressed")) == (
        "Turn on sound for emergencies",
        "false",
    )
    sound.press("Enter")
    live_view.locator("#sound[aria-pressed=true]").get_by_text("Sound is on").wait_for()
    heard = int(sound.get_attribute("data-played") or 0)

    desk.locator(".notes textarea").fill("He shouts at me.")
    desk.keyboard.press("Escape")
    tabs = desk.locator("#tab-outcome + label").bounding_box()
    desk.keyboard.press("q")
    desk.get_by_text("No supervisor has seen it yet.").wait_for()
    assert not desk.locator("#help-now").is_visible()
    assert desk.locator(".notes textarea").input_value() == "He shouts at me."
    assert desk.locator("#tab-outcome + label").bounding_box() == tabs, "nothing has moved"
    Screen(desk, door.url).accessible("help asked for")
    live_view.get_by_text("Tell Asha you have seen it").wait_for()
    assert live_view.title().startswith("(1) ")
    assert sound.get_attribute("data-played") == str(heard + 1)
    advisor_actions.mark_emergency(held.id, factories.staff(ASHA).id, now=clock.now())
    live_view.locator("[data-alert^=emergency]").wait_for()
    assert live_view.title().startswith("(2) ")
    assert sound.get_attribute("data-played") == str(heard + 2)
    screen = Screen(live_view, door.url)
    screen.accessible("help and an emergency on the live view")
    pictures(live_view, "alerts")
    live_view.set_viewport_size({"width": 320, "height": 640})
    screen.fits("help and an emergency on the live view")
    live_view.get_by_text("Tell Asha you have seen it").press("Enter")
    desk.get_by_text("Vikram has seen it.").wait_for()
    pictures(desk, "help-asked")
    desk.keyboard.press("q")
    desk.locator("#help-now").wait_for()
    live_view.locator(".live-view-help").wait_for(state="detached")
    live_view.context.close()


def test_a_listener_is_shown_on_live_view_and_desk(
    page: Page, chromium: Browser, door: Door
) -> None:
    factories.policy(supervisors_may_listen=True)
    attempt = factories.calling(ASHA, KAVITA)
    db.session.execute(
        sa.update(Attempt)
        .where(Attempt.id == attempt.id)
        .values(state=AttemptState.TALKING, advisor_call="CA1", visitor_call="CA2")
    )
    vikram = factories.staff(VIKRAM)
    vikram.phone = "+919812300003"
    db.session.commit()
    desk = signed_in(page, door, ASHA, "/desk/")
    live_view = signed_in(
        chromium.new_context(reduced_motion="reduce").new_page(), door, VIKRAM, "/floor/"
    )
    screen = Screen(live_view, door.url)
    pictures(live_view, "listen-in")
    live_view.get_by_role("button", name="Listen in").press("Enter")
    live_view.get_by_text("Your phone is about to ring.").wait_for()
    db.session.rollback()
    ref = db.session.scalars(sa.select(Listener.ref)).one()
    assert listening.answered(ref, "CA3", now=clock.now())
    assert listening.pressed_one(ref, "CA3", now=clock.now())
    assert listening.entry_of_leg(attempt.ref, Leg.VISITOR, now=clock.now())
    live_view.get_by_text("You are listening. They do not hear you.").wait_for()
    desk.get_by_text("Vikram is listening to the call.").wait_for()
    screen.accessible("a supervisor who listens")
    Screen(desk, door.url).accessible("an advisor who is listened to")
    pictures(live_view, "listening")
    pictures(desk, "listened-to")
    for watched, what in (
        (live_view, "a supervisor who listens"),
        (desk, "a desk with a listener"),
    ):
        watched.set_viewport_size({"width": 320, "height": 640})
        Screen(watched, door.url).fits(what)
    live_view.get_by_role("button", name="Join the call").press("Enter")
    live_view.get_by_text("You are joining. They hear a tone, then you.").wait_for()
    assert listening.entered_to_speak(ref, "CA3", now=clock.now())
    desk.get_by_text("Vikram has joined the call.").wait_for()
    live_view.get_by_text("You have joined. They hear you.").wait_for()
    live_view.get_by_role("button", name="Leave the call").press("Enter")
    live_view.get_by_text("You are leaving the call.").wait_for()
    live_view.context.close()


def test_the_bookings_fit_and_are_accessible(page: Page, door: Door) -> None:
    booked = factories.callback(KAVITA, slot_at=factories.slot("14:00"))
    factories.callback(ARJUN, slot_at=factories.slot("2026-11-24 10:30"))
    signed_in(page, door, VIKRAM, "/floor/bookings")
    screen = Screen(page, door.url)
    for name, path in (
        ("bookings", "/floor/bookings"),
        ("reschedule", f"/floor/callbacks/{booked.id}/reschedule"),
    ):
        screen.go(path)
        screen.accessible(name)
        pictures(page, name)
        page.set_viewport_size({"width": 320, "height": 640})
        screen.fits(name)
    page.select_option("#time", label="today at 12:00 PM")
    page.press("#reschedule", "Enter")
    page.get_by_text("This is earlier than the visitor expects.").first.wait_for()
    screen.accessible("a refused time")


def test_the_pause_fits_and_is_accessible(page: Page, door: Door) -> None:
    signed_in(page, door, VIKRAM, "/floor/pause")
    screen = Screen(page, door.url)
    screen.accessible("pause dispatch")
    pictures(page, "pause")
    page.fill("[name=reason]", "Fire drill.")
    page.press("#pause", "Enter")
    page.get_by_role("button", name="Resume dispatch").wait_for()
    screen.accessible("a paused live view")
    pictures(page, "paused")
    page.set_viewport_size({"width": 320, "height": 640})
    screen.fits("a paused live view")
    page.get_by_role("button", name="Resume dispatch").press("Enter")
    page.get_by_text("Dispatch resumed.").wait_for()


def pictures(page: Page, name: str) -> None:
    """Pictures for the eye, where they are asked for."""
    for scheme in ("dark", "light"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
        for width, height in ((320, 640), (1366, 768)):
            page.set_viewport_size({"width": width, "height": height})
            picture(page, f"{name}-{width}-{scheme}")
