"""Edit a directory: the same transactions for crisis lines and for services.

Every change locks the entries of the region first, so that concurrent admins wait for each other.
An entry has a version: a change based on an older one is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.db import StaleVersion, transaction, update_version
from helpline.directory.entries import active, audit_values
from helpline.directory.errors import NoSource, NoSuchEntry
from helpline.directory.models import Entry
from helpline.privacy import audit

_VERIFIED_FIELDS = ("phone", "tel", "sms_number", "sms_keyword", "hours", "time_zone", "whatsapp")

_Row = TypeVar("_Row", bound=Entry)


@dataclass(frozen=True, slots=True)
class Directory(Generic[_Row]):
    """A directory that admins edit.

    Args:
        model: of its entries. Their details come as a dataclass with fields named as the columns.
        subject: its name in the audit log, such as "crisis_line".
        group: key that is equal for entries shown in one list, in which an entry moves; also of
            details.
        check_removal: raises an error where an entry, which is locked with its region, must not be
            retired or get another region or group.
    """

    model: type[_Row]
    subject: str
    group: Callable[[Any], object]
    check_removal: Callable[[Session, _Row], None] = lambda _session, _row: None

    def add(self, details: Any, *, admin_id: int, now: datetime) -> int:
        """Add an entry at the end of its region; return its id.

        Raises:
            NoSource: it names no source.
        """
        with transaction() as session:
            return self.insert(session, details, admin_id=admin_id, now=now)

    def insert(self, session: Session, details: Any, *, admin_id: int, now: datetime) -> int:
        """Add an entry as ``add`` does, in the caller's transaction."""
        _require_source(details.sources)
        self._lock_regions(session, details.region)
        row = self.model(**values_of(details))
        row.position = self._last_position(session, details.region) + 1
        session.add(row)
        session.flush()
        self._audit(session, row, "added", admin_id, now, after=audit_values(row))
        return row.id

    def change(
        self, entry_id: int, details: Any, *, expected_version: int, admin_id: int, now: datetime
    ) -> None:
        """Change an entry. Changed details are no longer verified, unless the new ones say so.

        Raises:
            NoSuchEntry: it does not exist.
            StaleVersion: there is a newer version.
            NoSource: it would name no source.
            LastEmergencyLine: ``check_removal`` does not let it go.
        """
        with transaction() as session:
            row = self._load_locked(session, entry_id, expected_version, also=details.region)
            if (details.region, self.group(details)) != (row.region, self.group(row)):
                self.check_removal(session, row)
            _require_source(details.sources)
            before, values = audit_values(row), values_of(details)
            if values["last_checked"] is None and not _is_changed(before, values):
                values["last_checked"] = row.last_checked
            if details.region != row.region:
                values["position"] = self._last_position(session, details.region) + 1
            self._save(session, row, **values)
            after = audit_values(row)
            self._audit(session, row, "changed", admin_id, now, before=before, after=after)

    def move(self, entry_id: int, step: int, *, admin_id: int, now: datetime) -> bool:
        """Swap an entry with its neighbour in its group; return whether there was one.

        Args:
            step: -1 for the one before, 1 for the one after.

        Raises:
            NoSuchEntry: it does not exist.
        """
        with transaction() as session:
            row = self._load_locked(session, entry_id)
            group = [
                item
                for item in active(session, self.model)
                if item.region == row.region and self.group(item) == self.group(row)
            ]
            index = group.index(row) if row in group else -1
            target = index + step
            if index < 0 or not 0 <= target < len(group):
                return False
            positions = sorted(item.position for item in group)
            group[index], group[target] = group[target], group[index]
            # Entries added at the same time may share a position: number them anew.
            for number, item in enumerate(group):
                if number:
                    positions[number] = max(positions[number], positions[number - 1] + 1)
                item.position = positions[number]
            self._audit(session, row, "moved", admin_id, now, to=target + 1)
            return True

    def retire(self, entry_id: int, *, expected_version: int, admin_id: int, now: datetime) -> None:
        """Hide an entry. It can be restored.

        Raises:
            NoSuchEntry: it does not exist, or is retired.
            StaleVersion: there is a newer version.
            LastEmergencyLine: ``check_removal`` does not let it go.
        """
        with transaction() as session:
            row = self._load_locked(session, entry_id, expected_version)
            if row.retired_at is not None:
                raise NoSuchEntry
            self.check_removal(session, row)
            self._save(session, row, retired_at=now)
            self._audit(session, row, "retired", admin_id, now, before=audit_values(row))

    def restore(
        self, entry_id: int, *, expected_version: int, admin_id: int, now: datetime
    ) -> None:
        """Show a retired entry again, at the end of its region.

        Raises:
            NoSuchEntry: it does not exist.
            StaleVersion: there is a newer version.
        """
        with transaction() as session:
            row = self._load_locked(session, entry_id, expected_version)
            if row.retired_at is None:
                return
            position = self._last_position(session, row.region) + 1
            self._save(session, row, retired_at=None, position=position)
            self._audit(session, row, "brought_back", admin_id, now, after=audit_values(row))

    def mark_verified(
        self, entry_id: int, *, expected_version: int, admin_id: int, now: datetime
    ) -> None:
        """Record that someone verified an entry today, by a call or on its website.

        Raises:
            NoSuchEntry: it does not exist, or is retired.
            StaleVersion: there is a newer version than the one they saw.
        """
        with transaction() as session:
            row = self._load_locked(session, entry_id, expected_version)
            if row.retired_at is not None:
                raise NoSuchEntry
            row.last_checked = now
            self._audit(session, row, "confirmed", admin_id, now)

    def _lock_regions(self, session: Session, *regions: str) -> None:
        """Lock the entries of some regions, and read them as they are then."""
        session.scalars(
            sa.select(self.model)
            .where(self.model.region.in_(regions))
            .order_by(self.model.id)
            .with_for_update()
            .execution_options(populate_existing=True)
        ).all()

    def _load_locked(
        self, session: Session, entry_id: int, expected_version: int | None = None, also: str = ""
    ) -> _Row:
        """Return an entry with its region locked, and another region ``also``."""
        region = session.scalar(sa.select(self.model.region).where(self.model.id == entry_id))
        if region is None:
            raise NoSuchEntry
        self._lock_regions(session, region, also or region)
        row = session.get_one(self.model, entry_id)
        if expected_version is not None and row.version != expected_version:
            raise StaleVersion
        return row

    def _save(self, session: Session, row: _Row, **values: Any) -> None:
        where = self.model.id == row.id
        update_version(session, self.model, where, expected_version=row.version, **values)
        session.refresh(row)

    def _last_position(self, session: Session, region: str) -> int:
        highest = sa.select(sa.func.max(self.model.position)).where(self.model.region == region)
        position: int | None = session.scalar(highest)
        return -1 if position is None else position

    def _audit(
        self, session: Session, row: _Row, done: str, staff_id: int, now: datetime, **detail: Any
    ) -> None:
        audit.record(
            session,
            at=now,
            actor=f"staff:{staff_id}",
            action=f"{self.subject}_{done}",
            subject=f"{self.subject}:{row.id}",
            **detail,
        )


def values_of(details: Any) -> dict[str, Any]:
    """Return the details of an entry as values of its columns."""
    return {
        **asdict(details),
        "languages": list(details.languages),
        "sources": list(details.sources),
        "notes_by_language": dict(details.notes_by_language),
    }


def _is_changed(before: Mapping[str, Any], values: Mapping[str, Any]) -> bool:
    return any(name in values and values[name] != before[name] for name in _VERIFIED_FIELDS)


def _require_source(sources: Sequence[str]) -> None:
    if not [source for source in sources if source.strip()]:
        raise NoSource
