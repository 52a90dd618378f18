"""Save the call policy: dispatch, deadlines, the carrier and caller id of each region."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from helpline.db import transaction
from helpline.policy.change import audit_change, change_policy
from helpline.policy.numbers import CALLS
from helpline.telephony import carrier_routes
from helpline.telephony.carrier_routes import CarrierRoute


def save(
    values: Mapping[str, Any],
    routes: Mapping[str, CarrierRoute],
    *,
    expected_version: int,
    admin_id: int,
    now: datetime,
) -> int:
    """Save and apply the call policy; return its version.

    Args:
        values: by column of the policy.
        routes: by region, in place of the first carrier and its default number.
        expected_version: the version that the admin edited.

    Raises:
        InvalidPolicy: a number is out of its bounds; nothing was saved.
        StaleVersion: another admin saved in between; nothing was saved.
    """
    with transaction() as session:
        before = change_policy(session, expected_version=expected_version, **values)
        # The numbers are the helpline's own, which it shows to everybody it rings.
        before["routes"] = _as_words(carrier_routes.saved_routes(session))
        carrier_routes.save_routes(session, routes)
        after = dict(values) | {"routes": _as_words(routes)}
        audit_change(session, CALLS, before=before, after=after, admin_id=admin_id, now=now)
        return expected_version + 1


def _as_words(routes: Mapping[str, CarrierRoute]) -> dict[str, str]:
    return {
        region: f"{route.carrier} {route.caller_id}".strip() for region, route in routes.items()
    }
