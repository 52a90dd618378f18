"""Bring a restored database up to date with what happened after its backup.

A backup does not know who cancelled, erased their data or sent STOP later; the tombstones do.
Requests made later are lost, and open ones may have been called since, so none of them is called
until a supervisor has reviewed it (docs/decisions/0018-restored-backups-call-nobody).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.callbacks import transitions
from helpline.callbacks.models import Callback
from helpline.callbacks.phone_limits import checks
from helpline.callbacks.phone_limits.models import LimitReason, NumberLimit
from helpline.callbacks.row_locks import lock_callbacks
from helpline.calls import attempts
from helpline.calls.models import Attempt
from helpline.db import Base, insert_or_ignore, transaction
from helpline.domain.call_progress import AttemptResult
from helpline.domain.lifecycle import ENDED, Status
from helpline.erasure import visitors
from helpline.messaging import sms
from helpline.messaging.models import SmsOptOut
from helpline.privacy import audit, erasure_tables, tombstones
from helpline.privacy.models import Tombstone, TombstoneKind
from helpline.privacy.pii_inventory import Group, columns_of_groups
from helpline.privacy.tombstones import TombstoneRecord

_OPERATOR = "operator"


@dataclass(slots=True)
class RestoreSummary:
    """What a restore changed, as counts.

    Args:
        unknown: tombstones of requests made after the backup.
    """

    ended: int = 0
    erased: int = 0
    blocks: int = 0
    stops: int = 0
    unknown: int = 0
    held: int = 0

    def as_detail(self) -> dict[str, int]:
        return {
            "ended": self.ended,
            "erased": self.erased,
            "blocks": self.blocks,
            "stops": self.stops,
            "held": self.held,
        }


@dataclass(slots=True)
class _Restore:
    session: Session
    now: datetime
    callbacks: dict[str, int]
    carried: RestoreSummary = field(default_factory=RestoreSummary)


def apply_tombstones(stones: Sequence[TombstoneRecord], *, now: datetime) -> RestoreSummary:
    """Apply tombstones newer than the restored database, and hold its open requests.

    1. Calls and claims in progress are over: their requests return to the queue.
    2. Every open request is held.
    3. Later ends, erasures, blocks and STOPs are applied again.
    4. Pending text messages are dropped: they may have been sent already.

    Args:
        stones: oldest first. Applying them twice changes nothing.
    """
    with transaction() as session:
        applied = set(session.scalars(sa.select(Tombstone.ref)))
        new = [tombstone for tombstone in stones if tombstone.ref not in applied]
        rows = session.execute(sa.select(Callback.id, Callback.token_hash))
        marks = {tombstones.mark_of_callback(token_hash): id_ for id_, token_hash in rows}
        work = _Restore(session, now, marks)
        _return_to_queue(work)
        _hold_open(work)
        for stone in new:
            _apply(work, stone)
            tombstones.store(session, stone)
        sms.withdraw_all(session, now=now)
        work.carried.held = _held_count(session)
        audit.record(
            session,
            at=now,
            actor=_OPERATOR,
            action="backup_restored",
            subject="database",
            **work.carried.as_detail(),
        )
        return work.carried


def _return_to_queue(work: _Restore) -> None:
    session, now = work.session, work.now
    live = sa.select(Attempt.id).where(Attempt.ended_at.is_(None)).order_by(Attempt.id)
    for attempt_id in session.scalars(live).all():
        attempt = attempts.lock_attempt(session, attempt_id)
        assert attempt is not None
        attempts.end_attempt(session, attempt, AttemptResult.CANCELLED, rang=False, now=now)
    in_hand = sa.select(Callback.id).where(Callback.status.in_((Status.CLAIMED, Status.CALLING)))
    for callback in _locked(session, session.scalars(in_hand).all()):
        if callback.status == Status.CALLING:
            transitions.call_abandoned(
                session, callback, at=now, actor=_OPERATOR, due_at=callback.due_at
            )
        else:
            assert callback.claimed_by is not None
            transitions.release(
                session, callback, advisor_id=callback.claimed_by, at=now, actor=_OPERATOR
            )


def _hold_open(work: _Restore) -> None:
    work.session.execute(
        sa.update(Callback)
        .where(Callback.status.not_in(ENDED), Callback.held_at.is_(None))
        .values(held_at=work.now),
        execution_options={"synchronize_session": False},
    )
    work.session.expire_all()


def _held_count(session: Session) -> int:
    count = sa.select(sa.func.count(Callback.id)).where(
        Callback.held_at.is_not(None), Callback.status.not_in(ENDED)
    )
    return session.scalar(count) or 0


def _apply(work: _Restore, stone: TombstoneRecord) -> None:
    match stone.kind:
        case TombstoneKind.ENDED | TombstoneKind.ERASED:
            callback_id = work.callbacks.get(stone.mark)
            if callback_id is None:
                work.carried.unknown += 1
            elif stone.kind == TombstoneKind.ENDED:
                _end(work, callback_id, Status(stone.status or Status.CANCELLED), stone.at)
            else:
                _erase(work, callback_id, stone.at)
        case TombstoneKind.NUMBER_ERASED:
            _erase_number(work, stone.mark)
        case TombstoneKind.BLOCKED | TombstoneKind.UNBLOCKED:
            _block(work, stone)
        case TombstoneKind.STOPPED | TombstoneKind.STARTED:
            _stop(work, stone)


def _end(work: _Restore, callback_id: int, status: Status, at: datetime) -> None:
    [callback] = _locked(work.session, [callback_id])
    if callback.status not in ENDED:
        transitions.end_restored(work.session, callback, status, at=at, now=work.now)
        work.carried.ended += 1


def _erase(work: _Restore, callback_id: int, at: datetime) -> None:
    _end(work, callback_id, Status.CANCELLED, at)
    if visitors.erase(work.session, [callback_id], now=work.now):
        work.carried.erased += 1


def _erase_number(work: _Restore, number_mark: str) -> None:
    for phone_hash in _numbers_of_callers(work.session):
        if tombstones.mark_of_number(phone_hash) == number_mark:
            erasure_tables.erase_number(work.session, phone_hash, {Group.CALLER}, now=work.now)


def _numbers_of_callers(session: Session) -> Collection[str]:
    numbers: set[str] = set()
    for table in columns_of_groups({Group.CALLER}):
        if table.number is not None:
            column = Base.metadata.tables[table.table].c[table.number]
            numbers.update(session.scalars(sa.select(column).distinct().where(column.is_not(None))))
    return numbers


def _block(work: _Restore, stone: TombstoneRecord) -> None:
    session = work.session
    in_force = sa.and_(
        NumberLimit.phone_hash == stone.mark,
        checks.IS_BLOCK,
        NumberLimit.lifted_at.is_(None),
    )
    # A tombstone of release 1.0.0 names no block.
    why = LimitReason(stone.status) if stone.status else LimitReason.BLOCKED
    if stone.kind == TombstoneKind.UNBLOCKED:
        block = [NumberLimit.why == why, NumberLimit.until == stone.until] if stone.status else []
        session.execute(
            sa.update(NumberLimit)
            .where(in_force, NumberLimit.since <= stone.at, *block)
            .values(lifted_at=stone.at, phone_hash=None)
        )
        work.carried.blocks += 1
    elif stone.until is not None and stone.until > work.now:
        session.add(NumberLimit(phone_hash=stone.mark, why=why, since=stone.at, until=stone.until))
        session.flush()
        work.carried.blocks += 1


def _stop(work: _Restore, stone: TombstoneRecord) -> None:
    if stone.kind == TombstoneKind.STOPPED:
        insert_or_ignore(work.session, SmsOptOut, phone_hash=stone.mark, since=stone.at)
    else:
        work.session.execute(sa.delete(SmsOptOut).where(SmsOptOut.phone_hash == stone.mark))
    work.carried.stops += 1


def _locked(session: Session, ids: Collection[int]) -> Sequence[Callback]:
    return lock_callbacks(session, Callback.id.in_(ids)) if ids else ()
