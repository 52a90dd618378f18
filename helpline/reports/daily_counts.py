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
from helpline.directory.referrals import queries as care
from helpline.domain.call_progress import CarrierStatus, Leg
from helpline.domain.lifecycle import ENDED, Event, Status
from helpline.domain.report_figures import OpenTime, whole_minutes, whole_seconds
from helpline.domain.retries import Disposition
from helpline.hours import queries as hours

COUNTING = 2
"""Version of the counting rules. A new version recounts every day."""

FOLLOW_UP = "follow_up"
"""Channel of a request agreed during a call; not a channel in the database."""

LONGEST_LOOK_BACK = timedelta(days=90)
"""How long before a day a wait of that day may have begun: slots are booked at most 60 days
ahead, and no request waits longer than the policy allows.
"""

_BATCH = 500
_MINUTE = timedelta(minutes=1)
_HOUR = timedelta(hours=1)
_PROMISES = (Event.ASK, Event.MOVE, Event.MOVE_JOINED, Event.TAKE_OVER, Event.BRING_BACK)
"""Events after which the visitor has a new promised time. A retry is none of them."""

_CONCLUDED = (Event.REACHED, Event.RETRY, Event.GIVE_UP, Event.HAND_OVER)
_LEFT = (Event.CANCEL, Event.WITHDRAW, Event.EXPIRE)
_REACHED = (Disposition.REACHED, Disposition.DECLINED)


class Measure(StrEnum):
    """What is counted, and by which parts."""

    REQUESTS = "requests"
    """By channel."""
    PAGES = "pages"
    """Requests by referring page; none where unknown."""
    ASKED = "asked"
    """Requests by hour of the week: "014" is Monday, 14:00 to 15:00."""
    ASKED_CLOSED = "asked_closed"
    """Requests made while closed, by hour of the week."""
    OPEN = "open"
    """Open minutes, by hour of the week."""
    RUNG = "rung"
    """First calls, by minutes of waiting."""
    RUNG_SECONDS = "rung_seconds"
    """Seconds of waiting before first calls, by the hour of the week of the call."""
    RUNG_BY_HOUR = "rung_by_hour"
    """First calls, by hour of the week."""
    OVERDUE = "overdue"
    """Waits by the minutes reached when they or the day ended, less those by the minutes with
    which they entered the day. So the sum over more than some number of minutes is how many
    waits exceeded it on this day, for any target.
    """
    WAITING = "waiting"
    """Callbacks still waiting at the end of the day, by minutes of waiting. Not additive over
    days.
    """
    FIRST = "first"
    """First calls by result: reached, not reached, unknown."""
    LEFT = "left"
    """Callbacks cancelled or expired before the first call; "cancelled early" is before the
    promised time.
    """
    LEFT_WAIT = "left_wait"
    """The same, by minutes of waiting."""
    OUTCOMES = "outcomes"
    """Callbacks by outcome; "behind" is a second request for a number."""
    TRIES = "tries"
    """Callbacks reached, by number of attempts."""
    TRIES_IN_VAIN = "tries_in_vain"
    """Callbacks not reached, by number of attempts."""
    ATTEMPTS = "attempts"
    """Attempts that called the visitor, by hour of the week."""
    DISPOSITIONS = "dispositions"
    """The same, by disposition."""
    NOT_RUNG = "not_rung"
    """Attempts that never called the visitor, by reason."""
    BY_ADVISOR = "by_advisor"
    """Attempts that called the visitor, by advisor."""
    REACHED_BY = "reached_by"
    """Attempts that reached the visitor, by advisor."""
    TALKS = "talks"
    """Attempts of which the talk time is known, by advisor."""
    TALK_SECONDS = "talk_seconds"
    WRAP_UPS = "wrap_ups"
    """Attempts followed by a wrap-up, by advisor."""
    WRAP_UP_SECONDS = "wrap_up_seconds"
    HANDLED_SECONDS = "handled_seconds"
    """Seconds from the Call button to the end of the wrap-up, by advisor."""
    CALLS_IN = "calls_in"
    """Inbound calls, by result."""
    RANG_IN = "rang_in"
    """Inbound calls during opening hours, by hour of the week."""
    ANSWERED = "answered"
    """Inbound calls answered, by advisor."""
    ANSWERED_SECONDS = "answered_seconds"
    REFERRALS = "referrals"
    """Referrals, by directory entry."""


Counts = Counter[tuple[str, str]]
"""Counts by measure and part."""


def bounds(day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return the two midnights of a day."""
    ends = day + timedelta(days=1)
    return datetime.combine(day, time(), zone), datetime.combine(ends, time(), zone)


def count(session: Session, day: date, zone: ZoneInfo, now: datetime) -> Counts:
    """Count a day, or the part of it before ``now``."""
    start, end = bounds(day, zone)
    opened = OpenTime(hours.in_force_between(session, start - LONGEST_LOOK_BACK, min(end, now)))
    found: Counts = Counter()
    hour = _HourOfWeek(zone)
    for counted in (
        _open(opened, start, min(end, now), hour),
        _requests(session, start, end, opened, hour),
        _waits(session, start, min(end, now), opened),
        _attempts(session, start, end, opened, hour),
        _not_rung(session, start, end),
        _ends(session, start, end, opened),
        _calls_in(session, start, end, opened, hour),
        _referrals(session, start, end),
    ):
        for measure, part, number in counted:
            if number:
                found[measure, part] += number
    return found


Counted = Iterator[tuple[Measure, str, int]]


class _HourOfWeek:
    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone

    def __call__(self, at: datetime) -> str:
        wall = at.astimezone(self._zone)
        return f"{wall.weekday()}{wall.hour:02}"


def _open(opened: OpenTime, start: datetime, end: datetime, hour: _HourOfWeek) -> Counted:
    """Step by quarter-hours: each is within one hour of every zone, and minutes would be slow."""
    quarter = timedelta(minutes=15)
    while start < end:
        ahead = min(start + quarter, end)
        yield Measure.OPEN, hour(start), opened.between(start, ahead) // _MINUTE
        start = ahead


def _requests(
    session: Session, start: datetime, end: datetime, opened: OpenTime, hour: _HourOfWeek
) -> Counted:
    asked = (
        sa.select(
            Callback.requested_at, Callback.channel, Callback.source_page, Callback.follow_up_of
        )
        .where(Callback.requested_at >= start, Callback.requested_at < end)
        .order_by(Callback.requested_at)
    )
    for each in _rows(session, asked):
        follows = each.follow_up_of is not None
        yield Measure.REQUESTS, FOLLOW_UP if follows else str(each.channel), 1
        if follows:
            continue
        yield Measure.PAGES, each.source_page or "", 1
        yield Measure.ASKED, hour(each.requested_at), 1
        if not opened.is_open(each.requested_at):
            yield Measure.ASKED_CLOSED, hour(each.requested_at), 1


@dataclass(frozen=True, slots=True)
class _Wait:
    """A wait from the promised time to the call, a new promise or the end of the callback.

    Args:
        ended_at: None while it goes on.
    """

    promised: datetime
    ended_at: datetime | None


def _waits(session: Session, start: datetime, until: datetime, opened: OpenTime) -> Counted:
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
            Callback.requested_at >= start - LONGEST_LOOK_BACK,
            Callback.requested_at < until,
            sa.or_(Callback.ended_at.is_(None), Callback.ended_at >= start),
            CallbackEvent.at < until,
        )
        .order_by(Callback.id, CallbackEvent.id)
    )
    for _id, of_callback in groupby(_rows(session, steps), key=lambda step: step.id):
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
        if step.event not in _PROMISES and step.to_status not in (*ENDED, Status.JOINED):
            continue
        if promised is not None:
            yield _Wait(promised, step.at)
        promised = (step.due_at or step.slot_at or step.at) if _waits_after(step) else None
    if promised is not None:
        yield _Wait(promised, called_at)


def _waits_after(step: Any) -> bool:
    return step.event in _PROMISES and step.to_status == Status.WAITING


def _attempts(
    session: Session, start: datetime, end: datetime, opened: OpenTime, hour: _HourOfWeek
) -> Counted:
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
            CallbackEvent.event.in_(_CONCLUDED),
            CallbackEvent.from_status == Status.CALLING,
            CallbackEvent.at >= Attempt.ended_at,
        )
        .correlate(Attempt)
        .scalar_subquery()
    )
    made = (
        sa.select(
            Attempt.advisor_id,
            Attempt.channel,
            Attempt.disposition,
            Attempt.created_at,
            Attempt.ended_at,
            is_first.label("is_first"),
            _promised(Attempt.callback_id, Attempt.created_at, Attempt).label("promised"),
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
    for each in _rows(session, made):
        yield Measure.ATTEMPTS, hour(each.created_at), 1
        yield Measure.DISPOSITIONS, each.disposition or "none", 1
        if each.is_first:
            yield from _first_ring(each, opened, hour)
        yield from _load(each)


def _first_ring(each: Any, opened: OpenTime, hour: _HourOfWeek) -> Counted:
    waited = opened.between(each.promised, each.created_at)
    yield Measure.RUNG, str(whole_minutes(waited)), 1
    yield Measure.RUNG_SECONDS, hour(each.created_at), whole_seconds(waited)
    yield Measure.RUNG_BY_HOUR, hour(each.created_at), 1
    known = "reached" if each.disposition in _REACHED else "not_reached"
    yield Measure.FIRST, known if each.disposition else "unknown", 1


def _load(each: Any) -> Counted:
    """Count the handling time. For calls from an advisor's own phone the end of the talk is
    unknown, so talk and wrap-up are not counted separately.
    """
    who, talked_from = str(each.advisor_id), each.answered_at
    yield Measure.BY_ADVISOR, who, 1
    if each.disposition in _REACHED:
        yield Measure.REACHED_BY, who, 1
    over = each.concluded_at or each.ended_at
    yield Measure.HANDLED_SECONDS, who, whole_seconds(over - each.created_at)
    if each.channel == Channel.CALL_IN:
        talked_from = each.created_at
    if each.channel == Channel.OWN_PHONE:
        return
    if talked_from is not None and each.disposition in _REACHED:
        yield Measure.TALKS, who, 1
        yield Measure.TALK_SECONDS, who, whole_seconds(each.ended_at - talked_from)
    if each.concluded_at is not None:
        yield Measure.WRAP_UPS, who, 1
        yield Measure.WRAP_UP_SECONDS, who, whole_seconds(each.concluded_at - each.ended_at)


def _not_rung(session: Session, start: datetime, end: datetime) -> Counted:
    found = session.execute(
        sa.select(Attempt.result, sa.func.count(Attempt.id))
        .where(
            Attempt.created_at >= start,
            Attempt.created_at < end,
            sa.not_(Attempt.counted),
            Attempt.ended_at.is_not(None),
        )
        .group_by(Attempt.result)
    )
    for result, number in found:
        yield Measure.NOT_RUNG, str(result or "unknown"), number


def _ends(session: Session, start: datetime, end: datetime, opened: OpenTime) -> Counted:
    tries = (
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
            tries.label("tries"),
            _promised(CallbackEvent.callback_id, CallbackEvent.at, CallbackEvent).label("promised"),
        )
        .join(Callback, Callback.id == CallbackEvent.callback_id)
        .where(
            Callback.ended_at >= start,
            Callback.ended_at < end,
            CallbackEvent.to_status.in_(ENDED),
        )
    )
    for each in _rows(session, ended):
        if each.from_status == Status.JOINED:
            yield Measure.OUTCOMES, "behind", 1
            continue
        yield Measure.OUTCOMES, each.to_status, 1
        if each.to_status == Status.REACHED:
            yield Measure.TRIES, str(each.tries), 1
        elif each.to_status == Status.UNREACHED:
            yield Measure.TRIES_IN_VAIN, str(each.tries), 1
        elif each.event in _LEFT and not each.tries:
            yield from _left(each, opened)


def _left(each: Any, opened: OpenTime) -> Counted:
    waited = opened.between(each.promised, each.at)
    early = each.to_status == Status.CANCELLED and not waited
    yield Measure.LEFT, "cancelled_early" if early else each.to_status, 1
    yield Measure.LEFT_WAIT, str(whole_minutes(waited)), 1


def _calls_in(
    session: Session, start: datetime, end: datetime, opened: OpenTime, hour: _HourOfWeek
) -> Counted:
    rang = (
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
    for each in _rows(session, rang):
        yield Measure.CALLS_IN, str(each.outcome or "left"), 1
        if opened.is_open(each.began_at):
            yield Measure.RANG_IN, hour(each.began_at), 1
        if each.talked_with is not None and each.talked_at is not None:
            yield Measure.ANSWERED, str(each.talked_with), 1
            talked = whole_seconds(each.ended_at - each.talked_at)
            yield Measure.ANSWERED_SECONDS, str(each.talked_with), talked


def _referrals(session: Session, start: datetime, end: datetime) -> Counted:
    for place, number in care.counts(session, start, end).items():
        yield Measure.REFERRALS, str(place), number


def _promised(callback_id: Any, at: Any, within: Any) -> sa.ScalarSelect[datetime]:
    """Return the due time last promised before an instant. Events that do not record it stand
    for the booked time or their own time.
    """
    step, whose = aliased(CallbackEvent), aliased(Callback)
    return (
        sa.select(sa.func.coalesce(step.due_at, whose.slot_at, step.at))
        .join(whose, whose.id == step.callback_id)
        .where(step.callback_id == callback_id, step.event.in_(_PROMISES), step.at <= at)
        .order_by(step.id.desc())
        .limit(ONE)
        .correlate(within)
        .scalar_subquery()
    )


def _rows(session: Session, statement: sa.Select[*tuple[Any, ...]]) -> Iterable[Any]:
    return session.execute(statement.execution_options(yield_per=_BATCH))
