"""Taking the next callback, inside the caller's transaction. Never commits.

On PostgreSQL all of it is one statement. Whether we are open is judged before, by the hours as this
process saw them last; the statement takes nothing unless these are still the ones in force, and
tells what is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.accounts import lines
from helpline.accounts.models import Staff
from helpline.callbacks import transitions
from helpline.callbacks.models import Callback
from helpline.db import ALWAYS, ONE, Instant, written_out
from helpline.hours import queries as hours
from helpline.hours.models import ServicePolicy
from helpline.queue.queries import first, is_held_by
from helpline.statements import plain_rows

_PLAN = tuple(str(each.key) for each in hours.newest_plan().selected_columns)
_ADVISOR = sa.bindparam("advisor", type_=sa.Integer)


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of a try.

    Args:
        held: the callback that the advisor has in hand: just taken, or since before.
        call_in: the call of somebody who rang us, which has their line.
        plan: what is decided about the hours, as ``newest_plan`` reads it.
        as_known: whether that is what was known before. Only then anything could be taken.
    """

    held: int | None
    call_in: str | None
    plan: Sequence[Any]
    as_known: bool


def take(advisor_id: int, known: Sequence[Any] | None, now: datetime) -> Tried:
    """Takes the next callback for an advisor, where the hours are as known; PostgreSQL only.

    Args:
        known: the plan by which we are open now; None: only look how it stands.
    """
    told = {
        "advisor": advisor_id,
        "actor": transitions.staff(advisor_id),
        "now": now,
        "is_known": known is not None,
        **dict.fromkeys(_PLAN),
        **dict(zip(_PLAN, known or (), strict=False)),
    }
    [(taken, held, call_in, *plan)] = plain_rows(None, _taking(), told)
    return Tried(taken or held, call_in, tuple(plan), known == tuple(plan))


@cache
def _taking() -> sa.Select[*tuple[Any, ...]]:
    now = sa.bindparam("now", type_=Instant)
    line = lines.taken_by(_ADVISOR).cte("line")
    held = sa.select(Callback.id).where(is_held_by(_ADVISOR)).cte("held")
    plan = hours.newest_plan().cte("plan")
    as_known = (
        plan.c[name].is_not_distinct_from(sa.bindparam(name, type_=sa.Text)) for name in _PLAN
    )
    spoken = sa.select(sa.func.json_array_elements_text(Staff.languages))
    may = (
        sa.select(sa.func.array(spoken.correlate(Staff).scalar_subquery()).label("languages"))
        .select_from(Staff)
        .outerjoin(plan, sa.true())
        .where(
            Staff.id == _ADVISOR,
            Staff.active,
            sa.bindparam("is_known", type_=sa.Boolean),
            *as_known,
            ~sa.exists().select_from(held),
            ~sa.exists().where(line.c.call_in.is_not(None)),
        )
        .cte("may")
    )
    taken, noted, audited = transitions.claiming(
        sa.select(first(Callback.language == sa.any_(may.c.languages)))
        .select_from(may)
        .scalar_subquery(),
        now + _lease(),
    )
    found = (sa.select(each).scalar_subquery() for each in (taken.c.id, held.c.id, line.c.call_in))
    return (
        sa.select(*found, *plan.c)
        .select_from(ALWAYS)
        .outerjoin(plan, sa.true())
        .add_cte(noted, audited)
    )


def _lease() -> Any:
    """How long somebody has a callback in hand."""
    stored = sa.select(ServicePolicy.claim_minutes).where(ServicePolicy.id == ONE).scalar_subquery()
    usual = hours.default_policy().claim_minutes
    minutes = sa.func.coalesce(stored, written_out(usual))
    return minutes * sa.literal_column("interval '1 minute'", sa.Interval)


def take_in_turn(session: Session, advisor_id: int, known: Any, now: datetime) -> Tried:
    """The same, one statement after the other, where a transaction that writes is alone: SQLite."""
    held = session.scalar(sa.select(Callback.id).where(is_held_by(advisor_id)))
    call_in = session.scalar(lines.taken_by(advisor_id))
    plan = tuple(session.execute(hours.newest_plan()).first() or dict.fromkeys(_PLAN).values())
    advisor = session.get_one(Staff, advisor_id)
    if advisor.active and held is None and call_in is None and known == plan:
        minutes = hours.policy(session).claim_minutes
        held = transitions.claim_first(
            session,
            _first_by_list(),
            {"languages": advisor.languages},
            advisor_id=advisor_id,
            at=now,
            ends_at=now + timedelta(minutes=minutes),
        )
    return Tried(held, call_in, plan, known == plan)


@cache
def _first_by_list() -> sa.ScalarSelect[int]:
    spoken: sa.BindParameter[Any] = sa.bindparam("languages", expanding=True)
    return sa.select(first(Callback.language.in_(spoken))).scalar_subquery()
