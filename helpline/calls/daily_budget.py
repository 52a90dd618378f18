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
from helpline.hours import policy
from helpline.hours import queries as hours
from helpline.messaging import staff_notices
from helpline.messaging.models import NoticeKind, OutboundSms
from helpline.privacy import audit

_MINUTE = timedelta(minutes=1)
_NOT_ASKED_FOR = (SmsStatus.WAITING, SmsStatus.NOT_SENT)


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
    stored = hours.policy(session)
    return Costs(
        stored.most_cents_a_day,
        {region: Decimal(price) for region, price in stored.call_costs.items()},
        {region: Decimal(price) for region, price in stored.text_costs.items()},
    )


def spent_cents(session: Session, now: datetime) -> int:
    """Return the estimated cost since the day began."""
    known, since = costs(session), _day_began(session, now)
    return int(_of_calls(session, known, since, now) + _of_texts(session, known, since))


def is_exhausted(session: Session, now: datetime) -> bool:
    """Return whether the budget is used up: no more calls until the next day, or until an admin
    raises it.

    Waiting callbacks keep their position, and admins are notified.
    """
    most = hours.policy_value(session, "most_cents_a_day")
    if most is None or spent_cents(session, now) < most:
        return False
    staff_notices.notify_staff(
        session, NoticeKind.SPENT, f"day:{_day_began(session, now):%Y-%m-%d}", now=now
    )
    return True


def exhausted(*, now: datetime) -> bool:
    """Return the same, in a transaction of its own."""
    with transaction() as session:
        return is_exhausted(session, now)


def save(wanted: Costs, *, expected_version: int, admin_id: int, now: datetime) -> None:
    """Save and apply budget and prices.

    Args:
        expected_version: the version that the admin edited.

    Raises:
        StaleVersion: another admin saved in between; nothing was saved.
    """
    values = {
        "most_cents_a_day": wanted.most_cents_a_day,
        "call_costs": {region: str(price) for region, price in wanted.calls.items()},
        "text_costs": {region: str(price) for region, price in wanted.texts.items()},
    }
    with transaction() as session:
        before = policy.change(session, expected_version=expected_version, **values)
        audit.record(
            session,
            at=now,
            actor=f"staff:{admin_id}",
            deed="costs_changed",
            subject="calls",
            before=before,
            after=values,
        )


def _day_began(session: Session, now: datetime) -> datetime:
    zone = hours.in_force(session, now).zone
    return datetime.combine(now.astimezone(zone).date(), time(), zone)


def _of_calls(session: Session, known: Costs, since: datetime, now: datetime) -> Decimal:
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
    return _sum(minutes, known.calls)


def _of_texts(session: Session, known: Costs, since: datetime) -> Decimal:
    rows = session.execute(
        sa.select(Callback.phone_region, sa.func.count(OutboundSms.id))
        .join(Callback, Callback.id == OutboundSms.callback_id)
        .where(OutboundSms.created_at >= since, OutboundSms.status.not_in(_NOT_ASKED_FOR))
        .group_by(Callback.phone_region)
    )
    return _sum({region: count for region, count in rows}, known.texts)  # noqa: C416


def _sum(counts: Mapping[str, int], prices: Mapping[str, Decimal]) -> Decimal:
    """A region without a price costs as much as the dearest."""
    dearest = max(prices.values(), default=Decimal(0))
    return sum(
        (prices.get(region, dearest) * count for region, count in counts.items()), Decimal(0)
    )
