"""An emergency that an advisor marks: what supervisors see, and what must be written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
import sqlalchemy as sa
from flask import Flask

from config import Settings
from helpline import clock
from helpline.callbacks.models import Callback
from helpline.calls import advisor_actions
from helpline.calls import service as calls
from helpline.db import db
from helpline.directory.crisis.published_directory import CrisisLine, load, publish
from helpline.domain.lifecycle import Status
from tests import factories
from tests.cast import ASHA, KAVITA, RAVI, VIKRAM
from tests.support.clock import Clock
from tests.support.web import Client, form_of
from tests.web.page import Page

MARK_FIRST = "You marked an emergency."


@pytest.fixture(autouse=True)
def morning(at: Clock, app: Flask) -> None:
    at("2026-11-23 11:00")
    factories.staff(RAVI)


def marked(at: Clock) -> Callback:
    """A call of Asha's in which she marked an emergency."""
    held = factories.claimed()
    asha_id = factories.staff(ASHA).id
    calls.start_own_phone_call(held.id, asha_id, now=clock.now(), longest_minutes=60)
    at.later(minutes=1)
    advisor_actions.mark_emergency(held.id, asha_id, now=clock.now())
    return held


def status_of(callback: Callback) -> Status:
    db.session.rollback()
    return db.session.get_one(Callback, callback.id, populate_existing=True).status


def test_supervisors_see_the_advisor_and_the_minutes_until_it_is_saved(
    asha: Client, new_client: Callable[[], Client], at: Clock
) -> None:
    factories.staff(VIKRAM)
    supervisor = new_client()
    supervisor.sign_in(VIKRAM)
    assert "Emergencies" not in supervisor.get("/floor/live").text
    held = marked(at)
    at.later(minutes=4)
    rows = Page(f"<body>{supervisor.get('/floor/live').text}</body>")
    row = rows.the("section", cls="live-view-emergencies")
    assert f"Asha emergency marked 4 minutes ago Callback {held.id}" in row.text
    assert KAVITA.name not in rows.text
    form = form_of(asha.get("/desk/"), "/disposition")
    asha.submit(form, disposition="no_answer", notes="Police are on their way.")
    assert "In the queue: no advisor has it" in supervisor.get("/floor/live").text
    asha.post(f"/desk/{held.id}/disposition/undo", data=form.fields)
    page = asha.get("/desk/unfinished")
    asha.submit(page, "/desk/unfinished", disposition="reached", notes="Police are there.")
    assert "Emergencies" not in supervisor.get("/floor/live").text


def test_what_was_done_is_written_before_the_outcome_is_saved(asha: Client, at: Clock) -> None:
    held = marked(at)
    refused = asha.submit(form_of(asha.get("/desk/"), "/disposition"), disposition="reached")
    assert refused.status_code == 422
    assert MARK_FIRST in Page(refused.text).the("div", cls="error-summary").text
    assert status_of(held) == Status.CALLING
    form = form_of(refused, "/disposition").fill(notes="Ambulance called at 11:03.")
    assert asha.submit(form).status_code == 303
    assert status_of(held) == Status.REACHED


def test_a_transfer_says_what_was_done_too(asha: Client, at: Clock) -> None:
    held = marked(at)
    form = form_of(asha.get("/desk/"), "/disposition").fill(hand_to=factories.staff(RAVI).id)
    address = f"/desk/{held.id}/hand-over"
    refused = asha.post(address, data=form.fields)
    assert refused.status_code == 422
    assert MARK_FIRST in refused.text
    noted = form.fill(hand_note="Her sister is with her.")
    assert asha.post(address, data=noted.fields).status_code == 303
    assert status_of(held) == Status.WAITING


def test_an_unfinished_call_says_what_was_done_too(asha: Client, at: Clock) -> None:
    held = marked(at)
    form = form_of(asha.get("/desk/"), "/disposition")
    asha.submit(form, disposition="no_answer", notes="Rang long.")
    asha.post(f"/desk/{held.id}/disposition/undo", data=form.fields)
    page = asha.get("/desk/unfinished")
    refused = asha.submit(page, "/desk/unfinished", disposition="reached", notes="")
    assert refused.status_code == 422
    assert MARK_FIRST in refused.text
    assert status_of(held) == Status.WAITING


def test_an_emergency_of_an_earlier_call_asks_for_nothing(asha: Client, at: Clock) -> None:
    held = marked(at)
    form = form_of(asha.get("/desk/"), "/disposition")
    asha.submit(form, disposition="no_answer", notes="Her sister went to see her.")
    at.later(minutes=20)
    asha.submit(asha.get("/desk/"), "/desk/next")
    asha.submit(asha.get("/desk/"), "/own-phone")
    asha.submit(form_of(asha.get("/desk/"), "/disposition"), disposition="reached", notes="")
    assert status_of(held) == Status.REACHED


def test_the_numbers_are_those_of_the_visitors_region(asha: Client) -> None:
    factories.claimed(ASHA, replace(KAVITA, phone="+12025550143"))
    page = Page(asha.get("/desk/").text)
    numbers = [link for link in page.links("tel:") if link in ("tel:911", "tel:112")]
    assert "tel:911" in numbers
    assert "tel:112" not in numbers


def test_the_numbers_of_the_state_where_they_are_come_first_and_stay_with_the_callback(
    asha: Client, new_client: Callable[[], Client], at: Clock, settings: Settings
) -> None:
    line = CrisisLine("IN", "State line", "crisis_line", "104", "104", hours="24/7", state="IN-MH")
    elsewhere = replace(line, name="Other state", tel="105", phone="105", state="IN-GA")
    publish(settings.published_crisis_file, [*load().published, line, elsewhere])
    held = marked(at)
    form = form_of(asha.get("/desk/"), "/disposition")
    address = f"/desk/{held.id}/state"
    shown = asha.post(address, data=form.fill(notes="She is at home.", located_in="IN-MH").fields)
    page = Page(shown.text)
    assert "She is at home." in shown.text
    assert form_of(shown, "/disposition").fields["located_in"] == ["IN-MH"]
    assert page.links("tel:")[1:3] == ["tel:104", "tel:112"]
    assert (
        "State line Thoughts of suicide, despair, any crisis · Maharashtra"
        in page.the("ul", cls="emergency-lines").text
    )
    assert "Other state" not in shown.text
    assert asha.post(address, data=form.fill(located_in="US-CA").fields).status_code == 400

    form = form_of(shown, "/disposition").fill(
        hand_to=factories.staff(RAVI).id, hand_note="Her sister is with her."
    )
    asha.post(f"/desk/{held.id}/hand-over", data=form.fields)
    ravi = new_client()
    ravi.sign_in(RAVI)
    ravi.submit(ravi.get("/desk/"), "/desk/next")
    assert Page(ravi.get("/desk/").text).links("tel:")[1] == "tel:104"
    stored = db.session.scalar(sa.text("SELECT located_in FROM callback"))
    assert stored
    assert "IN-MH" not in stored
