"""The advisor's desk: take the next, call, say what came of it; and when something is wrong."""

from __future__ import annotations

from dataclasses import replace

import sqlalchemy as sa
from flask import Flask

from helpline import clock
from helpline.callbacks import service as callbacks
from helpline.callbacks.models import Callback
from helpline.calls import carrier_events
from helpline.calls import service as calls
from helpline.calls.attempt_jobs import ATTEMPTS
from helpline.calls.models import Attempt, CallEvent, EventKind
from helpline.db import db
from helpline.domain.call_progress import AttemptResult, AttemptState, CarrierStatus, Leg
from helpline.domain.lifecycle import Status
from helpline.domain.retries import Disposition
from helpline.privacy.models import AuditEntry
from helpline.telephony.problems import Problem
from helpline.web.desk.attempt_text import problem_words
from tests import factories
from tests.cast import ARJUN, ASHA, KAVITA, RAVI
from tests.support import carrier_jobs
from tests.support.clock import Clock
from tests.support.web import Client, form_of
from tests.web.page import Page

CALL = "CA" + "1" * 32
VISITOR_CALL = "CA" + "2" * 32


def desk(client: Client) -> Page:
    """The desk as it stands."""
    answer = client.get("/desk/")
    assert answer.status_code == 200
    return Page(answer.text)


def press(client: Client, action: str, **fields: str) -> Page:
    """Presses a button of the desk; the page it leads to."""
    form = form_of(client.get("/desk/"), action)
    answer = client.submit(form.fill(**fields), follow=True)
    assert answer.status_code == 200
    return Page(answer.text)


def live(client: Client) -> Page:
    """The live line, as the desk fetches it."""
    return Page(f"<body>{client.get('/desk/hand').text}</body>")


def heard(attempt: Attempt, leg: Leg, status: CarrierStatus, sequence: int) -> None:
    """The carrier tells how a leg stands."""
    carrier_events.status_received(
        attempt.ref,
        leg,
        CALL if leg == Leg.ADVISOR else VISITOR_CALL,
        status,
        sequence=sequence,
        error_code=None,
        problem=None,
        now=clock.now(),
    )


def newest() -> Attempt:
    """The newest attempt."""
    return db.session.scalars(sa.select(Attempt).order_by(Attempt.id.desc()).limit(1)).one()


def test_an_advisor_takes_the_next_and_reads_what_they_need(
    app: Flask, client: Client, at: Clock
) -> None:
    at("2026-11-23 11:00")
    factories.staff(ASHA)
    factories.link(KAVITA, may_leave_voicemail=True)
    client.sign_in(ASHA)
    at.later(minutes=4)
    before = desk(client)
    assert "4 min" in before.the(id="queue").text
    assert "No current callback" in before.text
    for secret in ("Kavita", "50000", "after lunch"):
        assert secret not in before.html
    page = press(client, "/next")
    hand = page.the(id="hand").text
    for words in (
        "Kavita",
        "+91 98765 00001",
        "Speaks Hindi",
        "as soon as possible",
        "requested 4 minutes ago",
        "You may leave a voicemail",
        "Do NOT say who is calling if someone else answers",
        "Do NOT send a text message",
        "Please ring after lunch.",
        "पर बात नहीं हो पाई। आपको कुछ नहीं करना है।",  # as Kavita read it before she chose
    ):
        assert words in hand
    assert "No one is waiting" in page.the(id="queue").text
    deeds = list(db.session.scalars(sa.select(AuditEntry.deed)))
    assert deeds.count("number_shown") == 1
    assert "Kavita" not in page.title


def test_the_whole_of_a_call_is_told_line_by_line(app: Flask, client: Client, at: Clock) -> None:
    at("2026-11-23 11:00")
    factories.staff(ASHA)
    token = factories.link(KAVITA)
    client.sign_in(ASHA)
    press(client, "/next")
    assert "Your call is being set up." in press(client, "/call").text
    attempt = newest()
    carrier_jobs.take_attempt()
    assert "Your phone is about to ring." in live(client).text
    ATTEMPTS.accepted(attempt.id, CALL, now=clock.now())
    heard(attempt, Leg.ADVISOR, CarrierStatus.RINGING, 1)
    assert "Your phone is ringing. Answer it and press 1." in live(client).text
    carrier_events.advisor_answered(attempt.ref, CALL, now=clock.now())
    assert "Press 1 on your phone to be connected." in live(client).text
    carrier_events.advisor_pressed_one(attempt.ref, CALL, now=clock.now())
    heard(attempt, Leg.VISITOR, CarrierStatus.RINGING, 1)
    assert "Their phone is ringing." in live(client).text
    heard(attempt, Leg.VISITOR, CarrierStatus.IN_PROGRESS, 2)
    assert "You are connected." in live(client).text
    too_early = client.submit(client.get("/desk/"), "/disposition", disposition="reached")
    assert too_early.status_code == 409
    assert "The call is still in progress." in too_early.text
    at.later(minutes=4)
    heard(attempt, Leg.VISITOR, CarrierStatus.COMPLETED, 3)
    carrier_events.dial_finished(attempt.ref, CALL, CarrierStatus.COMPLETED, now=clock.now())
    heard(attempt, Leg.ADVISOR, CarrierStatus.COMPLETED, 3)
    wrap_up = desk(client)
    assert "The call was answered and has ended." in wrap_up.text
    assert wrap_up.form("/disposition")["disposition"] == "reached"
    page = press(client, "/disposition", disposition="reached", notes="Will see a doctor.")
    assert "Saved." in page.text
    assert "No current callback" in page.text
    assert factories.by_token(token).status == Status.REACHED
    assert newest().notes == "Will see a doctor."


def test_saving_without_a_choice_keeps_the_notes(app: Flask, client: Client, at: Clock) -> None:
    at("2026-11-23 11:00")
    held = factories.claimed(ASHA)
    client.sign_in(ASHA)
    press_own_phone(client, held)
    for sent, words in (
        ({"notes": "Cried a lot <3"}, "Choose the outcome of the call."),
        ({"notes": "Cried a lot <3", "disposition": "cured"}, "Choose the outcome of the call."),
        ({"notes": "x" * 5001, "disposition": "busy"}, "Notes must be 5,000 characters or fewer"),
    ):
        form = form_of(client.get("/desk/"), "/disposition")
        answer = client.submit(form.fill(**({"disposition": None} | sent)))
        assert answer.status_code == 422
        page = Page(answer.text)
        assert words in page.the("div", cls="error-summary").text
        assert page.form("/disposition")["notes"] == sent["notes"]
    assert newest().disposition is None


def press_own_phone(client: Client, held: Callback) -> None:
    """The advisor rings from their own phone."""
    token = desk(client).form("/release")["csrf_token"]
    answer = client.post(f"/desk/{held.id}/own-phone", data={"csrf_token": token})
    assert answer.status_code == 303


def test_no_answer_goes_back_with_a_pause_and_the_next_one_comes(
    app: Flask, client: Client, at: Clock
) -> None:
    at("2026-11-23 11:00")
    held = factories.claimed(ASHA)
    client.sign_in(ASHA)
    press_own_phone(client, held)
    page = press(client, "/disposition", disposition="no_answer", notes="Rang long.")
    assert "1 more request is scheduled for later" in page.text
    assert "No one is waiting." in press(client, "/next").text
    at.later(minutes=15)
    assert "attempt 2" in desk(client).text
    again = press(client, "/next")
    assert "No answer" in again.the(id="hand").text or "did not answer" in again.text
    assert "Rang long." in again.the(id="hand").text


def test_an_advisor_gives_back_keeps_longer_and_takes_a_break(
    app: Flask, client: Client, at: Clock
) -> None:
    at("2026-11-23 11:00")
    held = factories.claimed(ASHA)
    client.sign_in(ASHA)
    ends = held.claim_ends_at
    at.later(minutes=3)
    assert "You have more time." in press(client, "/longer").text
    db.session.refresh(held)
    assert held.claim_ends_at is not None
    assert ends is not None
    assert (held.claim_ends_at - ends).total_seconds() == 180
    assert "Callback released." in press(client, "/release").text
    db.session.refresh(held)
    assert (held.status, held.claimed_by) == (Status.WAITING, None)
    away = press(client, "/presence", state="away")
    assert "On a break" in away.the("form", cls="presence").text
    assert "Available" in press(client, "/presence", state="available").text
    wrong = client.submit(client.get("/desk/"), "/presence", state="asleep")
    assert wrong.status_code == 422


def test_what_is_no_longer_in_hand_is_said_so(app: Flask, client: Client, at: Clock) -> None:
    at("2026-11-23 11:00")
    held = factories.claimed(ASHA)
    client.sign_in(ASHA)
    page = client.get("/desk/")
    secret = Page(page.text).form("/release")["csrf_token"]
    client.submit(page, "/release")
    sent = {"csrf_token": secret, "disposition": "reached"}
    for deed in ("release", "longer", "call", "own-phone", "disposition"):
        address = f"/desk/{held.id}/{deed}"
        answer = client.post(address, data=sent, follow_redirects=True)
        assert answer.status_code == 200
        words = "already been wrapped up" if deed == "disposition" else "You no longer have this"
        assert words in answer.text
        assert client.post(f"/desk/999999/{deed}", data=sent).status_code == 404
    assert db.session.scalar(sa.select(sa.func.count(Attempt.id))) == 0


def test_what_another_holds_cannot_be_touched(app: Flask, client: Client, at: Clock) -> None:
    at("2026-11-23 11:00")
    factories.staff(RAVI)
    held = factories.claimed(ASHA)
    client.sign_in(RAVI)
    secret = desk(client).form("/next")["csrf_token"]
    for deed in ("release", "longer", "call", "own-phone", "disposition"):
        data = {"csrf_token": secret, "disposition": "wrong_number"}
        assert client.post(f"/desk/{held.id}/{deed}", data=data).status_code == 303
    db.session.refresh(held)
    assert (held.status, held.claimed_by) == (Status.CLAIMED, factories.staff(ASHA).id)
    for secret_words in ("Kavita", "98765 00001", "+919876500001"):
        assert secret_words not in client.get("/desk/").text


def test_outside_hours_nothing_is_taken_and_nobody_rung(
    app: Flask, client: Client, at: Clock
) -> None:
    at("2026-11-23 17:59:59")
    held = factories.claimed(ASHA)
    factories.link(ARJUN)
    client.sign_in(ASHA)
    call = form_of(client.get("/desk/"), "/call")
    at("2026-11-23 18:00:00")
    words = "The helpline is closed, so no one can be called. It opens tomorrow at 10:00 AM."
    assert words in Page(client.submit(call.fill(), follow=True).text).text
    assert db.session.scalar(sa.select(sa.func.count(Attempt.id))) == 0
    press(client, "/release")
    page = press(client, "/next")
    assert words in page.text
    assert page.the(cls="queue").attrs["data-can-take"] == "no"
    assert "Callbacks can be claimed when the helpline opens." in page.the(cls="queue").text
    assert "Take the next one." not in page.text
    db.session.refresh(held)
    assert held.status == Status.WAITING


def test_each_trouble_with_the_carrier_is_told_in_plain_words(
    app: Flask, client: Client, at: Clock
) -> None:
    at("2026-11-23 11:00")
    factories.claimed(ASHA)
    client.sign_in(ASHA)
    said = {}
    for problem in Problem:
        press(client, "/call")
        carrier_jobs.reject(ATTEMPTS, newest().id, problem)
        page = desk(client)
        said[problem] = page.the("div", cls="problem").text
        assert problem_words(problem) in said[problem]
        assert "_" not in said[problem], "codes are not words"
        assert page.the(id="call"), "they may try again"
    assert "tell an admin" in said[Problem.CALLER_ID].lower()
    assert "Wait a minute and press Call again" in said[Problem.BUSY]
    assert len(set(said.values())) >= len(Problem) - 1
    assert problem_words("something new") == problem_words(Problem.REFUSED)


def test_an_advisor_without_a_phone_is_told_how_to_go_on(
    app: Flask, client: Client, at: Clock
) -> None:
    at("2026-11-23 11:00")
    factories.staff(ASHA, phone=None)
    held = factories.claimed(ASHA)
    client.sign_in(ASHA)
    assert "Your phone number is not set" in press(client, "/call").text
    db.session.refresh(held)
    assert held.status == Status.CLAIMED


def test_the_desk_keeps_itself_up_to_date_in_fragments(
    app: Flask, client: Client, at: Clock
) -> None:
    at("2026-11-23 11:00")
    factories.staff(ASHA)
    client.sign_in(ASHA)
    assert "No one is waiting" in client.get("/desk/queue").text
    token = factories.link(KAVITA)
    fragment = client.get("/desk/queue").text
    assert "just now" in fragment
    assert "<html" not in fragment
    assert "Kavita" not in fragment
    press(client, "/next")
    assert "Ready to call." in live(client).text
    callbacks.cancel(token, now=clock.now())
    assert 'data-stage="none"' in client.get("/desk/hand").text


def test_without_a_carrier_the_advisor_rings_from_their_own_phone(
    app: Flask, client: Client, at: Clock
) -> None:
    at("2026-11-23 11:00")
    app.extensions["helpline"] = replace(app.extensions["helpline"], carriers={})
    factories.claimed(ASHA)
    client.sign_in(ASHA)
    page = desk(client)
    assert "tel:+919876500001" in page.links("tel:")
    page = press(client, "/own-phone")
    assert "Call them from your own phone" in page.text
    assert "Saved." in press(client, "/disposition", disposition="reached", notes="").text


def test_each_timer_is_of_the_state_that_it_stands_beside(
    app: Flask, client: Client, at: Clock
) -> None:
    def timer() -> str:
        return Page(client.get("/desk/").text).the("form", cls="presence").text

    at("2026-11-23 11:00")
    factories.staff(ASHA)
    client.sign_in(ASHA)
    press(client, "/presence", state="away")
    at.later(minutes=3)
    assert "On a break for 3 minutes" in timer()
    press(client, "/presence", state="available")
    factories.link(KAVITA)
    at.later(minutes=33)
    assert "Available for 33 minutes" in timer()
    press(client, "/next")
    at.later(seconds=1)
    assert "Callback claimed for less than a minute" in timer()
    at.later(minutes=2)
    assert "Callback claimed for 2 minutes" in timer()
    press(client, "/own-phone")
    assert "On a call for less than a minute" in timer()
    at.later(minutes=4)
    assert "On a call for 4 minutes" in timer()
    held = db.session.scalars(sa.select(Callback)).one()
    calls.record_disposition(
        held.id, factories.staff(ASHA).id, Disposition.REACHED, "", now=clock.now()
    )
    at.later(minutes=5)
    assert "Available for 5 minutes" in timer()


def test_a_call_through_the_carrier_is_timed_from_the_answer_and_the_wrap_up_from_its_end(
    app: Flask, client: Client, at: Clock
) -> None:
    def timer() -> str:
        return Page(client.get("/desk/").text).the("form", cls="presence").text

    at("2026-11-23 11:00")
    factories.staff(ASHA)
    client.sign_in(ASHA)
    attempt = factories.calling(ASHA, KAVITA)
    at.later(minutes=1)
    assert "Calling for 1 minute" in timer()
    answered = CallEvent(
        attempt_id=attempt.id,
        call="CA" + 32 * "0",
        kind=EventKind.STATUS,
        leg=Leg.VISITOR,
        sequence=1,
        status=CarrierStatus.IN_PROGRESS,
        received_at=clock.now(),
    )
    db.session.add(answered)
    attempt.state = AttemptState.TALKING
    db.session.commit()
    at.later(minutes=7)
    assert "On a call for 7 minutes" in timer()
    attempt.state, attempt.result = AttemptState.ENDED, AttemptResult.TALKED
    attempt.ended_at = clock.now()
    db.session.commit()
    at.later(minutes=2)
    assert "Wrap-up for 2 minutes" in timer()


def test_after_closing_a_claimed_callback_cannot_be_called_and_the_desk_says_so(
    app: Flask, client: Client, at: Clock
) -> None:
    at("2026-11-23 17:59:59")
    held = factories.claimed(ASHA)
    client.sign_in(ASHA)
    before = client.get("/desk/").text
    assert 'id="call"' in before
    at("2026-11-23 18:00:00")
    after = client.get("/desk/").text
    assert "The helpline has closed. This callback returns to the queue" in after
    for button in ('id="call"', 'id="own-phone"', 'id="keep"', "Ready to call."):
        assert button not in after
    assert f'data-stage="{held.id}-claimed-closed"' in client.get("/desk/hand").text
