"""Queries on the crisis directory."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.directory import entries
from helpline.directory.crisis.models import CrisisLineRow
from helpline.directory.crisis.published_directory import DAY_AND_NIGHT, rank


@dataclass(frozen=True, slots=True)
class ToDo:
    """What an admin should do about the directory.

    Args:
        never_verified: lines that were never verified by a call.
        verified_long_ago: lines last verified too long ago.
        without_day_and_night: required regions without a line known to answer 24/7.
    """

    never_verified: int
    verified_long_ago: int
    without_day_and_night: Sequence[str]


def active_lines(session: Session) -> Sequence[CrisisLineRow]:
    """Return the shown lines by region, in display order."""
    rows = entries.active(session, CrisisLineRow)
    return sorted(rows, key=lambda line: (line.region, rank(line)))


def retired_lines(session: Session) -> Sequence[CrisisLineRow]:
    """Return the retired lines, newest first."""
    return entries.retired(session, CrisisLineRow)


def line(session: Session, line_id: int) -> CrisisLineRow | None:
    """Return a line, retired or not."""
    return session.get(CrisisLineRow, line_id)


def to_do(session: Session, now: datetime, *, regions: Collection[str]) -> ToDo:
    """Return what an admin should do.

    Args:
        regions: those that must have a line 24/7.
    """
    rows = session.execute(
        sa.select(
            CrisisLineRow.region,
            CrisisLineRow.state,
            CrisisLineRow.hours,
            CrisisLineRow.last_checked,
        ).where(CrisisLineRow.retired_at.is_(None))
    ).all()
    always = {row.region for row in rows if row.hours == DAY_AND_NIGHT and not row.state}
    long_ago = now - entries.VERIFY_AFTER
    return ToDo(
        never_verified=sum(row.last_checked is None for row in rows),
        verified_long_ago=sum(
            row.last_checked is not None and row.last_checked <= long_ago for row in rows
        ),
        without_day_and_night=sorted({*regions} - always),
    )
