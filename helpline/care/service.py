"""Keeping the directory of places."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from helpline.care.models import CarePlace
from helpline.care.places import Place, found_places
from helpline.db import ONE, transaction
from helpline.directories import keeping
from helpline.directories.keeping import By


def begin_with_found(*, admin_id: int, now: datetime) -> int:
    """Fills an empty directory with the places that come with the service; says how many."""
    with transaction() as session:
        if session.scalar(sa.select(CarePlace.id).limit(ONE)) is not None:
            return 0
        found = found_places()
        for each in found:
            keeping.add(session, CarePlace(**_values(each)), _by(admin_id, now))
        return len(found)


def add_place(place: Place, *, admin_id: int, now: datetime) -> int:
    """Puts a place into the directory, at the end of its region; its id comes back.

    Raises:
        NoSource: it does not say where it was found.
    """
    with transaction() as session:
        return keeping.add(session, CarePlace(**_values(place)), _by(admin_id, now))


def change_place(
    place_id: int, place: Place, *, based_on: int, admin_id: int, now: datetime
) -> None:
    """Changes what the directory says of a place.

    Raises:
        NoSuchEntry: it is not there.
        SavedMeanwhile: it is another version now.
        NoSource: it would not say where it was found.
    """
    with transaction() as session:
        row = keeping.held(session, CarePlace, place_id, based_on=based_on, also=place.region)
        keeping.change(session, row, _values(place), _by(admin_id, now))


def move_place(place_id: int, step: int, *, admin_id: int, now: datetime) -> bool:
    """Moves a place before or behind its neighbour of the same kind; says whether there was one.

    Args:
        step: -1 towards the front, 1 towards the end.

    Raises:
        NoSuchEntry: it is not there.
    """
    with transaction() as session:
        row = keeping.held(session, CarePlace, place_id)
        return keeping.move(session, row, step, lambda each: each.kind, _by(admin_id, now))


def retire_place(place_id: int, *, based_on: int, admin_id: int, now: datetime) -> None:
    """Takes a place out of sight; visitors who were told of it do not see it any more either.

    Raises:
        NoSuchEntry: it is not there, or was retired.
        SavedMeanwhile: it is another version now.
    """
    with transaction() as session:
        row = keeping.held(session, CarePlace, place_id, based_on=based_on)
        keeping.retire(session, row, _by(admin_id, now))


def bring_back_place(place_id: int, *, based_on: int, admin_id: int, now: datetime) -> None:
    """Shows a retired place again.

    Raises:
        NoSuchEntry: it is not there.
        SavedMeanwhile: it is another version now.
    """
    with transaction() as session:
        row = keeping.held(session, CarePlace, place_id, based_on=based_on)
        keeping.bring_back(session, row, _by(admin_id, now))


def confirm(place_id: int, *, based_on: int, staff_id: int, now: datetime) -> None:
    """A member of staff checked the place today, and what the directory says of it is right.

    Raises:
        NoSuchEntry: it is not there, or was retired.
        SavedMeanwhile: it says something else than what they saw.
    """
    with transaction() as session:
        row = keeping.held(session, CarePlace, place_id, based_on=based_on)
        keeping.confirm(session, row, _by(staff_id, now))


def _by(staff_id: int, now: datetime) -> By:
    return By("care_place", staff_id, now)


def _values(place: Place) -> dict[str, Any]:
    return {
        **asdict(place),
        "languages": list(place.languages),
        "sources": list(place.sources),
        "notes_by_language": dict(place.notes_by_language),
    }
