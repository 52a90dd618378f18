"""The queue on the desk, which polls it every few seconds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from flask import g, render_template

from helpline import clock
from helpline.callbacks import queue
from helpline.callbacks.queue import DeskState, LanguageQueue
from helpline.db import db
from helpline.domain import references
from helpline.domain.intake_answers import Signal
from helpline.domain.queue_order import Priority
from helpline.i18n import published_overrides
from helpline.staff import service as staff_service
from helpline.staff.models import SignedInStaff
from helpline.web.language import page_language
from helpline.web.page_cache import cached_text
from helpline.web.request_context import show_zone

_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Row:
    """A waiting callback: minutes waited, and minutes past the promised time."""

    number: str
    waited: timedelta
    late_minutes: int
    slot_at: datetime | None
    language: str
    attempts_used: int
    urgent: bool
    signals: tuple[Signal, ...]
    wants_me: bool
    wants: str | None


@dataclass(frozen=True, slots=True)
class LanguageRow:
    """How many wait in a language."""

    language: str
    count: int


@dataclass(frozen=True, slots=True)
class Totals:
    """How many wait, by their wait; the bounds are in minutes.

    Args:
        newest: since when the last waits, in seconds since 1970, by which a desk sees someone new.
    """

    count: int
    longest: timedelta
    newest: float
    short: int
    medium: int
    long: int
    bounds: tuple[int, int] = (queue.MEDIUM_WAIT // _MINUTE, queue.LONG_WAIT // _MINUTE)


@dataclass(frozen=True, slots=True)
class Queue:
    """The queue as a desk shows it, to the minute. Equal values render the same."""

    zone: str
    today: date
    waiting: tuple[Row, ...]
    languages: tuple[LanguageRow, ...]
    totals: Totals | None
    later: int
    is_open: bool
    closes_at: datetime | None
    opens_at: datetime | None
    can_take: bool


def load_session_and_desk(key: str, /, *, now: datetime, idle: timedelta) -> SignedInStaff | None:
    """Load the signed-in user and what ``load_queue`` needs, in one statement."""
    state = queue.desk_state_of_session(key, now=now, idle=idle)
    if state is None:
        return None
    signed_in, g.desk = state
    return signed_in


def load_queue(advisor_id: int) -> Queue:
    """Load the queue, note that the desk is online, and set the page's time zone."""
    now = clock.now()
    state: DeskState = g.pop("desk", None) or queue.desk_state(db.session(), advisor_id, now)
    staff_service.record_desk_seen(advisor_id, now=now, last_seen_at=state.heard_at)
    hours, zone = state.hours, state.hours.plan.zone
    show_zone(zone)
    return Queue(
        zone=zone.key,
        today=now.astimezone(zone).date(),
        waiting=tuple(_row(callback, advisor_id, now) for callback in state.waiting),
        languages=tuple(LanguageRow(each.language, each.count) for each in state.by_language),
        totals=_totals(state.by_language, now),
        later=state.later,
        is_open=hours.is_open,
        closes_at=hours.closes_at,
        opens_at=hours.opens_at,
        can_take=hours.is_open and state.held is None and not state.is_paused,
    )


def render_queue(queue: Queue) -> str:
    """Render the fragment, cached across desks that see the same."""
    return cached_text(
        (queue, page_language(), published_overrides.version()),
        lambda: render_template("desk/_queue.html", **queue_context(queue)),
    )


def queue_context(queue: Queue) -> dict[str, Any]:
    return {
        "waiting": queue.waiting,
        "languages": queue.languages,
        "totals": queue.totals,
        "later": queue.later,
        "is_open": queue.is_open,
        "closes_at": queue.closes_at,
        "opens_at": queue.opens_at,
        "can_take": queue.can_take,
    }


def _totals(languages: Sequence[LanguageQueue], now: datetime) -> Totals | None:
    if not languages:
        return None
    count, medium, long = (
        sum(getattr(each, name) for each in languages) for name in ("count", "medium", "long")
    )
    longest = _waited(min(each.oldest for each in languages), now)
    newest = max(each.newest for each in languages).timestamp()
    return Totals(count, longest, newest, count - medium, medium - long, long)


def _waited(since: datetime, now: datetime) -> timedelta:
    return (now - since) // _MINUTE * _MINUTE


def _row(callback: queue.Waiting, advisor_id: int, now: datetime) -> Row:
    return Row(
        number=references.shown(callback.reference) if callback.reference else str(callback.id),
        waited=_waited(callback.due_at, now),
        late_minutes=callback.late_minutes(now),
        slot_at=callback.slot_at,
        language=callback.language,
        attempts_used=callback.attempts_used,
        urgent=callback.priority == Priority.URGENT,
        signals=callback.signals,
        wants_me=callback.wanted_advisor == advisor_id,
        wants=callback.wanted_name,
    )
