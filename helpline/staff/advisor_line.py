"""An advisor's line while an inbound call occupies it, in the caller's transaction; never commits.

Claims and inbound calls both lock the presence row first, so that of two that want one advisor at
once only one succeeds. See docs/decisions/0007-one-line-for-each-advisor.
"""

from __future__ import annotations

from datetime import datetime
from functools import cache

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.db import ONE, updated_one_row
from helpline.domain.unreadable import if_readable
from helpline.privacy.encryption import phone_hash
from helpline.staff.models import Presence, PresenceState, Staff


def is_free(session: Session, staff_id: int, *, except_call: str | None = None) -> bool:
    """Lock an advisor's line and return whether no inbound call but ``except_call`` occupies it."""
    statement = _lock_statement()
    return session.scalar(statement, {"staff_id": staff_id}) in (None, except_call)


@cache
def _lock_statement() -> sa.Select[str | None]:
    return lock_current_call(sa.bindparam("staff_id", type_=sa.Integer))


def current_call(staff_id: int | sa.BindParameter[int]) -> sa.Select[str | None]:
    """Return a query for the inbound call that occupies an advisor's line."""
    return sa.select(Presence.call_in).where(Presence.staff_id == staff_id)


def lock_current_call(staff_id: int | sa.BindParameter[int]) -> sa.Select[str | None]:
    """Return the same query, locking the line."""
    return current_call(staff_id).with_for_update()


def phone_of(session: Session, staff_id: int) -> str | None:
    """Return an advisor's phone number, if there is a readable one."""
    return if_readable(session.scalar(sa.select(Staff.phone).where(Staff.id == staff_id)))


def occupy(session: Session, staff_id: int, call: str) -> bool:
    """Occupy an available advisor's line with an inbound call; return whether it was free."""
    return updated_one_row(
        session,
        sa.update(Presence)
        .where(
            Presence.staff_id == staff_id,
            Presence.call_in.is_(None),
            Presence.state == PresenceState.AVAILABLE,
        )
        .values(call_in=call),
    )


def release(session: Session, call: str, *, talked_until: datetime | None = None) -> None:
    """Free the line that a call occupies, if any.

    Args:
        talked_until: end of the conversation, if any; the advisor is idle from then.
    """
    values: dict[str, object] = {"call_in": None}
    if talked_until is not None:
        values["call_in_ended_at"] = talked_until
    session.execute(
        sa.update(Presence).where(Presence.call_in == call).values(values),
        execution_options={"synchronize_session": False},
    )


def staff_with_phone(session: Session, number: str) -> bool:
    """Return whether a number (E.164) is the phone of an active member of staff."""
    query = sa.select(Staff.id).where(Staff.phone_hash == phone_hash(number))
    return session.scalar(query.limit(ONE)) is not None
