"""Reading the directory as an admin keeps it."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.crisis.models import CrisisLineRow

_KEPT = CrisisLineRow.retired_at.is_(None)


def kept_lines(session: Session) -> Sequence[CrisisLineRow]:
    """Every line that is shown, by region and place."""
    return session.scalars(
        sa.select(CrisisLineRow)
        .where(_KEPT)
        .order_by(CrisisLineRow.region, CrisisLineRow.position, CrisisLineRow.id)
    ).all()


def unchecked_count(session: Session) -> int:
    """How many lines nobody of this deployment has rung yet."""
    return (
        session.scalar(
            sa.select(sa.func.count(CrisisLineRow.id)).where(
                _KEPT, CrisisLineRow.last_checked.is_(None)
            )
        )
        or 0
    )
