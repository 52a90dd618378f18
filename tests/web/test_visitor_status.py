"""Where a request stands: every state in words, moving it, cancelling it, a link that is wrong."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from jinja2 import UndefinedError

from helpline import clock
from helpline.callbacks import claims
from helpline.callbacks import service as callbacks
from helpline.callbacks.models import Callback, CallbackEvent, Slot
from helpline.calls import service as calls
from helpline.db import db
from helpline.domain.call_progress import AttemptResult
from helpline.domain.lifecycle import Event, Status
from helpline.domain.retries import Disposition
from helpline.staff import service as accounts
from tests import factories
from tests.cast import ARJUN, ASHA, KAVITA, LEELA
from tests.support import carrier_jobs
from tests.support.clock import Clock
from tests.support.web import Client, form_of
from tests.web.page import Page

_LONG = timedelta(minutes=5)
Asked = Callable[[], str]


def status_page(client: Client, token: str) -> Page:
    """The status page; it must be there, and carry the crisis numbers."""
    answer = client.get(f"/request/{token}")
    assert answer.status_code == 200
    page = Page(answer.text)
    assert {"tel:112", "tel:14416"} <= set(page.links("tel:"))
    return page


def claimed() -> str:
    """A request in Asha's hands."""
    token = factories.link(KAVITA)
    factories.staff(ASHA)
    claims.claim_next(factories.staff(ASHA).id, now=clock.now())
    return token


def calling() -> str:
    """A request for which a call is being made."""
    token = claimed()
    calls.start_call(factories.by_token(token).id, factories.staff(ASHA).id, now=clock.now())
    return token


def ended(disposition: Disposition) -> str:
    """A request that was rung and wrapped up, from the advisor's own phone."""
    token = claimed()
    held, advisor = factories.by_token(token), factories.staff(ASHA)
    calls.start_own_phone_call(held.id, advisor.id, now=clock.now(), longest_minutes=60)
    calls.record_disposition(held.id, advisor.id, disposition, "", now=clock.now())
    return token


def cancelled() -> str:
    """A request that was cancelled."""
    token = factories.link(KAVITA)
    callbacks.cancel(token, now=clock.now())
    return token


STATES: dict[str, tuple[Asked, str, str]] = {
    "waiting": (lambda: factories.link(KAVITA), "We have your request", "yes"),
    "booked": (
        lambda: factories.link(KAVITA, slot_at=factories.slot("15:00")),
        "We will call you today at about 3:00 PM",
        "yes",
    ),
    "claimed": (claimed, "An advisor has your request", "cancel"),
    "calling": (calling, "We are about to call you", "cancel"),
    "reached": (lambda: ended(Disposition.REACHED), "We spoke with you", "no"),
    "again": (lambda: ended(Disposition.NO_ANSWER), "We called and did not reach you", "yes"),
    "unreached": (lambda: ended(Disposition.WRONG_NUMBER), "The number may be wrong", "no"),
    "cancelled": (cancelled, "Your request is cancelled", "no"),
}


@pytest.mark.parametrize("state", STATES)
def test_each_state_in_words(app: Flask, client: Client, at: Clock, state: str) -> None:
    at("2026-11-23 11:00")
    begin, heading, can = STATES[state]
    token = begin()
    page = status_page(client, token)
    assert page.all("h1")[0].text == heading
    assert ("Choose another time" in page.text) == (can == "yes")
    assert ("Yes, cancel my request" in page.text) == (can in ("yes", "cancel"))
    assert ("Ask for another call" in page.text) == (can == "no")
    # What somebody who looks over a shoulder, or the history of a browser, could read.
    assert "Kavita" not in page.html
    assert KAVITA.phone not in page.html
    assert "after lunch" not in page.html
    assert page.title == "Your request"
    if can != "no":
        assert "+91 ••••• ••001" in page.text
        assert "We will call from +91 11 4000 0000" in page.text


def test_who_waits_sees_how_many_are_ahead(app: Flask, client: Client, at: Clock) -> None:
    at("2026-11-23 11:00")
    factories.link(ARJUN)
    at.later(minutes=1)
    token = factories.link(KAVITA)
    accounts.record_desk_seen(factories.staff(ASHA).id, now=clock.now())
    assert "Ahead of you 1 person" in status_page(client, token).text
    at("2026-11-23 20:00")
    page = status_page(client, token)
    assert "We will call you after we open, tomorrow at 10:00 AM" in page.text
    assert "Ahead of you" not in page.text


def test_who_was_not_reached_is_told_when_we_try_again(
    app: Flask, client: Client, at: Clock
) -> None:
    at("2026-11-23 11:00")
    page = status_page(client, ended(Disposition.BUSY))
    assert "We will try again today at about 11:15 AM" in page.text
    assert "We called you and did not reach you" in page.text


def test_a_request_moves_to_a_slot_and_back(app: Flask, client: Client, at: Clock) -> None:
    at("2026-11-23 11:00")
    token = factories.link(KAVITA)
    slot = factories.slot("2026-11-24 10:30")
    page = client.get(f"/request/{token}/move")
    assert "Your call is set for as soon as possible." in page.text
    answer = client.submit(page, "/move", when=slot.isoformat())
    assert (answer.status_code, answer.location) == (303, f"/request/{token}")
    assert "We will call you tomorrow at about 10:30 AM" in status_page(client, token).text
    assert db.session.get_one(Slot, slot).booked == 1
    again = client.get(f"/request/{token}/move")
    assert "Your call is set for tomorrow at 10:30 AM." in again.text
    client.submit(again, "/move", when="asap")
    assert "We have your request" in status_page(client, token).text
    assert db.session.get_one(Slot, slot).booked == 0


def test_a_move_to_a_time_that_is_gone_keeps_the_old_one(
    app: Flask, client: Client, at: Clock
) -> None:
    at("2026-11-23 11:00")
    old, full = factories.slot("16:00"), factories.slot("15:00")
    token = factories.link(KAVITA, slot_at=old)
    page = client.get(f"/request/{token}/move")
    for other in (ARJUN, LEELA):
        factories.link(other, slot_at=full)
    for when, words in {
        full.isoformat(): "That time has just been taken.",
        "soon": "Choose one of the times shown.",
    }.items():
        answer = client.submit(page, "/move", when=when)
        assert answer.status_code == 422
        assert words in Page(answer.text).the("div", cls="error-summary").text
    assert factories.by_token(token).slot_at == old


def test_who_is_being_rung_cannot_move_any_more(app: Flask, client: Client, at: Clock) -> None:
    at("2026-11-23 11:00")
    token = factories.link(KAVITA)
    page = client.get(f"/request/{token}/move")
    claims.claim_next(factories.staff(ASHA).id, now=clock.now())
    answer = client.submit(page, "/move", when=factories.slot("15:00").isoformat())
    assert (answer.status_code, answer.location) == (303, f"/request/{token}")
    assert factories.by_token(token).slot_at is None
    assert client.get(f"/request/{token}/move").status_code == 303


def test_cancelling_twice_is_cancelling_once(app: Flask, client: Client, at: Clock) -> None:
    at("2026-11-23 11:00")
    slot = factories.slot("15:00")
    token = factories.link(KAVITA, slot_at=slot)
    page = client.get(f"/request/{token}")
    for _ in range(2):
        answer = client.submit(page, "/cancel")
        assert (answer.status_code, answer.location) == (303, f"/request/{token}")
    assert "Your request is cancelled" in status_page(client, token).text
    assert db.session.get_one(Slot, slot).booked == 0
    asked = factories.by_token(token)
    steps = sa.select(CallbackEvent.event).where(CallbackEvent.callback_id == asked.id)
    assert list(db.session.scalars(steps)).count(Event.CANCEL) == 1


def test_cancelling_what_is_over_changes_nothing(app: Flask, client: Client, at: Clock) -> None:
    at("2026-11-23 11:00")
    token = ended(Disposition.REACHED)
    assert client.post(f"/request/{token}/cancel").status_code == 303
    assert factories.by_token(token).status == Status.REACHED


def test_a_cancelled_call_leads_nowhere(app: Flask, client: Client, at: Clock) -> None:
    at("2026-11-23 11:00")
    token = calling()
    client.submit(client.get(f"/request/{token}"), "/cancel")
    attempt = factories.attempt_of(factories.by_token(token))
    carrier_jobs.take_attempt()
    db.session.rollback()
    assert db.session.get_one(type(attempt), attempt.id).result == AttemptResult.CANCELLED


def test_a_link_that_is_wrong_is_not_found_and_helps_all_the_same(
    app: Flask, client: Client, at: Clock
) -> None:
    at("2026-11-23 11:00")
    token = factories.link(KAVITA)
    for wrong in ("x", token[:-1], token + "A", token.swapcase(), "%00", "a" * 5000):
        for ending, post in (("", False), ("/move", False), ("/move", True), ("/cancel", True)):
            address = f"/request/{wrong}{ending}"
            data = {"when": "asap"}
            answer = client.post(address, data=data) if post else client.get(address)
            assert answer.status_code == 404, address[:60]
            page = Page(answer.text)
            assert "We could not find this page" in page.text
            assert {"tel:112", "tel:14416"} <= set(page.links("tel:"))
    assert factories.by_token(token).status == Status.WAITING


def test_a_link_is_not_made_by_getting_it(app: Flask, client: Client, at: Clock) -> None:
    at("2026-11-23 11:00")
    token = factories.link(KAVITA)
    assert client.get(f"/request/{token}/cancel").status_code == 405
    assert factories.by_token(token).status == Status.WAITING
    assert "noindex" in client.get(f"/request/{token}").text
    assert len(db.session.scalars(sa.select(Callback)).all()) == 1


def test_the_form_to_move_offers_what_is_free(app: Flask, client: Client, at: Clock) -> None:
    at("2026-11-23 11:00")
    token = factories.link(KAVITA)
    assert form_of(client.get(f"/request/{token}/move"), "/move").fields["when"] == ["asap"]


@pytest.mark.parametrize(
    ("moment", "words"),
    [("2026-11-23 17:20", "As soon as possible"), ("2026-11-23 20:30", "As soon as you open")],
)
def test_the_form_to_move_says_whether_we_are_open_and_names_the_zone(
    app: Flask, client: Client, at: Clock, moment: str, words: str
) -> None:
    at(moment)
    text = client.get(f"/request/{factories.link(KAVITA)}/move").text
    assert words in text
    assert ("As soon as you open" in text) is (words == "As soon as you open")
    assert "India Standard Time" in text or "India Time" in text


def test_a_template_that_reads_a_value_it_was_not_given_fails(app: Flask) -> None:
    with pytest.raises(UndefinedError):
        app.jinja_env.from_string("{% if nobody_gave_this %}{% endif %}").render()
