"""Keeping the crisis directory, and publishing it to the file that needs no database."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.crisis import published
from helpline.crisis.models import CrisisLineRow
from helpline.crisis.published import CrisisLine
from helpline.db import transaction
from helpline.domain.errors import HelplineError
from helpline.privacy import audit


class NoSuchLine(HelplineError):
    """The directory has no such line."""


def first_fill() -> int:
    """Fills an empty directory with the lines that come with the service; says how many."""
    with transaction() as session:
        if session.scalar(sa.select(CrisisLineRow.id).limit(1)) is not None:
            return 0
        lines = published.load().published
        session.add_all(_row(line, place) for place, line in enumerate(lines))
        return len(lines)


def confirm(line_id: int, *, staff_id: int, now: datetime) -> None:
    """A member of staff rang the line today, and what the directory says of it is right.

    Raises:
        NoSuchLine: it is not there, or was retired.
    """
    with transaction() as session:
        line = session.get(CrisisLineRow, line_id)
        if line is None or line.retired_at is not None:
            raise NoSuchLine
        line.last_checked = now
        audit.record(
            session,
            at=now,
            actor=f"staff:{staff_id}",
            deed="crisis_line_confirmed",
            subject=f"crisis_line:{line_id}",
        )


def publish_if_changed(path: Path) -> bool:
    """Rewrites the published file of this machine where it differs from the directory.

    Returns:
        Whether it was rewritten.
    """
    with transaction() as session:
        lines = tuple(_line(row) for row in _shown(session))
    if not lines or (path.exists() and published.load(path).published == lines):
        return False
    published.publish(path, lines)
    return True


def _shown(session: Session) -> list[CrisisLineRow]:
    return list(
        session.scalars(
            sa.select(CrisisLineRow)
            .where(CrisisLineRow.retired_at.is_(None))
            .order_by(CrisisLineRow.position, CrisisLineRow.id)
        )
    )


def _row(line: CrisisLine, place: int) -> CrisisLineRow:
    return CrisisLineRow(
        region=line.region,
        position=place,
        name=line.name,
        kind=line.kind,
        phone=line.phone,
        tel=line.tel,
        sms_number=line.sms_number,
        sms_keyword=line.sms_keyword,
        hours=line.hours,
        languages=list(line.languages),
        website=line.website,
        notes=line.notes,
        sources=list(line.sources),
        found_on=line.found_on,
        last_checked=line.last_checked,
    )


def _line(row: CrisisLineRow) -> CrisisLine:
    return CrisisLine(
        region=row.region,
        name=row.name,
        kind=row.kind,
        phone=row.phone,
        tel=row.tel,
        sms_number=row.sms_number,
        sms_keyword=row.sms_keyword,
        hours=row.hours,
        languages=tuple(row.languages),
        website=row.website,
        notes=row.notes,
        sources=tuple(row.sources),
        found_on=row.found_on,
        last_checked=row.last_checked,
    )
