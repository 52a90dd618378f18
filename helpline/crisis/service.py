"""Keeping the crisis directory and the way out, and publishing both to files that need no
database."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from helpline.crisis import published, safety
from helpline.crisis.models import CrisisLineRow, SafetySave
from helpline.crisis.published import CrisisLine
from helpline.crisis.safety import Safety
from helpline.db import transaction
from helpline.domain.errors import HelplineError
from helpline.privacy import audit


class NoSuchLine(HelplineError):
    """The directory has no such line."""


class SavedMeanwhile(HelplineError):
    """Another admin saved the way out after this one opened it."""


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


def save_safety(wanted: Safety, *, based_on: int, admin_id: int, now: datetime) -> int:
    """Says where 'Exit this page' leads and what our pages call themselves.

    Args:
        based_on: the version the admin began from; 0: none was saved yet.

    Returns:
        The new version.

    Raises:
        SavedMeanwhile: a newer version is there; nothing was saved.
    """
    try:
        with transaction() as session:
            before = safety.newest(session)
            if (before.version if before else 0) != based_on:
                raise SavedMeanwhile
            session.add(
                SafetySave(**asdict(wanted), version=based_on + 1, saved_at=now, saved_by=admin_id)
            )
            audit.record(
                session,
                at=now,
                actor=f"staff:{admin_id}",
                deed="safety_changed",
                subject="safety",
                before=asdict(safety.of_save(before)) if before else None,
                after=asdict(wanted),
            )
    except IntegrityError as error:
        raise SavedMeanwhile from error
    return based_on + 1


def publish_safety_if_changed(path: Path) -> bool:
    """Rewrites the published file of this machine where it differs from what was saved.

    Returns:
        Whether it was rewritten.
    """
    with transaction() as session:
        saved = safety.newest(session)
        wanted = safety.of_save(saved) if saved else None
    if wanted is None or safety.load(path, "") == wanted:
        return False
    safety.publish(path, wanted)
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
        cost=line.cost,
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
        cost=row.cost,
        hours=row.hours,
        languages=tuple(row.languages),
        website=row.website,
        notes=row.notes,
        sources=tuple(row.sources),
        found_on=row.found_on,
        last_checked=row.last_checked,
    )
