"""Transactions of the policy."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from helpline.db import transaction
from helpline.policy.change import audit_change, change_policy
from helpline.policy.numbers import Page


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
