"""The measures once more, slowly and plainly: every row is read, and each sentence of
docs/reports.md is done as it stands there, person by person. It shares no line with
helpline/reports but the opening hours that it is given.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import ceil
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.callbacks.models import Callback, CallbackEvent
from helpline.calls.inbound.models import InboundCall
from helpline.calls.models import Attempt, CallEvent
from helpline.directory.referrals.models import Referral
from helpline.domain.opening_hours import Period

REACHED = ("reached", "referred", "emergency", "declined", "do_not_call", "dropped")
NO_REQUEST = ("duplicate", "hoax")


@dataclass
class Wait:
    """Of one person, for one promised time."""

    promised: datetime
    over: datetime
    goes_on: bool


@dataclass
class Found:
    """Everything that is said of a range."""

    channels: Counter[str]
    pages: Counter[str]
    asked: Counter[str]
    asked_closed: Counter[str]
    waits: list[float]
    left: Counter[str]
    left_waits: list[float]
    first_tries: Counter[str]
    outcomes: Counter[str]
    tries: list[int]
    tries_in_vain: list[int]
    attempts: Counter[str]
    dispositions: Counter[str]
    not_rung: Counter[str]
    talks: dict[int, list[int]]
    wrap_ups: dict[int, list[int]]
    handled: dict[int, list[int]]
    reached_by: Counter[int]
    calls_in: Counter[str]
    rang_in: Counter[str]
    answered: dict[int, list[int]]
    referrals: Counter[str]
    open_minutes: int
    all_waits: list[Wait]
    still_waiting: list[float]
    first: date
    last: date
    zone: ZoneInfo
    opened: Sequence[Period]
    called_by_hour: Counter[str]

    def service_level(self, minutes: int) -> tuple[int, int]:
        """How many were called in time, and of how many: these, and everybody whose target time
        passed on one of the days, whether they were called later, left, moved or still wait."""
        in_time = sum(wait <= 60 * minutes for wait in self.waits)
        missed = sum(self.passes(each, minutes) for each in self.all_waits)
        return in_time, in_time + missed

    def passes(self, wait: Wait, minutes: int) -> bool:
        """Whether somebody's target time passes on one of the days: walks through the opening
        hours until it is used up."""
        left = timedelta(minutes=minutes)
        for each in self.opened:
            start, end = max(each.opens_at, wait.promised), min(each.closes_at, wait.over)
            if start >= end:
                continue
            if end - start > left:
                return self.first <= (start + left).astimezone(self.zone).date() <= self.last
            left -= end - start
        return False

    def percentile(self, percent: int) -> int | None:
        """By nearest rank, in minutes rounded up."""
        if not self.waits:
            return None
        ranked = sorted(ceil(wait / 60) for wait in self.waits)
        return ranked[ceil(percent * len(ranked) / 100) - 1]


def look(
    session: Session,
    first: date,
    last: date,
    zone: ZoneInfo,
    opened: Sequence[Period],
    until: datetime,
) -> Found:
    """Reads everything and goes through it.

    Args:
        opened: when the helpline was open, by the hours in force at each instant.
        until: the end of the range, or the instant up to which its last day is counted.
    """
    callbacks = session.scalars(sa.select(Callback).order_by(Callback.id)).all()
    events, attempts, said = defaultdict(list), defaultdict(list), defaultdict(list)
    for event in session.scalars(sa.select(CallbackEvent).order_by(CallbackEvent.id)):
        events[event.callback_id].append(event)
    for attempt in session.scalars(sa.select(Attempt).order_by(Attempt.id)):
        attempts[attempt.callback_id].append(attempt)
    for word in session.scalars(sa.select(CallEvent)):
        said[word.attempt_id].append(word)

    def today(at: datetime) -> bool:
        return first <= at.astimezone(zone).date() <= last

    def hour(at: datetime) -> str:
        local = at.astimezone(zone)
        return f"{local.weekday()}{local.hour:02}"

    def is_open(at: datetime) -> bool:
        return any(each.opens_at <= at < each.closes_at for each in opened)

    def waited(promised: datetime, at: datetime) -> float:
        both = ((max(each.opens_at, promised), min(each.closes_at, at)) for each in opened)
        return sum((end - start).total_seconds() for start, end in both if start < end)

    found = Found(
        *(Counter() for _ in range(4)), [], Counter(), [], Counter(), Counter(), [], [],
        Counter(), Counter(), Counter(), defaultdict(list), defaultdict(list), defaultdict(list),
        Counter(), Counter(), Counter(), defaultdict(list), Counter(), 0,
        [], [], first, last, zone, opened, Counter(),
    )  # fmt: skip
    for callback in callbacks:
        if today(callback.requested_at):
            follows = callback.follow_up_of is not None
            found.channels["follow_up" if follows else callback.channel] += 1
            if not follows:
                found.pages[callback.source_page or ""] += 1
                found.asked[hour(callback.requested_at)] += 1
                found.asked_closed[hour(callback.requested_at)] += not is_open(
                    callback.requested_at
                )
        for wait in _waits(callback, events[callback.id], attempts[callback.id], until):
            found.all_waits.append(wait)
            if wait.goes_on and waited(wait.promised, until) > 0:
                found.still_waiting.append(waited(wait.promised, until))
        rung: list[Attempt] = []
        for attempt in attempts[callback.id]:
            if not attempt.counted:
                if today(attempt.created_at):
                    found.not_rung[str(attempt.result)] += 1
                continue
            rung.append(attempt)
            if not today(attempt.created_at):
                continue
            if len(rung) == 1:
                promised = _promised(callback, events[callback.id], attempt.created_at)
                found.waits.append(waited(promised, attempt.created_at))
                found.called_by_hour[hour(attempt.created_at)] += 1
                found.first_tries[
                    "unknown"
                    if attempt.disposition in (None, *NO_REQUEST)
                    else "reached"
                    if attempt.disposition in REACHED
                    else "not_reached"
                ] += 1
            _attempt(found, attempt, events[callback.id], said[attempt.id], hour)
        for event in events[callback.id]:
            if event.to_status not in ("reached", "unreached", "cancelled", "expired"):
                continue
            if not today(event.at):
                continue
            tries = sum(each.created_at <= event.at for each in rung)
            if event.from_status == "joined":
                found.outcomes["behind"] += 1
                continue
            if event.to_status == "unreached" and callback.disposition in NO_REQUEST:
                found.outcomes["closed"] += 1
                continue
            found.outcomes[event.to_status] += 1
            if event.to_status == "reached":
                found.tries.append(tries)
            elif event.to_status == "unreached":
                found.tries_in_vain.append(tries)
            elif tries == 0:
                wait = waited(_promised(callback, events[callback.id], event.at), event.at)
                early = event.to_status == "cancelled" and wait == 0
                found.left["cancelled_early" if early else event.to_status] += 1
                found.left_waits.append(wait)
    for call in session.scalars(sa.select(InboundCall)):
        if today(call.began_at) and call.ended_at is not None:
            found.calls_in[str(call.outcome)] += 1
            found.rang_in[hour(call.began_at)] += is_open(call.began_at)
            if call.talked_with is not None:
                talked = int((call.ended_at - call.talked_at).total_seconds())
                found.answered[call.talked_with].append(talked)
    for named in session.scalars(sa.select(Referral)):
        found.referrals[str(named.place_id)] += today(named.at)
    for each in opened:
        start, end = each.opens_at, each.closes_at
        while start < end:
            found.open_minutes += today(start)
            start += timedelta(minutes=1)
    return found


def _waits(
    callback: Callback,
    events: Sequence[CallbackEvent],
    attempts: Sequence[Attempt],
    until: datetime,
) -> list[Wait]:
    """Every promise to somebody who is not behind another request begins a wait; their first call,
    the next promise, going behind another request and the end of the callback end it."""
    calls = [each.created_at for each in attempts if each.counted and each.created_at < until]
    called = min(calls, default=until)
    waits = []
    for number, event in enumerate(events):
        begins = event.event in ("ask", "move", "take_over") and event.to_status == "waiting"
        if not begins or event.at > called or event.at >= until:
            continue
        ends = [
            each.at
            for each in events[number + 1 :]
            if each.event in ("ask", "move", "take_over", "set_aside")
            or each.to_status in ("reached", "unreached", "cancelled", "expired")
        ]
        over = min([called, until, *ends])
        promised = event.due_at or callback.slot_at or event.at
        goes_on = not calls and not any(at < until for at in ends)
        waits.append(Wait(promised, over, goes_on))
    return waits


def _promised(callback: Callback, events: Sequence[CallbackEvent], at: datetime) -> datetime:
    """The time that was last promised before an instant."""
    promises = ("ask", "move", "move_joined", "take_over")
    newest = [each for each in events if each.event in promises and each.at <= at][-1]
    return newest.due_at or callback.slot_at or newest.at


def _attempt(found: Found, attempt: Attempt, events, said, hour) -> None:  # type: ignore[no-untyped-def]
    found.attempts[hour(attempt.created_at)] += 1
    found.dispositions[attempt.disposition or "none"] += 1
    found.reached_by[attempt.advisor_id] += attempt.disposition in REACHED
    over = [
        each.at
        for each in events
        if each.event in ("reached", "retry", "call_back", "hold", "give_up", "hand_over")
        and each.from_status == "calling"
        and each.at >= attempt.ended_at
    ]
    done = min(over) if over else attempt.ended_at
    found.handled[attempt.advisor_id].append(int((done - attempt.created_at).total_seconds()))
    if attempt.channel == "own_phone":
        return
    if over:
        found.wrap_ups[attempt.advisor_id].append(int((done - attempt.ended_at).total_seconds()))
    answered = [
        each.received_at
        for each in said
        if each.leg == "visitor" and each.status == "in_progress" and each.kind != "visitor_machine"
    ]
    began = attempt.created_at if attempt.channel == "call_in" else min(answered, default=None)
    if began is not None and attempt.disposition in REACHED:
        talked = int((attempt.ended_at - began).total_seconds())
        found.talks[attempt.advisor_id].append(max(talked, 0))
