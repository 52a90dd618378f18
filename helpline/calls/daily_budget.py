"""The daily budget: the estimated cost of today's calls and text messages, by the admin's prices.

A call counts from when it was sent to the carrier, each begun minute in full, ringing included; a
text message once it was sent. The day is the helpline's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.callbacks.models import Callback
from helpline.calls.models import Attempt, Channel
from helpline.db import transaction
from helpline.domain.sms_progress import SmsStatus
from helpline.hours import queries as hours_queries
from helpline.messaging import staff_notices
from helpline.messaging.models import NoticeKind, OutboundSms
from helpline.policy import queries as policy_queries
from helpline.policy.change import change_policy
from helpline.privacy import audit

_MINUTE = timedelta(minutes=1)
_NOT_SENT = (SmsStatus.WAITING, SmsStatus.NOT_SENT)


@dataclass(frozen=True, slots=True)
class Costs:
    """The daily budget and the prices, in hundredths of the carrier's currency.

    Args:
        most_cents_a_day: None for no limit.
        calls: price of a minute with both legs, by region.
        texts: price of a text message, by region.
    """

    most_cents_a_day: int | None
    calls: Mapping[str, Decimal] = field(default_factory=dict)
    texts: Mapping[str, Decimal] = field(default_factory=dict)


def costs(session: Session) -> Costs:
    stored = policy_queries.current(session)
    return Costs(
        stored.most_cents_a_day,
        {region: Decimal(price) for region, price in stored.call_costs.items()},
        {region: Decimal(price) for region, price in stored.text_costs.items()},
    )


def spent_cents(session: Session, now: datetime) -> int:
    """Return the estimated cost since the day began."""
    prices, since = costs(session), _day_start(session, now)
    return int(_cost_of_calls(session, prices, since, now) + _cost_of_sms(session, prices, since))


def is_exhausted(session: Session, now: datetime) -> bool:
    """Return whether the budget is used up: no more calls until the next day, or until an admin
    raises it.

    Waiting callbacks keep their position, and admins are notified.
    """
    limit = policy_queries.value(session, "most_cents_a_day")
    if limit is None or spent_cents(session, now) < limit:
        return False
    staff_notices.notify_staff(
        session, NoticeKind.SPENT, f"day:{_day_start(session, now):%Y-%m-%d}", now=now
    )
    return True


def is_exhausted_now(*, now: datetime) -> bool:
    """Return the same, in a transaction of its own."""
    with transaction() as session:
        return is_exhausted(session, now)


def save(new_costs: Costs, *, expected_version: int, admin_id: int, now: datetime) -> None:
    """Save and apply budget and prices.

    Args:
        expected_version: the version that the admin edited.

    Raises:
        StaleVersion: another admin saved in between; nothing was saved.
    """
    values = {
        "most_cents_a_day": new_costs.most_cents_a_day,
        "call_costs": {region: str(price) for region, price in new_costs.calls.items()},
        "text_costs": {region: str(price) for region, price in new_costs.texts.items()},
    }
    with transaction() as session:
        before = change_policy(session, expected_version=expected_version, **values)
        audit.record(
            session,
            at=now,
            actor=f"staff:{admin_id}",
            action="costs_changed",
            subject="calls",
            before=before,
            after=values,
        )


def _day_start(session: Session, now: datetime) -> datetime:
    zone = hours_queries.effective_hours(session, now).zone
    return datetime.combine(now.astimezone(zone).date(), time(), zone)


def _cost_of_calls(session: Session, prices: Costs, since: datetime, now: datetime) -> Decimal:
    rows = session.execute(
        sa.select(Callback.phone_region, Attempt.placing_at, Attempt.ended_at)
        .join(Callback, Callback.id == Attempt.callback_id)
        .where(
            Attempt.created_at >= since,
            Attempt.channel == Channel.CARRIER,
            Attempt.placing_at.is_not(None),
        )
    )
    minutes: dict[str, int] = {}
    for region, began, ended in rows:
        assert began is not None
        begun = max(1, -((began - (ended or now)) // _MINUTE))
        minutes[region] = minutes.get(region, 0) + begun
    return _total_cost(minutes, prices.calls)


def _cost_of_sms(session: Session, prices: Costs, since: datetime) -> Decimal:
    rows = session.execute(
        sa.select(Callback.phone_region, sa.func.count(OutboundSms.id))
        .join(Callback, Callback.id == OutboundSms.callback_id)
        .where(OutboundSms.created_at >= since, OutboundSms.status.not_in(_NOT_SENT))
        .group_by(Callback.phone_region)
    )
    return _total_cost({region: count for region, count in rows}, prices.texts)  # noqa: C416


def _total_cost(counts: Mapping[str, int], prices: Mapping[str, Decimal]) -> Decimal:
    """A region without a price costs as much as the dearest."""
    dearest = max(prices.values(), default=Decimal(0))
    return sum(
        (prices.get(region, dearest) * count for region, count in counts.items()), Decimal(0)
    )
