"""Reading the rota."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.accounts.models import Role, Staff
from helpline.accounts.rota.models import ExceptionKind, RotaVersion, ShiftException, ShiftRow
from helpline.domain.opening_hours import Interval
from helpline.domain.rota import Member, Shift


@dataclass(frozen=True, slots=True)
class Person:
    """An advisor who may be on shift."""

    id: int
    name: str
    languages: tuple[str, ...]
    rota: Member


def members(session: Session) -> Sequence[Person]:
    """Every advisor who is with us, by name, with their part of the rota."""
    advisors = session.execute(
        sa.select(Staff.id, Staff.name, Staff.languages)
        .where(Staff.active, Staff.roles.any(Role.name == "advisor"))
        .order_by(Staff.name, Staff.id)
    ).all()
    shifts: dict[int, list[Shift]] = {}
    for row in session.scalars(sa.select(ShiftRow)):
        shifts.setdefault(row.staff_id, []).append(shift_of(row))
    exceptions: dict[int, list[ShiftException]] = {}
    for each in session.scalars(sa.select(ShiftException)):
        exceptions.setdefault(each.staff_id, []).append(each)
    return [
        Person(
            person.id,
            person.name,
            tuple(person.languages),
            _member(shifts.get(person.id, []), exceptions.get(person.id, [])),
        )
        for person in advisors
    ]


def member(session: Session, staff_id: int) -> Member:
    """One advisor's part of the rota."""
    return _member(
        [shift_of(row) for row in shifts_of(session, staff_id)],
        exceptions_of(session, staff_id),
    )


def shifts_of(session: Session, staff_id: int) -> Sequence[ShiftRow]:
    """An advisor's weekly shifts, also those that are over, as the week goes."""
    return session.scalars(
        sa.select(ShiftRow)
        .where(ShiftRow.staff_id == staff_id)
        .order_by(ShiftRow.weekday, ShiftRow.start_minute, ShiftRow.valid_from)
    ).all()


def exceptions_of(session: Session, staff_id: int) -> Sequence[ShiftException]:
    """An advisor's exceptions, the earliest first."""
    return session.scalars(
        sa.select(ShiftException)
        .where(ShiftException.staff_id == staff_id)
        .order_by(ShiftException.day, ShiftException.start_minute)
    ).all()


def version_of(session: Session, staff_id: int) -> int:
    """How often an advisor's part of the rota was changed."""
    return (
        session.scalar(sa.select(RotaVersion.version).where(RotaVersion.staff_id == staff_id)) or 0
    )


def shift_of(row: ShiftRow) -> Shift:
    """A stored shift as the rules know it."""
    interval = Interval(row.start_minute, row.end_minute)
    return Shift(row.weekday, interval, row.valid_from, row.valid_until)


def _member(shifts: Sequence[Shift], exceptions: Sequence[ShiftException]) -> Member:
    return Member(
        tuple(shifts),
        frozenset(each.day for each in exceptions if each.kind == ExceptionKind.OFF),
        tuple(
            (each.day, Interval(each.start_minute, each.end_minute))
            for each in exceptions
            if each.start_minute is not None and each.end_minute is not None
        ),
    )
