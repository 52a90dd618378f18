"""Changes of the callback policy: capacity, retries, service level."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from helpline.callbacks import rescheduling
from helpline.callbacks.rescheduling import Approval, ReschedulingOutcome
from helpline.db import retry_on_deadlock, transaction
from helpline.domain.retries import RetryPolicy
from helpline.domain.slots import SlotPolicy, require_any_slot
from helpline.hours import locking
from helpline.hours import queries as hours_queries
from helpline.policy.change import change_policy
from helpline.policy.models import CapacityMode
from helpline.privacy import audit


@dataclass(frozen=True, slots=True)
class CapacitySettings:
    """Slot and capacity policy.

    Args:
        slot_minutes: from one start to the next.
        slot_days_ahead: booking window in days.
        slot_lead_minutes: minimum time from booking to start.
        last_start_minutes: minimum time from the last start to closing.
        capacity_mode: a fixed capacity, or that of the rota.
        slot_capacity: the fixed capacity.
        shift_share_percent: share of the advisors on shift that can be booked.

    Raises:
        InvalidPolicy: a slot value is out of its bounds; names the field.
    """

    slot_minutes: int
    slot_days_ahead: int
    slot_lead_minutes: int
    last_start_minutes: int
    capacity_mode: CapacityMode
    slot_capacity: int
    shift_share_percent: int

    def __post_init__(self) -> None:
        _ = self.slots

    @property
    def slots(self) -> SlotPolicy:
        return SlotPolicy(
            self.slot_minutes,
            self.slot_days_ahead,
            self.slot_lead_minutes,
            self.last_start_minutes,
        )


@dataclass(frozen=True, slots=True)
class RetrySettings:
    """Retry policy, lease times and call limits.

    Args:
        max_attempts: attempts before the callback ends.
        retry_pauses_minutes: wait after each attempt; the last one repeats.
        claim_minutes: lease of a claimed callback before the call.
        wrap_up_minutes: wrap-up time after a call.
        wanted_grace_minutes: how long a callback is reserved for its preferred advisor.
        expire_after_days: open days after which a waiting callback expires.
        most_rings_a_day: maximum calls to one number in 24 hours.
        most_callbacks_a_day: maximum requests for which a number is called in 24 hours.

    Raises:
        InvalidPolicy: attempts and pauses contradict each other.
    """

    max_attempts: int
    retry_pauses_minutes: tuple[int, ...]
    claim_minutes: int
    wrap_up_minutes: int
    wanted_grace_minutes: int
    expire_after_days: int
    most_rings_a_day: int
    most_callbacks_a_day: int

    def __post_init__(self) -> None:
        RetryPolicy(self.max_attempts, self.retry_pauses_minutes)


@dataclass(frozen=True, slots=True)
class ServiceLevelTarget:
    """The service level.

    Args:
        service_level_minutes: maximum wait, in minutes of open time.
        service_level_percent: share of callbacks to be called that soon.
    """

    service_level_minutes: int
    service_level_percent: int


@retry_on_deadlock
def save_capacity(
    settings: CapacitySettings,
    *,
    expected_version: int,
    admin_id: int,
    now: datetime,
    agreed: Approval | None = None,
) -> ReschedulingOutcome:
    """Save and apply the capacity policy.

    Bookings stay, and keep their time where it is no longer a slot, unless the admin chooses to
    reschedule them.

    Args:
        expected_version: the version of the policy that the admin edited.
        agreed: what the admin agreed to for booked callbacks.

    Returns:
        The effect on booked callbacks.

    Raises:
        StaleVersion: another admin saved in between; nothing was saved.
        NeedsApproval: the effect on booked callbacks was not agreed to; nothing was saved.
        InvalidPolicy: with the current weekly hours nothing could ever be booked.
    """
    with transaction() as session:
        locking.lock_exclusive(session)
        require_any_slot(hours_queries.plan(session).weekly_hours(now), settings.slots, now)
        old_schedule = rescheduling.snapshot(session, now)
        _change(session, asdict(settings), "capacity_changed", expected_version, admin_id, now)
        return rescheduling.reschedule(
            session, old_schedule, agreed=agreed, staff_id=admin_id, now=now
        )


def save_retry_settings(
    settings: RetrySettings, *, expected_version: int, admin_id: int, now: datetime
) -> None:
    """Save and apply the retry policy to all callbacks that have not ended.

    Raises:
        StaleVersion: as in ``save_capacity``.
    """
    values = asdict(settings) | {"retry_pauses_minutes": list(settings.retry_pauses_minutes)}
    with transaction() as session:
        _change(session, values, "callback_rules_changed", expected_version, admin_id, now)


def save_target(
    target: ServiceLevelTarget, *, expected_version: int, admin_id: int, now: datetime
) -> None:
    """Save the service level; reports of the past use it too. Raises StaleVersion as
    ``save_capacity``.
    """
    with transaction() as session:
        _change(session, asdict(target), "service_target_changed", expected_version, admin_id, now)


def _change(
    session: Session,
    values: Mapping[str, Any],
    action: str,
    expected_version: int,
    admin_id: int,
    now: datetime,
) -> None:
    before = change_policy(session, expected_version=expected_version, **values)
    audit.record(
        session,
        at=now,
        actor=f"staff:{admin_id}",
        action=action,
        subject="callbacks",
        before=before,
        after=dict(values),
    )
