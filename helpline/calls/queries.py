"""Reading attempts."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.calls.models import Attempt


def attempts_of(session: Session, callback_id: int) -> Sequence[Attempt]:
    """Every attempt for a callback, oldest first."""
    return session.scalars(
        sa.select(Attempt).where(Attempt.callback_id == callback_id).order_by(Attempt.id)
    ).all()
