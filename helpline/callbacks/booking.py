"""Taking and giving back a place in a slot, inside the caller's transaction. Never commits.

A place counts twice: among all of its slot, and among those of its language. Each count and its
limit are compared by the database in one statement, so that two who want the last place cannot both
have it. A slot is locked before its languages.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.callbacks.models import Slot, SlotLanguage
from helpline.db import Base, Instant, add_if_absent, changed_one, plain_rows
from helpline.domain.rota import Places


def take(session: Session, starts_at: datetime, places: Places, language: str) -> bool:
    """Books one place for somebody of this language; says whether there was one.

    Args:
        places: how many there are now, of all and of each language.
    """
    in_all, spoken = places.in_all, places.in_language(language)
    if spoken < 1:
        return False
    one_of_all = (
        sa.update(Slot)
        .where(Slot.starts_at == starts_at, Slot.booked < in_all)
        .values(booked=Slot.booked + 1, capacity=in_all)
    )
    one_of_language = (
        _of_language(starts_at, language)
        .where(SlotLanguage.booked < spoken)
        .values(booked=SlotLanguage.booked + 1, capacity=spoken)
    )
    if not _took(session, one_of_all, Slot, starts_at=starts_at, capacity=in_all):
        return False
    key = {"starts_at": starts_at, "language": language}
    if _took(session, one_of_language, SlotLanguage, **key, capacity=spoken):
        return True
    _one_less(session, starts_at)
    return False


def _took(session: Session, one_more: sa.Update, model: type[Base], **values: Any) -> bool:
    """Counts one more, if there is room. The row is mostly there already, so it is made only where
    nothing could be counted; who else made it meanwhile is no matter."""
    if changed_one(session, one_more):
        return True
    add_if_absent(session, model, **values, booked=0)
    return changed_one(session, one_more)


def hold(session: Session, *starts: datetime | None) -> None:
    """Locks these slots, the earlier first: all who need two take them in this order, so that
    nobody waits in a circle. A callback is locked before its slots."""
    wanted = [each for each in starts if each is not None]
    session.scalars(
        sa.select(Slot.starts_at)
        .where(Slot.starts_at.in_(wanted))
        .order_by(Slot.starts_at)
        .with_for_update()
    ).all()


def give_back(session: Session, starts_at: datetime, language: str) -> None:
    """Frees one place that was booked for somebody of this language."""
    _one_less(session, starts_at)
    changed_one(
        session,
        _of_language(starts_at, language)
        .where(SlotLanguage.booked > 0)
        .values(booked=SlotLanguage.booked - 1),
    )


def full(
    session: Session, places: Mapping[datetime, Places], language: str | None = None
) -> frozenset[datetime]:
    """Which of these starts have no place left.

    Args:
        places: by start, how many there are.
        language: what the visitor speaks; None asks for a place in any language.
    """
    if not places:
        return frozenset()
    taken, spoken = booked(session, places), _booked_in(session, places, language)
    # Mostly there are some everywhere; then only where something is booked there can be none left.
    everywhere = all(each.in_language(language) > 0 for each in places.values())
    return frozenset(
        start
        for start in ({**taken, **spoken} if everywhere else places)
        if (there := places.get(start)) is not None
        and (
            taken.get(start, 0) >= there.in_all
            or spoken.get(start, 0) >= there.in_language(language)
        )
    )


def booked(session: Session, starts: Mapping[datetime, Places]) -> Mapping[datetime, int]:
    """How many are booked on each of these starts; none where it is left out."""
    if not starts:
        return {}
    rows = session.execute(
        sa.select(Slot.starts_at, Slot.booked).where(
            Slot.starts_at.between(min(starts), max(starts))
        )
    )
    return {row.starts_at: row.booked for row in rows}


def booked_until(session: Session, now: datetime, until: datetime) -> Mapping[datetime, int]:
    """How many are booked on each start from now on; none where it is left out."""
    rows = plain_rows(session, _booked_until(), {"now": now, "until": until})
    return {row.starts_at: row.booked for row in rows}


@cache
def _booked_until() -> sa.Select[datetime, int]:
    now, until = sa.bindparam("now", type_=Instant), sa.bindparam("until", type_=Instant)
    return (
        sa.select(Slot.starts_at, Slot.booked)
        .where(Slot.starts_at.between(now, until), Slot.booked > 0)
        .order_by(Slot.starts_at)
    )


def starts_booked(session: Session, now: datetime) -> Sequence[datetime]:
    """The coming starts on which anything is booked, the earliest first."""
    return session.scalars(
        sa.select(Slot.starts_at)
        .where(Slot.starts_at >= now, Slot.booked > 0)
        .order_by(Slot.starts_at)
    ).all()


def over_committed(session: Session, places: Mapping[datetime, Places]) -> Mapping[datetime, int]:
    """The starts on which more is booked than there are places now, and how many are booked."""
    there = booked(session, places)
    return {
        start: there[start] for start, each in places.items() if there.get(start, 0) > each.in_all
    }


def _booked_in(
    session: Session, starts: Mapping[datetime, Places], language: str | None
) -> dict[datetime, int]:
    if language is None:
        return {}
    rows = session.execute(
        sa.select(SlotLanguage.starts_at, SlotLanguage.booked).where(
            SlotLanguage.starts_at.between(min(starts), max(starts)),
            SlotLanguage.language == language,
        )
    )
    return {row.starts_at: row.booked for row in rows}


def _of_language(starts_at: datetime, language: str) -> sa.Update:
    return sa.update(SlotLanguage).where(
        SlotLanguage.starts_at == starts_at, SlotLanguage.language == language
    )


def _one_less(session: Session, starts_at: datetime) -> None:
    changed_one(
        session,
        sa.update(Slot)
        .where(Slot.starts_at == starts_at, Slot.booked > 0)
        .values(booked=Slot.booked - 1),
    )
