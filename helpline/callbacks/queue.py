"""Queries of the queue: waiting callbacks, positions and waits.

See docs/decisions/0001-opening-hours-gate-every-step.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.callbacks import dispatch_pause
from helpline.callbacks.models import Callback
from helpline.callbacks.phone_limits import checks
from helpline.db import NO_KEY_UPDATE, ONE, DataclassBundle, Instant, db, inline_literal
from helpline.domain.intake_answers import Answers, Signal
from helpline.domain.lifecycle import Status
from helpline.domain.queue_order import Priority, expected_wait_minutes
from helpline.hours import queries as hours_queries
from helpline.hours.queries import OpenState
from helpline.staff.models import Presence, PresenceState, SignedInStaff, Staff
from helpline.staff.sessions import queries as session_queries

DESK_OFFLINE_AFTER = timedelta(seconds=90)
DEFAULT_HANDLING_MINUTES = 15.0
SHOWN_TO_SUPERVISORS, SHOWN_AT_DESK = 50, 5
MEDIUM_WAIT, LONG_WAIT = timedelta(minutes=10), timedelta(minutes=20)
_MINUTE = timedelta(minutes=1)


_URGENT, _LAST_PRIORITY = inline_literal(Priority.URGENT), inline_literal(max(Priority))
ORDER = (Callback.priority, Callback.due_at, Callback.id)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A row of the queue. Of its personal data only ``signals`` may be shown."""

    id: int
    due_at: datetime
    slot_at: datetime | None
    priority: int
    language: str
    attempts_used: int
    reference: str | None
    wanted_advisor: int | None
    wanted_name: str | None
    answers: str | None = field(repr=False)

    @property
    def signals(self) -> tuple[Signal, ...]:
        return Answers.from_text(self.answers).signals

    def late_minutes(self, now: datetime) -> int:
        """Return the whole minutes since the promised time."""
        return (now - (self.slot_at or self.due_at)) // _MINUTE


@dataclass(frozen=True, slots=True)
class LanguageQueue:
    """The due callbacks of a language.

    Args:
        oldest, newest: since when the first and the last wait.
        medium, long: how many have waited at least ``MEDIUM_WAIT`` and ``LONG_WAIT``.
    """

    language: str
    count: int
    oldest: datetime
    newest: datetime
    medium: int
    long: int


def is_due(now: datetime | sa.BindParameter[datetime]) -> sa.ColumnElement[bool]:
    """Return a condition: waiting, due, and the number may be called now."""
    return sa.and_(
        Callback.status == Status.WAITING, Callback.due_at <= now, ~checks.not_callable(now)
    )


def available_to(
    advisor_id: int | sa.BindParameter[int], now: datetime | sa.BindParameter[datetime]
) -> sa.ColumnElement[bool]:
    """Return a condition: not recently reserved for a colleague of this advisor."""
    return sa.or_(
        Callback.wanted_advisor.is_(None),
        Callback.wanted_advisor == advisor_id,
        Callback.wanted_until.is_(None),
        Callback.wanted_until <= now,
    )


def next_for_advisor() -> sa.ScalarSelect[int]:
    """Return a subquery for an advisor's next callback, skipping locked rows.

    Its parameters are ``advisor`` (the id), ``languages`` and ``now``. First come callbacks in the
    advisor's languages or reserved for them: urgent ones, then reserved ones, then in queue order;
    last all others. An index finds each, however many wait.
    """
    advisor_id = sa.bindparam("advisor", type_=sa.Integer)
    languages: sa.BindParameter[Any] = sa.bindparam("languages", expanding=True)
    now = sa.bindparam("now", type_=Instant)
    due = sa.select(Callback.id).where(is_due(now))
    others = due.where(available_to(advisor_id, now))
    wanting = due.add_columns(Callback.priority).where(Callback.wanted_advisor == advisor_id)
    preferred = _first_unlocked(wanting).cte("mine")
    is_mine = sa.select(preferred.c.id).scalar_subquery()
    goes_before_mine = sa.case((is_mine.is_(None), _LAST_PRIORITY), else_=_URGENT)
    shared = others.where(Callback.language.in_(languages), Callback.priority <= goes_before_mine)
    return sa.select(
        sa.func.coalesce(
            sa.select(preferred.c.id).where(preferred.c.priority == _URGENT).scalar_subquery(),
            _first_unlocked(shared).scalar_subquery(),
            is_mine,
            _first_unlocked(others).scalar_subquery(),
        )
    ).scalar_subquery()


def _first_unlocked(candidates: sa.Select[*tuple[Any, ...]]) -> sa.Select[*tuple[Any, ...]]:
    return candidates.order_by(*ORDER).limit(ONE).with_for_update(skip_locked=True, **NO_KEY_UPDATE)


def is_any_due(session: Session, advisor_id: int, now: datetime) -> bool:
    """Return whether an advisor may have any callback, even one locked just now."""
    due = sa.select(Callback.id).where(is_due(now), available_to(advisor_id, now))
    return session.scalar(due.limit(ONE)) is not None


def waiting_list(session: Session, now: datetime) -> Sequence[Waiting]:
    """Return the first due callbacks in queue order, for supervisors."""
    waiting = _waiting(SHOWN_TO_SUPERVISORS).subquery("waiting")
    rows = sa.select(DataclassBundle("waiting", Waiting, waiting.c)).order_by(*_in_order(waiting))
    return session.scalars(rows, {"now": now}).all()


def waiting_by_language(session: Session, now: datetime) -> list[LanguageQueue]:
    """Return due callbacks by language, longest wait first."""
    by_language = _by_language().subquery("by_language")
    rows = sa.select(DataclassBundle("by_language", LanguageQueue, by_language.c))
    return _longest_first(session.scalars(rows, _moments(now)))


@cache
def _by_language() -> sa.Select[*tuple[Any, ...]]:
    now, medium, long = (
        sa.bindparam(name, type_=Instant) for name in ("now", "medium_since", "long_since")
    )
    count = sa.func.count(Callback.id)
    return (
        sa.select(
            Callback.language,
            count.label("count"),
            sa.func.min(Callback.due_at).label("oldest"),
            sa.func.max(Callback.due_at).label("newest"),
            count.filter(Callback.due_at <= medium).label("medium"),
            count.filter(Callback.due_at <= long).label("long"),
        )
        .where(is_due(now))
        .group_by(Callback.language)
    )


def _moments(now: datetime) -> dict[str, datetime]:
    return {"now": now, "medium_since": now - MEDIUM_WAIT, "long_since": now - LONG_WAIT}


def _longest_first(queues: Iterable[LanguageQueue]) -> list[LanguageQueue]:
    return sorted(queues, key=lambda each: (each.oldest, each.language))


@cache
def _waiting(limit: int) -> sa.Select[*tuple[Any, ...]]:
    now = sa.bindparam("now", type_=Instant)
    preferred = sa.case((Callback.wanted_until > now, Callback.wanted_advisor))
    return (
        sa.select(
            Callback.id,
            Callback.due_at,
            Callback.slot_at,
            Callback.priority,
            Callback.language,
            Callback.attempts_used,
            Callback.reference,
            preferred.label("wanted_advisor"),
            Staff.name.label("wanted_name"),
            Callback.answers,
        )
        .outerjoin(Staff, Staff.id == preferred)
        .where(is_due(now))
        .order_by(*ORDER)
        .limit(inline_literal(limit))
    )


@dataclass(frozen=True, slots=True)
class DeskState:
    """The state that an advisor's desk polls, read in one statement.

    Args:
        heard_at: the advisor's last poll; None before the first.
        held: the id of their current callback.
        waiting: the first due callbacks in queue order.
        by_language: all that are due, longest wait first.
        later: how many wait for a later time.
    """

    heard_at: datetime | None
    held: int | None
    hours: OpenState
    waiting: tuple[Waiting, ...]
    by_language: tuple[LanguageQueue, ...]
    later: int
    is_paused: bool


def desk_state(session: Session, advisor_id: int, now: datetime) -> DeskState:
    rows = session.execute(_desk_of_advisor(), {"advisor": advisor_id, **_moments(now)}).all()
    return _read_desk(rows, now)


def desk_state_of_session(
    key: str, *, now: datetime, idle: timedelta
) -> tuple[SignedInStaff, DeskState] | None:
    """Return the owner of a session key and their desk state; None if the session is over."""
    params = {**session_queries.session_params(key, now=now, idle=idle), **_moments(now)}
    rows = db.session.execute(_desk_of_session(), params).all()
    if not rows:
        return None
    return session_queries.read_signed_in(rows[0], now), _read_desk(rows, now)


def _read_desk(rows: Sequence[Any], now: datetime) -> DeskState:
    first = rows[0]
    return DeskState(
        heard_at=first.heard_at,
        held=first.held,
        hours=hours_queries.open_state(first.stored_plan, now),
        waiting=tuple({row.waiting.id: row.waiting for row in rows if row.waiting}.values()),
        by_language=tuple(_longest_first({row.by_language for row in rows} - {None})),
        later=first.later,
        is_paused=first.is_paused,
    )


@cache
def _desk_of_advisor() -> sa.Select[*tuple[Any, ...]]:
    advisor_id = sa.bindparam("advisor", type_=sa.Integer)
    advisor = sa.select().select_from(Staff).where(Staff.id == advisor_id)
    return _with_desk(advisor, Staff.id)


@cache
def _desk_of_session() -> sa.Select[*tuple[Any, ...]]:
    return _with_desk(session_queries.session_query(), session_queries.SESSION_STAFF_ID)


def _with_desk(start: sa.Select[Any], advisor: Any) -> sa.Select[*tuple[Any, ...]]:
    now = sa.bindparam("now", type_=Instant)
    heard_at = sa.select(Presence.last_seen_at).where(Presence.staff_id == advisor)
    callback_id = sa.select(Callback.id).where(is_claimed_by(advisor))
    waiting = _waiting(SHOWN_AT_DESK).subquery("waiting")
    by_language = _by_language().subquery("by_language")
    return (
        start.add_columns(
            heard_at.scalar_subquery().label("heard_at"),
            callback_id.scalar_subquery().label("held"),
            _later(now).scalar_subquery().label("later"),
            dispatch_pause.is_paused(now).label("is_paused"),
            hours_queries.STORED_PLAN,
            DataclassBundle("waiting", Waiting, waiting.c),
            DataclassBundle("by_language", LanguageQueue, by_language.c),
        )
        .outerjoin(hours_queries.NEWEST_PLAN, sa.true())
        .outerjoin(waiting, sa.true())
        .outerjoin(by_language, sa.true())
        .order_by(*_in_order(waiting))
    )


def _in_order(waiting: sa.Subquery) -> Sequence[sa.ColumnElement[Any]]:
    return [waiting.c[column.key] for column in ORDER]


def due_count(session: Session, now: datetime) -> int:
    return session.scalar(sa.select(sa.func.count(Callback.id)).where(is_due(now))) or 0


def later_count(session: Session, now: datetime) -> int:
    """Return how many wait for a later time: booked, or before a retry."""
    return session.scalar(_later(now)) or 0


def _later(now: datetime | sa.BindParameter[datetime]) -> sa.Select[int]:
    later = sa.and_(Callback.status == Status.WAITING, Callback.due_at > now)
    return sa.select(sa.func.count(Callback.id)).where(later)


def claimed_count(session: Session) -> int:
    in_hand = Callback.status.in_((Status.CLAIMED, Status.CALLING))
    return session.scalar(sa.select(sa.func.count(Callback.id)).where(in_hand)) or 0


def current_callback(session: Session, advisor_id: int) -> Callback | None:
    return session.scalar(sa.select(Callback).where(is_claimed_by(advisor_id)))


def is_claimed_by(advisor_id: int | sa.BindParameter[int]) -> sa.ColumnElement[bool]:
    """Return a condition: the advisor's current callback."""
    return sa.and_(
        Callback.claimed_by == advisor_id, Callback.status.in_((Status.CLAIMED, Status.CALLING))
    )


def queue_position(session: Session, priority: int, due_at: datetime, now: datetime) -> int:
    """Return how many due callbacks precede one of this priority and time."""
    return session.scalar(queue_position_query(priority, due_at, now)) or 0


def queue_position_query(
    priority: int | sa.BindParameter[int],
    due_at: datetime | sa.BindParameter[datetime],
    now: datetime | sa.BindParameter[datetime],
) -> sa.Select[int]:
    """Return the query of ``queue_position``, for larger statements."""
    before = sa.or_(
        Callback.priority < priority,
        sa.and_(Callback.priority == priority, Callback.due_at < due_at),
    )
    return sa.select(sa.func.count(Callback.id)).where(is_due(now), before)


def advisors_online(session: Session, now: datetime) -> int:
    """Return how many advisors take callbacks now: none while dispatch is paused."""
    return session.scalar(advisors_online_query(now - DESK_OFFLINE_AFTER, now)) or 0


def advisors_online_query(
    since: datetime | sa.BindParameter[datetime], now: datetime | sa.BindParameter[datetime]
) -> sa.Select[int]:
    """Return the query of ``advisors_online``, for larger statements.

    Args:
        since: only desks that polled after this.
    """
    return (
        sa.select(sa.func.count(Presence.staff_id))
        .join(Staff, Staff.id == Presence.staff_id)
        .where(
            Staff.active,
            Presence.state == PresenceState.AVAILABLE,
            Presence.last_seen_at > since,
            ~dispatch_pause.is_paused(now),
        )
    )


def load_wait_estimate(session: Session, position: int, now: datetime) -> int | None:
    """Return the expected wait behind a number of callbacks; None without an available advisor."""
    return estimate_wait_minutes(position, advisors_online(session, now))


def estimate_wait_minutes(position: int, advisors: int) -> int | None:
    """Return the expected wait for a known number of available advisors."""
    return expected_wait_minutes(position, advisors, DEFAULT_HANDLING_MINUTES)
