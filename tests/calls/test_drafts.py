"""What an advisor types is never lost: drafts, wrap-ups that run out, calls to be finished."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from werkzeug.test import TestResponse

from helpline import clock
from helpline.callbacks import claims
from helpline.callbacks import service as callbacks
from helpline.callbacks.errors import StateChanged
from helpline.callbacks.models import Callback, Slot, SlotLanguage
from helpline.calls import carrier_events, drafts
from helpline.calls import service as calls
from helpline.calls.attempt_jobs import ATTEMPTS
from helpline.calls.drafts import Draft
from helpline.calls.models import Attempt, NoteDraft
from helpline.db import db
from helpline.domain.call_progress import CarrierStatus, Leg
from helpline.domain.lifecycle import Status
from helpline.domain.retries import Disposition
from helpline.erasure import service as erasure
from helpline.privacy.encryption import reference_token
from helpline.privacy.models import AuditEntry
from tests import factories
from tests.cast import ASHA, KAVITA, RAVI, VIKRAM
from tests.support import carrier_jobs
from tests.support.clock import Clock
from tests.support.web import Client, form_of

CALL = "CA" + "1" * 32
VISITOR_CALL = "CA" + "2" * 32


@pytest.fixture(autouse=True)
def morning(at: Clock, app: Flask) -> None:
    """It is eleven, and Ravi works here too."""
    at("2026-11-23 11:00")
    factories.staff(RAVI)


def talked(at: Clock, seconds: float, attempt: Attempt | None = None, call: str = CALL) -> Attempt:
    """Asha called Kavita by the carrier; somebody or something answered, and it is over."""
    attempt = attempt or factories.calling()
    carrier_jobs.take_attempt()
    ATTEMPTS.accepted(attempt.id, call, now=clock.now())
    carrier_events.advisor_answered(attempt.ref, call, now=clock.now())
    carrier_events.advisor_pressed_one(attempt.ref, call, now=clock.now())
    told(attempt, Leg.VISITOR, CarrierStatus.IN_PROGRESS, 2)
    at.later(seconds=seconds)
    told(attempt, Leg.VISITOR, CarrierStatus.COMPLETED, 3)
    carrier_events.dial_finished(attempt.ref, call, CarrierStatus.COMPLETED, now=clock.now())
    return now(attempt)


def told(attempt: Attempt, leg: Leg, status: CarrierStatus, sequence: int) -> None:
    """The carrier tells how a leg stands."""
    call = CALL if leg == Leg.ADVISOR else VISITOR_CALL
    carrier_events.status_received(
        attempt.ref,
        leg,
        call,
        status,
        sequence=sequence,
        error_code=None,
        problem=None,
        now=clock.now(),
    )


def now(attempt: Attempt) -> Attempt:
    """The attempt as it is now."""
    db.session.rollback()
    return db.session.get_one(Attempt, attempt.id, populate_existing=True)


def callback_of(attempt: Attempt) -> Callback:
    """Its callback as it is now."""
    db.session.rollback()
    return db.session.get_one(Callback, attempt.callback_id, populate_existing=True)


def type_in(client: Client, attempt: Attempt, notes: str, **fields: str) -> TestResponse:
    """What the script does every few seconds, or the button without a script."""
    form = form_of(client.get("/desk/"), "/disposition").fill(notes=notes, **fields)
    return client.post(f"/desk/{attempt.callback_id}/draft", data=form.fields)


def run_out(at: Clock) -> None:
    """Nobody does anything until the wrap-up is over."""
    at.later(minutes=11)
    assert calls.close_one_wrap_up(now=clock.now())


def test_a_draft_is_on_every_device_and_in_no_plain_text(
    asha: Client, new_client: Callable[[], Client], at: Clock
) -> None:
    attempt = talked(at, 300)
    assert type_in(asha, attempt, "Sleeps badly.").status_code == 303
    stored = db.session.execute(sa.text("SELECT notes FROM note_draft")).scalar_one()
    assert "Sleeps" not in stored
    other_device = new_client()
    other_device.sign_in(ASHA)
    shown = form_of(other_device.get("/desk/"), "/disposition").fields["notes"][0].strip()
    assert shown == "Sleeps badly."
    ravi = new_client()
    ravi.sign_in(RAVI)
    assert "Sleeps badly." not in ravi.get("/desk/").text


def test_typing_gives_more_time_and_repeating_it_does_not(asha: Client, at: Clock) -> None:
    attempt = talked(at, 300)
    first = callback_of(attempt).claim_ends_at
    at.later(minutes=5)
    type_in(asha, attempt, "Sleeps")
    longer = callback_of(attempt).claim_ends_at
    assert first is not None and longer == first + timedelta(minutes=5)
    at.later(minutes=1)
    type_in(asha, attempt, "Sleeps")
    assert callback_of(attempt).claim_ends_at == longer
    answer = type_in(asha, attempt, "Sleeps", more="yes")
    assert "You have more time." in asha.get(answer.location).text
    assert callback_of(attempt).claim_ends_at == longer + timedelta(minutes=1)


def test_the_last_two_minutes_are_announced(asha: Client, at: Clock) -> None:
    attempt = talked(at, 300)
    words = "Less than 2 minutes left to save."
    assert words not in asha.get("/desk/hand").text
    ends_at = callback_of(attempt).claim_ends_at
    assert ends_at is not None
    at.later(seconds=(ends_at - clock.now()).total_seconds() - 119)
    live = asha.get("/desk/hand").text
    assert words in live and ends_at.strftime("%H:%M") in live
    page = asha.get("/desk/").text
    assert 'data-key="m"' in page and 'id="countdown"' in page


def test_when_the_time_runs_out_the_draft_is_the_note_and_the_call_is_to_be_finished(
    asha: Client, at: Clock
) -> None:
    attempt = talked(at, 300)
    type_in(asha, attempt, "Wants a doctor.", hand_note="She trusts Ravi.")
    run_out(at)
    over = now(attempt)
    assert over.notes == "Wants a doctor.\n\nShe trusts Ravi."
    assert over.disposition == Disposition.REACHED
    assert callback_of(attempt).status == Status.REACHED
    assert "Unfinished calls: 1" in asha.get("/desk/").text
    page = asha.get("/desk/unfinished")
    form = form_of(page, f"/unfinished/{attempt.id}")
    assert form.fields["disposition"] == ["reached"]
    assert form.fields["notes"][0].strip() == over.notes
    asha.submit(form.fill(notes="Wants a doctor; Ravi knows one."))
    assert now(attempt).notes == "Wants a doctor; Ravi knows one."
    assert "Unfinished calls" not in asha.get("/desk/").text
    assert db.session.scalar(sa.select(sa.func.count(NoteDraft.id))) == 0
    again = asha.submit(form, follow=True)
    assert "Nothing was changed" in again.text


@pytest.mark.parametrize("seconds", [3, 29])
def test_a_short_talk_that_nobody_described_is_tried_again(
    asha: Client, at: Clock, seconds: int
) -> None:
    attempt = talked(at, seconds)
    page = asha.get("/desk/")
    assert "disposition" not in form_of(page, "/disposition").fields
    assert "This was a short call and may have reached voicemail." in page.text
    run_out(at)
    callback = callback_of(attempt)
    assert (callback.status, callback.attempts_used) == (Status.WAITING, 1)
    assert now(attempt).disposition is None
    assert "Unfinished calls: 1" in asha.get("/desk/").text


def test_a_short_talk_of_which_something_is_chosen_ends_as_chosen(asha: Client, at: Clock) -> None:
    attempt = talked(at, 3)
    type_in(asha, attempt, "They hung up, and want no call.", disposition="declined")
    run_out(at)
    assert now(attempt).disposition == Disposition.DECLINED
    assert callback_of(attempt).status == Status.REACHED


@pytest.mark.parametrize("typed_late", [False, True])
def test_what_was_chosen_of_one_call_is_not_the_outcome_of_the_next(
    asha: Client, at: Clock, typed_late: bool
) -> None:
    first = talked(at, 3)
    advisor_id = first.advisor_id
    type_in(asha, first, "A machine.", disposition="voicemail")
    run_out(at)
    assert now(first).disposition == Disposition.VOICEMAIL
    if typed_late:  # in a window that does not know yet
        late = Draft(notes="A machine, I think.", disposition=Disposition.VOICEMAIL)
        drafts.save(first.callback_id, advisor_id, late, expected_version=1, now=clock.now())
    at.later(minutes=60)
    assert claims.claim_next(advisor_id, now=clock.now()) == first.callback_id
    calls.start_call(first.callback_id, advisor_id, now=clock.now())
    second = talked(at, 900, factories.attempt_of(callback_of(first)), "CA" + "3" * 32)
    assert second.id != first.id
    run_out(at)
    assert callback_of(second).status == Status.REACHED


@pytest.mark.parametrize(
    ("said", "status"),
    [
        (Disposition.REACHED, Status.REACHED),
        (Disposition.WRONG_NUMBER, Status.UNREACHED),
        (Disposition.VOICEMAIL, Status.WAITING),
    ],
)
def test_finishing_a_call_ends_the_next_try_where_none_is_wanted(
    asha: Client, at: Clock, said: Disposition, status: Status
) -> None:
    attempt = talked(at, 3)
    run_out(at)
    drafts.finish(attempt.id, attempt.advisor_id, said, "", now=clock.now())
    assert callback_of(attempt).status == status
    assert now(attempt).disposition == said


@pytest.mark.parametrize(
    ("said", "held"),
    [
        (Disposition.REACHED, 1),  # The visitor chose that time after they were reached.
        (Disposition.WRONG_NUMBER, 0),
        (Disposition.UNSAFE, 0),
        (Disposition.VOICEMAIL, 1),
    ],
)
def test_finishing_a_call_frees_the_slot_that_nobody_is_called_in(
    asha: Client, at: Clock, said: Disposition, held: int
) -> None:
    attempt = talked(at, 3)
    run_out(at)
    token = reference_token(callback_of(attempt).token_hash)
    callbacks.reschedule(token, factories.slot("2026-11-24 11:00"), now=clock.now())
    drafts.finish(attempt.id, attempt.advisor_id, said, "", now=clock.now())
    assert [
        db.session.scalar(sa.select(sa.func.sum(each.booked))) for each in (Slot, SlotLanguage)
    ] == [held, held]
    ended = said == Disposition.WRONG_NUMBER
    assert callback_of(attempt).status == (Status.UNREACHED if ended else Status.WAITING)


def test_finishing_changes_nothing_of_a_callback_that_somebody_else_has(
    asha: Client, at: Clock
) -> None:
    attempt = talked(at, 3)
    run_out(at)
    at.later(minutes=20)
    ravi = factories.staff(RAVI)
    assert claims.claim_next(ravi.id, now=clock.now()) == attempt.callback_id
    drafts.finish(attempt.id, attempt.advisor_id, Disposition.REACHED, "Spoke.", now=clock.now())
    assert callback_of(attempt).status == Status.CLAIMED
    assert now(attempt).notes == "Spoke."


def test_who_was_not_reached_after_all_is_called_once_more(asha: Client, at: Clock) -> None:
    attempt = talked(at, 45)
    run_out(at)
    assert callback_of(attempt).status == Status.REACHED
    form = form_of(asha.get("/desk/unfinished"), f"/unfinished/{attempt.id}")
    asha.submit(form.fill(disposition="voicemail"))
    made = db.session.scalars(
        sa.select(Callback).where(Callback.again_of == attempt.callback_id)
    ).one()
    assert (made.status, made.phone) == (Status.WAITING, KAVITA.phone)


def test_words_typed_after_the_time_was_over_are_kept(asha: Client, at: Clock) -> None:
    attempt = talked(at, 300)
    type_in(asha, attempt, "Some words.")
    page = asha.get("/desk/")
    run_out(at)
    answer = asha.submit(form_of(page, "/disposition").fill(notes="Late words."), follow=True)
    assert "What you typed is kept" in answer.text and "Late words." in answer.text
    assert now(attempt).notes == "Late words."


def test_words_typed_while_the_visitor_cancels_are_kept(asha: Client, at: Clock) -> None:
    token = factories.link()
    held = factories.by_token(token)
    claims.claim_next(factories.staff(ASHA).id, now=clock.now())
    calls.start_own_phone_call(
        held.id, factories.staff(ASHA).id, now=clock.now(), longest_minutes=60
    )
    attempt = factories.attempt_of(held)
    type_in(asha, attempt, "Half a note")
    callbacks.cancel(token, now=clock.now())
    assert callback_of(attempt).status == Status.CANCELLED
    assert "Half a note" in asha.get("/desk/unfinished").text
    sent = {"callback_id": held.id, "advisor_id": attempt.advisor_id}
    erasure.erase_everything(token, now=clock.now())
    with pytest.raises(StateChanged):
        drafts.save(**sent, draft=Draft("Half a note more"), expected_version=1, now=clock.now())
    assert "Half a note" not in asha.get("/desk/unfinished").text
    assert now(attempt).notes is None
    assert db.session.scalar(sa.select(sa.func.count(NoteDraft.id))) == 0


def test_an_older_window_overwrites_nothing(asha: Client, at: Clock) -> None:
    attempt = talked(at, 300)
    old_window = form_of(asha.get("/desk/"), "/disposition")
    type_in(asha, attempt, "Newer words.")
    path = f"/desk/{attempt.callback_id}/draft"
    stale = old_window.fill(notes="Older words.")
    by_script = asha.post(path, data=stale.fields, headers={"Accept": "application/json"})
    assert by_script.status_code == 409 and "another window" in by_script.get_json()["words"]
    for answer in (asha.post(path, data=stale.fields), asha.submit(stale)):
        assert answer.status_code == 409
        both = form_of(answer, "/disposition")
        assert both.fields["notes"][0].strip() == "Older words.\n\nNewer words."
    assert now(attempt).notes == "Newer words."
    assert asha.submit(both).status_code == 303
    assert now(attempt).notes == "Older words.\n\nNewer words."
    assert now(attempt).unfinished_at is None


def test_a_note_for_a_colleague_is_kept_before_a_call_too(asha: Client, at: Clock) -> None:
    held = factories.claimed()
    page = asha.get("/desk/")
    form = form_of(page, "/hand-over").fill(hand_note="She knows you.")
    answer = asha.post(f"/desk/{held.id}/draft", data=form.fields)
    assert answer.status_code == 303
    assert form_of(asha.get("/desk/"), "/hand-over").fields["hand_note"][0].strip() == (
        "She knows you."
    )
    at.later(minutes=30)
    assert claims.release_one_expired_claim(now=clock.now())
    left = asha.get("/desk/unfinished")
    assert "She knows you." in left.text
    asha.submit(left, "/discard")
    assert "No unfinished calls" in asha.get("/desk/unfinished").text


def test_every_button_of_the_form_keeps_what_was_typed(asha: Client, at: Clock) -> None:
    attempt = talked(at, 300)
    for path in ("urgent", "emergency", "emergency/text", "places/find", "places/text"):
        words = f"Typed before {path}."
        form = form_of(asha.get("/desk/"), "/disposition").fill(notes=words)
        answer = asha.post(f"/desk/{attempt.callback_id}/{path}", data=form.fields)
        assert answer.status_code == 200, path
        assert now(attempt).notes == words
    run_out(at)
    late = asha.post(f"/desk/{attempt.callback_id}/urgent", data=form.fill(notes="Late.").fields)
    assert late.location == "/desk/unfinished"
    assert now(attempt).notes == f"Late.\n\n{words}", "the form was older than the last draft"


def test_words_that_are_too_long_for_notes_are_kept_as_a_draft(asha: Client, at: Clock) -> None:
    attempt = talked(at, 300)
    assert type_in(asha, attempt, "x" * 6000).status_code == 303
    assert type_in(asha, attempt, "x" * 20_001).status_code == 422
    run_out(at)
    assert now(attempt).notes == "x" * 6000


def test_a_draft_is_restored_after_signing_in_again(
    asha: Client, new_client: Callable[[], Client], at: Clock
) -> None:
    attempt = talked(at, 300)
    form = form_of(asha.get("/desk/"), "/disposition")
    draft = f"/desk/{attempt.callback_id}/draft"
    assert asha.post(draft, data=form.fill(notes="Sleeps badly.").fields).status_code == 303
    late = form_of(asha.get("/desk/"), "/disposition").fill(notes="Sleeps badly. Lives alone.")
    asha.submit(asha.get("/you"), "/logout")

    by_script = {"Accept": "application/json"}
    refused = asha.post(draft, data=late.fields, headers=by_script)
    assert refused.status_code in (302, 400, 401, 403), "the script says: you are signed out"
    assert now(attempt).notes == "Sleeps badly."

    asha.sign_in(ASHA)
    restored = form_of(asha.get("/desk/"), "/disposition")
    assert restored.fields["notes"][0].strip() == "Sleeps badly."
    # The page that was left open takes the new token and saves what it has.
    late = late.fill(csrf_token=restored.fields["csrf_token"][0])
    assert asha.post(draft, data=late.fields, headers=by_script).status_code == 200
    assert now(attempt).notes == "Sleeps badly. Lives alone."


def test_a_supervisor_finishes_a_call_without_its_notes(
    asha: Client, new_client: Callable[[], Client], at: Clock
) -> None:
    attempt = talked(at, 3)
    vikram = supervisor(new_client)
    type_in(asha, attempt, "Wants a doctor.")
    assert "Unfinished calls" in vikram.get("/floor/").text
    assert "No unfinished calls" in vikram.get("/floor/unfinished").text, "it is in wrap-up"
    run_out(at)
    assert "1 unfinished call" in vikram.get("/floor/").text
    page = vikram.get("/floor/unfinished")
    words = " ".join(page.text.split())
    assert "Call by Asha, today at 11:00 AM" in words
    assert "unfinished since today at 11:11 AM" in words
    assert "Wants a doctor." not in words
    assert KAVITA.name not in words and KAVITA.phone[-5:] not in words
    form = form_of(page, f"/unfinished/{attempt.id}")
    for wrong in ({}, {"outcome": "reached"}, {"reason": "Asha is on leave."}):
        answer = vikram.submit(form.fill(**wrong))
        assert answer.status_code == 422
        assert wrong.get("reason", "") in answer.text
    done = form.fill(outcome="reached", reason="Asha is on leave.")
    assert vikram.submit(done, follow=True).status_code == 200
    over = now(attempt)
    assert (over.disposition, over.unfinished_at) == (Disposition.REACHED, None)
    assert over.notes == "Wants a doctor."
    assert callback_of(attempt).status == Status.REACHED
    entries = db.session.scalars(
        sa.select(AuditEntry).where(AuditEntry.subject == f"callback:{attempt.callback_id}")
    )
    by = f"staff:{factories.staff(VIKRAM).id}"
    assert {"disposition_recorded", "floor_finish"} <= {e.deed for e in entries if e.actor == by}
    told = "Vikram recorded the outcome of an unfinished call of yours. Reason: Asha is on leave."
    assert told in asha.get("/desk/").text
    again = vikram.submit(done)
    assert again.status_code == 409
    assert "Nothing was saved." in again.text


def test_a_supervisor_assigns_an_unfinished_call_to_its_advisor(
    asha: Client, new_client: Callable[[], Client], at: Clock
) -> None:
    attempt = talked(at, 3)
    run_out(at)
    vikram = supervisor(new_client)
    form = form_of(vikram.get("/floor/unfinished"), f"/unfinished/{attempt.id}")
    vikram.submit(form.fill(outcome="assign", reason="Ask how she is."))
    callback = callback_of(attempt)
    assert (callback.status, callback.wanted_advisor) == (Status.WAITING, attempt.advisor_id)
    assert "Vikram assigned a callback to you." in asha.get("/desk/").text
    assert now(attempt).unfinished_at is not None, "until the next call is saved"
    at.later(seconds=(callback.due_at - clock.now()).total_seconds() + 60)
    with pytest.raises(claims.QueueEmpty):
        claims.claim_next(factories.staff(RAVI).id, now=clock.now())
    assert claims.claim_next(attempt.advisor_id, now=clock.now()) == attempt.callback_id
    late = vikram.submit(form.fill(outcome="assign", reason="Ask how she is."))
    assert late.status_code == 409, "she has it already"


def test_a_callback_that_is_over_is_assigned_to_nobody(
    asha: Client, new_client: Callable[[], Client], at: Clock
) -> None:
    attempt = talked(at, 300)
    run_out(at)
    vikram = supervisor(new_client)
    page = vikram.get("/floor/unfinished")
    assert "Counted for now as: Reached" in page.text
    assert 'value="assign"' not in page.text
    form = form_of(page, f"/unfinished/{attempt.id}")
    assert vikram.submit(form.fill(outcome="assign", reason="Once more.")).status_code == 409
    # Corrected to an outcome that asks for another call, it is called once more.
    vikram.submit(form.fill(outcome="voicemail", reason="Heard the recording."))
    again = sa.select(Callback).where(Callback.again_of == attempt.callback_id)
    assert db.session.scalars(again).one().status == Status.WAITING


def test_unfinished_calls_of_others_are_for_supervisors(
    asha: Client, new_client: Callable[[], Client], at: Clock
) -> None:
    attempt = talked(at, 3)
    run_out(at)
    assert asha.get("/floor/unfinished").status_code == 403
    assert asha.post(f"/floor/unfinished/{attempt.id}").status_code in (400, 403)
    vikram = supervisor(new_client)
    form = form_of(vikram.get("/floor/unfinished"), f"/unfinished/{attempt.id}")
    elsewhere = replace(form, action="/floor/unfinished/999")
    answer = vikram.submit(elsewhere.fill(outcome="reached", reason="None."))
    assert answer.status_code == 404


def test_a_callback_cannot_be_finished_as_a_call(
    asha: Client, new_client: Callable[[], Client], at: Clock
) -> None:
    held = factories.callback()
    vikram = supervisor(new_client)
    path = f"/floor/callbacks/{held.id}"
    form = form_of(vikram.get(path), path).fill(deed="finish", reason="Done.")
    assert vikram.submit(form).status_code == 422


def supervisor(new_client: Callable[[], Client]) -> Client:
    """Vikram's browser."""
    factories.staff(VIKRAM)
    client = new_client()
    client.sign_in(VIKRAM)
    return client
