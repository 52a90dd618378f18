"""Count the events of one day by kind; read only.

Everything counts on the day it happened: a request when it was made, a first call when it was made,
an end when it came. So a past day changes only by late reports from the carrier or an advisor.

See docs/decisions/0025-reports-count-the-day.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from helpline.callbacks.models import Callback, CallbackEvent
from helpline.calls.inbound.models import InboundCall
from helpline.calls.models import Attempt, CallEvent, Channel, EventKind
from helpline.db import ONE
from helpline.directory.referrals import queries as referral_queries
from helpline.domain import retries
from helpline.domain.call_progress import CarrierStatus, Leg
from helpline.domain.lifecycle import ENDED, Event, Status
from helpline.domain.report_figures import OpenTime, whole_minutes, whole_seconds
from helpline.hours import queries as hours_queries

COUNTING_VERSION = 3
"""Version of the counting rules. A new version recounts every day."""

FOLLOW_UP = "follow_up"
"""Channel of a request agreed during a call; not a channel in the database."""

MAX_LOOK_BACK = timedelta(days=90)
"""Waits of a day began less than this before it, by the booking window and the policy."""

_BATCH = 500
_MINUTE = timedelta(minutes=1)
_HOUR = timedelta(hours=1)
_PROMISE_EVENTS = (Event.ASK, Event.MOVE, Event.MOVE_JOINED, Event.TAKE_OVER, Event.BRING_BACK)
"""Events after which the visitor has a new promised time. A retry is none of them."""

_CONCLUDED_EVENTS = (*set(retries.CONSEQUENCES.values()), Event.HAND_OVER)
_ABANDONED_EVENTS = (Event.CANCEL, Event.WITHDRAW, Event.EXPIRE)


class Measure(StrEnum):
    """What is counted, and by which parts."""

    REQUESTS = "requests"
    """By channel."""
    PAGES = "pages"
    """Requests by referring page; none where unknown."""
    ASKED = "asked"
    """Requests by hour of the week: "014" is Monday, 14:00 to 15:00."""
    REQUESTS_WHILE_CLOSED = "asked_closed"
    """Requests made while closed, by hour of the week."""
    OPEN = "open"
    """Open minutes, by hour of the week."""
    FIRST_CALLS = "rung"
    """First calls, by minutes of waiting."""
    FIRST_CALL_WAIT_SECONDS = "rung_seconds"
    """Seconds of waiting before first calls, by the hour of the week of the call."""
    FIRST_CALLS_BY_HOUR = "rung_by_hour"
    """First calls, by hour of the week."""
    OVERDUE = "overdue"
    """Waits by the minutes reached when they or the day ended, less those by the minutes with
    which they entered the day. So the sum over more than some number of minutes is how many
    waits exceeded it on this day, for any target.
    """
    WAITING = "waiting"
    """Callbacks waiting at the end of the day, by minutes of waiting. Not additive over days."""
    FIRST = "first"
    """First calls by result: reached, not reached, unknown (also a duplicate or hoax)."""
    LEFT = "left"
    """Cancelled or expired before the first call; "cancelled early": before the promised time."""
    ABANDONED_WAITS = "left_wait"
    """The same, by minutes of waiting."""
    OUTCOMES = "outcomes"
    """Callbacks by outcome; "behind" is a second request for a number, "closed" a duplicate or
    hoax."""
    ATTEMPTS_UNTIL_REACHED = "tries"
    """Callbacks reached, by number of attempts."""
    ATTEMPTS_NOT_REACHED = "tries_in_vain"
    """Callbacks not reached, by number of attempts."""
    ATTEMPTS = "attempts"
    """Attempts that called the visitor, by hour of the week."""
    DISPOSITIONS = "dispositions"
    """The same, by disposition."""
    NOT_CALLED = "not_rung"
    """Attempts that never called the visitor, by reason."""
    ATTEMPTS_BY_ADVISOR = "by_advisor"
    """Attempts that called the visitor, by advisor."""
    REACHED_BY_ADVISOR = "reached_by"
    """Attempts that reached the visitor, by advisor."""
    TALKS = "talks"
    """Attempts of which the talk time is known, by advisor."""
    TALK_SECONDS = "talk_seconds"
    WRAP_UPS = "wrap_ups"
    """Attempts followed by a wrap-up, by advisor."""
    WRAP_UP_SECONDS = "wrap_up_seconds"
    HANDLED_SECONDS = "handled_seconds"
    """Seconds from the Call button to the end of the wrap-up, by advisor."""
    INBOUND_CALLS = "calls_in"
    """Inbound calls, by result."""
    INBOUND_WHILE_OPEN = "rang_in"
    """Inbound calls during opening hours, by hour of the week."""
    ANSWERED = "answered"
    """Inbound calls answered, by advisor."""
    ANSWERED_SECONDS = "answered_seconds"
    REFERRALS = "referrals"
    """Referrals, by directory entry."""


Counts = Counter[tuple[str, str]]
"""Counts by measure and part."""


def day_bounds(day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    ends = day + timedelta(days=1)
    return datetime.combine(day, time(), zone), datetime.combine(ends, time(), zone)


def count(session: Session, day: date, zone: ZoneInfo, now: datetime) -> Counts:
    """Count a day, or the part of it before ``now``."""
    start, end = day_bounds(day, zone)
    opened = OpenTime(hours_queries.open_periods(session, start - MAX_LOOK_BACK, min(end, now)))
    counts: Counts = Counter()
    hour = _HourOfWeek(zone)
    for counted in (
        _open_minutes(opened, start, min(end, now), hour),
        _requests(session, start, end, opened, hour),
        _waits(session, start, min(end, now), opened),
        _attempts(session, start, end, opened, hour),
        _not_called(session, start, end),
        _outcomes(session, start, end, opened),
        _inbound_calls(session, start, end, opened, hour),
        _referrals(session, start, end),
    ):
        for measure, part, number in counted:
            if number:
                counts[measure, part] += number
    return counts


MeasureCounts = Iterator[tuple[Measure, str, int]]


class _HourOfWeek:
    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone

    def __call__(self, at: datetime) -> str:
        local_time = at.astimezone(self._zone)
        return f"{local_time.weekday()}{local_time.hour:02}"


def _open_minutes(
    opened: OpenTime, start: datetime, end: datetime, hour: _HourOfWeek
) -> MeasureCounts:
    """Step by quarter-hours: each is within one hour of every zone, and minutes would be slow."""
    quarter = timedelta(minutes=15)
    while start < end:
        next_start = min(start + quarter, end)
        yield Measure.OPEN, hour(start), opened.between(start, next_start) // _MINUTE
        start = next_start


def _requests(
    session: Session, start: datetime, end: datetime, opened: OpenTime, hour: _HourOfWeek
) -> MeasureCounts:
    requests = (
        sa.select(
            Callback.requested_at, Callback.channel, Callback.source_page, Callback.follow_up_of
        )
        .where(Callback.requested_at >= start, Callback.requested_at < end)
        .order_by(Callback.requested_at)
    )
    for row in _batched_rows(session, requests):
        follows = row.follow_up_of is not None
        yield Measure.REQUESTS, FOLLOW_UP if follows else str(row.channel), 1
        if follows:
            continue
        yield Measure.PAGES, row.source_page or "", 1
        yield Measure.ASKED, hour(row.requested_at), 1
        if not opened.is_open(row.requested_at):
            yield Measure.REQUESTS_WHILE_CLOSED, hour(row.requested_at), 1


@dataclass(frozen=True, slots=True)
class _Wait:
    """A wait from the promised time to the call, a new promise or the end of the callback.

    Args:
        ended_at: None while it goes on.
    """

    promised: datetime
    ended_at: datetime | None


def _waits(session: Session, start: datetime, until: datetime, opened: OpenTime) -> MeasureCounts:
    """A call in progress ends a wait until it is known whether it reached the visitor's phone."""
    first_call = (
        sa.select(sa.func.min(Attempt.created_at))
        .where(
            Attempt.callback_id == Callback.id,
            Attempt.created_at < until,
            sa.or_(Attempt.counted, Attempt.ended_at.is_(None)),
        )
        .correlate(Callback)
        .scalar_subquery()
    )
    steps = (
        sa.select(
            Callback.id,
            Callback.slot_at,
            first_call.label("called_at"),
            CallbackEvent.event,
            CallbackEvent.to_status,
            CallbackEvent.at,
            CallbackEvent.due_at,
        )
        .join(CallbackEvent, CallbackEvent.callback_id == Callback.id)
        .where(
            Callback.requested_at >= start - MAX_LOOK_BACK,
            Callback.requested_at < until,
            sa.or_(Callback.ended_at.is_(None), Callback.ended_at >= start),
            CallbackEvent.at < until,
        )
        .order_by(Callback.id, CallbackEvent.id)
    )
    for _id, of_callback in groupby(_batched_rows(session, steps), key=lambda step: step.id):
        for wait in _waits_of(list(of_callback)):
            over = wait.ended_at or until
            before = whole_minutes(opened.between(wait.promised, start))
            minutes = whole_minutes(opened.between(wait.promised, over))
            if over >= start and minutes > before:
                yield Measure.OVERDUE, str(minutes), 1
                if before:
                    yield Measure.OVERDUE, str(before), -1
            if wait.ended_at is None and minutes:
                yield Measure.WAITING, str(minutes), 1


def _waits_of(steps: Sequence[Any]) -> Iterator[_Wait]:
    called_at: datetime | None = steps[0].called_at
    promised: datetime | None = None
    for step in steps:
        if called_at is not None and step.at > called_at:
            break
        if step.event not in _PROMISE_EVENTS and step.to_status not in (*ENDED, Status.JOINED):
            continue
        if promised is not None:
            yield _Wait(promised, step.at)
        promised = (step.due_at or step.slot_at or step.at) if _waits_after(step) else None
    if promised is not None:
        yield _Wait(promised, called_at)


def _waits_after(step: Any) -> bool:
    return step.event in _PROMISE_EVENTS and step.to_status == Status.WAITING


def _attempts(
    session: Session, start: datetime, end: datetime, opened: OpenTime, hour: _HourOfWeek
) -> MeasureCounts:
    before = aliased(Attempt)
    is_first = ~(
        sa.exists()
        .where(
            before.callback_id == Attempt.callback_id,
            before.id < Attempt.id,
            before.counted,
            before.ended_at.is_not(None),
        )
        .correlate(Attempt)
    )
    answered_at = (
        sa.select(sa.func.min(CallEvent.received_at))
        .where(
            CallEvent.attempt_id == Attempt.id,
            CallEvent.leg == Leg.VISITOR,
            CallEvent.status == CarrierStatus.IN_PROGRESS,
            CallEvent.kind != EventKind.VISITOR_MACHINE,
        )
        .correlate(Attempt)
        .scalar_subquery()
    )
    concluded_at = (
        sa.select(sa.func.min(CallbackEvent.at))
        .where(
            CallbackEvent.callback_id == Attempt.callback_id,
            CallbackEvent.event.in_(_CONCLUDED_EVENTS),
            CallbackEvent.from_status == Status.CALLING,
            CallbackEvent.at >= Attempt.ended_at,
        )
        .correlate(Attempt)
        .scalar_subquery()
    )
    attempts = (
        sa.select(
            Attempt.advisor_id,
            Attempt.channel,
            Attempt.disposition,
            Attempt.created_at,
            Attempt.ended_at,
            is_first.label("is_first"),
            _promised_at(Attempt.callback_id, Attempt.created_at, Attempt).label("promised"),
            answered_at.label("answered_at"),
            concluded_at.label("concluded_at"),
        )
        .where(
            Attempt.created_at >= start,
            Attempt.created_at < end,
            Attempt.counted,
            Attempt.ended_at.is_not(None),
        )
        .order_by(Attempt.created_at)
    )
    for row in _batched_rows(session, attempts):
        yield Measure.ATTEMPTS, hour(row.created_at), 1
        yield Measure.DISPOSITIONS, row.disposition or "none", 1
        if row.is_first:
            yield from _first_call(row, opened, hour)
        yield from _handling_time(row)


def _first_call(row: Any, opened: OpenTime, hour: _HourOfWeek) -> MeasureCounts:
    waited = opened.between(row.promised, row.created_at)
    yield Measure.FIRST_CALLS, str(whole_minutes(waited)), 1
    yield Measure.FIRST_CALL_WAIT_SECONDS, hour(row.created_at), whole_seconds(waited)
    yield Measure.FIRST_CALLS_BY_HOUR, hour(row.created_at), 1
    result = "reached" if row.disposition in retries.REACHES else "not_reached"
    is_known = row.disposition and row.disposition not in retries.NOT_A_REQUEST
    yield Measure.FIRST, result if is_known else "unknown", 1


def _handling_time(row: Any) -> MeasureCounts:
    """Count talk and wrap-up apart, except on an advisor's own phone, where the talk's end is
    unknown.
    """
    advisor, talked_from = str(row.advisor_id), row.answered_at
    yield Measure.ATTEMPTS_BY_ADVISOR, advisor, 1
    if row.disposition in retries.REACHES:
        yield Measure.REACHED_BY_ADVISOR, advisor, 1
    over = row.concluded_at or row.ended_at
    yield Measure.HANDLED_SECONDS, advisor, whole_seconds(over - row.created_at)
    if row.channel == Channel.CALL_IN:
        talked_from = row.created_at
    if row.channel == Channel.OWN_PHONE:
        return
    if talked_from is not None and row.disposition in retries.REACHES:
        yield Measure.TALKS, advisor, 1
        yield Measure.TALK_SECONDS, advisor, whole_seconds(row.ended_at - talked_from)
    if row.concluded_at is not None:
        yield Measure.WRAP_UPS, advisor, 1
        yield Measure.WRAP_UP_SECONDS, advisor, whole_seconds(row.concluded_at - row.ended_at)


def _not_called(session: Session, start: datetime, end: datetime) -> MeasureCounts:
    rows = session.execute(
        sa.select(Attempt.result, sa.func.count(Attempt.id))
        .where(
            Attempt.created_at >= start,
            Attempt.created_at < end,
            sa.not_(Attempt.counted),
            Attempt.ended_at.is_not(None),
        )
        .group_by(Attempt.result)
    )
    for result, number in rows:
        yield Measure.NOT_CALLED, str(result or "unknown"), number


def _outcomes(session: Session, start: datetime, end: datetime, opened: OpenTime) -> MeasureCounts:
    attempts = (
        sa.select(sa.func.count(Attempt.id))
        .where(
            Attempt.callback_id == Callback.id,
            Attempt.counted,
            Attempt.ended_at.is_not(None),
            Attempt.created_at <= CallbackEvent.at,
        )
        .correlate(Callback, CallbackEvent)
        .scalar_subquery()
    )
    ended = (
        sa.select(
            CallbackEvent.event,
            CallbackEvent.from_status,
            CallbackEvent.to_status,
            CallbackEvent.at,
            Callback.disposition,
            attempts.label("tries"),
            _promised_at(CallbackEvent.callback_id, CallbackEvent.at, CallbackEvent).label(
                "promised"
            ),
        )
        .join(Callback, Callback.id == CallbackEvent.callback_id)
        .where(
            Callback.ended_at >= start,
            Callback.ended_at < end,
            CallbackEvent.to_status.in_(ENDED),
        )
    )
    for row in _batched_rows(session, ended):
        if row.from_status == Status.JOINED:
            yield Measure.OUTCOMES, "behind", 1
            continue
        if row.to_status == Status.UNREACHED and row.disposition in retries.NOT_A_REQUEST:
            yield Measure.OUTCOMES, "closed", 1
            continue
        yield Measure.OUTCOMES, row.to_status, 1
        if row.to_status == Status.REACHED:
            yield Measure.ATTEMPTS_UNTIL_REACHED, str(row.tries), 1
        elif row.to_status == Status.UNREACHED:
            yield Measure.ATTEMPTS_NOT_REACHED, str(row.tries), 1
        elif row.event in _ABANDONED_EVENTS and not row.tries:
            yield from _abandoned(row, opened)


def _abandoned(row: Any, opened: OpenTime) -> MeasureCounts:
    waited = opened.between(row.promised, row.at)
    early = row.to_status == Status.CANCELLED and not waited
    yield Measure.LEFT, "cancelled_early" if early else row.to_status, 1
    yield Measure.ABANDONED_WAITS, str(whole_minutes(waited)), 1


def _inbound_calls(
    session: Session, start: datetime, end: datetime, opened: OpenTime, hour: _HourOfWeek
) -> MeasureCounts:
    calls = (
        sa.select(
            InboundCall.began_at,
            InboundCall.ended_at,
            InboundCall.outcome,
            InboundCall.talked_with,
            InboundCall.talked_at,
        )
        .where(
            InboundCall.began_at >= start,
            InboundCall.began_at < end,
            InboundCall.ended_at.is_not(None),
        )
        .order_by(InboundCall.began_at)
    )
    for row in _batched_rows(session, calls):
        yield Measure.INBOUND_CALLS, str(row.outcome or "left"), 1
        if opened.is_open(row.began_at):
            yield Measure.INBOUND_WHILE_OPEN, hour(row.began_at), 1
        if row.talked_with is not None and row.talked_at is not None:
            yield Measure.ANSWERED, str(row.talked_with), 1
            talked = whole_seconds(row.ended_at - row.talked_at)
            yield Measure.ANSWERED_SECONDS, str(row.talked_with), talked


def _referrals(session: Session, start: datetime, end: datetime) -> MeasureCounts:
    for service_id, number in referral_queries.referral_counts(session, start, end).items():
        yield Measure.REFERRALS, str(service_id), number


def _promised_at(callback_id: Any, at: Any, within: Any) -> sa.ScalarSelect[datetime]:
    """Return the last due time promised; events without one count with the slot or their own
    time.
    """
    event, callback = aliased(CallbackEvent), aliased(Callback)
    return (
        sa.select(sa.func.coalesce(event.due_at, callback.slot_at, event.at))
        .join(callback, callback.id == event.callback_id)
        .where(event.callback_id == callback_id, event.event.in_(_PROMISE_EVENTS), event.at <= at)
        .order_by(event.id.desc())
        .limit(ONE)
        .correlate(within)
        .scalar_subquery()
    )


def _batched_rows(session: Session, statement: sa.Select[*tuple[Any, ...]]) -> Iterable[Any]:
    return session.execute(statement.execution_options(yield_per=_BATCH))
