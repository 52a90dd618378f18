"""The daily budget: the estimated cost of today's calls and text messages, by the admin's prices.

A call counts from when it was sent to the carrier, each begun minute in full, ringing included; a
text message once it was sent. The day is the helpline's.
"""

from __future__ import annotations

from collections.abc import Mapping
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

_MINUTE = timedelta(minutes=1)
_NOT_SENT = (SmsStatus.WAITING, SmsStatus.NOT_SENT)


def spent_cents(session: Session, now: datetime) -> int:
    """Return the estimated cost since the day began."""
    policy, since = policy_queries.current(session), _day_start(session, now)
    calls = _cost_of_calls(session, policy.call_costs, since, now)
    return int(calls + _cost_of_sms(session, policy.text_costs, since))


def is_exhausted(session: Session, now: datetime) -> bool:
    """Return whether the budget is used up: no more calls until the next day, or until an admin
    raises it.

    Waiting callbacks keep their position, and admins are notified.
    """
    limit = policy_queries.current(session).most_cents_a_day
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


def _day_start(session: Session, now: datetime) -> datetime:
    zone = hours_queries.effective_hours(session, now).zone
    return datetime.combine(now.astimezone(zone).date(), time(), zone)


def _cost_of_calls(
    session: Session, prices: Mapping[str, str], since: datetime, now: datetime
) -> Decimal:
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
    return _total_cost(minutes, prices)


def _cost_of_sms(session: Session, prices: Mapping[str, str], since: datetime) -> Decimal:
    rows = session.execute(
        sa.select(Callback.phone_region, sa.func.count(OutboundSms.id))
        .outerjoin(Callback, Callback.id == OutboundSms.callback_id)
        .where(OutboundSms.created_at >= since, OutboundSms.status.not_in(_NOT_SENT))
        .group_by(Callback.phone_region)
    )
    return _total_cost({region: count for region, count in rows}, prices)  # noqa: C416


def _total_cost(counts: Mapping[str, int], prices: Mapping[str, str]) -> Decimal:
    """A region without a price costs as much as the dearest."""
    price = {region: Decimal(stored) for region, stored in prices.items()}
    dearest = max(price.values(), default=Decimal(0))
    return sum((price.get(region, dearest) * count for region, count in counts.items()), Decimal(0))
