"""What a visitor's page asks of the database, in one statement: the hours, the rules, the queue."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.db import Instant
from helpline.domain.hours_plan import HoursPlan
from helpline.hours import queries as hours
from helpline.hours.models import ServicePolicy
from helpline.privacy import retention
from helpline.privacy.models import RetentionPolicy
from helpline.privacy.retention import Rules
from helpline.queue import queries as queue
from helpline.telephony.models import CallerId


@dataclass(frozen=True, slots=True)
class Look:
    """How things stood at one look.

    Args:
        plan: all that is decided about the hours.
        plan_words: the same as it is written, which is quickly compared.
        policy: how callbacks are treated.
        kept: how long what is known of a person is kept.
        caller_id: the number that this region sees; None: the usual one.
        ahead: how many come before.
        wait_minutes: how long the wait will likely be; None when no advisor is there.
    """

    plan: HoursPlan
    plan_words: tuple[str | None, ...]
    policy: ServicePolicy
    kept: Rules
    caller_id: str | None
    ahead: int
    wait_minutes: int | None


def look(session: Session, now: datetime, *, priority: int, due_at: datetime, region: str) -> Look:
    """How things stand now, for a callback of this priority, time and region."""
    told = {
        "now": now,
        "seen_since": now - queue.DESK_IS_SILENT_AFTER,
        "priority": priority,
        "due_at": due_at,
        "region": region,
    }
    policy, kept, caller_id, ahead, there, *plan = session.execute(
        _statement(), told, execution_options={"populate_existing": True}
    ).one()
    return Look(
        plan=hours.plan_read(plan),
        plan_words=tuple(plan),
        policy=policy or hours.default_policy(),
        kept=retention.rules_of(kept),
        caller_id=caller_id,
        ahead=ahead,
        wait_minutes=queue.wait_minutes(ahead, there),
    )


@cache
def _statement() -> sa.Select[*tuple[Any, ...]]:
    now = sa.bindparam("now", type_=Instant)
    seen_since = sa.bindparam("seen_since", type_=Instant)
    due_at = sa.bindparam("due_at", type_=Instant)
    ahead = queue.count_ahead(sa.bindparam("priority", type_=sa.Integer), due_at, now)
    caller_id = sa.select(CallerId.number).where(CallerId.region == sa.bindparam("region"))
    always = sa.select(sa.literal(1).label("one")).subquery("always")
    plan = hours.newest_plan().subquery("plan")
    return (
        sa.select(
            ServicePolicy,
            RetentionPolicy,
            caller_id.scalar_subquery(),
            ahead.scalar_subquery(),
            queue.count_there(seen_since).scalar_subquery(),
            *plan.c,
        )
        .select_from(always)
        .outerjoin(plan, sa.true())
        .outerjoin(ServicePolicy, ServicePolicy.id == 1)
        .outerjoin(RetentionPolicy, RetentionPolicy.id == 1)
    )
