"""Reading the directory as an admin keeps it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.crisis.models import CrisisLineRow
from helpline.crisis.published import DAY_AND_NIGHT, rank
from helpline.directories import keeping


@dataclass(frozen=True, slots=True)
class ToDo:
    """What of the directory waits for an admin.

    Args:
        never_rung: how many lines nobody of this deployment has called yet.
        rung_long_ago: how many were last called too long ago.
        without_day_and_night: of the regions that must have one, those without a line that is known
            to answer at any hour.
    """

    never_rung: int
    rung_long_ago: int
    without_day_and_night: Sequence[str]


def kept_lines(session: Session) -> Sequence[CrisisLineRow]:
    """Every line that is shown, by region, in the order in which visitors see them."""
    found = keeping.shown(session, CrisisLineRow)
    return sorted(found, key=lambda each: (each.region, rank(each)))


def retired_lines(session: Session) -> Sequence[CrisisLineRow]:
    """Every line that was retired, the newest first."""
    return keeping.retired(session, CrisisLineRow)


def line(session: Session, line_id: int) -> CrisisLineRow | None:
    """One line, retired or not."""
    return session.get(CrisisLineRow, line_id)


def to_do(session: Session, now: datetime, *, regions: Collection[str]) -> ToDo:
    """What waits for an admin.

    Args:
        regions: those that must have a line at any hour.
    """
    found = session.execute(
        sa.select(CrisisLineRow.region, CrisisLineRow.hours, CrisisLineRow.last_checked).where(
            CrisisLineRow.retired_at.is_(None)
        )
    ).all()
    always = {each.region for each in found if each.hours == DAY_AND_NIGHT}
    long_ago = now - keeping.CHECK_AFTER
    return ToDo(
        never_rung=sum(each.last_checked is None for each in found),
        rung_long_ago=sum(
            each.last_checked is not None and each.last_checked <= long_ago for each in found
        ),
        without_day_and_night=sorted({*regions} - always),
    )
