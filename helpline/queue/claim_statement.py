"""Claim the next callback, inside the caller's transaction or in one statement. Never commits.

On PostgreSQL it is one statement, and another for its audit entry. Opening hours are checked
before, as this process last read them; nothing is claimed unless they are still the newest. Of two
claims by one advisor the database keeps the first (``uq_callback_in_hand``).

See docs/decisions/0010-hours-are-whole-versions.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.callbacks import transitions
from helpline.callbacks.models import Callback
from helpline.db import ONE, ONE_ROW, Instant, inline_literal, transaction
from helpline.hours import queries as hours_queries
from helpline.hours.queries import SavedHours
from helpline.policy import queries as policy_queries
from helpline.policy.models import ServicePolicy
from helpline.queue.queries import is_claimed_by, next_for_advisor
from helpline.raw_sql import fetch_rows, fetch_value
from helpline.staff import advisor_line
from helpline.staff.models import Staff

_ADVISOR = sa.bindparam("advisor", type_=sa.Integer)


@dataclass(frozen=True, slots=True)
class AdvisorState:
    """The current callback and inbound call of an advisor, and the saved opening hours."""

    held: int | None
    call_in: str | None
    saved: SavedHours


def advisor_state(advisor_id: int) -> AdvisorState:
    params = {"advisor": advisor_id}
    [(callback_id, call_id, version, saved_at, *plan)] = fetch_rows(None, _advisor_state(), params)
    return AdvisorState(callback_id, call_id, SavedHours(version, saved_at, tuple(plan)))


@cache
def _advisor_state() -> sa.Select[*tuple[Any, ...]]:
    callback_id = sa.select(Callback.id).where(is_claimed_by(_ADVISOR)).scalar_subquery()
    call_id = advisor_line.current_call(_ADVISOR).scalar_subquery()
    saved = hours_queries.newest_saved().subquery("saved")
    return (
        sa.select(callback_id.label("held"), call_id.label("call_in"), *saved.c)
        .select_from(ONE_ROW)
        .outerjoin(saved, sa.true())
    )


def claim_postgresql(advisor_id: int, saved: SavedHours, now: datetime) -> int | None:
    """Claim the next callback for an advisor in one statement; PostgreSQL only.

    Args:
        saved: the opening hours by which the helpline is open.

    Returns:
        Its id; None without any, when the advisor is on a call, or when other hours were saved.

    Raises:
        IntegrityError: the advisor has a current callback.
    """
    params = {
        "advisor": advisor_id,
        "actor": transitions.staff_actor(advisor_id),
        "now": now,
        "version": saved.version,
        "saved_at": saved.saved_at,
    }
    with transaction() as session:
        callback_id: int | None = fetch_value(session, _claim_query(), params)
        if callback_id is not None:
            transitions.audit_claim(session, callback_id, advisor_id=advisor_id, at=now)
        return callback_id


@cache
def _claim_query() -> sa.Select[int]:
    now = sa.bindparam("now", type_=Instant)
    line = advisor_line.lock_current_call(_ADVISOR).cte("line")
    newest = hours_queries.newest_version_id().cte("newest")
    spoken = sa.select(sa.func.json_array_elements_text(Staff.languages))
    eligible = (
        sa.select(sa.func.array(spoken.correlate(Staff).scalar_subquery()).label("languages"))
        .select_from(Staff)
        .outerjoin(newest, sa.true())
        .where(
            Staff.id == _ADVISOR,
            Staff.active,
            newest.c.version.is_not_distinct_from(sa.bindparam("version", type_=sa.Integer)),
            newest.c.saved_at.is_not_distinct_from(sa.bindparam("saved_at", type_=Instant)),
            ~sa.exists().where(line.c.call_in.is_not(None)),
        )
        .with_for_update(read=True, of=Staff)  # Do not assign to an advisor being deactivated.
        .cte("may")
    )
    claimed, history = transitions.claim_ctes(
        sa.select(next_for_advisor(Callback.language == sa.any_(eligible.c.languages)))
        .select_from(eligible)
        .scalar_subquery(),
        now + _lease_interval(),
    )
    return sa.select(claimed.c.id).add_cte(history)


def _lease_interval() -> Any:
    stored = sa.select(ServicePolicy.claim_minutes).where(ServicePolicy.id == ONE).scalar_subquery()
    default = policy_queries.default().claim_minutes
    minutes = sa.func.coalesce(stored, inline_literal(default))
    return minutes * sa.literal_column("interval '1 minute'", sa.Interval)


def claim_sqlite(session: Session, advisor_id: int, saved: SavedHours, now: datetime) -> int | None:
    """Claim the next callback by several statements, where a write transaction is alone: SQLite."""
    advisor = session.get_one(Staff, advisor_id)
    newest = session.execute(hours_queries.newest_version_id()).first() or (None, None)
    is_free = session.scalar(advisor_line.lock_current_call(advisor_id)) is None
    if not advisor.active or not is_free or tuple(newest) != (saved.version, saved.saved_at):
        return None
    minutes = policy_queries.current(session).claim_minutes
    return transitions.claim_first(
        session,
        _next_callback_id(),
        {"languages": advisor.languages},
        advisor_id=advisor_id,
        at=now,
        ends_at=now + timedelta(minutes=minutes),
    )


@cache
def _next_callback_id() -> sa.ScalarSelect[int]:
    spoken: sa.BindParameter[Any] = sa.bindparam("languages", expanding=True)
    return sa.select(next_for_advisor(Callback.language.in_(spoken))).scalar_subquery()
