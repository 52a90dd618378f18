"""Save the call policy: dispatch, deadlines, caller ids."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from helpline.db import transaction
from helpline.policy.change import audit_change, change_policy
from helpline.policy.numbers import CALLS
from helpline.telephony import carrier_limits


def save(
    values: Mapping[str, Any],
    caller_ids: Mapping[str, str],
    *,
    expected_version: int,
    admin_id: int,
    now: datetime,
) -> int:
    """Save and apply the call policy; return its version.

    Args:
        values: by column of the policy.
        caller_ids: by region, in place of the default one (E.164).
        expected_version: the version that the admin edited.

    Raises:
        InvalidPolicy: a number is out of its bounds; nothing was saved.
        StaleVersion: another admin saved in between; nothing was saved.
    """
    with transaction() as session:
        before = change_policy(session, expected_version=expected_version, **values)
        # The numbers are the helpline's own, which it shows to everybody it rings.
        before["caller_ids"] = carrier_limits.caller_ids(session)
        carrier_limits.set_caller_ids(session, caller_ids)
        after = dict(values) | {"caller_ids": dict(caller_ids)}
        audit_change(session, CALLS, before=before, after=after, admin_id=admin_id, now=now)
        return expected_version + 1
