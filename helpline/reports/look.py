"""What a visitor's page asks of the database, in one statement: the hours, the rules, the queue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.db import Instant, plain_rows
from helpline.hours import queries as hours
from helpline.hours.models import ServicePolicy
from helpline.hours.queries import Standing, VisitorRules
from helpline.privacy import retention
from helpline.privacy.models import RetentionPolicy
from helpline.privacy.personal import Group
from helpline.queue import queries as queue
from helpline.telephony.models import CallerId

_KEPT = (Group.PERSON, Group.NOTES)
_PLAN = len(hours.newest_plan().selected_columns)
_RULES = _PLAN + len(_KEPT)


@dataclass(frozen=True, slots=True)
class Look:
    """How things stood at one look.

    Args:
        hours: whether we are open, and until when.
        rules: how callbacks are treated.
        kept_days: how long what is known of a person, and their notes, are kept.
        caller_id: the number that this region sees; None: the usual one.
        ahead: how many come before.
        wait_minutes: how long the wait will likely be; None when no advisor is there.
        decided: all that admins decided of it, as it is written: quickly compared.
    """

    hours: Standing
    rules: VisitorRules
    kept_days: Mapping[Group, int]
    caller_id: str | None
    ahead: int
    wait_minutes: int | None
    decided: tuple[Any, ...]


def look(session: Session, now: datetime, *, priority: int, due_at: datetime, region: str) -> Look:
    """How things stand now, for a callback of this priority, time and region."""
    told = {
        "now": now,
        "seen_since": now - queue.DESK_IS_SILENT_AFTER,
        "priority": priority,
        "due_at": due_at,
        "region": region,
    }
    return _read(plain_rows(session, _statement(), told).one(), now)


def _read(row: Sequence[Any], now: datetime) -> Look:
    """What a row of these columns tells."""
    ahead, there, *decided = row
    caller_id, *saved = decided
    plan, kept, rules = saved[:_PLAN], saved[_PLAN:_RULES], saved[_RULES:]
    return Look(
        hours=hours.standing(plan, now),
        rules=hours.rules_read(rules),
        kept_days=dict(zip(_KEPT, kept, strict=True)) if kept[0] is not None else retention.USUAL,
        caller_id=caller_id,
        ahead=ahead,
        wait_minutes=queue.wait_minutes(ahead, there),
        decided=tuple(decided),
    )


@cache
def _statement() -> sa.Select[*tuple[Any, ...]]:
    now = sa.bindparam("now", type_=Instant)
    seen_since = sa.bindparam("seen_since", type_=Instant)
    due_at = sa.bindparam("due_at", type_=Instant)
    ahead = queue.count_ahead(sa.bindparam("priority", type_=sa.Integer), due_at, now)
    caller_id = sa.select(CallerId.number).where(CallerId.region == sa.bindparam("region"))
    always = sa.select(sa.literal_column("1").label("one")).subquery("always")
    plan = hours.newest_plan().subquery("plan")
    return (
        sa.select(
            ahead.scalar_subquery(),
            queue.count_there(seen_since).scalar_subquery(),
            caller_id.scalar_subquery(),
            *plan.c,
            *(getattr(RetentionPolicy, f"{group}_days") for group in _KEPT),
            *hours.VISITOR_RULES,
        )
        .select_from(always)
        .outerjoin(plan, sa.true())
        .outerjoin(ServicePolicy, ServicePolicy.id == 1)
        .outerjoin(RetentionPolicy, RetentionPolicy.id == 1)
    )
