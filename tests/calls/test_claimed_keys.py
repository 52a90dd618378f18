"""The desk in a real browser: by keyboard, on a narrow screen, and when the network is gone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from flask import Flask

from helpline import clock
from helpline.callbacks.models import Callback
from helpline.calls import carrier_events
from helpline.calls import service as calls
from helpline.calls.models import NoteDraft
from helpline.db import db
from helpline.domain.call_progress import CarrierStatus
from helpline.domain.lifecycle import Status
from helpline.domain.queue_order import Priority
from tests import factories
from tests.calls.conftest import Door
from tests.calls.fixtures import until
from tests.cast import ASHA, RAVI
from tests.support.clock import Clock

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"])


@pytest.fixture
def held(app: Flask, door: Door, at: Clock) -> Callback:
    """Asha rings Kavita from her own phone."""
    at("2026-11-23 11:00")
    door.app = app
    factories.staff(RAVI)
    callback = factories.claimed()
    calls.start_own_phone_call(
        callback.id, factories.staff(ASHA).id, now=clock.now(), longest_minutes=60
    )
    return callback


@pytest.fixture
def desk(page: Page, door: Door, held: Callback) -> Page:
    """Asha's desk."""
    page.goto(f"{door.url}/login")
    page.fill("[name=email]", ASHA.email)
    page.fill("[name=password]", ASHA.password)
    page.click("button[type=submit]")
    page.goto(f"{door.url}/desk/")
    return page


def now(callback: Callback) -> Callback:
    """The callback as it is now."""
    db.session.rollback()
    return db.session.get_one(Callback, callback.id, populate_existing=True)


def test_emergency_by_its_key_shows_what_to_do_and_is_noted(desk: Page, held: Callback) -> None:
    desk.fill("textarea[name=notes]", "She is at home.")
    desk.locator("#hand-heading").click()
    desk.keyboard.press("e")
    assert desk.locator("#emergency .checklist").is_visible()
    until(lambda: now(held).emergency_at, "the emergency is noted")
    assert desk.input_value("textarea[name=notes]") == "She is at home."


def test_emergency_shows_what_to_do_though_the_network_is_gone(desk: Page) -> None:
    desk.context.set_offline(True)
    desk.keyboard.press("e")
    assert desk.locator("#emergency .checklist").is_visible()
    desk.locator("#lost").wait_for(state="visible")


def test_a_follow_up_is_booked_by_keyboard_alone(desk: Page, held: Callback) -> None:
    desk.keyboard.press("1")
    desk.keyboard.press("f")
    for _ in range(2):
        desk.keyboard.press("Tab")
        if desk.evaluate("document.activeElement.id") == "follow-up-at":
            break
    desk.keyboard.press("ArrowDown")
    desk.keyboard.press("Tab")
    desk.keyboard.press("Tab")
    desk.keyboard.press("Space")
    assert desk.is_checked("#follow-up-agreed")
    for _ in range(2):  # what folds away comes before it
        desk.keyboard.press("Tab")
        if desk.evaluate("document.activeElement.id") == "save":
            break
    assert desk.evaluate("document.activeElement.id") == "save"
    desk.keyboard.press("Enter")
    desk.get_by_text("The follow-up is booked.").wait_for()
    assert now(held).status == Status.REACHED


def test_enter_in_the_form_saves_and_presses_no_other_button(desk: Page, held: Callback) -> None:
    desk.check("#disposition-no-answer")
    desk.locator("#disposition-no-answer").press("Enter")
    desk.get_by_text("Saved.").wait_for()
    after = now(held)
    assert (after.status, after.emergency_at) == (Status.WAITING, None)
    assert after.priority == Priority.ASAP


def test_urgent_by_its_key_keeps_the_notes_and_the_address_of_the_desk(
    desk: Page, held: Callback
) -> None:
    desk.fill("textarea[name=notes]", "Half a note")
    desk.locator("#hand-heading").click()
    desk.keyboard.press("u")
    desk.get_by_text("Mark as not urgent").wait_for()
    assert desk.input_value("textarea[name=notes]").strip() == "Half a note"
    assert now(held).priority == Priority.URGENT
    assert desk.url.endswith("/desk/")


def test_at_320_pixels_nothing_is_cut_off(desk: Page) -> None:
    desk.set_viewport_size({"width": 320, "height": 640})
    desk.keyboard.press("e")
    desk.keyboard.press("f")
    desk.keyboard.press("h")
    assert desk.evaluate("document.documentElement.scrollWidth") <= 320


def test_what_was_begun_during_the_call_stands_when_the_call_is_over(
    page: Page, app: Flask, door: Door, at: Clock
) -> None:
    at("2026-11-23 11:00")
    door.app = app
    factories.staff(RAVI)
    attempt = factories.calling()
    page.goto(f"{door.url}/login")
    page.fill("[name=email]", ASHA.email)
    page.fill("[name=password]", ASHA.password)
    page.click("button[type=submit]")
    page.goto(f"{door.url}/desk/")
    page.keyboard.press("f")
    page.select_option("#follow-up-at", index=3)
    page.check("#follow-up-agreed")
    page.keyboard.press("h")
    page.fill("#hand-note", "Half a note")
    chosen = page.input_value("#follow-up-at")
    db.session.rollback()
    carrier_events.advisor_answered(attempt.ref, "CAadvisor", now=clock.now())
    carrier_events.advisor_pressed_one(attempt.ref, "CAadvisor", now=clock.now())
    carrier_events.dial_finished(attempt.ref, "CAadvisor", CarrierStatus.COMPLETED, now=clock.now())
    page.locator("#keep").wait_for()  # more time: there is a wrap-up now
    assert page.input_value("#follow-up-at") == chosen
    assert page.is_checked("#follow-up-agreed")
    assert page.input_value("#hand-note") == "Half a note"
    page.click("label[for=tab-outcome]")
    page.check("#disposition-reached")
    page.click("#save")
    page.get_by_text("The follow-up is booked.").wait_for()


def test_what_is_typed_is_saved_by_itself_and_on_leaving(desk: Page, held: Callback) -> None:
    def stored() -> str | None:
        db.session.rollback()
        return db.session.scalar(sa.select(NoteDraft.notes))

    desk.fill("textarea[name=notes]", "She is at home.")
    until(lambda: stored() == "She is at home.", "the draft is saved", seconds=6)
    desk.get_by_text("Draft saved at").wait_for()
    desk.fill("textarea[name=notes]", "She is at home, alone.")
    desk.goto("about:blank")
    until(lambda: stored() == "She is at home, alone.", "the draft is saved on leaving")
    desk.go_back()
    desk.reload()
    assert desk.input_value("textarea[name=notes]") == "She is at home, alone."


def test_the_last_two_minutes_are_counted_down_and_one_key_gives_more(
    desk: Page, held: Callback, at: Clock
) -> None:
    assert desk.locator("#countdown").is_hidden()
    at.later(minutes=58, seconds=30)
    desk.reload()
    desk.get_by_text("Less than 2 minutes left to save.").wait_for()
    desk.locator("#countdown").get_by_text("1:").wait_for()
    desk.locator("#hand-heading").click()
    before = now(held).claim_ends_at
    desk.keyboard.press("m")
    desk.get_by_text("You have more time.").wait_for()
    after = now(held).claim_ends_at
    assert before is not None and after is not None and after > before
    assert desk.url.endswith("/desk/"), "nothing was reloaded"
