"""A pause of dispatch: no callback is claimed or offered, and calls in progress go on.

It has an end, so that a forgotten pause does not stop the helpline.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.callbacks.errors import StateChanged
from helpline.callbacks.models import DispatchPause
from helpline.db import ONE, DataclassBundle, insert_or_ignore, transaction, updated_one_row
from helpline.privacy import audit
from helpline.staff.models import Staff


@dataclass(frozen=True, slots=True)
class Pause:
    """A pause in force; ``by`` is the name of who paused."""

    since: datetime
    until: datetime
    by: str
    reason: str | None


def is_in_force(now: datetime | sa.BindParameter[datetime]) -> sa.ColumnElement[bool]:
    return sa.and_(DispatchPause.id == ONE, DispatchPause.until > now)


def is_paused(now: datetime | sa.BindParameter[datetime]) -> sa.Exists:
    """Return a condition: dispatch is paused."""
    return sa.exists().where(is_in_force(now))


def current(session: Session, now: datetime) -> Pause | None:
    return session.scalar(
        sa.select(DataclassBundle("pause", Pause, DispatchPause, by=Staff.name))
        .join(Staff, Staff.id == DispatchPause.by_staff)
        .where(is_in_force(now))
    )


def pause(length: timedelta, reason: str, *, supervisor_id: int, now: datetime) -> None:
    """Pause dispatch.

    Raises:
        StateChanged: it is paused already; nothing was changed.
    """
    values = {"since": now, "until": now + length, "by_staff": supervisor_id, "reason": reason}
    with transaction() as session:
        if not insert_or_ignore(session, DispatchPause, id=1, **values) and not updated_one_row(
            session,
            sa.update(DispatchPause)
            .where(DispatchPause.id == ONE, DispatchPause.until <= now)
            .values(values),
        ):
            raise StateChanged
        _record(session, "dispatch_paused", supervisor_id, now, until=values["until"])


def resume(*, since: datetime, supervisor_id: int, now: datetime) -> None:
    """End the pause.

    Args:
        since: of the pause that the supervisor saw.

    Raises:
        StateChanged: that one is over.
    """
    with transaction() as session:
        if not updated_one_row(
            session,
            sa.update(DispatchPause)
            .where(is_in_force(now), DispatchPause.since == since)
            .values(until=now, reason=None),
        ):
            raise StateChanged
        _record(session, "dispatch_resumed", supervisor_id, now, since=since)


def _record(
    session: Session, action: str, supervisor_id: int, now: datetime, **times: object
) -> None:
    audit.record(
        session,
        at=now,
        actor=f"staff:{supervisor_id}",
        action=action,
        subject="queue",
        **{name: str(at) for name, at in times.items()},
    )
