"""Edit the crisis directory and the quick exit, and publish both as files."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.db import add_version, read_snapshot, transaction
from helpline.directory import entries
from helpline.directory.crisis import published_directory, quick_exit
from helpline.directory.crisis.models import CrisisLineRow, SafetyVersion
from helpline.directory.crisis.published_directory import CrisisLine
from helpline.directory.crisis.quick_exit import Safety
from helpline.directory.service import Directory, values_of
from helpline.domain.errors import HelplineError
from helpline.privacy import audit
from helpline.privacy.models import AuditEntry


class LastEmergencyLine(HelplineError):
    """The region would be left without an emergency line."""


def import_packaged_lines(now: datetime) -> int:
    """Update the directory with the packaged lines, and return how many were added or corrected.

    Lines that staff changed, verified or retired stay as they are.
    """
    with transaction() as session:
        rows = session.scalars(
            sa.select(CrisisLineRow)
            .order_by(CrisisLineRow.position, CrisisLineRow.id)
            .with_for_update()
        ).all()
        position = max((row.position for row in rows), default=-1)
        decided = _decided_by_staff(session)
        done = 0
        for line, begins_retired in published_directory.packaged_lines():
            row = next((candidate for candidate in rows if _is_same_line(candidate, line)), None)
            retired_at = now if begins_retired else None
            if row is None:
                position += 1
                session.add(
                    CrisisLineRow(**values_of(line), position=position, retired_at=retired_at)
                )
                done += 1
            elif _is_untouched(row, decided) and (crisis_line_of(row) != line or begins_retired):
                _correct(session, row, line, retired_at, now)
                done += 1
        return done


def _is_same_line(row: CrisisLineRow, line: CrisisLine) -> bool:
    """Whether a row is the line with this number or name."""
    if row.region != line.region or (line.state and line.state != row.state):
        return False
    numbers = {row.tel, row.sms_number} - {None}
    return row.name == line.name or bool(numbers & {line.tel, line.sms_number})


def _decided_by_staff(session: Session) -> set[str]:
    """Lines that staff acted on, as the audit log names them."""
    staff_changes = sa.select(AuditEntry.subject).where(
        AuditEntry.subject.startswith("crisis_line:"), AuditEntry.actor.startswith("staff:")
    )
    return set(session.scalars(staff_changes))


def _is_untouched(row: CrisisLineRow, decided: set[str]) -> bool:
    new = row.version == 1 and row.last_checked is None and row.retired_at is None
    return new and f"crisis_line:{row.id}" not in decided


def _correct(
    session: Session,
    row: CrisisLineRow,
    line: CrisisLine,
    retired_at: datetime | None,
    now: datetime,
) -> None:
    before = entries.audit_values(row)
    for name, value in {**values_of(line), "retired_at": retired_at}.items():
        setattr(row, name, value)
    audit.record(
        session,
        at=now,
        actor="operator",
        action="crisis_line_changed",
        subject=f"crisis_line:{row.id}",
        before=before,
        after=entries.audit_values(row),
    )


def lines_to_publish(session: Session) -> tuple[CrisisLine, ...]:
    """Return the lines for visitors, in order."""
    return tuple(crisis_line_of(row) for row in entries.active(session, CrisisLineRow))


def publish_if_changed(path: Path) -> bool:
    """Rewrite this machine's published file if it differs; return whether it was."""
    with read_snapshot() as session:
        lines = lines_to_publish(session)
    if not lines or (path.exists() and published_directory.load(path).published == lines):
        return False
    published_directory.publish(path, lines)
    return True


def save_safety(safety: Safety, *, expected_version: int, admin_id: int, now: datetime) -> int:
    """Save quick exit and page titles, and return the new version.

    Args:
        expected_version: the version that the admin edited; 0 before the first.

    Raises:
        StaleVersion: a newer version exists; nothing was saved.
    """
    with transaction() as session:
        before = quick_exit.newest(session)
        add_version(
            session,
            SafetyVersion(**asdict(safety), saved_at=now, saved_by=admin_id),
            expected_version=expected_version,
        )
        audit.record(
            session,
            at=now,
            actor=f"staff:{admin_id}",
            action="safety_changed",
            subject="safety",
            before=asdict(quick_exit.from_version(before)) if before else None,
            after=asdict(safety),
        )
    return expected_version + 1


def publish_safety_if_changed(path: Path) -> bool:
    """Rewrite this machine's published file if it differs; return whether it was."""
    with read_snapshot() as session:
        saved = quick_exit.newest(session)
        safety = quick_exit.from_version(saved) if saved else None
    if safety is None or quick_exit.load(path, "") == safety:
        return False
    quick_exit.publish(path, safety)
    return True


def _require_another_line(session: Session, row: CrisisLineRow) -> None:
    """Check that the region keeps another emergency number for the whole country."""
    if not crisis_line_of(row).is_emergency_number or row.retired_at is not None or row.state:
        return
    others = session.scalar(
        sa.select(sa.func.count(CrisisLineRow.id)).where(
            CrisisLineRow.region == row.region,
            CrisisLineRow.kind == published_directory.EMERGENCY,
            CrisisLineRow.tel.is_not(None),
            CrisisLineRow.state.is_(None),
            CrisisLineRow.retired_at.is_(None),
            CrisisLineRow.id != row.id,
        )
    )
    if not others:
        raise LastEmergencyLine


def crisis_line_of(row: CrisisLineRow) -> CrisisLine:
    return CrisisLine(
        region=row.region,
        name=row.name,
        kind=row.kind,
        phone=row.phone,
        tel=row.tel,
        sms_number=row.sms_number,
        sms_keyword=row.sms_keyword,
        cost=row.cost,
        hours=row.hours,
        languages=tuple(row.languages),
        website=row.website,
        notes=row.notes,
        sources=tuple(row.sources),
        found_on=row.found_on,
        last_checked=row.last_checked,
        time_zone=row.time_zone,
        confidence=row.confidence,
        whatsapp=row.whatsapp,
        chat=row.chat,
        state=row.state,
        notes_by_language=dict(row.notes_by_language or {}),
    )


LINES = Directory(
    CrisisLineRow,
    "crisis_line",
    group=published_directory.rank,
    check_removal=_require_another_line,
)
"""The crisis directory. Of two admins who retire a region's last two emergency lines at once, one
is refused."""
