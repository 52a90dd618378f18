"""Change directory entries, inside the caller's transaction. Never commits.

Every change locks the entries of the region first, so that concurrent admins wait for each other.
An entry has a version: a change based on an older one is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.db import Base, StaleVersion, update_version
from helpline.directory.errors import NoSource, NoSuchEntry
from helpline.directory.models import Entry
from helpline.privacy import audit

VERIFY_AFTER = timedelta(days=90)
"""After so long without verification an entry counts as outdated."""

_VERIFIED_FIELDS = ("phone", "tel", "sms_number", "sms_keyword", "hours", "time_zone", "whatsapp")
_BOOKKEEPING = frozenset({"id", "position", "version", "last_checked"})

_Row = TypeVar("_Row", bound=Entry)


class Editor:
    """Who changes an entry; ``subject`` is its name in the audit log, such as "crisis_line"."""

    __slots__ = ("now", "staff_id", "subject")

    def __init__(self, subject: str, staff_id: int, now: datetime) -> None:
        self.subject, self.staff_id, self.now = subject, staff_id, now

    def record(self, session: Session, entry: Entry, done: str, **detail: Any) -> None:
        audit.record(
            session,
            at=self.now,
            actor=f"staff:{self.staff_id}",
            action=f"{self.subject}_{done}",
            subject=f"{self.subject}:{entry.id}",
            **detail,
        )


def active(session: Session, model: type[_Row]) -> Sequence[_Row]:
    return session.scalars(
        sa.select(model).where(model.retired_at.is_(None)).order_by(model.position, model.id)
    ).all()


def retired(session: Session, model: type[_Row]) -> Sequence[_Row]:
    return session.scalars(
        sa.select(model).where(model.retired_at.is_not(None)).order_by(model.retired_at.desc())
    ).all()


def needs_verification(entry: Entry, now: datetime) -> bool:
    return entry.last_checked is None or entry.last_checked <= now - VERIFY_AFTER


def lock_regions(session: Session, model: type[_Row], *regions: str) -> Sequence[_Row]:
    """Lock the entries of some regions and return them as they are then."""
    return session.scalars(
        sa.select(model)
        .where(model.region.in_(regions))
        .order_by(model.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()


def load_locked(
    session: Session,
    model: type[_Row],
    entry_id: int,
    *,
    expected_version: int | None = None,
    also: str = "",
) -> _Row:
    """Return an entry with its whole region locked.

    Args:
        expected_version: the version the admin saw; None: any.
        also: another region to lock with it.

    Raises:
        NoSuchEntry: there is none.
        StaleVersion: there is a newer version.
    """
    region = session.scalar(sa.select(model.region).where(model.id == entry_id))
    if region is None:
        raise NoSuchEntry
    lock_regions(session, model, region, also or region)
    entry = session.get_one(model, entry_id)
    if expected_version is not None and entry.version != expected_version:
        raise StaleVersion
    return entry


def add(session: Session, entry: Entry, by: Editor) -> int:
    """Add an entry at the end of its region; return its id.

    Raises:
        NoSource: it names no source.
    """
    _require_source(entry.sources)
    model = type(entry)
    lock_regions(session, model, entry.region)
    entry.position = _last_position(session, model, entry.region) + 1
    session.add(entry)
    session.flush()
    by.record(session, entry, "added", after=audit_values(entry))
    return entry.id


def change(session: Session, entry: _Row, values: Mapping[str, Any], by: Editor) -> None:
    """Change a locked entry. Changed values are no longer verified, unless the new values say so.

    Raises:
        NoSource: it would name no source.
        StaleVersion: it was changed concurrently.
    """
    _require_source(values["sources"])
    before = audit_values(entry)
    differs = any(name in values and values[name] != before[name] for name in _VERIFIED_FIELDS)
    newly_checked = values.get("last_checked")
    last_checked = None if differs else entry.last_checked
    moved = values["region"] != entry.region
    position = (
        {"position": _last_position(session, type(entry), values["region"]) + 1} if moved else {}
    )
    _save(session, entry, {**values, **position, "last_checked": newly_checked or last_checked})
    by.record(session, entry, "changed", before=before, after=audit_values(entry))


def retire(session: Session, entry: Entry, by: Editor) -> None:
    """Hide a locked entry; it can be restored.

    Raises:
        NoSuchEntry: it is retired already.
    """
    if entry.retired_at is not None:
        raise NoSuchEntry
    _save(session, entry, {"retired_at": by.now})
    by.record(session, entry, "retired", before=audit_values(entry))


def restore(session: Session, entry: Entry, by: Editor) -> None:
    """Restore a locked entry at the end of its region."""
    if entry.retired_at is None:
        return
    position = _last_position(session, type(entry), entry.region) + 1
    _save(session, entry, {"retired_at": None, "position": position})
    by.record(session, entry, "brought_back", after=audit_values(entry))


def mark_verified(session: Session, entry: Entry, by: Editor) -> None:
    """Mark a locked entry as verified today.

    Raises:
        NoSuchEntry: it is retired.
    """
    if entry.retired_at is not None:
        raise NoSuchEntry
    entry.last_checked = by.now
    by.record(session, entry, "confirmed")


def move(
    session: Session, entry: _Row, step: int, among: Callable[[_Row], object], by: Editor
) -> bool:
    """Swap a locked entry with its neighbour; return whether there was one.

    Args:
        step: -1 for the one before, 1 for the one after.
        among: key that is equal for entries shown in one list.
    """
    group = [
        item
        for item in active(session, type(entry))
        if item.region == entry.region and among(item) == among(entry)
    ]
    index = group.index(entry) if entry in group else -1
    target = index + step
    if index < 0 or not 0 <= target < len(group):
        return False
    positions = sorted(item.position for item in group)
    group[index], group[target] = group[target], group[index]
    # Entries added at the same time may share a position: number them anew.
    for number, item in enumerate(group):
        item.position = (
            positions[number] if number == 0 else max(positions[number], positions[number - 1] + 1)
        )
        positions[number] = item.position
    by.record(session, entry, "moved", to=target + 1)
    return True


def _save(session: Session, entry: Entry, values: Mapping[str, Any]) -> None:
    model = type(entry)
    update_version(session, model, model.id == entry.id, expected_version=entry.version, **values)
    session.refresh(entry)


def _last_position(session: Session, model: type[Entry], region: str) -> int:
    highest = sa.select(sa.func.max(model.position)).where(model.region == region)
    position: int | None = session.scalar(highest)
    return -1 if position is None else position


def _require_source(sources: Sequence[str]) -> None:
    if not [source for source in sources if source.strip()]:
        raise NoSource


def audit_values(entry: Entry) -> dict[str, Any]:
    assert isinstance(entry, Base)
    columns = (column.name for column in entry.__table__.columns if column.name not in _BOOKKEEPING)
    return {name: _json_value(getattr(entry, name)) for name in columns}


def _json_value(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
