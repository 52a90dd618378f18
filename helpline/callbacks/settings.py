"""What an admin decides about callbacks: how many places there are, and how long we try."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from helpline.callbacks import rehouse
from helpline.callbacks.rehouse import Agreed, Settled
from helpline.db import gives_way, transaction
from helpline.domain.retries import RetryPolicy
from helpline.domain.slots import SlotPolicy, check_offers_anything
from helpline.hours import policy, saving
from helpline.hours import queries as hours
from helpline.hours.models import CapacityMode
from helpline.privacy import audit


@dataclass(frozen=True, slots=True)
class Capacity:
    """How many callbacks can be booked, and for when.

    Args:
        slot_minutes: from one start to the next.
        slot_days_ahead: how many days ahead a start may be.
        slot_lead_minutes: how long before its start a slot can still be booked, at least.
        last_start_minutes: how long before closing the last slot starts, at least.
        capacity_mode: whether a number or the rota says how many places a start has.
        slot_capacity: that number.
        shift_share_percent: of the advisors on shift, how many are promised to those who book.

    Raises:
        InvalidPolicy: one of the slot's numbers is out of its bounds; names the field.
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
        """The part of it that makes slots."""
        return SlotPolicy(
            self.slot_minutes,
            self.slot_days_ahead,
            self.slot_lead_minutes,
            self.last_start_minutes,
        )


@dataclass(frozen=True, slots=True)
class Patience:
    """How long we try, and how long things may take.

    Args:
        max_attempts: how often we ring before we stop.
        retry_pauses_minutes: how long we wait after each; the last one repeats.
        claim_minutes: how long an advisor may hold a callback before they call.
        wrap_up_minutes: how long after a call for notes.
        wanted_grace_minutes: how long a callback is kept for the advisor it wants.
        expire_after_days: how many days we were open until a callback that waits is ended.
        most_rings_a_day: how often one number may be rung in 24 hours, whoever asked.
        most_callbacks_a_day: for how many requests it may be rung in 24 hours.

    Raises:
        InvalidPolicy: attempts and pauses make no sense together.
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
class Target:
    """How soon visitors are to be rung: what the service level is measured by.

    Args:
        service_level_minutes: the wait that is still soon enough, in minutes we are open.
        service_level_percent: of those who wait, how many are to be rung that soon.
    """

    service_level_minutes: int
    service_level_percent: int


@gives_way
def save_capacity(
    wanted: Capacity,
    *,
    based_on: int,
    admin_id: int,
    now: datetime,
    agreed: Agreed | None = None,
) -> Settled:
    """Puts it in force at once, for whoever books from now on. What is booked stays booked, and
    keeps its time where it lies on no slot any more, unless the admin chooses to move it.

    Args:
        based_on: the version of the policy that the admin began from.
        agreed: what becomes of booked callbacks, as they were shown and agreed to.

    Returns:
        What became of booked callbacks.

    Raises:
        SavedMeanwhile: another admin saved after this one opened the page; nothing was saved.
        WouldStrand: booked callbacks are off the new slots, and this list of them was not agreed
            to; nothing was saved.
        InvalidPolicy: with the weekly hours as they are nothing could ever be booked.
    """
    with transaction() as session:
        saving.alone(session)
        check_offers_anything(hours.plan(session).weekly_hours(now), wanted.slots, now)
        was = rehouse.standing(session, now)
        _change(session, asdict(wanted), "capacity_changed", based_on, admin_id, now)
        return rehouse.settle(session, was, agreed=agreed, staff_id=admin_id, now=now)


def save_patience(wanted: Patience, *, based_on: int, admin_id: int, now: datetime) -> None:
    """Puts it in force at once, for every callback that is not over.

    Raises:
        SavedMeanwhile: as for ``save_capacity``.
    """
    values = asdict(wanted) | {"retry_pauses_minutes": list(wanted.retry_pauses_minutes)}
    with transaction() as session:
        _change(session, values, "callback_rules_changed", based_on, admin_id, now)


def save_target(wanted: Target, *, based_on: int, admin_id: int, now: datetime) -> None:
    """Measures by it from now on, also what is past.

    Raises:
        SavedMeanwhile: as for ``save_capacity``.
    """
    with transaction() as session:
        _change(session, asdict(wanted), "service_target_changed", based_on, admin_id, now)


def _change(
    session: Session,
    values: Mapping[str, Any],
    deed: str,
    based_on: int,
    admin_id: int,
    now: datetime,
) -> None:
    before = policy.change(session, based_on=based_on, **values)
    audit.record(
        session,
        at=now,
        actor=f"staff:{admin_id}",
        deed=deed,
        subject="callbacks",
        before=before,
        after=dict(values),
    )
