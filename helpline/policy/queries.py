"""Queries on the policy."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cache
from typing import Any, TypeVar, cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.db import DataclassBundle
from helpline.domain.retries import RetryPolicy
from helpline.domain.slots import SlotPolicy
from helpline.policy.models import CapacityMode, Dispatch, SalesHours, ServicePolicy
from helpline.policy.numbers import numbers

T = TypeVar("T")


def current(session: Session) -> ServicePolicy:
    """Return the policy, or the defaults."""
    stored = session.get(ServicePolicy, 1)
    session.info["policy"] = stored  # Held, so that one transaction reads it once.
    return stored if stored is not None else default()


def default() -> ServicePolicy:
    """Return the unsaved policy of a new deployment."""
    defaults = {name: number.default for name, number in numbers(ServicePolicy).items()}
    pauses = list(defaults.pop("retry_pauses_minutes"))
    return ServicePolicy(
        id=1,
        version=1,
        capacity_mode=CapacityMode.FIXED,
        dispatch=Dispatch.PULL,
        sales_hours=SalesHours.IGNORE,
        **defaults | {"retry_pauses_minutes": pauses, "call_costs": {}, "text_costs": {}},
    )


@dataclass(frozen=True, slots=True)
class VisitorRules:
    """The part of the policy that new requests use."""

    slot_minutes: int
    slot_capacity: int
    capacity_mode: CapacityMode
    shift_share_percent: int
    slot_days_ahead: int
    slot_lead_minutes: int
    last_start_minutes: int
    sales_hours: SalesHours
    supervisors_may_listen: bool


@dataclass(frozen=True, slots=True)
class CallRules:
    """The part of the policy that the page of a request uses."""

    hand_deadline_minutes: int
    max_attempts: int
    most_rings_a_day: int
    sales_hours: SalesHours


VISITOR_RULES = DataclassBundle("visitor_rules", VisitorRules, ServicePolicy)
CALL_RULES = DataclassBundle("call_rules", CallRules, ServicePolicy)
"""These rules as part of a larger query."""


def visitor_rules(session: Session) -> VisitorRules:
    """Return the rules as the database has them now."""
    stored = session.scalar(sa.select(VISITOR_RULES).where(ServicePolicy.id == 1))
    return stored if stored is not None else default_rules(VisitorRules)


@cache
def default_rules(kind: type[T]) -> T:
    """Return the rules of a new deployment, of one of these dataclasses."""
    defaults = default()
    return kind(*(getattr(defaults, field.name) for field in fields(cast("Any", kind))))


def slot_policy(policy: ServicePolicy | VisitorRules) -> SlotPolicy:
    return SlotPolicy(
        length_minutes=policy.slot_minutes,
        days_ahead=policy.slot_days_ahead,
        lead_minutes=policy.slot_lead_minutes,
        last_start_before_close_minutes=policy.last_start_minutes,
    )


def retry_policy(policy: ServicePolicy) -> RetryPolicy:
    return RetryPolicy(
        max_attempts=policy.max_attempts, pauses_minutes=tuple(policy.retry_pauses_minutes)
    )


def with_changes(policy: ServicePolicy, **changes: Any) -> ServicePolicy:
    """Return an unsaved copy of the policy with other values, for a preview."""
    values = {
        column.key: getattr(policy, column.key) for column in sa.inspect(ServicePolicy).columns
    }
    return ServicePolicy(**(values | changes))
