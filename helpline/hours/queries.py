"""Queries on opening hours."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from functools import lru_cache

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.app_state import AppState
from helpline.db import ONE, DataclassBundle
from helpline.domain.hours_plan import HoursPlan
from helpline.domain.opening_hours import Interval, OpeningHours, Period, Week
from helpline.hours.models import HoursVersion

DEFAULT_WEEK = Week.every_day(Interval.parse("10:00", "18:00"))
_RECOMPUTE_AFTER = timedelta(hours=1)
_MAX_OPEN_STATES = 16
DEFAULT_ZONE = AppState[str]("time-zones")
"""The time zone of an application without saved hours: an IANA name such as "Asia/Kolkata"."""


def newest_version(session: Session) -> HoursVersion | None:
    """Return the newest version of the hours; None before the first."""
    return session.scalar(sa.select(HoursVersion).order_by(HoursVersion.version.desc()).limit(ONE))


def plan_of(saved: HoursVersion | None) -> HoursPlan:
    """Return the plan of a version, or the default one."""
    if saved is None:
        return _default_plan()
    return HoursPlan.from_data(
        {
            "zone": saved.time_zone,
            "week": saved.week,
            "later": saved.later,
            "exceptions": saved.exceptions,
            "shut": saved.shut,
        }
    )


@dataclass(frozen=True, slots=True)
class StoredPlan:
    """The plan as the database has it, with JSON as text: a cheap cache key."""

    time_zone: str
    week: str
    later: str | None
    exceptions: str | None
    shut: str | None


def plan(session: Session) -> HoursPlan:
    """Return the current plan."""
    return _read_plan(_load_stored_plan(session))


_open_states: dict[tuple[str, StoredPlan | None], OpenState] = {}


@dataclass(frozen=True, slots=True)
class OpenState:
    """Whether the helpline is open, and until when that holds.

    Args:
        plan: the current plan.
        hours: its effective opening hours.
        is_open: whether visitors may be called now.
        closes_at: when it closes, where it is open.
        opens_at: when it opens next.
    """

    plan: HoursPlan
    hours: OpeningHours
    is_open: bool
    closes_at: datetime | None
    opens_at: datetime | None
    found_at: datetime

    def holds(self, now: datetime) -> bool:
        """Return whether it still holds; recomputed once in a while, since the search ahead is
        bounded.
        """
        ends_at = self.closes_at if self.is_open else self.opens_at
        recompute_at = self.found_at + _RECOMPUTE_AFTER
        return self.found_at <= now < (min(ends_at, recompute_at) if ends_at else recompute_at)


def open_state(stored: StoredPlan | None, now: datetime) -> OpenState:
    """Return the open state under a plan; under the default one if none is stored.

    Cached until the helpline opens or closes, since desks poll every few seconds.
    """
    key = (DEFAULT_ZONE.get(), stored)
    state = _open_states.get(key)
    if state is None or not state.holds(now):
        plan = _read_plan(stored)
        hours = plan.without_past(now).opening_hours()
        is_open, opens_at = hours.is_open(now), hours.next_opening(now)
        state = OpenState(plan, hours, is_open, hours.closes_at(now), opens_at, now)
        if len(_open_states) >= _MAX_OPEN_STATES:
            _open_states.clear()
        _open_states[key] = state
    return state


def _default_plan() -> HoursPlan:
    return HoursPlan(DEFAULT_ZONE.get(), DEFAULT_WEEK)


_JSON = (HoursVersion.week, HoursVersion.later, HoursVersion.exceptions, HoursVersion.shut)
NEWEST_PLAN = (
    sa.select(
        HoursVersion.time_zone, *(sa.cast(column, sa.Text).label(column.key) for column in _JSON)
    )
    .order_by(HoursVersion.version.desc())
    .limit(ONE)
    .subquery("plan")
)
"""The newest plan, to outer-join it for ``STORED_PLAN``."""
STORED_PLAN = DataclassBundle("stored_plan", StoredPlan, NEWEST_PLAN.c)
_STORED_PLAN_QUERY = sa.select(STORED_PLAN)


def _load_stored_plan(session: Session) -> StoredPlan | None:
    return session.scalar(_STORED_PLAN_QUERY)


def _read_plan(stored: StoredPlan | None) -> HoursPlan:
    return _parse_plan(stored) if stored is not None else _default_plan()


@lru_cache(maxsize=16)
def _parse_plan(stored: StoredPlan) -> HoursPlan:
    """Cached, since plans are immutable."""
    texts = asdict(stored)
    zone = texts.pop("time_zone")
    read = {name: json.loads(text) if text else None for name, text in texts.items()}
    return HoursPlan.from_data({"zone": zone, **read})


def current_state(session: Session, now: datetime) -> OpenState:
    return open_state(_load_stored_plan(session), now)


def effective_hours(session: Session, now: datetime) -> OpeningHours:
    """Return the effective opening hours, now and from now on."""
    return current_state(session, now).hours


def is_open(session: Session, now: datetime) -> bool:
    """Return whether visitors may be called now."""
    return current_state(session, now).is_open


@dataclass(frozen=True, slots=True)
class EffectiveHours:
    """The hours in force between two instants."""

    since: datetime
    until: datetime
    hours: OpeningHours


def history(session: Session, since: datetime, until: datetime) -> tuple[EffectiveHours, ...]:
    """Return which hours were in force when, in order and without gaps.

    Later versions change nothing.

    Args:
        since: the first instant.
        until: the first instant after; may be in the future, where the newest version applies.
    """
    first = session.scalar(
        sa.select(sa.func.max(HoursVersion.version)).where(HoursVersion.saved_at <= since)
    )
    saves = session.scalars(
        sa.select(HoursVersion)
        .where(HoursVersion.version >= (first or 0), HoursVersion.saved_at < until)
        .order_by(HoursVersion.version)
    ).all()
    versions = saves if first is not None else [None, *saves]
    begins = [since, *(version.saved_at for version in versions[1:] if version is not None)]
    ends = [*begins[1:], until]
    return tuple(
        EffectiveHours(begin, end, plan_of(version).opening_hours())
        for version, begin, end in zip(versions, begins, ends, strict=True)
        if begin < end
    )


def open_periods(session: Session, since: datetime, until: datetime) -> tuple[Period, ...]:
    """Return when the helpline was open, by the hours in force at each instant.

    Args:
        since: the first instant.
        until: the first instant after.
    """
    periods: list[Period] = []
    for effective in history(session, since, until):
        for period in effective.hours.periods(effective.since, effective.until):
            if periods and periods[-1].closes_at == period.opens_at:
                periods[-1] = Period(periods[-1].opens_at, period.closes_at)
            else:
                periods.append(period)
    return tuple(periods)
