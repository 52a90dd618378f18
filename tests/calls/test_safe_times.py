"""A visitor who does not answer is called again only while it is safe for them."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from flask import Flask

from helpline import clock
from helpline.callbacks import claims, requests
from helpline.callbacks import service as callbacks
from helpline.callbacks.errors import NumberNotCallable
from helpline.callbacks.models import Callback, Channel
from helpline.calls import service as calls
from helpline.db import db
from helpline.domain.lifecycle import Status
from helpline.domain.opening_hours import Interval, Week
from helpline.domain.retries import Disposition
from helpline.domain.safe_times import IfMissed
from tests import factories
from tests.cast import ARJUN, ASHA
from tests.support.clock import Clock
from tests.support.web import Client, form_of


@pytest.fixture(autouse=True)
def morning(at: Clock, app: Flask) -> None:
    """It is eleven, and Asha works."""
    at("2026-11-23 11:00")
    factories.staff(ASHA)


def now(callback: Callback) -> Callback:
    """The callback as it is now."""
    db.session.rollback()
    return db.session.get_one(Callback, callback.id, populate_existing=True)


def missed(at: Clock, wall: str, **wish: object) -> Callback:
    """Somebody asks, is called at this time, and does not answer within a minute."""
    token = factories.link(**wish)
    at(f"2026-11-23 {wall}")
    me = factories.staff(ASHA).id
    held = factories.by_token(token)
    assert claims.claim_next(me, now=clock.now()) == held.id
    calls.start_own_phone_call(held.id, me, now=clock.now(), longest_minutes=60)
    at.later(minutes=1)
    calls.record_disposition(held.id, me, Disposition.NO_ANSWER, "", now=clock.now())
    return now(held)


def wall(moment: datetime | None) -> str:
    """The time of day in India."""
    assert moment is not None
    return f"{(moment + timedelta(hours=5, minutes=30)):%H:%M}"


def test_a_booked_call_is_tried_again_within_fifteen_minutes_and_then_not(at: Clock) -> None:
    callback = missed(at, "16:00", slot_at=factories.slot("16:00"))
    assert callback.status == Status.WAITING
    assert (wall(callback.due_at), wall(callback.call_until)) == ("16:10", "16:15")
    at("2026-11-23 16:15")
    with pytest.raises(claims.QueueEmpty):
        claims.claim_next(factories.staff(ASHA).id, now=clock.now())
    assert callbacks.end_one_past_safe_time(now=clock.now())
    assert not callbacks.end_one_past_safe_time(now=clock.now())
    assert now(callback).status == Status.UNREACHED


def test_they_say_on_their_page_that_they_may_be_called_again(at: Clock, client: Client) -> None:
    token = factories.link(slot_at=factories.slot("16:00"), if_missed=IfMissed.NEVER)
    held = factories.by_token(token)
    words = "come back here and ask us to call again"
    assert words in client.get(f"/request/{token}").text
    at("2026-11-23 16:00")
    me = factories.staff(ASHA).id
    claims.claim_next(me, now=clock.now())
    calls.start_own_phone_call(held.id, me, now=clock.now(), longest_minutes=60)
    calls.record_disposition(held.id, me, Disposition.NO_ANSWER, "", now=clock.now())
    assert now(held).status == Status.UNREACHED
    at.later(hours=1)
    client.submit(client.get(f"/request/{token}"), "/again")
    assert claims.claim_next(me, now=clock.now()) != held.id


@pytest.mark.parametrize(
    ("wish", "status", "due"),
    [
        ({"if_missed": IfMissed.NEVER}, Status.UNREACHED, None),
        ({"if_missed": IfMissed.TODAY}, Status.WAITING, "16:16"),
        ({"until": "16:30"}, Status.WAITING, "16:16"),
        ({"until": "16:12"}, Status.WAITING, "16:07"),
        ({"until": "16:05"}, Status.UNREACHED, None),
    ],
)
def test_the_retry_keeps_what_they_chose(
    at: Clock, wish: dict[str, object], status: Status, due: str | None
) -> None:
    if "until" in wish:
        until = factories.slot(str(wish.pop("until")))
        wish |= {"if_missed": IfMissed.UNTIL, "call_until": until}
    callback = missed(at, "16:00", slot_at=factories.slot("16:00"), **wish)
    assert callback.status == status
    assert due is None or wall(callback.due_at) == due


def test_on_the_same_day_is_not_the_next_day(at: Clock) -> None:
    callback = missed(at, "17:50", slot_at=factories.slot("17:30"), if_missed=IfMissed.TODAY)
    assert callback.status == Status.WAITING
    assert callback.due_at < factories.slot("2026-11-24 00:00")


def test_as_soon_as_possible_ends_when_they_said(at: Clock) -> None:
    until = factories.slot("11:20")
    token = factories.link(if_missed=IfMissed.UNTIL, call_until=until)
    held, me = factories.by_token(token), factories.staff(ASHA).id
    at("2026-11-23 11:19")
    assert claims.claim_next(me, now=clock.now()) == held.id
    at("2026-11-23 11:20")
    with pytest.raises(NumberNotCallable):
        calls.start_call(held.id, me, now=clock.now())
    claims.release(held.id, me, now=clock.now())
    assert callbacks.end_one_past_safe_time(now=clock.now())
    assert now(held).status == Status.EXPIRED


def test_a_move_keeps_how_long_they_may_be_called(at: Clock) -> None:
    token = factories.link(
        slot_at=factories.slot("16:00"),
        if_missed=IfMissed.UNTIL,
        call_until=factories.slot("16:30"),
    )
    held = factories.by_token(token)
    callbacks.reschedule(token, factories.slot("17:00"), now=clock.now())
    assert wall(now(held).call_until) == "17:30"
    callbacks.reschedule(token, None, now=clock.now())
    assert now(held).call_until is None


def test_the_form_asks_in_one_line_and_the_advisor_sees_it(client: Client, at: Clock) -> None:
    form = form_of(client.get("/"), "/?").fill(
        phone="98765 00001", consent=True, when=factories.slot("16:00").isoformat()
    )
    wrong = client.submit(form.fill(if_missed="15:30"))
    assert wrong.status_code == 422 and "Choose a time after the time of the call." in wrong.text
    assert client.submit(form.fill(if_missed="soon")).status_code == 422
    sent = client.submit(form.fill(if_missed="16:30"), follow=True)
    assert "we will call again only until today at 4:30" in sent.text
    at("2026-11-23 16:00")
    claims.claim_next(factories.staff(ASHA).id, now=clock.now())
    client.sign_in(ASHA)
    assert "they may be called again until today at 4:30" in client.get("/desk/").text


def test_the_move_page_asks_again_and_keeps_what_was_chosen(client: Client, at: Clock) -> None:
    token = factories.link(
        slot_at=factories.slot("16:00"),
        if_missed=IfMissed.UNTIL,
        call_until=factories.slot("16:45"),
    )
    held = factories.by_token(token)
    address = f"/request/{token}/move"
    page = client.get(address)
    assert '<option value="16:45" selected>' in page.text
    form = form_of(page, address)
    later = factories.slot("17:00").isoformat()
    wrong = client.submit(form.fill(when=later))
    assert wrong.status_code == 422
    assert "Choose a time after the time of the call." in wrong.text
    assert '<option value="16:45" selected>' in wrong.text
    assert client.submit(form.fill(when=later, if_missed="17:30")).status_code == 303
    assert (wall(now(held).slot_at), wall(now(held).call_until)) == ("17:00", "17:30")
    # The answer alone can be changed.
    assert client.submit(form.fill(when=later, if_missed="never")).status_code == 303
    assert (now(held).if_missed, now(held).call_until) == (IfMissed.NEVER, None)
    assert '<option value="never" selected>' in client.get(address).text


def test_the_api_moves_with_the_same_answer_as_it_asks(client: Client, at: Clock) -> None:
    token = factories.link(slot_at=factories.slot("16:00"), if_missed=IfMissed.NEVER)
    held = factories.by_token(token)

    def patch(**told: object) -> int:
        headers = {"Authorization": f"Bearer {token}"}
        return client.patch("/api/v1/callback", json=told, headers=headers).status_code

    five = factories.slot("17:00").isoformat()
    assert patch(slot_at=five) == 200
    assert now(held).if_missed == IfMissed.NEVER
    until = factories.slot("17:40").isoformat()
    assert patch(slot_at=five, call_until=until, if_no_answer="today") == 422
    assert patch(slot_at=five, call_until=factories.slot("16:40").isoformat()) == 422
    assert patch(slot_at=five, call_until=until) == 200
    assert (now(held).if_missed, wall(now(held).call_until)) == (IfMissed.UNTIL, "17:40")
    assert patch(slot_at=None, if_no_answer="today") == 200
    assert (now(held).if_missed, now(held).call_until) == (IfMissed.TODAY, None)


def test_no_last_call_is_before_the_opening_of_the_first(client: Client, at: Clock) -> None:
    early, late = Interval.parse("10:00", "12:00"), Interval.parse("14:00", "18:00")
    factories.save_week(Week(((early,), (late,)) + ((),) * 5))
    at("2026-11-23 13:00")  # A Monday, closed until two o'clock tomorrow.
    form = form_of(client.get("/"), "/?").fill(phone="98765 00001", consent=True)
    wrong = client.submit(form.fill(if_missed="11:00"))
    assert wrong.status_code == 422 and "Choose a time after the time of the call." in wrong.text
    assert client.submit(form.fill(if_missed="15:00")).status_code == 303
    token = factories.link(ARJUN)
    headers = {"Authorization": f"Bearer {token}"}
    for until, code in (("11:00", 422), ("15:00", 200)):
        asked = {"slot_at": None, "call_until": factories.slot(f"2026-11-24 {until}").isoformat()}
        assert client.patch("/api/v1/callback", json=asked, headers=headers).status_code == code


def test_a_follow_up_keeps_the_answer(at: Clock) -> None:
    for said, until, kept in [
        (IfMissed.NEVER, None, None),
        (IfMissed.UNTIL, factories.slot("16:30"), "11:30"),
    ]:
        token = factories.link(slot_at=factories.slot("16:00"), if_missed=said, call_until=until)
        ended = factories.by_token(token)
        again = requests.copy_request(ended, factories.slot("2026-11-24 11:00"), Channel.PHONE)
        assert again.if_missed == said
        assert again.call_until == (factories.slot(f"2026-11-24 {kept}") if kept else None)
        callbacks.cancel(token, now=clock.now())
