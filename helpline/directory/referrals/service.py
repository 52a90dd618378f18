"""Keeping the directory of places."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from helpline.db import ONE, transaction
from helpline.directory import entries
from helpline.directory.entries import Editor
from helpline.directory.referrals.models import ServiceEntry
from helpline.directory.referrals.seed import ServiceDetails, seed_entries


def seed_directory(*, admin_id: int, now: datetime) -> int:
    """Fills an empty directory with the places that come with the service; says how many."""
    with transaction() as session:
        if session.scalar(sa.select(ServiceEntry.id).limit(ONE)) is not None:
            return 0
        found = seed_entries()
        for each in found:
            entries.add(session, ServiceEntry(**_values(each)), _by(admin_id, now))
        return len(found)


def add_service(place: ServiceDetails, *, admin_id: int, now: datetime) -> int:
    """Puts a place into the directory, at the end of its region; its id comes back.

    Raises:
        NoSource: it does not say where it was found.
    """
    with transaction() as session:
        return entries.add(session, ServiceEntry(**_values(place)), _by(admin_id, now))


def change_service(
    place_id: int, place: ServiceDetails, *, expected_version: int, admin_id: int, now: datetime
) -> None:
    """Changes what the directory says of a place.

    Raises:
        NoSuchEntry: it is not there.
        SavedMeanwhile: it is another version now.
        NoSource: it would not say where it was found.
    """
    with transaction() as session:
        row = entries.load_locked(
            session, ServiceEntry, place_id, expected_version=expected_version, also=place.region
        )
        entries.change(session, row, _values(place), _by(admin_id, now))


def move_service(place_id: int, step: int, *, admin_id: int, now: datetime) -> bool:
    """Moves a place before or behind its neighbour of the same kind; says whether there was one.

    Args:
        step: -1 towards the front, 1 towards the end.

    Raises:
        NoSuchEntry: it is not there.
    """
    with transaction() as session:
        row = entries.load_locked(session, ServiceEntry, place_id)
        return entries.move(session, row, step, lambda each: each.kind, _by(admin_id, now))


def retire_service(place_id: int, *, expected_version: int, admin_id: int, now: datetime) -> None:
    """Takes a place out of sight; visitors who were told of it do not see it any more either.

    Raises:
        NoSuchEntry: it is not there, or was retired.
        SavedMeanwhile: it is another version now.
    """
    with transaction() as session:
        row = entries.load_locked(
            session, ServiceEntry, place_id, expected_version=expected_version
        )
        entries.retire(session, row, _by(admin_id, now))


def restore_service(place_id: int, *, expected_version: int, admin_id: int, now: datetime) -> None:
    """Shows a retired place again.

    Raises:
        NoSuchEntry: it is not there.
        SavedMeanwhile: it is another version now.
    """
    with transaction() as session:
        row = entries.load_locked(
            session, ServiceEntry, place_id, expected_version=expected_version
        )
        entries.bring_back(session, row, _by(admin_id, now))


def confirm(place_id: int, *, expected_version: int, staff_id: int, now: datetime) -> None:
    """A member of staff checked the place today, and what the directory says of it is right.

    Raises:
        NoSuchEntry: it is not there, or was retired.
        SavedMeanwhile: it says something else than what they saw.
    """
    with transaction() as session:
        row = entries.load_locked(
            session, ServiceEntry, place_id, expected_version=expected_version
        )
        entries.confirm(session, row, _by(staff_id, now))


def _by(staff_id: int, now: datetime) -> Editor:
    return Editor("care_place", staff_id, now)


def _values(place: ServiceDetails) -> dict[str, Any]:
    return {
        **asdict(place),
        "languages": list(place.languages),
        "sources": list(place.sources),
        "notes_by_language": dict(place.notes_by_language),
    }
