"""A change of hours and those who are booked: shown first, settled at once, nobody stranded."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from helpline import clock
from helpline.callbacks import change_hours, requests
from helpline.callbacks import service as callbacks
from helpline.callbacks.errors import SlotUnavailable
from helpline.callbacks.models import Callback
from helpline.callbacks.rescheduling import Approval, NeedsApproval, Reschedule
from helpline.db import StaleVersion, db, transaction
from helpline.domain.hours_plan import EmergencyClosure, ExceptionKind, HoursException, HoursPlan
from helpline.domain.lifecycle import Status
from helpline.domain.opening_hours import Week
from helpline.domain.phone_numbers import PhoneNumber
from helpline.domain.sms_progress import SmsKind
from helpline.hours import locking, queries
from helpline.messaging.models import OutboundSms
from helpline.privacy.models import AuditEntry
from tests import factories
from tests.cast import ARJUN, ASHA, IMRAN, KAVITA, LEELA, MEERA
from tests.hours.fixtures import (
    BOSS,
    agree,
    booked,
    change,
    daily,
    day,
    moved_by_us,
    outside_now,
    shown,
    wall,
)
from tests.stateful.rules import broken_rules
from tests.support.clock import Clock
from tests.support.web import Client, form_of
from tests.web.page import Page


@pytest.fixture(autouse=True)
def _morning(app: Flask, at: Clock) -> None:
    at("2026-11-23 10:05")


def test_who_is_booked_outside_is_shown_and_then_moved_to_the_next_free_time(
    app: Flask, client: Client
) -> None:
    late = [
        factories.callback(each, slot_at=factories.slot("17:00")).id for each in (KAVITA, ARJUN)
    ]
    early = factories.callback(LEELA, slot_at=factories.slot("11:00")).id
    earlier = daily("10:00-16:00")
    seen = shown(earlier)
    assert [(wall(each.was), wall(each.to)) for each in seen.moves] == [
        ("23 17:00", "24 10:00"),
        ("23 17:00", "24 10:00"),
    ]
    assert booked(*late, early) == ["23 17:00", "23 17:00", "23 11:00"], "nothing is saved yet"
    settled = change(earlier, Approval(seen.digest))
    assert (len(settled.moves), settled.without_a_slot) == (2, 0)
    assert booked(*late, early) == ["24 10:00", "24 10:00", "23 11:00"]
    assert [moved_by_us(each) for each in (*late, early)] == [1, 1, 0]
    assert broken_rules(db.session()) == []
    entries = {each.deed: each for each in db.session.scalars(sa.select(AuditEntry))}
    assert entries["callbacks_rehoused"].detail["moved"] == 2
    assert entries["hours_changed"].detail["before"].keys() == {"week"}
    with pytest.raises(SlotUnavailable):
        factories.callback(IMRAN, slot_at=factories.slot("2026-11-24 10:00"))


@pytest.mark.settings(texts_enabled=True)
@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_the_visitor_is_told_on_their_page_and_by_text_where_they_agreed(
    app: Flask, client: Client
) -> None:
    token = factories.link(KAVITA, slot_at=factories.slot("17:00"), may_text=True, language="en")
    factories.link(ARJUN, slot_at=factories.slot("17:30"))
    agree(daily("10:00-16:00"))
    page = Page(client.get(f"/request/{token}").text)
    assert "tomorrow at about 10:00 AM" in page.the("h1").text
    assert "You asked for today at 5:00 PM." in page.text
    assert "We had to change the time. We are sorry" in page.text
    (told,) = db.session.scalars(sa.select(OutboundSms).where(OutboundSms.kind == SmsKind.MOVED))
    assert told.words is not None
    assert "10:00" in told.words


def test_a_booking_between_seeing_and_saving_is_seen_too(app: Flask) -> None:
    factories.callback(KAVITA, slot_at=factories.slot("17:00"))
    seen = shown(daily("10:00-16:00"))
    late = factories.callback(ARJUN, slot_at=factories.slot("17:30")).id
    with pytest.raises(NeedsApproval) as problem:
        change(daily("10:00-16:00"), Approval(seen.digest))
    assert problem.value.changed
    assert len(problem.value.settled.moves) == 2
    assert booked(late) == ["23 17:30"]
    change(daily("10:00-16:00"), Approval(problem.value.settled.digest))
    assert outside_now(clock.now()) == []


def test_a_save_waits_for_who_is_just_booking_and_then_sees_them(app: Flask) -> None:
    def close() -> object:
        with app.app_context():
            try:
                return change(daily("10:00-16:00"))
            except NeedsApproval as problem:
                return problem.settled.moves

    wish = callbacks.CallbackRequest(PhoneNumber(KAVITA.phone), slot_at=factories.slot("17:30"))
    with ThreadPoolExecutor(1) as threads:
        with transaction() as session:
            requests.create(session, wish, "of-a-link", clock.now())
            session.flush()
            closing = threads.submit(close)
            with pytest.raises(TimeoutError):
                closing.result(timeout=0.5)
        assert closing.result(timeout=20) == (
            Reschedule(factories.slot("17:30"), factories.slot("2026-11-24 10:00")),
        )
    assert outside_now(clock.now()) == []


def test_who_books_while_hours_are_saved_waits_and_then_finds_the_new_ones(app: Flask) -> None:
    def ask() -> object:
        with app.app_context():
            try:
                return callbacks.request_callback(wish, request_key="just-then", now=clock.now())
            except SlotUnavailable as gone:
                return gone.nearest

    wish = callbacks.CallbackRequest(PhoneNumber(KAVITA.phone), slot_at=factories.slot("17:30"))
    now, saved = clock.now(), queries.newest_version(db.session())
    earlier = daily("10:00-16:00")(queries.plan_of(saved))
    expected_version = saved.version if saved else 0
    with ThreadPoolExecutor(1) as threads:
        with transaction() as session:
            locking.lock_exclusive(session)
            locking.save_version(
                session, earlier, expected_version=expected_version, saved_by=BOSS, now=now
            )
            asking_then = threads.submit(ask)
            with pytest.raises(TimeoutError):
                asking_then.result(timeout=0.5)
        assert asking_then.result(timeout=20) == tuple(
            factories.slot(each) for each in ("14:30", "15:00", "15:30")
        )
    assert db.session.scalar(sa.select(sa.func.count(Callback.id))) == 0


def test_without_a_free_time_they_are_rung_as_soon_as_we_are_open_after_their_own(
    app: Flask, client: Client, at: Clock
) -> None:
    token = factories.link(KAVITA, slot_at=factories.slot("2026-11-30 10:00"))
    settled = agree(daily())
    assert settled.without_a_slot == 1
    callback = factories.by_token(token)
    assert (callback.slot_at, wall(callback.due_at)) == (None, "30 10:00")
    assert "Your request is waiting until we open again" in status(client, token)
    change(daily("12:00-18:00"))
    assert "We will call you Monday 30 November at 12:00 PM or later" in status(client, token)
    at("2026-11-30 12:01")
    while callbacks.expire_one(now=clock.now()):
        pass
    assert factories.by_token(token).status == Status.WAITING, "it was promised, so it is kept"
    assert "We have your request" in status(client, token)


def test_who_was_promised_a_later_opening_may_still_ask_for_the_next_one(app: Flask) -> None:
    token = factories.link(KAVITA, slot_at=factories.slot("2026-11-30 10:00"))
    agree(daily())
    change(daily("12:00-18:00"))
    assert wall(factories.by_token(token).due_at) == "30 10:00"
    callbacks.reschedule(token, None, now=clock.now())
    assert factories.by_token(token).due_at == clock.now(), "as soon as possible"
    first = clock.now()
    callbacks.reschedule(token, None, now=first + timedelta(minutes=5))
    assert factories.by_token(token).due_at == first, "whoever waits keeps their place"


def status(client: Client, token: str) -> str:
    return Page(client.get(f"/request/{token}").text).text


def test_each_kind_of_change_finds_who_is_in_the_way(app: Flask) -> None:
    kept = factories.callback(KAVITA, slot_at=factories.slot("2026-11-24 11:30")).id
    tuesday, now = date(2026, 11, 24), clock.now()

    def exception(kind: ExceptionKind, *times: str) -> Callable[[HoursPlan], HoursPlan]:
        return lambda plan: plan.with_exception(HoursException(kind, tuesday, tuesday, day(*times)))

    def shut(until: timedelta) -> Callable[[HoursPlan], HoursPlan]:
        return lambda plan: replace(plan, shut=EmergencyClosure(now, now + until))

    for edit in (
        exception(ExceptionKind.CLOSED),
        exception(ExceptionKind.PART, "11:00-12:00"),
        exception(ExceptionKind.HOURS, "14:00-18:00"),
        lambda plan: plan.with_later_week(Week.closed(), tuesday),
        lambda plan: replace(plan, zone_name="America/New_York"),
        shut(timedelta(days=2)),
        daily("12:00-18:00"),
    ):
        assert [wall(each.was) for each in shown(edit).moves] == ["24 11:30"]
    saved = queries.plan(db.session())
    for harmless in (
        exception(ExceptionKind.PART, "12:00-13:00"),
        shut(timedelta(hours=2)),
        lambda plan: plan.with_later_week(Week.closed(), date(2026, 11, 25)),
    ):
        assert change(harmless).moves == ()
        change(lambda _plan: saved)
    assert booked(kept) == ["24 11:30"]


def test_who_is_inside_and_off_the_slots_keeps_their_time_or_moves_too(app: Flask) -> None:
    asked = factories.callback(KAVITA, slot_at=factories.slot("11:30")).id
    shifted = daily("10:15-18:00")
    seen = shown(shifted)
    assert (seen.moves, [wall(each) for each in seen.off_slots]) == ((), ["23 11:30"])
    change(shifted, Approval(seen.digest))
    assert booked(asked) == ["23 11:30"]
    assert moved_by_us(asked) == 0
    change(daily("10:15-17:00"))  # it was off the slots before: nothing is worse
    other = factories.callback(ARJUN, slot_at=factories.slot("11:45")).id
    agree(daily("10:00-18:00"), off_slots_too=True)
    assert booked(asked, other) == ["23 11:30", "23 12:00"]


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_another_slot_length_shows_who_is_on_no_slot_any_more(
    app: Flask, new_client: Callable[[], Client]
) -> None:
    asked = factories.callback(KAVITA, slot_at=factories.slot("11:30")).id
    factories.staff(MEERA)
    admin = new_client()
    admin.sign_in(MEERA)
    form = form_of(admin.get("/admin/capacity"), "/admin/capacity").fill(slot_minutes="60")
    shown_first = admin.submit(form)
    assert shown_first.status_code == 409
    assert "1 booked call is inside the new hours but no longer matches a slot" in shown_first.text
    kept = admin.submit(shown_first, "/admin/capacity", follow=True)
    assert "Saved." in kept.text
    assert booked(asked) == ["23 11:30"]
    form = form_of(kept, "/admin/capacity").fill(slot_minutes="30")
    assert "Saved." in admin.submit(form, follow=True).text, "it is on a slot again"
    form = form_of(kept, "/admin/capacity").fill(slot_minutes="40", version="3")
    moved = admin.submit(admin.submit(form), "/admin/capacity", follow=True, off_slots=True)
    assert "1 booked call was moved." in moved.text
    assert booked(asked) == ["23 12:00"]


def test_the_red_switch_moves_who_is_due_now_and_tells_who_is_in_hand(
    app: Flask, at: Clock
) -> None:
    factories.staff(ASHA)
    due = factories.callback(KAVITA, slot_at=factories.slot("11:00")).id
    in_hand = factories.callback(ARJUN, slot_at=factories.slot("11:00"))
    soon = factories.callback(LEELA).id
    now = at("2026-11-23 11:02")
    db.session.execute(
        sa.update(Callback)
        .where(Callback.id == in_hand.id)
        .values(status=Status.CLAIMED, claimed_by=factories.staff(ASHA).id, claimed_at=now,
                claim_ends_at=now + timedelta(minutes=5))
    )  # fmt: skip
    db.session.commit()

    def power_cut(plan: HoursPlan) -> HoursPlan:
        return replace(
            plan, shut=EmergencyClosure(now, factories.slot("14:00"), {"en": "Power cut"})
        )

    seen = shown(power_cut)
    assert ([wall(each.to) for each in seen.moves], seen.in_hand) == (["23 14:00"], 1)
    change(power_cut, Approval(seen.digest))
    assert booked(due) == ["23 14:00"]
    assert moved_by_us(soon) == 0
    assert not queries.effective_hours(db.session(), now).is_open(now)
    at("2026-11-23 11:30")
    change(lambda plan: replace(plan, shut=None))
    assert queries.effective_hours(db.session(), clock.now()).is_open(clock.now())


def test_who_stands_behind_another_of_their_number_is_moved_without_taking_a_place(
    app: Flask,
) -> None:
    first = factories.callback(KAVITA, slot_at=factories.slot("16:30")).id
    second = factories.callback(KAVITA, slot_at=factories.slot("17:00")).id
    agree(daily("10:00-14:00"))
    assert booked(first, second) == ["24 10:00", "24 10:00"]
    assert broken_rules(db.session()) == []


def test_a_save_over_somebody_elses_is_refused(app: Flask) -> None:
    change(daily("10:00-17:00"))
    with pytest.raises(StaleVersion):
        change_hours.change_opening_hours(
            queries.plan(db.session()),
            expected_version=0,
            action="x",
            staff_id=BOSS,
            now=clock.now(),
        )


def test_the_past_keeps_the_hours_that_were_in_force(app: Flask, at: Clock) -> None:
    start = at("2026-11-20 08:00")
    change(daily("10:00-18:00"))
    at("2026-11-21 12:00")
    change(daily("14:00-16:00"))
    now = at("2026-11-22 15:00")
    change(lambda plan: replace(plan, shut=EmergencyClosure(now, now + timedelta(hours=3))))
    at("2026-11-22 15:30")
    change(lambda plan: replace(plan, shut=None))
    at("2026-11-23 09:00")
    change(lambda plan: plan.with_exception(
        HoursException(ExceptionKind.CLOSED, date(2026, 11, 23), date(2026, 11, 23))))  # fmt: skip
    found = queries.open_periods(db.session(), start, clock.now() + timedelta(days=2))
    assert [f"{wall(each.opens_at)}-{wall(each.closes_at)[3:]}" for each in found] == [
        "20 10:00-18:00",
        "21 10:00-12:00",
        "21 14:00-16:00",
        "22 14:00-15:00",
        "22 15:30-16:00",
        "24 14:00-16:00",
    ]
    pieces = queries.history(db.session(), start, clock.now())
    assert len(pieces) == 4
    assert queries.history(db.session(), start - timedelta(days=9), start)[0].hours.versions


@pytest.mark.parametrize("meanwhile", ["books", "cancels", "moves"])
def test_closing_at_once_also_moves_whoever_books_before_it_is_confirmed(
    app: Flask, new_client: Callable[[], Client], at: Clock, meanwhile: str
) -> None:
    at("2026-11-23 10:30")
    asked = factories.callback(KAVITA, slot_at=factories.slot("11:30")).id
    link = factories.link(LEELA, slot_at=factories.slot("12:00"))
    factories.staff(MEERA)
    admin = new_client()
    admin.sign_in(MEERA)
    page = admin.submit(form_of(admin.get("/admin/hours/closed-now"), "closed-now"), until="2h")
    assert page.status_code == 409
    assert "Calls booked before you confirm are moved in the same way." in page.text

    others = [asked]
    match meanwhile:
        case "books":
            others.append(factories.callback(ARJUN, slot_at=factories.slot("12:00")).id)
        case "cancels":
            callbacks.cancel(link, now=clock.now())
        case "moves":
            callbacks.reschedule(link, factories.slot("11:00"), now=clock.now())
    closed = admin.submit(page, "closed-now", follow=True)

    assert closed.status_code == 200
    assert "The helpline is closed. Visitors see the crisis numbers first." in closed.text
    now = clock.now()
    assert not queries.effective_hours(db.session(), now).is_open(now)
    assert all(each >= "23 12:30" for each in booked(*others))
    assert broken_rules(db.session()) == []
