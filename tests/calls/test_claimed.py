"""What an advisor does with the callback in hand: follow-up, urgent, hand over, emergency."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from werkzeug.test import TestResponse

from helpline import clock
from helpline.callbacks import claims
from helpline.callbacks.errors import SlotUnavailable
from helpline.callbacks.follow_up import FollowUp
from helpline.callbacks.models import Callback, Slot, Transfer
from helpline.calls import service as calls
from helpline.calls.models import Attempt
from helpline.db import db
from helpline.domain.lifecycle import Status
from helpline.domain.queue_order import Priority
from helpline.domain.retries import Disposition
from helpline.domain.sms_progress import SmsKind
from helpline.messaging.models import OutboundSms
from helpline.privacy.models import AuditEntry
from tests import factories
from tests.cast import ARJUN, ASHA, KAVITA, LEELA, RAVI
from tests.support.clock import Clock
from tests.support.web import Client, Form, form_of

TOMORROW = "2026-11-24 11:00"


@pytest.fixture(autouse=True)
def morning(at: Clock, app: Flask) -> None:
    """It is eleven, and Ravi works here too."""
    at("2026-11-23 11:00")
    factories.staff(RAVI)


def again(callback: Callback) -> Callback:
    """The callback as it is now."""
    db.session.rollback()
    return db.session.get_one(Callback, callback.id, populate_existing=True)


def followed(callback: Callback) -> Callback | None:
    """Its follow-up."""
    return db.session.scalar(sa.select(Callback).where(Callback.follow_up_of == callback.id))


def deeds(callback: Callback) -> list[str]:
    """What the audit log says was done to it, but for showing the number."""
    rows = db.session.scalars(
        sa.select(AuditEntry.deed)
        .where(AuditEntry.subject == f"callback:{callback.id}")
        .order_by(AuditEntry.id)
    )
    return [deed for deed in rows if deed != "number_shown"]


def wrap_up_form(page: TestResponse, **fields: Any) -> Form:
    """The form of the wrap-up, filled in."""
    return form_of(page, "/disposition").fill(**fields)


def save(client: Client, **fields: Any) -> TestResponse:
    """Saves the wrap-up."""
    return client.submit(wrap_up_form(client.get("/desk/"), **fields))


def book(client: Client, wall: str = TOMORROW, **fields: Any) -> TestResponse:
    """Saves it with a follow-up."""
    told = {"disposition": "reached", "follow_up_agreed": True, **fields}
    return save(client, follow_up_at=as_offered(factories.slot(wall)), **told)


def as_offered(slot: datetime) -> str:
    """A time as the list of the desk has it."""
    return slot.astimezone(UTC).isoformat()


# A follow-up


def test_a_follow_up_is_booked_when_the_wrap_up_is_saved(asha: Client) -> None:
    held = factories.wrapping_up(may_text=True)
    slot = factories.slot(TOMORROW)
    assert book(asha, notes="Wants to talk once more.").status_code == 303
    assert again(held).status == Status.REACHED
    made = followed(held)
    assert made is not None
    assert (made.status, made.slot_at, made.due_at) == (Status.WAITING, slot, slot)
    assert (made.phone, made.language, made.may_text) == (held.phone, held.language, True)
    assert made.wanted_advisor is None
    assert db.session.get_one(Slot, slot).booked == 1
    assert deeds(made) == ["follow_up_booked"]


def test_without_consent_no_follow_up_is_booked_and_all_that_was_typed_stands(
    asha: Client,
) -> None:
    held = factories.wrapping_up()
    answer = book(asha, notes="Kept?", follow_up_agreed=None)
    assert answer.status_code == 422
    assert "Tick that they agreed" in answer.text
    form = form_of(answer, "/disposition")
    assert form.fields["follow_up_at"] == [as_offered(factories.slot(TOMORROW))]
    assert form.fields["notes"][0].strip() == "Kept?"
    assert form.fields["disposition"] == ["reached"]
    assert again(held).status == Status.CALLING
    assert followed(held) is None


def test_consent_without_a_time_asks_for_the_time(asha: Client) -> None:
    factories.wrapping_up()
    answer = save(asha, disposition="reached", follow_up_agreed=True)
    assert answer.status_code == 422
    assert "Choose a time for the follow-up" in answer.text


def test_a_time_that_is_gone_says_the_nearest_three_and_nothing_is_half_done(
    asha: Client,
) -> None:
    held = factories.wrapping_up()
    for visitor in (ARJUN, LEELA):
        factories.callback(visitor, slot_at=factories.slot(TOMORROW))
    answer = book(asha, notes="Kept.", follow_up_with_me=True)
    assert answer.status_code == 422
    near = answer.text.split('label="Nearest free times"')[1].split("</optgroup>")[0]
    assert near.count("<option") == 3
    form = form_of(answer, "/disposition")
    assert form.fields["notes"][0].strip() == "Kept."
    assert form.fields["follow_up_with_me"] == ["yes"]
    assert form.fields["follow_up_agreed"] == ["yes"]
    assert again(held).status == Status.CALLING
    assert followed(held) is None
    assert factories.attempt_of(held).ended_at is None


@pytest.mark.parametrize("disposition", ["no_answer", "wrong_number", "do_not_call", "dropped"])
def test_who_was_not_reached_cannot_have_agreed(asha: Client, disposition: str) -> None:
    held = factories.wrapping_up()
    answer = book(asha, disposition=disposition)
    assert answer.status_code == 422
    assert "only if they were reached" in answer.text
    assert again(held).status == Status.CALLING


def test_a_follow_up_with_the_same_advisor_waits_for_them_and_then_for_anybody(
    asha: Client, at: Clock
) -> None:
    held = factories.wrapping_up()
    book(asha, follow_up_with_me=True)
    at(TOMORROW)
    ravi = factories.staff(RAVI).id
    with pytest.raises(claims.QueueEmpty):
        claims.claim_next(ravi, now=clock.now())
    at.later(minutes=10)
    made = followed(held)
    assert made is not None
    assert claims.claim_next(ravi, now=clock.now()) == made.id


def test_the_advisor_it_wants_gets_it_before_those_who_waited_longer(
    asha: Client, at: Clock
) -> None:
    held = factories.wrapping_up()
    book(asha, follow_up_with_me=True)
    factories.callback(ARJUN)
    at(TOMORROW)
    made = followed(held)
    assert made is not None
    assert claims.claim_next(factories.staff(ASHA).id, now=clock.now()) == made.id


def test_a_follow_up_that_the_visitor_moves_still_wants_the_same_advisor(
    asha: Client, at: Clock
) -> None:
    held = factories.wrapping_up()
    book(asha, follow_up_with_me=True)
    made = followed(held)
    assert made is not None and made.slot_at is not None
    from helpline.callbacks import follow_up
    from helpline.callbacks import service as callbacks

    later = factories.slot("2026-11-24 12:00")
    callbacks.reschedule(follow_up.token_of(held.id), later, now=clock.now())
    db.session.refresh(made)
    assert made.wanted_until is not None
    assert (made.wanted_until - later).total_seconds() == 600


def test_the_visitors_page_leads_to_the_follow_up(
    asha: Client, new_client: Callable[[], Client]
) -> None:
    token = factories.link()
    held = factories.by_token(token)
    advisor = factories.staff().id
    claims.claim_next(advisor, now=clock.now())
    calls.start_own_phone_call(held.id, advisor, now=clock.now(), longest_minutes=60)
    book(asha)
    visitor = new_client()
    page = visitor.get(f"/request/{token}")
    assert "tomorrow at about 11:00" in page.text
    address = page.text.split('id="follow-up" href="')[1].split('"')[0]
    further = visitor.get(address)
    assert "tomorrow at about 11:00" in further.text
    visitor.submit(further, "/cancel")
    made = followed(held)
    assert made is not None
    assert again(made).status == Status.CANCELLED


# Urgent


def test_urgent_goes_before_all_others_and_can_be_taken_back(asha: Client) -> None:
    held = factories.claimed()
    asha.submit(asha.get("/desk/"), "/urgent", urgent="yes")
    assert again(held).priority == Priority.URGENT
    assert "Urgent" in asha.get("/desk/").text
    asha.submit(asha.get("/desk/"), "/urgent", urgent="no")
    assert again(held).priority == Priority.ASAP
    assert deeds(held)[1:] == ["marked_urgent", "urgent_undone"]


def test_the_queue_shows_what_is_urgent_and_gives_it_first(asha: Client, at: Clock) -> None:
    factories.callback(ARJUN, slot_at=factories.slot("11:30"))
    at.later(minutes=31)
    urgent = factories.callback(LEELA)
    held = claims.claim_next(factories.staff(ASHA).id, now=clock.now())
    assert held != urgent.id
    calls_first = db.session.get_one(Callback, held)
    claims.release(held, factories.staff(ASHA).id, now=clock.now())
    assert calls_first.phone == ARJUN.phone
    db.session.execute(
        sa.update(Callback).where(Callback.id == urgent.id).values(priority=Priority.URGENT)
    )
    db.session.commit()
    page = asha.get("/desk/queue").text
    assert page.index("is-urgent") < page.index("booked for")
    assert claims.claim_next(factories.staff(RAVI).id, now=clock.now()) == urgent.id


def test_marking_urgent_in_wrap_up_keeps_what_was_typed(asha: Client) -> None:
    held = factories.wrapping_up()
    form = wrap_up_form(asha.get("/desk/"), notes="Half a note", urgent="yes")
    answer = asha.post(f"/desk/{held.id}/urgent", data=form.fields)
    assert form_of(answer, "/disposition").fields["notes"][0].strip() == "Half a note"
    assert again(held).priority == Priority.URGENT


def test_who_does_not_hold_it_can_do_nothing_with_it(
    asha: Client, new_client: Callable[[], Client]
) -> None:
    held = factories.claimed()
    before = deeds(held)
    other = new_client()
    other.sign_in(RAVI)
    told = form_of(other.get("/desk/"), "/next").fields | {
        "urgent": ["yes"],
        "hand_to": [str(factories.staff().id)],
    }
    for deed in ("urgent", "emergency", "emergency/text", "hand-over"):
        answer = other.post(f"/desk/{held.id}/{deed}", data=told, follow_redirects=True)
        assert "You no longer have this callback" in answer.text
    after = again(held)
    assert (after.priority, after.emergency_at) == (Priority.ASAP, None)
    assert deeds(held) == before


# Hand over


def test_a_callback_is_handed_over_with_a_note_that_the_colleague_sees(
    asha: Client, new_client: Callable[[], Client], at: Clock
) -> None:
    held = factories.claimed()
    due_at, ravi_id = held.due_at, factories.staff(RAVI).id
    answer = asha.submit(
        asha.get("/desk/"), "/hand-over", hand_to=ravi_id, hand_note="Speaks of her brother."
    )
    assert answer.status_code == 303
    after = again(held)
    assert (after.status, after.due_at, after.claimed_by) == (Status.WAITING, due_at, None)
    assert after.wanted_until is not None
    assert (after.wanted_until - clock.now()).total_seconds() == 600
    assert "reserved for Ravi" in asha.get("/desk/queue").text
    ravi = new_client()
    ravi.sign_in(RAVI)
    assert "for you" in ravi.get("/desk/queue").text
    page = ravi.submit(ravi.get("/desk/"), "/next", follow=True)
    assert "Asha transferred this to Ravi" in page.text
    assert "Speaks of her brother." in page.text
    stored = db.session.execute(sa.text("SELECT note FROM hand_over")).scalar_one()
    assert "brother" not in stored
    assert "handed_over" in deeds(held)


def test_for_the_grace_nobody_else_takes_what_was_handed_over(asha: Client, at: Clock) -> None:
    held = factories.claimed()
    asha.submit(asha.get("/desk/"), "/hand-over", hand_to=factories.staff(RAVI).id)
    page = asha.submit(asha.get("/desk/"), "/next", follow=True)
    assert "reserved for a colleague" in page.text
    at.later(minutes=10)
    asha.submit(asha.get("/desk/"), "/next", follow=True)
    assert again(held).claimed_by == factories.staff(ASHA).id


def test_in_wrap_up_the_notes_of_the_call_go_with_it(asha: Client) -> None:
    held = factories.wrapping_up()
    form = wrap_up_form(
        asha.get("/desk/"),
        notes="What she said.",
        hand_to=factories.staff(RAVI).id,
        hand_note="For you.",
    )
    asha.post(f"/desk/{held.id}/hand-over", data=form.fields)
    assert again(held).status == Status.WAITING
    attempt = factories.attempt_of(held)
    assert (attempt.notes, attempt.ended_at is not None) == ("What she said.", True)
    assert db.session.scalars(sa.select(Transfer)).one().note == "For you."


def test_while_a_call_is_on_nothing_is_handed_over_and_the_note_stands(asha: Client) -> None:
    attempt = factories.calling()
    form = wrap_up_form(
        asha.get("/desk/"), hand_to=factories.staff(RAVI).id, hand_note="Soon yours."
    )
    answer = asha.post(f"/desk/{attempt.callback_id}/hand-over", data=form.fields)
    assert answer.status_code == 409
    assert "The call is still in progress" in answer.text
    assert form_of(answer, "/disposition").fields["hand_note"][0].strip() == "Soon yours."
    db.session.expire_all()
    assert db.session.get_one(Attempt, attempt.id).ended_at is None


def test_it_must_be_handed_to_somebody(asha: Client) -> None:
    held = factories.claimed()
    answer = asha.submit(asha.get("/desk/"), "/hand-over", hand_note="To whom?")
    assert answer.status_code == 422
    assert "Choose a colleague." in answer.text
    assert form_of(answer, "/hand-over").fields["hand_note"][0].strip() == "To whom?"
    assert again(held).status == Status.CLAIMED


# Emergency


def test_emergency_shows_the_numbers_of_the_visitors_region_and_is_audited(asha: Client) -> None:
    held = factories.claimed()
    assert "Pressed" not in asha.get("/desk/").text
    page = asha.submit(asha.get("/desk/"), "/emergency", follow=True)
    panel = page.text.split('id="emergency"')[1].split("</details>")[0]
    assert panel.lstrip().startswith("open")
    assert "Stay on the line" in panel
    assert "tel:112" in panel
    assert again(held).emergency_at == clock.now()
    assert deeds(held)[-1] == "emergency_pressed"


def test_emergency_in_wrap_up_keeps_what_was_typed(asha: Client) -> None:
    held = factories.wrapping_up()
    form = wrap_up_form(asha.get("/desk/"), notes="She is at home.")
    answer = asha.post(f"/desk/{held.id}/emergency", data=form.fields)
    assert answer.status_code == 200
    assert form_of(answer, "/disposition").fields["notes"][0].strip() == "She is at home."
    assert "Stay on the line" in answer.text


@pytest.mark.settings(texts_enabled=True)
def test_the_numbers_are_texted_to_who_agreed_to_texts(asha: Client) -> None:
    held = factories.claimed(may_text=True)
    told = form_of(asha.get("/desk/"), "/release").fields
    page = asha.post(f"/desk/{held.id}/emergency", data=told, follow_redirects=True)
    page = asha.submit(form_of(page, "/emergency/text"), follow=True)
    assert "are being sent by text message" in page.text
    asha.submit(form_of(page, "/emergency/text"), follow=True)
    text = db.session.scalars(
        sa.select(OutboundSms).where(OutboundSms.kind == SmsKind.CRISIS)
    ).one()
    assert "112" in (text.words or "")
    assert KAVITA.name not in (text.words or "")
    assert "crisis_numbers_texted" in deeds(held)


@pytest.mark.settings(texts_enabled=True)
def test_who_agreed_to_no_texts_is_sent_none(asha: Client) -> None:
    held = factories.claimed(may_text=False)
    page = asha.submit(asha.get("/desk/"), "/emergency", follow=True)
    assert "Send these numbers by text message" not in page.text
    assert "Read the numbers to them" in page.text
    told = form_of(page, "/release").fields
    asha.post(f"/desk/{held.id}/emergency/text", data=told)
    assert db.session.scalars(sa.select(OutboundSms.id)).all() == []


def test_of_two_who_book_the_last_place_at_once_one_is_told_that_it_is_gone(
    app: Flask, second_app: Flask
) -> None:
    slot = factories.slot(TOMORROW)
    factories.callback(ARJUN, slot_at=slot)
    held = {app: (factories.wrapping_up().id, factories.staff(ASHA).id)}
    other = factories.claimed(RAVI, LEELA)
    calls.start_own_phone_call(
        other.id, factories.staff(RAVI).id, now=clock.now(), longest_minutes=60
    )
    held[second_app] = (other.id, factories.staff(RAVI).id)
    db.session.rollback()
    ready, came = threading.Barrier(2), []

    def book_it(one: Flask) -> None:
        callback_id, advisor_id = held[one]
        with one.app_context():
            ready.wait()
            try:
                calls.record_disposition(
                    callback_id,
                    advisor_id,
                    Disposition.REACHED,
                    "",
                    now=clock.now(),
                    further=FollowUp(slot),
                )
                came.append("booked")
            except SlotUnavailable:
                came.append("gone")

    threads = [threading.Thread(target=book_it, args=(one,)) for one in held]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(came) == ["booked", "gone"]
    db.session.rollback()
    assert db.session.get_one(Slot, slot, populate_existing=True).booked == 2
    ended = [again(db.session.get_one(Callback, one)).status for one, _ in held.values()]
    assert sorted(ended) == [Status.CALLING, Status.REACHED]
