"""Transactions of the policy."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from helpline.db import insert_or_ignore, transaction, updated_one_row
from helpline.policy.change import audit_change, change_policy
from helpline.policy.models import ServicePolicy
from helpline.policy.numbers import Page
from helpline.privacy import audit


def save(
    page: Page, values: Mapping[str, Any], *, expected_version: int, admin_id: int, now: datetime
) -> None:
    """Save and apply the numbers of a page.

    Args:
        values: by column.
        expected_version: the version that the admin edited.

    Raises:
        InvalidPolicy: a number is out of its bounds; nothing was saved.
        StaleVersion: another admin saved in between; nothing was saved.
    """
    with transaction() as session:
        before = change_policy(session, expected_version=expected_version, **values)
        audit_change(session, page, before=before, after=values, admin_id=admin_id, now=now)


def dismiss_checklist(*, admin_id: int, now: datetime) -> None:
    """Stop showing the first-run checklist, for all admins."""
    with transaction() as session:
        insert_or_ignore(session, ServicePolicy, id=1)
        is_shown = (ServicePolicy.id == 1, ServicePolicy.checklist_dismissed_at.is_(None))
        dismiss = sa.update(ServicePolicy).where(*is_shown).values(checklist_dismissed_at=now)
        if updated_one_row(session, dismiss):
            actor = f"staff:{admin_id}"
            audit.record(
                session, at=now, actor=actor, action="checklist_dismissed", subject="checklist"
            )
