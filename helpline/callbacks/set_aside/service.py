"""Set made-up requests aside, and restore them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.callbacks import slot_booking, transitions
from helpline.callbacks.errors import AttributeMissing
from helpline.callbacks.models import HOLDS_SLOT, Callback, Channel
from helpline.callbacks.row_locks import has_open_status, lock_callback, lock_unlocked
from helpline.callbacks.set_aside.models import SetAside, SetAsideMember
from helpline.db import db, retry_on_deadlock, transaction
from helpline.domain.lifecycle import Status
from helpline.hours import locking
from helpline.messaging import sms
from helpline.policy import queries as policy_queries
from helpline.privacy import audit

_MAX_LISTED = 200
_MAX_COMPARED = 5000
_LAST_DIGITS = 4


class MatchAttribute(StrEnum):
    """Attributes in which requests may match an example; their values are never shown."""

    NETWORK = "network"
    NETWORK_56 = "network_56"
    NETWORK_48 = "network_48"
    PAGE = "page"
    CHANNEL = "channel"
    NUMBERS = "numbers"
    """All digits of the number but the last four."""
    WORDS = "words"
    """Name and note."""


_COLUMNS = {
    MatchAttribute.NETWORK: Callback.network_hash,
    MatchAttribute.NETWORK_56: Callback.network_56_hash,
    MatchAttribute.NETWORK_48: Callback.network_48_hash,
    MatchAttribute.PAGE: Callback.source_page,
    MatchAttribute.CHANNEL: Callback.channel,
}
_READERS: dict[MatchAttribute, Callable[[Callback], object]] = {
    MatchAttribute.NUMBERS: lambda callback: callback.phone and callback.phone[:-_LAST_DIGITS],
    MatchAttribute.WORDS: lambda callback: (
        (callback.name, callback.note) if callback.name or callback.note else None
    ),
}


@dataclass(frozen=True, slots=True)
class Pattern:
    """Requests that match an example in all of these attributes.

    Args:
        example_id: the callback to match.
        alike: at least one attribute.
        since: when the first request was made.
        until: when the last was made; may be in the future.
    """

    example_id: int
    alike: tuple[MatchAttribute, ...]
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class MatchingRequest:
    """A matching request, as a supervisor may see it."""

    id: int
    requested_at: datetime
    slot_at: datetime | None
    channel: Channel
    status: Status


@dataclass(frozen=True, slots=True)
class Preview:
    """The requests that a pattern matches.

    Args:
        requests: the first of them, oldest first.
        count: how many there are.
        slots: how many slots would be released.
        in_call: matching requests with a call in progress, which are left alone.
    """

    requests: Sequence[MatchingRequest]
    count: int
    slots: int
    in_call: int


def preview(session: Session, pattern: Pattern) -> Preview:
    """Return the requests that would be set aside.

    Raises:
        NoResultFound: there is no such example.
        AttributeMissing: the example lacks an attribute.
    """
    matching = _matching(session, pattern)
    affected = [callback for callback in matching if callback.status != Status.CALLING]
    return Preview(
        requests=[
            MatchingRequest(
                callback.id,
                callback.requested_at,
                callback.slot_at,
                callback.channel,
                callback.status,
            )
            for callback in affected[:_MAX_LISTED]
        ],
        count=len(affected),
        slots=sum(
            callback.slot_at is not None and callback.status != Status.JOINED
            for callback in affected
        ),
        in_call=len(matching) - len(affected),
    )


@retry_on_deadlock
def set_aside(pattern: Pattern, *, reason: str, supervisor_id: int, now: datetime) -> int:
    """Set all matching requests aside: no calls, no text messages, slots released.

    Claimed ones are released; a call in progress continues.

    Args:
        reason: for supervisors; stored encrypted.

    Returns:
        The id of this action.

    Raises:
        NoResultFound, AttributeMissing: as in ``preview``; nothing was set aside.
    """
    actor = transitions.staff_actor(supervisor_id)
    with transaction() as session:
        callback_ids = [callback.id for callback in _matching(session, pattern)]
        row = SetAside(
            at=now,
            by_staff=supervisor_id,
            example_id=pattern.example_id,
            alike=list(pattern.alike),
            since=pattern.since,
            until=pattern.until,
            reason=reason,
        )
        session.add(row)
        session.flush()
        # All of them in one transaction: nobody is called in the middle of it.
        count = sum(
            _set_one_aside(session, callback_id, row.id, actor, now) for callback_id in callback_ids
        )
        audit.record(
            session,
            at=now,
            actor=actor,
            action="set_aside",
            subject=f"set_aside:{row.id}",
            alike=list(pattern.alike),
            example=pattern.example_id,
            since=pattern.since.isoformat(),
            until=pattern.until.isoformat(),
            count=count,
            reason=f"set_aside:{row.id}",
        )
        return row.id


def _set_one_aside(
    session: Session, callback_id: int, set_aside_id: int, actor: str, now: datetime
) -> bool:
    callback = lock_callback(session, callback_id)
    if callback.status == Status.CLAIMED and callback.claimed_by is not None:
        transitions.release(session, callback, advisor_id=callback.claimed_by, at=now, actor=actor)
    if callback.status not in (Status.WAITING, Status.JOINED):
        return False
    session.add(SetAsideMember(callback_id=callback_id, set_aside_id=set_aside_id))
    session.flush()
    transitions.set_aside(session, callback, at=now, actor=actor)
    sms.withdraw(session, callback_id, now=now)
    return True


@retry_on_deadlock
def undo_set_aside(
    set_aside_id: int, *, callback_id: int | None = None, supervisor_id: int, now: datetime
) -> int:
    """Restore the requests set aside by an action, or one of them. Idempotent.

    Returns:
        How many were restored; those that ended meanwhile are left as they are.
    """
    actor = transitions.staff_actor(supervisor_id)
    with transaction() as session:
        locking.lock_shared(session)
        members = sa.select(SetAsideMember.callback_id).where(
            SetAsideMember.set_aside_id == set_aside_id
        )
        if callback_id is not None:
            members = members.where(SetAsideMember.callback_id == callback_id)
        callback_ids = session.scalars(
            members.order_by(SetAsideMember.callback_id).with_for_update()
        )
        count = sum(_undo_one(session, member_id, actor, now) for member_id in callback_ids.all())
        if count:
            audit.record(
                session,
                at=now,
                actor=actor,
                action="brought_back",
                subject=f"callback:{callback_id}" if callback_id else f"set_aside:{set_aside_id}",
                count=count,
            )
        return count


def _undo_one(session: Session, callback_id: int, actor: str, now: datetime) -> bool:
    callback = lock_callback(session, callback_id)
    session.execute(sa.delete(SetAsideMember).where(SetAsideMember.callback_id == callback_id))
    if callback.status != Status.JOINED:
        return False
    slot_booking.lock_slots(session, callback.slot_at)
    transitions.undo_set_aside(session, callback, at=now, actor=actor)
    return True


@retry_on_deadlock
def expire_one(*, now: datetime) -> bool:
    """Expire one request set aside for as long as any may wait, so that its personal data is
    erased in time; return whether there was one.
    """
    days = policy_queries.current(db.session()).expire_after_days
    is_expired = sa.and_(
        has_open_status(Status.JOINED),
        Callback.due_at <= now - timedelta(days=days),
        SetAsideMember.holds(Callback.id),
    )
    if not db.session.scalar(sa.select(sa.exists().where(is_expired))):
        return False
    with transaction() as session:
        expired = lock_unlocked(session, is_expired, limit=1)
        if not expired:
            return False
        [callback] = expired
        transitions.expire_set_aside(session, callback, at=now)
        session.execute(sa.delete(SetAsideMember).where(SetAsideMember.callback_id == callback.id))
        return True


def _matching(session: Session, pattern: Pattern) -> list[Callback]:
    example = session.get_one(Callback, pattern.example_id)
    in_columns = [name for name in pattern.alike if name in _COLUMNS]
    for name in pattern.alike:
        read = _READERS.get(name)
        value = read(example) if read else getattr(example, _COLUMNS[name].key)
        if not value:
            raise AttributeMissing(name)
    candidates = session.scalars(
        sa.select(Callback)
        .where(
            Callback.status.in_((Status.WAITING, Status.JOINED, Status.CLAIMED, Status.CALLING)),
            Callback.requested_at.between(pattern.since, pattern.until),
            ~SetAsideMember.holds(Callback.id),
            *(_COLUMNS[name] == getattr(example, _COLUMNS[name].key) for name in in_columns),
        )
        .order_by(Callback.requested_at, Callback.id)
        .limit(_MAX_COMPARED)
    ).all()
    readers = [_READERS[name] for name in pattern.alike if name in _READERS]
    return [
        callback
        for callback in candidates
        if all(read_value(callback) == read_value(example) for read_value in readers)
    ]


@dataclass(frozen=True, slots=True)
class BusyNetwork:
    """A network with many recent requests.

    Args:
        count: how many of them are open.
        booked: how many of them hold a slot.
        example_id: one of them.
    """

    count: int
    booked: int
    example_id: int
    first_at: datetime
    last_at: datetime


def busy_networks(
    session: Session, since: datetime, *, least: int, limit: int
) -> list[BusyNetwork]:
    """Return the networks with most open requests, busiest first.

    Args:
        least: the minimum number of requests.
        limit: the maximum number of networks.
    """
    network = sa.func.coalesce(Callback.network_48_hash, Callback.network_hash)
    rows = session.execute(
        sa.select(
            sa.func.count(Callback.id),
            sa.func.count(sa.case((HOLDS_SLOT, 1))),
            sa.func.max(Callback.id),
            sa.func.min(Callback.requested_at),
            sa.func.max(Callback.requested_at),
        )
        .where(
            Callback.requested_at >= since,
            Callback.ended_at.is_(None),
            network.is_not(None),
            ~SetAsideMember.holds(Callback.id),
        )
        .group_by(network)
        .having(sa.func.count(Callback.id) >= least)
        .order_by(sa.func.count(Callback.id).desc())
        .limit(limit)
    )
    return [BusyNetwork(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class OpenSetAside:
    """An action, and how many of its requests are still set aside."""

    deed: SetAside
    left: int


def open_set_asides(session: Session, *, limit: int = 50) -> list[OpenSetAside]:
    """Return the newest actions with requests still set aside."""
    left = sa.func.count(SetAsideMember.callback_id)
    rows = session.execute(
        sa.select(SetAside, left)
        .join(SetAsideMember, SetAsideMember.set_aside_id == SetAside.id)
        .join(Callback, Callback.id == SetAsideMember.callback_id)
        .where(Callback.status == Status.JOINED)
        .group_by(SetAside.id)
        .order_by(SetAside.id.desc())
        .limit(limit)
    )
    return [OpenSetAside(row, count) for row, count in rows]


def members(session: Session, set_aside_id: int) -> Sequence[Callback]:
    """Return the requests still set aside by an action, oldest first."""
    return session.scalars(
        sa.select(Callback)
        .join(SetAsideMember, SetAsideMember.callback_id == Callback.id)
        .where(SetAsideMember.set_aside_id == set_aside_id, Callback.status == Status.JOINED)
        .order_by(Callback.id)
        .limit(_MAX_LISTED)
    ).all()


def set_aside_id_of(session: Session, callback_id: int) -> int | None:
    """Return the action by which a callback is set aside; None if it is not."""
    return session.scalar(
        sa.select(SetAsideMember.set_aside_id).where(SetAsideMember.callback_id == callback_id)
    )
