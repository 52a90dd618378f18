"""Queries on two-factor authentication."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.staff.two_factor.models import CodeApp, Passkey, RecoveryCode


@dataclass(frozen=True, slots=True)
class EnrolledFactors:
    """The factors that a member of staff has set up."""

    app_added_at: datetime | None
    passkeys: Sequence[Passkey]
    codes_left: int

    @property
    def ready(self) -> bool:
        """Whether there is a factor to ask for."""
        return self.count > 0

    @property
    def count(self) -> int:
        """Number of factors without recovery codes."""
        return len(self.passkeys) + (self.app_added_at is not None)


def enrolled_factors(session: Session, staff_id: int) -> EnrolledFactors:
    app = session.get(CodeApp, staff_id)
    return EnrolledFactors(
        app_added_at=app.added_at if app else None,
        passkeys=passkeys_of(session, staff_id),
        codes_left=session.scalar(
            sa.select(sa.func.count()).where(RecoveryCode.staff_id == staff_id)
        )
        or 0,
    )


def passkeys_of(session: Session, staff_id: int) -> Sequence[Passkey]:
    """Return the passkeys of a member of staff, oldest first."""
    return session.scalars(
        sa.select(Passkey).where(Passkey.staff_id == staff_id).order_by(Passkey.id)
    ).all()


def staff_with_two_factor(session: Session) -> frozenset[int]:
    """Return the ids of staff with a second factor."""
    query = sa.union(sa.select(CodeApp.staff_id), sa.select(Passkey.staff_id))
    return frozenset(session.scalars(query))
