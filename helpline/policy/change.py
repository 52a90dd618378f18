"""Change the policy in the caller's transaction; never commits."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from helpline.db import insert_or_ignore, update_version
from helpline.policy.models import ServicePolicy
from helpline.policy.numbers import Page, numbers
from helpline.privacy import audit


def change_policy(session: Session, *, expected_version: int, **values: Any) -> dict[str, Any]:
    """Change columns of the policy and return their previous values.

    Args:
        expected_version: the version that the admin edited.

    Raises:
        InvalidPolicy: a number is out of its bounds; names the column.
        StaleVersion: a newer version exists; nothing was changed.
    """
    bounded = numbers(ServicePolicy)
    for name in values.keys() & bounded.keys():
        bounded[name].check(name, values[name])
    insert_or_ignore(session, ServicePolicy, id=1)
    stored = session.get_one(ServicePolicy, 1, with_for_update=True, populate_existing=True)
    before = {name: getattr(stored, name) for name in values}
    update_version(
        session, ServicePolicy, ServicePolicy.id == 1, expected_version=expected_version, **values
    )
    session.refresh(stored)
    return before


def audit_change(
    session: Session,
    page: Page,
    *,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    admin_id: int,
    now: datetime,
) -> None:
    """Record what an admin saved on a page."""
    audit.record(
        session,
        at=now,
        actor=f"staff:{admin_id}",
        action=page.action,
        subject=page.subject,
        before=dict(before),
        after=dict(after),
    )
