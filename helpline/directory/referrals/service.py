"""Transactions of the service directory."""

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
    """Fill an empty directory with the default services; return how many."""
    with transaction() as session:
        if session.scalar(sa.select(ServiceEntry.id).limit(ONE)) is not None:
            return 0
        services = seed_entries()
        for service in services:
            entries.add(session, ServiceEntry(**_values(service)), _editor(admin_id, now))
        return len(services)


def add_service(details: ServiceDetails, *, admin_id: int, now: datetime) -> int:
    """Add a service at the end of its region; return its id.

    Raises:
        NoSource: it names no source.
    """
    with transaction() as session:
        return entries.add(session, ServiceEntry(**_values(details)), _editor(admin_id, now))


def change_service(
    place_id: int, details: ServiceDetails, *, expected_version: int, admin_id: int, now: datetime
) -> None:
    """Change the details of a service.

    Raises:
        NoSuchEntry: it does not exist.
        StaleVersion: there is a newer version.
        NoSource: it would name no source.
    """
    with transaction() as session:
        row = entries.load_locked(
            session, ServiceEntry, place_id, expected_version=expected_version, also=details.region
        )
        entries.change(session, row, _values(details), _editor(admin_id, now))


def move_service(place_id: int, step: int, *, admin_id: int, now: datetime) -> bool:
    """Swap a service with its neighbour of the same kind; return whether there was one.

    Args:
        step: -1 for the one before, 1 for the one after.

    Raises:
        NoSuchEntry: it does not exist.
    """
    with transaction() as session:
        row = entries.load_locked(session, ServiceEntry, place_id)
        return entries.move(
            session, row, step, lambda service: service.kind, _editor(admin_id, now)
        )


def retire_service(place_id: int, *, expected_version: int, admin_id: int, now: datetime) -> None:
    """Retire a service; visitors referred to it no longer see it either.

    Raises:
        NoSuchEntry: it does not exist or is retired.
        StaleVersion: there is a newer version.
    """
    with transaction() as session:
        row = entries.load_locked(
            session, ServiceEntry, place_id, expected_version=expected_version
        )
        entries.retire(session, row, _editor(admin_id, now))


def restore_service(place_id: int, *, expected_version: int, admin_id: int, now: datetime) -> None:
    """Restore a retired service.

    Raises:
        NoSuchEntry: it does not exist.
        StaleVersion: there is a newer version.
    """
    with transaction() as session:
        row = entries.load_locked(
            session, ServiceEntry, place_id, expected_version=expected_version
        )
        entries.restore(session, row, _editor(admin_id, now))


def mark_verified(place_id: int, *, expected_version: int, staff_id: int, now: datetime) -> None:
    """Mark a service as verified today.

    Raises:
        NoSuchEntry: it does not exist or is retired.
        StaleVersion: there is a newer version.
    """
    with transaction() as session:
        row = entries.load_locked(
            session, ServiceEntry, place_id, expected_version=expected_version
        )
        entries.mark_verified(session, row, _editor(staff_id, now))


def _editor(staff_id: int, now: datetime) -> Editor:
    return Editor("care_place", staff_id, now)


def _values(details: ServiceDetails) -> dict[str, Any]:
    return {
        **asdict(details),
        "languages": list(details.languages),
        "sources": list(details.sources),
        "notes_by_language": dict(details.notes_by_language),
    }
