"""No call is started, and no visitor's phone is rung, outside the hours in force at that instant:
open at 17:59:59, shut at 18:00:00, and as an admin says from the moment they say it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import TypeVar

import pytest
from flask import Flask

from helpline import clock
from helpline.callbacks import claims
from helpline.callbacks.errors import OutsideHours
from helpline.callbacks.models import Callback
from helpline.calls import carrier_events
from helpline.calls import service as calls
from helpline.calls.carrier_events import Connect, Decline
from helpline.calls.models import Attempt
from helpline.db import db
from helpline.domain.call_progress import AttemptResult
from helpline.domain.hours_plan import EmergencyClosure, ExceptionKind, HoursException, HoursPlan
from helpline.domain.lifecycle import Status
from helpline.hours import queries as hours
from helpline.messaging.carrier_jobs import Request
from tests import factories
from tests.cast import ASHA, IMRAN, KAVITA, LEELA, RAVI, Member, Visitor
from tests.stateful.rules import broken_rules
from tests.support import carrier_jobs
from tests.support.clock import Clock

LAST_OPEN, FIRST_SHUT = "2026-11-23 17:59:59", "2026-11-23 18:00:00"
LAST_SHUT, FIRST_OPEN = "2026-11-23 09:59:59", "2026-11-23 10:00:00"
TOO_LATE = timedelta(minutes=3)

Row = TypeVar("Row", Callback, Attempt)

shut = pytest.mark.parametrize("instant", [FIRST_SHUT, LAST_SHUT])
is_open = pytest.mark.parametrize("instant", [LAST_OPEN, FIRST_OPEN])


def take() -> Request | bool:
    return carrier_jobs.take_attempt()


def claim() -> int:
    return claims.claim_next(factories.staff(ASHA).id, now=clock.now())


def press_call(held: Callback) -> None:
    calls.start_call(held.id, factories.staff(ASHA).id, now=clock.now())


def press_one(attempt: Attempt, call: str = "CA1") -> Connect | Decline:
    return carrier_events.advisor_pressed_one(attempt.ref, call, now=clock.now())


def on_the_phone() -> Attempt:
    """The advisor has answered and has yet to press 1."""
    attempt = factories.calling()
    assert isinstance(take(), Request)
    assert carrier_events.advisor_answered(attempt.ref, "CA1", now=clock.now())
    return attempt


def fresh(row: Row) -> Row:
    db.session.rollback()
    db.session.refresh(row)
    return row


@is_open
def test_a_callback_can_be_claimed_up_to_the_last_second(
    app: Flask, at: Clock, instant: str
) -> None:
    at(instant)
    asked = factories.callback(KAVITA)

    assert claim() == asked.id


@shut
def test_nothing_is_claimed_outside_opening_hours(app: Flask, at: Clock, instant: str) -> None:
    at(instant)
    factories.callback(KAVITA)

    with pytest.raises(OutsideHours):
        claim()


def test_no_call_is_started_outside_opening_hours(app: Flask, at: Clock) -> None:
    at(LAST_OPEN)
    held = factories.claimed()
    at(FIRST_SHUT)

    with pytest.raises(OutsideHours):
        press_call(held)
    with pytest.raises(OutsideHours):
        calls.start_own_phone_call(
            held.id, factories.staff(ASHA).id, now=clock.now(), longest_minutes=30
        )
    assert fresh(held).status == Status.CLAIMED

    at(LAST_OPEN)
    press_call(held)
    assert fresh(held).status == Status.CALLING


def test_a_call_asked_for_at_the_last_second_is_not_placed_after_closing(
    app: Flask, at: Clock
) -> None:
    at(LAST_OPEN)
    attempt = factories.calling()
    at(FIRST_SHUT)

    assert take() is True
    assert fresh(attempt).result == AttemptResult.CLOSED
    assert db.session.get_one(Callback, attempt.callback_id).status == Status.WAITING
    assert take() is False


def test_the_visitor_is_rung_when_1_is_pressed_at_the_last_second(app: Flask, at: Clock) -> None:
    at(LAST_OPEN)
    attempt = on_the_phone()

    assert isinstance(press_one(attempt), Connect)


def test_the_visitor_is_not_rung_when_1_is_pressed_at_closing(app: Flask, at: Clock) -> None:
    at(LAST_OPEN)
    attempt = on_the_phone()
    at(FIRST_SHUT)

    assert press_one(attempt) == Decline(AttemptResult.CLOSED)
    assert fresh(attempt).result == AttemptResult.CLOSED
    callback = db.session.get_one(Callback, attempt.callback_id)
    assert (callback.status, callback.attempts_used) == (Status.WAITING, 0)


def test_the_question_after_the_1_is_not_answered_with_the_number_once_closed(
    app: Flask, at: Clock
) -> None:
    """The carrier may ask again when it did not hear our answer, and goes by the later one."""
    at(LAST_OPEN)
    attempt = on_the_phone()
    assert isinstance(press_one(attempt), Connect)
    at(FIRST_SHUT)

    assert isinstance(press_one(attempt), Decline)
    assert fresh(attempt).ended_at is None, "the first answer may have connected them"


def test_an_admin_who_closes_stops_claims_calls_and_dials_at_once(app: Flask, at: Clock) -> None:
    at("2026-11-23 12:00")
    first = on_the_phone()
    second = factories.calling(_other(1), _visitor(1))
    third = factories.claimed(_other(2), _visitor(2))
    factories.callback(_visitor(3))
    factories.opening_hours(("14:00", "18:00"))

    assert press_one(first) == Decline(AttemptResult.CLOSED)
    assert take() is True
    assert fresh(second).result == AttemptResult.CLOSED
    with pytest.raises(OutsideHours):
        calls.start_call(third.id, third.claimed_by or 0, now=clock.now())
    with pytest.raises(OutsideHours):
        claims.claim_next(factories.staff(_other(3)).id, now=clock.now())


def test_an_admin_who_opens_lets_claims_calls_and_dials_go_on_at_once(
    app: Flask, at: Clock
) -> None:
    at("2026-11-23 19:00")
    factories.callback()
    with pytest.raises(OutsideHours):
        claim()
    factories.opening_hours(("10:00", "20:00"))

    held = db.session.get_one(Callback, claim())
    press_call(held)
    assert isinstance(take(), Request)
    attempt = factories.attempt_of(held)
    carrier_events.advisor_answered(attempt.ref, "CA1", now=clock.now())
    assert isinstance(press_one(attempt), Connect)
    at.later(seconds=1)
    assert broken_rules(db.session()) == []


def test_a_week_without_any_opening_starts_nothing_and_loses_nothing(app: Flask, at: Clock) -> None:
    at("2026-11-23 12:00")
    asked = factories.callback()
    factories.opening_hours()

    with pytest.raises(OutsideHours) as closed:
        claim()
    assert closed.value.opens_at is None
    assert fresh(asked).status == Status.WAITING


def _other(number: int) -> Member:
    return replace(ASHA, email=f"other{number}@helpline.example", phone=f"+91981239990{number}")


def _visitor(number: int) -> Visitor:
    return replace(KAVITA, phone=f"+91987650002{number}")


def power_cut(plan: HoursPlan) -> HoursPlan:
    """The red switch is pressed."""
    return replace(plan, shut=EmergencyClosure(clock.now(), clock.now() + timedelta(hours=2)))


def holiday(plan: HoursPlan) -> HoursPlan:
    """Today becomes a closed day, at its noon."""
    today = clock.now().astimezone(plan.zone).date()
    closed = HoursException(ExceptionKind.CLOSED, today, today)
    return replace(plan, exceptions=(*plan.exceptions, closed))


@pytest.mark.parametrize("change", [power_cut, holiday])
def test_closed_at_once_is_closed_at_every_step_to_the_visitors_phone(
    app: Flask, at: Clock, change: Callable[[HoursPlan], HoursPlan]
) -> None:
    at("2026-11-23 12:00")
    attempt = on_the_phone()
    factories.callback(LEELA)
    factories.callback(IMRAN)
    got = claims.claim_next(factories.staff(RAVI).id, now=clock.now())
    calls.start_call(got, factories.staff(RAVI).id, now=clock.now())
    queued = factories.attempt_of(db.session.get_one(Callback, got))
    factories.save_plan(change(hours.plan(db.session())))

    assert press_one(attempt) == Decline(AttemptResult.CLOSED)
    assert take() is True
    assert fresh(queued).result == AttemptResult.CLOSED
    with pytest.raises(OutsideHours):
        claim()
    for each in (attempt, queued):
        callback = db.session.get_one(Callback, each.callback_id)
        assert (callback.status, callback.attempts_used) == (Status.WAITING, 0)
    assert broken_rules(db.session()) == []
    at("2026-11-24 10:00")
    assert claim() == attempt.callback_id, "nobody lost their place"
