"""Deeds of privacy that are verbs of their own."""

from __future__ import annotations

from datetime import datetime

from helpline.db import transaction
from helpline.privacy import audit


def number_shown(callback_id: int, *, staff_id: int, now: datetime) -> None:
    """A visitor's number was shown to the advisor who holds the callback."""
    with transaction() as session:
        audit.record(
            session,
            at=now,
            actor=f"staff:{staff_id}",
            deed="number_shown",
            subject=f"callback:{callback_id}",
        )


def audit_log_taken_out(*, staff_id: int, now: datetime) -> None:
    """A member of staff took a copy of the audit log out of the house."""
    with transaction() as session:
        audit.record(
            session, at=now, actor=f"staff:{staff_id}", deed="audit_taken_out", subject="audit"
        )
