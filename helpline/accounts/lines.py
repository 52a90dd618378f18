"""An advisor's line, taken by somebody who rang us, so that nothing else is given to them.

Claims and calls in both come here first and lock the same row, so of the two that want one
advisor at once only one has them. Inside the caller's transaction; never commits.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.accounts.models import Presence, PresenceState, Staff
from helpline.db import ONE, changed_one
from helpline.domain.unreadable import if_readable
from helpline.privacy.encryption import phone_hash
from helpline.statements import one_value


def is_free(session: Session, staff_id: int, *, but_for: str | None = None) -> bool:
    """Locks an advisor's line and says whether no call in has it.

    Args:
        but_for: a call that may have it.
    """
    return one_value(session, _TAKEN_BY, {"staff": staff_id}) in (None, but_for)


def call_in_of(staff_id: int | sa.BindParameter[int]) -> sa.Select[str | None]:
    """The call in that has an advisor's line, as it stands."""
    return sa.select(Presence.call_in).where(Presence.staff_id == staff_id)


def taken_by(staff_id: int | sa.BindParameter[int]) -> sa.Select[str | None]:
    """Locks an advisor's line and gives the call in that has it."""
    return call_in_of(staff_id).with_for_update()


_TAKEN_BY = taken_by(sa.bindparam("staff", type_=sa.Integer))


def phone_of(session: Session, staff_id: int) -> str | None:
    """The number of an advisor's own phone, if they have one that can be read."""
    found: str | None = one_value(session, _PHONE_OF, {"staff": staff_id})
    return if_readable(found)


_PHONE_OF = sa.select(Staff.phone).where(Staff.id == sa.bindparam("staff", type_=sa.Integer))


def take(session: Session, staff_id: int, call: str) -> bool:
    """Takes an available advisor's line for a call in; says whether it was free."""
    return changed_one(
        session,
        sa.update(Presence)
        .where(
            Presence.staff_id == staff_id,
            Presence.call_in.is_(None),
            Presence.state == PresenceState.AVAILABLE,
        )
        .values(call_in=call),
    )


def give_back(session: Session, call: str, *, talked_until: datetime | None = None) -> None:
    """Frees the line that a call had, if it had one.

    Args:
        talked_until: when the talk ended, where there was one; the advisor is idle since then.
    """
    values: dict[str, object] = {"call_in": None}
    if talked_until is not None:
        values["call_in_ended_at"] = talked_until
    session.execute(
        sa.update(Presence).where(Presence.call_in == call).values(values),
        execution_options={"synchronize_session": False},
    )


def staff_with_phone(session: Session, number: str) -> bool:
    """Whether a number (E.164) is the phone of an active member of staff."""
    found = sa.select(Staff.id).where(Staff.phone_hash == phone_hash(number))
    return session.scalar(found.limit(ONE)) is not None
