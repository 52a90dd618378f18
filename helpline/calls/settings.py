"""The call policy: dispatch, caller ids, deadlines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from helpline.db import transaction
from helpline.policy.change import change_policy
from helpline.policy.models import Dispatch
from helpline.privacy import audit
from helpline.telephony import carrier_limits


@dataclass(frozen=True, slots=True)
class CallSettings:
    """The values of the page on calls.

    Args:
        dispatch: whether advisors claim callbacks or are called with them.
        push_ring_at_once: how many advisors are called at once with one callback.
        misses_until_away: consecutive missed offers after which an advisor is set to away.
        hand_deadline_minutes: how long a due callback may be unclaimed, or claimed before a call,
            until someone is notified.
        live_calls_per_callback: live callers in a row after which a waiting callback comes first,
            under automatic dispatch; 0 puts live callers always first.
        caller_ids: by region, in place of the default one (E.164).
    """

    dispatch: Dispatch
    push_ring_at_once: int
    misses_until_away: int
    hand_deadline_minutes: int
    live_calls_per_callback: int = 0
    caller_ids: Mapping[str, str] = field(default_factory=dict)


def save(settings: CallSettings, *, expected_version: int, admin_id: int, now: datetime) -> int:
    """Save and apply the call policy; return its version.

    Args:
        expected_version: the version that the admin edited.

    Raises:
        StaleVersion: another admin saved in between; nothing was saved.
    """
    values = {
        "dispatch": settings.dispatch,
        "push_ring_at_once": settings.push_ring_at_once,
        "misses_until_away": settings.misses_until_away,
        "hand_deadline_minutes": settings.hand_deadline_minutes,
        "live_calls_per_callback": settings.live_calls_per_callback,
    }
    with transaction() as session:
        before = change_policy(session, expected_version=expected_version, **values)
        # The numbers are the helpline's own, which it shows to everybody it rings.
        before["caller_ids"] = carrier_limits.caller_ids(session)
        carrier_limits.set_caller_ids(session, settings.caller_ids)
        audit.record(
            session,
            at=now,
            actor=f"staff:{admin_id}",
            action="call_settings_changed",
            subject="calls",
            before=before,
            after=values | {"caller_ids": dict(settings.caller_ids)},
        )
        return expected_version + 1
