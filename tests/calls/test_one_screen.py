"""Calls by keyboard alone on a screen of 1366 x 768: all that a call needs is visible at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from flask import Flask

from helpline import clock
from helpline.callbacks.models import Callback
from helpline.calls import advisor_actions
from helpline.calls.models import Attempt
from helpline.db import db
from helpline.domain.intake_answers import About, Answers, Danger
from helpline.domain.lifecycle import Status
from helpline.domain.safe_times import IfMissed
from helpline.staff import service as staff_service
from tests import factories
from tests.browser.screens import Screen, picture
from tests.calls.conftest import Door
from tests.cast import ARJUN, ASHA, KAVITA, LEELA, RAVI
from tests.support.clock import Clock

if TYPE_CHECKING:
    from playwright.sync_api import APIResponse, Page, Route

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"])

IN_A_CALL = (".visitor-name", ".safe", ".usual-rules", ".visitor-number", ".notes textarea")
TO_END_IT = ("#live", "#emergency-now", "#save", "#save-next", "#tab-outcome + label")


@pytest.fixture
def desk(page: Page, app: Flask, door: Door, at: Clock) -> Page:
    """Asha's desk on a small laptop; three visitors wait."""
    at("2026-11-23 11:00")
    door.app = app
    factories.staff(ASHA)
    factories.staff(RAVI)
    told = Answers(danger=Danger.UNSURE, about=About.SUBSTANCES)
    note = "Please not before the children are at school. " * 6
    factories.link(KAVITA, may_leave_voicemail=True, if_missed=IfMissed.NEVER, answers=told)
    factories.link(ARJUN, note=note, may_text=True)
    factories.link(LEELA)
    page.set_viewport_size({"width": 1366, "height": 768})
    page.goto(f"{door.url}/login")
    page.fill("[name=email]", ASHA.email)
    page.fill("[name=password]", ASHA.password)
    page.click("button[type=submit]")
    page.goto(f"{door.url}/desk/")
    return page


def all_visible(page: Page, *selectors: str) -> None:
    """Each is on the screen as a whole, and above the foot."""
    foot = page.locator(".desk-foot")
    below = foot.bounding_box()["y"] if foot.count() else 768  # type: ignore[index]
    for selector in selectors:
        box = page.locator(selector).first.bounding_box()
        assert box is not None, f"{selector} is not shown"
        is_in_foot = page.locator(f".desk-foot {selector}").count() > 0
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= (768 if is_in_foot else below) + 1, selector
    assert page.evaluate("[scrollY, document.documentElement.scrollHeight]") == [0, 768]


def begin_notes(page: Page) -> None:
    """Letters that are typed before the desk's script runs would be shortcuts."""
    page.wait_for_load_state()
    page.keyboard.press("t")
    page.locator(".notes textarea:focus").wait_for()


def test_three_calls_by_keyboard_without_one_scroll(desk: Page) -> None:
    desk.keyboard.press("n")
    for outcome in ("1", "2", "1"):
        desk.locator("#own-phone").wait_for()
        all_visible(desk, ".visitor-name", ".usual-rules", ".visitor-number", "#call")
        desk.keyboard.press("w")
        desk.locator("#save-next").wait_for()
        all_visible(desk, *(each for each in IN_A_CALL if desk.locator(f"{each} *").count()))
        all_visible(desk, ".notes textarea", *TO_END_IT, ".disposition >> nth=13")
        desk.locator("#live .timer").get_by_text("0:0").wait_for()
        begin_notes(desk)
        desk.keyboard.type("Sleeps badly. Nothing new.")
        desk.keyboard.press("Escape")
        desk.keyboard.press(outcome)
        desk.keyboard.press("Control+Enter")
        desk.get_by_text("Saved.").wait_for()
    desk.get_by_text("No one is waiting.").wait_for()
    db.session.rollback()
    found = db.session.execute(sa.select(Callback.status, Attempt.notes).join(Attempt.callback))
    statuses = [Status.REACHED, Status.WAITING, Status.REACHED]
    assert [tuple(row) for row in found] == [
        (status, "Sleeps badly. Nothing new.") for status in statuses
    ]


def test_each_tab_and_the_emergency_fit_and_are_accessible(desk: Page, door: Door) -> None:
    screen = Screen(desk, door.url)
    desk.keyboard.press("n")
    desk.locator("#own-phone").wait_for()
    screen.accessible("a claimed callback")
    desk.keyboard.press("w")
    desk.locator("#save-next").wait_for()
    for key, field in (
        ("f", "#follow-up-agreed"),
        ("p", "#find-places"),
        ("h", "#hand-over"),
        ("o", "#disposition-declined + span"),
    ):
        desk.keyboard.press(key)
        all_visible(desk, field, "#save", "#save-next")
        screen.accessible(f"the tab {key}")
    desk.context.set_offline(True)
    desk.locator("#lost").wait_for()
    desk.keyboard.press("t")
    desk.keyboard.type("Sleeps badly.")
    desk.keyboard.press("Escape")
    desk.get_by_text("Not saved yet. Trying again.").wait_for()
    picture(desk, "desk-lost")
    all_visible(desk, "#lost", ".notes textarea", *TO_END_IT)
    picture(desk, "desk-lost")
    screen.accessible("a lost connection")
    desk.context.set_offline(False)
    desk.keyboard.press("f")
    desk.keyboard.press("3")
    assert desk.locator("#disposition-busy + span").is_visible(), "an outcome shows its tab"
    desk.keyboard.press("e")
    in_sight = ("#emergency .checklist li", "#located-in", ".notes textarea", "#save-next")
    all_visible(desk, *in_sight)
    desk.select_option("#located-in", "IN-MH")
    with desk.expect_response("**/desk/*/state"):
        desk.click("#show-state")
    assert desk.locator("#located-in").input_value() == "IN-MH"
    all_visible(desk, "#emergency .emergency-lines a", *in_sight[1:])
    picture(desk, "desk-emergency")
    screen.accessible("an emergency")
    desk.set_viewport_size({"width": 320, "height": 640})
    screen.fits("an emergency")


def test_a_call_in_hindi_fits_too(desk: Page, door: Door) -> None:
    screen = Screen(desk, door.url)
    staff_service.set_page_language(factories.staff(ASHA).id, "hi")
    desk.reload()
    assert desk.get_attribute("html", "lang") == "hi"
    desk.keyboard.press("n")
    desk.locator("#own-phone").wait_for()
    all_visible(desk, ".visitor-name", ".usual-rules", ".visitor-number", "#call")
    desk.keyboard.press("w")
    desk.locator("#save-next").wait_for()
    picture(desk, "desk-hi")
    all_visible(desk, ".notes textarea", *TO_END_IT, ".disposition >> nth=13")
    for key, field in (("f", "#follow-up-agreed"), ("p", "#find-places"), ("h", "#hand-over")):
        desk.keyboard.press(key)
        all_visible(desk, field, "#save", "#save-next")
    screen.accessible("a call in Hindi")
    desk.set_viewport_size({"width": 320, "height": 640})
    screen.fits("a call in Hindi")
    for path in ("/you", "/desk/past", "/desk/shortcuts"):
        screen.go(path)
        screen.fits(f"{path} in Hindi")


def test_only_what_is_unusual_is_loud(desk: Page) -> None:
    desk.keyboard.press("n")
    desk.locator("#own-phone").wait_for()
    loud = desk.locator(".safe li")
    assert [text.strip(" ✓✕\n") for text in loud.all_inner_texts()] == [
        "You may leave a voicemail",
        "If they do not answer, do NOT call again",
    ]
    assert "Do NOT send a text message." in desk.locator(".usual-rules").inner_text()
    rules = desk.locator(".usual-rules").bounding_box()
    number = desk.locator(".visitor-number").bounding_box()
    assert rules and number and rules["y"] < number["y"], "before anyone calls"


def test_an_outcome_is_undone_by_a_key_for_half_a_minute(desk: Page) -> None:
    desk.keyboard.press("n")
    desk.locator("#own-phone").wait_for()
    desk.keyboard.press("w")
    desk.locator("#save").wait_for()
    desk.keyboard.press("5")
    desk.keyboard.press("Control+s")
    desk.get_by_text("Saved. The number is wrong").wait_for()
    desk.keyboard.press("z")
    desk.get_by_text("Choose the correct outcome").wait_for()


def test_without_javascript_the_tabs_work(page: Page, app: Flask, door: Door, at: Clock) -> None:
    at("2026-11-23 11:00")
    door.app = app
    held = factories.claimed(ASHA)
    advisor_actions.mark_urgent(held.id, factories.staff(ASHA).id, urgent=True, now=clock.now())
    assert page.context.browser is not None
    plain = page.context.browser.new_context(java_script_enabled=False).new_page()
    plain.goto(f"{door.url}/login")
    plain.fill("[name=email]", ASHA.email)
    plain.fill("[name=password]", ASHA.password)
    plain.click("button[type=submit]")
    plain.goto(f"{door.url}/desk/")
    plain.click("#own-phone")
    assert plain.locator("#disposition-reached + span").is_visible()
    plain.click("label[for=tab-follow-up]")
    assert plain.locator("#follow-up-at").is_visible()
    assert not plain.locator("#disposition-reached + span").is_visible()
    plain.context.close()


def test_a_changed_key_works_and_a_button_out_of_sight_is_shown_first(
    desk: Page, door: Door
) -> None:
    screen = Screen(desk, door.url)
    desk.keyboard.press("?")
    desk.get_by_role("link", name="Change shortcuts").click()
    screen.accessible("the shortcuts")
    screen.fits("the shortcuts")
    desk.fill("#key-claim", ",")
    desk.fill("#key-own_phone", "Ctrl+B")
    desk.locator("#save").click()
    desk.get_by_text("Claim next callback ,").wait_for()
    desk.keyboard.press("n")
    desk.keyboard.press(",")
    desk.locator("#own-phone").wait_for()
    desk.keyboard.press("Control+b")
    desk.locator("#save-next").wait_for()
    desk.keyboard.press("j")
    assert desk.locator("#hand-over").is_visible(), "its tab is open, and nothing was sent"
    assert desk.evaluate("document.activeElement.id") == "hand-over"
    desk.keyboard.press("g")
    assert desk.locator("#emergency").is_hidden(), "no emergency was marked"


def test_typing_goes_on_when_the_call_changes_in_a_browser_without_move_before(desk: Page) -> None:
    desk.add_init_script("delete Element.prototype.moveBefore")
    desk.keyboard.press("n")
    desk.locator("#own-phone").click()
    desk.locator("#save").wait_for()
    begin_notes(desk)
    desk.keyboard.type("Sleeps badly.")
    desk.keyboard.press("Home")
    with desk.expect_event("console", lambda message: message.text == "swapped"):
        desk.evaluate(
            "document.addEventListener('htmx:afterSettle', () => console.log('swapped'));"
            "document.body.dispatchEvent(new Event('stage-changed'))"
        )
    desk.keyboard.type("b")
    assert desk.locator(".notes textarea").input_value() == "bSleeps badly."
    assert desk.locator("#columns .notes textarea:focus").count() == 1


def test_an_outcome_waits_for_the_draft_that_is_being_saved(desk: Page) -> None:
    held: list[tuple[Route, APIResponse]] = []
    released: list[bool] = []

    def hold(route: Route) -> None:
        held.append((route, route.fetch())) if not released else route.continue_()

    desk.route("**/draft", hold)
    desk.keyboard.press("n")
    desk.locator("#own-phone").wait_for()
    desk.locator("#own-phone").click()
    desk.locator("#save").wait_for()
    begin_notes(desk)
    desk.keyboard.type("Sleeps badly.")
    desk.keyboard.press("Escape")
    desk.keyboard.press("d")
    while not held:
        desk.wait_for_timeout(20)
    desk.keyboard.press("1")
    desk.keyboard.press("Control+s")
    released.append(True)
    for route, saved in held:
        route.fulfill(response=saved)
    desk.get_by_text("Saved. This request is closed.").wait_for()
