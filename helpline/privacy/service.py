"""Audit of privacy-relevant reads."""

from __future__ import annotations

from datetime import datetime

from helpline.db import transaction
from helpline.privacy import audit


def record_view(
    callback_id: int, *, staff_id: int, now: datetime, has_earlier_calls: bool = False
) -> None:
    """Record that a number was shown to the advisor who has claimed the callback.

    Args:
        has_earlier_calls: whether notes of earlier calls were shown with it.
    """
    actions = ["number_shown", "earlier_calls_shown"] if has_earlier_calls else ["number_shown"]
    with transaction() as session:
        for action in actions:
            audit.record(
                session,
                at=now,
                actor=f"staff:{staff_id}",
                action=action,
                subject=f"callback:{callback_id}",
            )


def record_audit_export(*, staff_id: int, now: datetime) -> None:
    """Record a download of the audit log."""
    with transaction() as session:
        audit.record(
            session, at=now, actor=f"staff:{staff_id}", action="audit_taken_out", subject="audit"
        )
