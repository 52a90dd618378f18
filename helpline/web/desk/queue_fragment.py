"""The queue on the desk, which polls it every few seconds."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from flask import g, render_template

from helpline import clock
from helpline.db import db
from helpline.domain.queue_order import Priority
from helpline.i18n import published_overrides
from helpline.queue import queries
from helpline.queue.queries import DeskState
from helpline.staff import service as accounts
from helpline.staff.models import SignedInStaff
from helpline.web.page_cache import page_cache
from helpline.web.request_context import show_zone

_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Row:
    """A waiting callback: minutes waited, and minutes past the promised time."""

    waited: timedelta
    late_minutes: int
    slot_at: datetime | None
    language: str
    attempts_used: int
    urgent: bool
    wants_me: bool
    wants: str | None


@dataclass(frozen=True, slots=True)
class Queue:
    """The queue as a desk shows it, to the minute. Equal values render the same."""

    zone: str
    today: date
    waiting: tuple[Row, ...]
    later: int
    is_open: bool
    closes_at: datetime | None
    opens_at: datetime | None
    can_take: bool


def load_session_and_desk(key: str, /, *, now: datetime, idle: timedelta) -> SignedInStaff | None:
    """Load the signed-in user and what ``look_from_desk`` needs, in one statement."""
    found = queries.desk_state_of_session(key, now=now, idle=idle)
    if found is None:
        return None
    signed_in, g.desk = found
    return signed_in


def load_queue(advisor_id: int) -> Queue:
    """Load the queue, note that the desk is online, and set the page's time zone."""
    now = clock.now()
    seen: DeskState = g.pop("desk", None) or queries.desk_state(db.session(), advisor_id, now)
    accounts.record_desk_seen(advisor_id, now=now, heard_at=seen.heard_at)
    hours, zone = seen.hours, seen.hours.plan.zone
    show_zone(zone)
    return Queue(
        zone=zone.key,
        today=now.astimezone(zone).date(),
        waiting=tuple(_row(each, advisor_id, now) for each in seen.waiting),
        later=seen.later,
        is_open=hours.is_open,
        closes_at=hours.closes_at,
        opens_at=hours.opens_at,
        can_take=hours.is_open and seen.held is None,
    )


def render_queue(queue: Queue) -> str:
    """Render the fragment, cached across desks that see the same."""
    return page_cache().page(
        _facts(queue),
        own=(),
        render=lambda: render_template("desk/_queue.html", **queue_words(queue)),
    )


def cached_queue(queue: Queue) -> str | None:
    """Return the fragment if this process has it cached."""
    return page_cache().same_for_all(_facts(queue))


def _facts(queue: Queue) -> Hashable:
    return queue, published_overrides.version()


def queue_words(queue: Queue) -> dict[str, Any]:
    return {
        "waiting": queue.waiting,
        "later": queue.later,
        "is_open": queue.is_open,
        "closes_at": queue.closes_at,
        "opens_at": queue.opens_at,
        "can_take": queue.can_take,
    }


def _row(each: queries.Waiting, advisor_id: int, now: datetime) -> Row:
    return Row(
        waited=(now - each.due_at) // _MINUTE * _MINUTE,
        late_minutes=each.late_minutes(now),
        slot_at=each.slot_at,
        language=each.language,
        attempts_used=each.attempts_used,
        urgent=each.priority == Priority.URGENT,
        wants_me=each.wanted_advisor == advisor_id,
        wants=each.wanted_name,
    )
