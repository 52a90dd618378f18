"""An advisor in trouble with a caller asks for help; supervisors see it on the live view."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from helpline.callbacks import queue, transitions
from helpline.callbacks.errors import StateChanged
from helpline.calls.supervision.models import HelpRequest
from helpline.db import guarded_update, insert_or_ignore, transaction
from helpline.privacy import audit
from helpline.staff.models import Staff

_IS_OPEN = HelpRequest.ended_at.is_(None)


@dataclass(frozen=True, slots=True)
class OpenRequest:
    """A request as supervisors see it; ``acknowledged_by`` is the name of who has seen it."""

    id: int
    advisor: str
    callback_id: int | None
    since: datetime
    acknowledged_by: str | None


def open_requests(session: Session) -> Sequence[OpenRequest]:
    """Return the open requests, oldest first."""
    supervisor = aliased(Staff)
    rows = session.execute(
        sa.select(
            HelpRequest.id,
            Staff.name,
            HelpRequest.callback_id,
            HelpRequest.asked_at,
            supervisor.name,
        )
        .join(Staff, Staff.id == HelpRequest.advisor_id)
        .outerjoin(supervisor, supervisor.id == HelpRequest.acknowledged_by)
        .where(_IS_OPEN)
        .order_by(HelpRequest.asked_at, HelpRequest.id)
    )
    return [OpenRequest(*row) for row in rows]


def ask(advisor_id: int, *, now: datetime) -> None:
    """Ask for help. Idempotent."""
    with transaction() as session:
        callback = queue.current_callback(session, advisor_id)
        if insert_or_ignore(
            session,
            HelpRequest,
            advisor_id=advisor_id,
            callback_id=callback.id if callback else None,
            asked_at=now,
        ):
            _record(session, "help_asked", advisor_id, advisor_id, now)


def withdraw(advisor_id: int, *, now: datetime) -> None:
    """End the advisor's own request, if there is one."""
    with transaction() as session:
        request = session.scalar(
            sa.select(HelpRequest).where(HelpRequest.advisor_id == advisor_id, _IS_OPEN)
        )
        if request is not None:
            _end(session, request, advisor_id, now)


def acknowledge(request_id: int, *, supervisor_id: int, now: datetime) -> None:
    """Tell the advisor that a supervisor has seen the request.

    Raises:
        StateChanged: another supervisor was first, or it has ended.
        NoResultFound: there is no such request.
    """
    with transaction() as session:
        request = session.get_one(HelpRequest, request_id)
        if not guarded_update(
            session,
            request,
            {"ended_at": None, "acknowledged_at": None},
            acknowledged_at=now,
            acknowledged_by=supervisor_id,
        ):
            raise StateChanged
        _record(session, "help_acknowledged", request.advisor_id, supervisor_id, now)


def close(request_id: int, *, supervisor_id: int, now: datetime) -> None:
    """End a request that was dealt with. Idempotent.

    Raises:
        NoResultFound: there is no such request.
    """
    with transaction() as session:
        _end(session, session.get_one(HelpRequest, request_id), supervisor_id, now)


def _end(session: Session, request: HelpRequest, staff_id: int, now: datetime) -> None:
    if guarded_update(session, request, {"ended_at": None}, ended_at=now, ended_by=staff_id):
        _record(session, "help_ended", request.advisor_id, staff_id, now)


def _record(session: Session, action: str, advisor_id: int, by: int, now: datetime) -> None:
    audit.record(
        session,
        at=now,
        actor=transitions.staff_actor(by),
        action=action,
        subject=transitions.staff_actor(advisor_id),
    )
