"""What an admin decides about calls: who gets them, what number shows, and the deadlines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from helpline.db import transaction
from helpline.hours import policy
from helpline.hours.models import Dispatch
from helpline.privacy import audit
from helpline.telephony import allowance


@dataclass(frozen=True, slots=True)
class CallSettings:
    """The numbers of the page on calls.

    Args:
        dispatch: whether advisors take callbacks, or their phones ring with them.
        push_ring_at_once: how many advisors' phones ring at once with one callback.
        misses_until_away: after so many missed offers in a row an advisor is marked away.
        hand_deadline_minutes: how long a callback that is due may be untaken, or in one
            advisor's hands before a call, until somebody is told.
        live_calls_per_callback: after so many live callers in a row a waiting callback comes first,
            where phones ring with callbacks; 0: live callers always come first.
        caller_ids: by region, the number its visitors see in place of the usual one (E.164).
    """

    dispatch: Dispatch
    push_ring_at_once: int
    misses_until_away: int
    hand_deadline_minutes: int
    live_calls_per_callback: int = 0
    caller_ids: Mapping[str, str] = field(default_factory=dict)


def save(wanted: CallSettings, *, based_on: int, admin_id: int, now: datetime) -> int:
    """Puts the settings in force at once, for the dialler and for dispatch alike.

    Args:
        based_on: the version the admin began from.

    Returns:
        The new version.

    Raises:
        SavedMeanwhile: another admin saved after this one opened the page; nothing was saved.
    """
    values = {
        "dispatch": wanted.dispatch,
        "push_ring_at_once": wanted.push_ring_at_once,
        "misses_until_away": wanted.misses_until_away,
        "hand_deadline_minutes": wanted.hand_deadline_minutes,
        "live_calls_per_callback": wanted.live_calls_per_callback,
    }
    with transaction() as session:
        before = policy.change(session, based_on=based_on, **values)
        # The numbers are the helpline's own, which it shows to everybody it rings.
        before["caller_ids"] = allowance.caller_ids(session)
        allowance.set_caller_ids(session, wanted.caller_ids)
        audit.record(
            session,
            at=now,
            actor=f"staff:{admin_id}",
            deed="call_settings_changed",
            subject="calls",
            before=before,
            after=values | {"caller_ids": dict(wanted.caller_ids)},
        )
        return based_on + 1
