"""Queries on the rota."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.domain.opening_hours import Interval, Period
from helpline.domain.rota import Member, Shift
from helpline.staff.models import Role, Staff
from helpline.staff.rota.models import ExceptionKind, RotaVersion, ShiftException, ShiftRow

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class RotaAdvisor:
    """An active advisor with languages and rota."""

    id: int
    name: str
    languages: tuple[str, ...]
    rota: Member


def members(session: Session, between: tuple[date, date] | None = None) -> Sequence[RotaAdvisor]:
    """Return all active advisors by name, with their rota.

    Args:
        between: only load what concerns these dates, so that years of old shifts cost nothing.
    """
    advisors = session.execute(
        sa.select(Staff.id, Staff.name, Staff.languages)
        .where(Staff.active, Staff.roles.any(Role.name == "advisor"))
        .order_by(Staff.name, Staff.id)
    ).all()
    shifts: dict[int, list[Shift]] = {}
    for row in session.scalars(_shifts(between)):
        shifts.setdefault(row.staff_id, []).append(shift_of(row))
    exceptions: dict[int, list[ShiftException]] = {}
    for exception in session.scalars(_exceptions(between)):
        exceptions.setdefault(exception.staff_id, []).append(exception)
    return [
        RotaAdvisor(
            person.id,
            person.name,
            tuple(person.languages),
            _member(shifts.get(person.id, []), exceptions.get(person.id, [])),
        )
        for person in advisors
    ]


def on_shift(session: Session, zone: ZoneInfo, now: datetime) -> dict[int, datetime]:
    """Return who is on shift now, by id, and until when."""
    today = now.astimezone(zone).date()
    until = {}
    for person in members(session, (today, today + _DAY)):
        intervals = person.rota.at_work(zone, now, now + _DAY)
        if intervals and intervals[0].opens_at <= now:
            until[person.id] = intervals[0].closes_at
    return until


def day_of_work(session: Session, staff_id: int, zone: ZoneInfo, now: datetime) -> Period:
    """Return an advisor's day of work: from midnight to the end of the last shift that begins on
    it; the whole day without a shift. A shift past midnight belongs to the day on which it began.
    """
    shifts = member(session, staff_id).at_work(zone, now - _DAY, now + _DAY)
    begins = next(
        (shift.opens_at for shift in shifts if shift.opens_at <= now < shift.closes_at), now
    )
    day = begins.astimezone(zone).date()
    midnight, next_midnight = (
        datetime.combine(each, time(), zone).astimezone(UTC) for each in (day, day + _DAY)
    )
    ends = (shift.closes_at for shift in shifts if midnight <= shift.opens_at < next_midnight)
    return Period(midnight, max(ends, default=next_midnight))


def member(session: Session, staff_id: int) -> Member:
    """Return one advisor's rota."""
    return _member(
        [shift_of(row) for row in shifts_of(session, staff_id)],
        exceptions_of(session, staff_id),
    )


def shifts_of(session: Session, staff_id: int) -> Sequence[ShiftRow]:
    """Return an advisor's weekly shifts, ended ones included, in order of the week."""
    return session.scalars(
        sa.select(ShiftRow)
        .where(ShiftRow.staff_id == staff_id)
        .order_by(ShiftRow.weekday, ShiftRow.start_minute, ShiftRow.valid_from)
    ).all()


def exceptions_of(session: Session, staff_id: int) -> Sequence[ShiftException]:
    """Return an advisor's exceptions, earliest first."""
    return session.scalars(
        sa.select(ShiftException)
        .where(ShiftException.staff_id == staff_id)
        .order_by(ShiftException.day, ShiftException.start_minute)
    ).all()


def version_of(session: Session, staff_id: int) -> int:
    return (
        session.scalar(sa.select(RotaVersion.version).where(RotaVersion.staff_id == staff_id)) or 0
    )


def shift_of(row: ShiftRow) -> Shift:
    """Return a stored shift as a domain value."""
    interval = Interval(row.start_minute, row.end_minute)
    return Shift(row.weekday, interval, row.valid_from, row.valid_until)


def _shifts(between: tuple[date, date] | None) -> sa.Select[ShiftRow]:
    query = sa.select(ShiftRow)
    if between is None:
        return query
    first, last = between
    # What began the evening before may run into the first date.
    still_valid = ShiftRow.valid_until.is_(None) | (ShiftRow.valid_until >= first - _DAY)
    return query.where(ShiftRow.valid_from <= last, still_valid)


def _exceptions(between: tuple[date, date] | None) -> sa.Select[ShiftException]:
    query = sa.select(ShiftException)
    if between is None:
        return query
    first, last = between
    return query.where(ShiftException.day.between(first - _DAY, last))


def _member(shifts: Sequence[Shift], exceptions: Sequence[ShiftException]) -> Member:
    return Member(
        tuple(shifts),
        frozenset(exception.day for exception in exceptions if exception.kind == ExceptionKind.OFF),
        tuple(
            (exception.day, Interval(exception.start_minute, exception.end_minute))
            for exception in exceptions
            if exception.start_minute is not None and exception.end_minute is not None
        ),
    )
