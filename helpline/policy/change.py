"""Change the policy in the caller's transaction; never commits."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from helpline.db import insert_or_ignore, update_version
from helpline.policy.models import ServicePolicy


def change_policy(session: Session, *, expected_version: int, **values: Any) -> dict[str, Any]:
    """Change columns of the policy and return their previous values.

    Args:
        expected_version: the version that the admin edited.

    Raises:
        StaleVersion: a newer version exists; nothing was changed.
    """
    insert_or_ignore(session, ServicePolicy, id=1)
    stored = session.get_one(ServicePolicy, 1, with_for_update=True, populate_existing=True)
    before = {name: getattr(stored, name) for name in values}
    update_version(
        session, ServicePolicy, ServicePolicy.id == 1, expected_version=expected_version, **values
    )
    session.refresh(stored)
    return before
