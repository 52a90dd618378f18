"""A change of hours never calls anyone earlier than promised; each call has a choice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from helpline import clock
from helpline.callbacks import claims
from helpline.callbacks import service as callbacks
from helpline.callbacks.rescheduling import Approval, Choice
from helpline.db import db
from helpline.domain.hours_plan import (
    CannotKeepOpen,
    EmergencyClosure,
    ExceptionKind,
    HoursException,
    HoursPlan,
)
from helpline.domain.opening_hours import Interval, Period, Week, merge_periods
from helpline.domain.sms_progress import SmsKind
from helpline.hours import queries
from helpline.messaging.models import OutboundSms
from tests import factories
from tests.cast import ARJUN, ASHA, IMRAN, KAVITA, LEELA, MEERA
from tests.hours.fixtures import agree, booked, change, daily, day, shown, wall
from tests.stateful.rules import broken_rules
from tests.support.clock import Clock
from tests.support.web import Client, form_of
from tests.web.page import Page

THURSDAY = date(2026, 11, 26)


@pytest.fixture(autouse=True)
def _monday_morning(request: pytest.FixtureRequest, at: Clock) -> None:
    at("2026-11-23 10:05")
    if "app" in request.fixturenames:
        request.getfixturevalue("app")


def closed_on(day: date) -> Callable[[HoursPlan], HoursPlan]:
    return lambda plan: plan.with_exception(HoursException(ExceptionKind.CLOSED, day, day))


def test_the_same_hour_on_the_next_open_day_comes_first(app: Flask) -> None:
    asked = factories.callback(KAVITA, slot_at=factories.slot("2026-11-26 11:00")).id
    agree(lambda plan: closed_on(THURSDAY)(closed_on(THURSDAY + timedelta(days=1))(plan)))
    assert booked(asked) == ["28 11:00"], "Saturday, the next day that is open"


def test_where_that_hour_is_taken_the_next_free_time_follows_and_never_an_earlier_one(
    app: Flask,
) -> None:
    for visitor in (LEELA, IMRAN):
        factories.callback(visitor, slot_at=factories.slot("2026-11-27 11:00"))
    asked = factories.callback(KAVITA, slot_at=factories.slot("2026-11-26 11:00")).id
    agree(closed_on(THURSDAY))
    assert booked(asked) == ["27 10:00"]
    assert broken_rules(db.session()) == []


def test_shorter_hours_move_to_the_next_day_and_not_to_the_afternoon_before(app: Flask) -> None:
    asked = factories.callback(KAVITA, slot_at=factories.slot("2026-11-26 17:30")).id
    agree(daily("10:00-17:00"))
    assert booked(asked) == ["27 10:00"]


def test_each_call_is_moved_kept_by_an_exception_or_asked(app: Flask, client: Client) -> None:
    moved = factories.link(KAVITA, slot_at=factories.slot("2026-11-26 11:00"))
    kept = factories.callback(ARJUN, slot_at=factories.slot("2026-11-26 12:00")).id
    asked = factories.link(LEELA, slot_at=factories.slot("2026-11-26 13:00"))
    edit = closed_on(THURSDAY)
    seen = shown(edit)
    assert [each.can_be_kept for each in seen.moves] == [True, True, True]
    choices = {kept: Choice.KEEP, factories.by_token(asked).id: Choice.ASK}
    settled = change(edit, Approval(seen.digest, choices=choices))
    assert (len(settled.moves), settled.kept, settled.asked) == (2, 1, 1)
    assert settled.without_a_slot == 0
    assert booked(kept) == ["26 12:00"]
    hours = queries.effective_hours(db.session(), clock.now())
    on_thursday = hours.periods(
        factories.slot("2026-11-26 00:00"), factories.slot("2026-11-27 00:00")
    )
    assert [(wall(each.opens_at), wall(each.closes_at)) for each in on_thursday] == [
        ("26 12:00", "26 12:30")
    ]
    assert wall(factories.by_token(moved).slot_at) == "27 11:00"
    callback = factories.by_token(asked)
    assert (callback.slot_at, wall(callback.due_at)) == (None, "26 13:00")
    page = Page(client.get(f"/request/{asked}").text).text
    assert "You asked for Thursday 26 November at 1:00 PM." in page
    assert "Please choose another time." in page
    assert broken_rules(db.session()) == []
    callbacks.reschedule(asked, factories.slot("2026-11-28 10:00"), now=clock.now())
    assert "We cannot call you then" not in Page(client.get(f"/request/{asked}").text).text


def test_a_call_that_cannot_be_kept_is_moved(app: Flask) -> None:
    asked = factories.callback(KAVITA, slot_at=factories.slot("12:00")).id
    now = clock.now()

    def power_cut(plan: HoursPlan) -> HoursPlan:
        return replace(plan, shut=EmergencyClosure(now, now + timedelta(hours=5)))

    seen = shown(power_cut)
    assert [each.can_be_kept for each in seen.moves] == [False]
    change(power_cut, Approval(seen.digest, choices={asked: Choice.KEEP}))
    assert booked(asked) == ["24 12:00"]


@pytest.mark.settings(texts_enabled=True)
@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_the_page_asks_for_each_call_and_lists_whom_nothing_can_tell(
    app: Flask, client: Client
) -> None:
    factories.opening_hours(("10:00", "18:00"))
    told = factories.callback(KAVITA, slot_at=factories.slot("2026-11-26 11:00"), may_text=True)
    untold = factories.callback(ARJUN, slot_at=factories.slot("2026-11-26 11:30"))
    told_id, untold_id = told.id, untold.id
    factories.staff(MEERA)
    client.sign_in(MEERA)
    form = form_of(client.get("/admin/hours/exceptions"), "/exceptions")
    typed = {"kind": "closed", "first": "2026-11-26", "last": ""}
    asked = client.submit(form.fill(do="save", **typed))
    assert asked.status_code == 409
    text = Page(asked.text).text
    assert (
        f"1 visitor cannot be informed by text message. They see the change only when they \
open their page. Callbacks: {untold_id}."
        in text
    )
    assert "Discard changes" in text and "Call it off" not in text
    assert "Kavita" not in text and "98765" not in asked.text
    saved = client.submit(
        asked, "/exceptions", follow=True, do="save", **{f"choice-{untold_id}": "keep"}
    )
    shown_after = Page(saved.text).text
    assert "1 booked call was moved." in shown_after
    assert "1 booked call keeps its time. An exception was added for it." in shown_after
    assert booked(told_id, untold_id) == ["27 11:00", "26 11:30"]
    kinds = db.session.scalars(sa.select(OutboundSms.kind).order_by(OutboundSms.id)).all()
    assert kinds[-1] == SmsKind.MOVED


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_the_advisor_sees_that_we_moved_it_and_from_when(
    app: Flask, client: Client, at: Clock
) -> None:
    token = factories.link(KAVITA, slot_at=factories.slot("2026-11-26 11:00"))
    asha = factories.staff(ASHA).id
    client.sign_in(ASHA)
    agree(closed_on(THURSDAY))
    at("2026-11-27 11:00")
    claims.claim_next(asha, now=clock.now())
    desk = Page(client.get("/desk/").text).text
    assert "rescheduled by the helpline; the visitor had booked yesterday at 11:00 AM" in desk
    assert "booked for today at 11:00 AM" in desk
    claims.release(factories.by_token(token).id, asha, now=clock.now())
    callbacks.reschedule(token, factories.slot("12:00"), now=clock.now())
    at("2026-11-27 12:00")
    claims.claim_next(asha, now=clock.now())
    desk = Page(client.get("/desk/").text).text
    assert "booked for today at 12:00 PM" in desk and "rescheduled by the helpline" not in desk


MINUTE = timedelta(minutes=1)
NOON = datetime(2026, 11, 26, 6, 30, tzinfo=UTC)


@given(
    opens=st.integers(0, 23),
    length=st.integers(1, 24),
    kind=st.sampled_from([None, *ExceptionKind]),
    slot=st.integers(0, 95),
    minutes=st.sampled_from([5, 30, 240]),
)
def test_an_exception_keeps_that_call_and_changes_nothing_else(
    opens: int, length: int, kind: ExceptionKind | None, slot: int, minutes: int
) -> None:
    week = Week.every_day(Interval(opens * 60, (opens + length) * 60))
    plan = HoursPlan("Asia/Kolkata", week)
    if kind is not None:
        times = () if kind == ExceptionKind.CLOSED else day("11:00-13:00")
        first, last = THURSDAY - timedelta(days=1), THURSDAY + timedelta(days=1)
        plan = plan.with_exception(HoursException(kind, first, last, times, {"en": "Diwali"}))
    starts_at = datetime(2026, 11, 25, 18, 30, tzinfo=UTC) + slot * 15 * MINUTE
    span = (NOON - timedelta(days=4), NOON + timedelta(days=4))
    before = plan.opening_hours().periods(*span)
    try:
        kept = plan.with_opening(starts_at, minutes * MINUTE)
    except CannotKeepOpen:
        return
    wanted = merge_periods((*before, Period(starts_at, starts_at + minutes * MINUTE)))
    assert kept.opening_hours().periods(*span) == wanted
