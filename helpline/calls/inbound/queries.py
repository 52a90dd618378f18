"""Queries on inbound calls."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.calls.inbound.models import InboundCall


def call_with(session: Session, advisor_id: int) -> InboundCall | None:
    """Return the inbound call that occupies this advisor's line, if any."""
    return session.scalar(
        sa.select(InboundCall).where(
            InboundCall.advisor_id == advisor_id, InboundCall.ended_at.is_(None)
        )
    )
