"""Reading calls in."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.calls.inbound.models import InboundCall


def call_with(session: Session, advisor_id: int) -> InboundCall | None:
    """The call for which this advisor's phone rings or is in use, if any."""
    return session.scalar(
        sa.select(InboundCall).where(
            InboundCall.advisor_id == advisor_id, InboundCall.ended_at.is_(None)
        )
    )
