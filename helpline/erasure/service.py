"""Transactions that erase: by visitors, by supervisors, and after retention."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.callbacks import queries
from helpline.callbacks.models import Callback
from helpline.callbacks.row_locks import lock_callbacks
from helpline.calls.inbound.models import VoiceMessage
from helpline.db import db, retry_on_deadlock, transaction
from helpline.domain.lifecycle import ENDED
from helpline.erasure import visitors
from helpline.policy import retention
from helpline.policy.retention import RetentionPeriods
from helpline.privacy import audit, erasure_tables, tombstones
from helpline.privacy.encryption import phone_hash
from helpline.privacy.erasure_tables import Counts
from helpline.privacy.pii_inventory import Group, PersonalColumns, columns_of_groups
from helpline.staff import expiry

MAX_ROWS_PER_RUN = 100
CHECK_EVERY = timedelta(hours=1)


@retry_on_deadlock
def erase_everything(token: str, *, now: datetime) -> None:
    """Erase all data of the visitor with this status link, at once and permanently.

    1. What is open is cancelled: its slot is released, a call being set up is stopped, and a
       follower takes its queue position.
    2. Pending text messages are dropped; recordings are deleted, also at the carrier.
    3. Name, number, notes and everything recorded are erased. What remains is a row for statistics:
       when, how it ended, region and language.

    It covers the request of this link and the follow-ups and retries linked to it, but not other
    requests for the same number: they may be another person's, and each has its own link.
    Idempotent.

    Raises:
        NoSuchCallback: no callback has this link.
    """
    with transaction() as session:
        callback = queries.by_link(session, token)
        chain = _lock_chain(session, callback)
        if all(linked.erased_at is not None for linked in chain):
            return
        ended = visitors.cancel_open(session, chain, actor="visitor", now=now)
        ids = [linked.id for linked in chain]
        for linked in chain:
            tombstones.record_erased(session, linked.token_hash, at=now)
        counts = visitors.erase(session, ids, now=now)
        audit.record(
            session,
            at=now,
            actor="visitor",
            action="erased_by_visitor",
            subject=f"callback:{ids[0]}",
            callbacks=len(ids),
            cancelled=ended,
            rows=dict(counts),
        )


def _lock_chain(session: Session, callback: Callback) -> Sequence[Callback]:
    """Lock a chain. Adding to it locks the one before, so it stops growing once all are locked."""
    locked: Sequence[Callback] = ()
    while len(ids := _chain(session, callback)) > len(locked):
        locked = lock_callbacks(session, Callback.id.in_(ids))
    return locked


def _chain(session: Session, callback: Callback) -> list[int]:
    """Return a callback and its follow-ups and retries, earlier and later: one person's."""
    ids = [callback.id]
    for callback_id in ids:
        before = sa.select(Callback.follow_up_of, Callback.again_of).where(
            Callback.id == callback_id
        )
        after = sa.select(Callback.id).where(
            sa.or_(Callback.follow_up_of == callback_id, Callback.again_of == callback_id)
        )
        linked = {*session.execute(before).one(), *session.scalars(after)}
        ids.extend(sorted(linked - {None, *ids}))
    return ids


@retry_on_deadlock
def erase_number(e164: str, *, also_open: bool, staff_id: int, now: datetime) -> int:
    """Erase all data of a number, on request of the person whose number it is.

    The caller has verified that (docs/privacy.md). The number is recorded nowhere.

    Args:
        also_open: whether open requests are cancelled and erased too.

    Returns:
        How many requests were erased.
    """
    number_hash = phone_hash(e164)
    actor = f"staff:{staff_id}"
    with transaction() as session:
        callbacks = lock_callbacks(session, Callback.phone_hash == number_hash)
        cancelled = (
            visitors.cancel_open(session, callbacks, actor=actor, now=now) if also_open else 0
        )
        over = [callback for callback in callbacks if callback.status in ENDED]
        ids = [callback.id for callback in over]
        for callback in over:
            tombstones.record_erased(session, callback.token_hash, at=now)
        counts = visitors.erase(session, ids, now=now)
        if len(ids) == len(callbacks):
            tombstones.record_number_erased(session, number_hash, at=now)
            counts += erasure_tables.erase_number(session, number_hash, {Group.CALLER}, now=now)
        audit.record(
            session,
            at=now,
            actor=actor,
            action="erased_on_request",
            subject="number",
            callbacks=len(ids),
            cancelled=cancelled,
            rows=dict(counts),
        )
        return len(ids)


def count_requests(e164: str, *, staff_id: int, now: datetime) -> RequestCount:
    """Return how many requests a number has, and add an audit entry without the number.

    The count alone may reveal to someone that their partner asked for help, so the audit log says
    who looked.
    """
    with transaction() as session:
        audit.record(
            session, at=now, actor=f"staff:{staff_id}", action="number_looked_up", subject="number"
        )
        statuses = session.scalars(
            sa.select(Callback.status).where(Callback.phone_hash == phone_hash(e164))
        ).all()
        ended = sum(status in ENDED for status in statuses)
        return RequestCount(ended, len(statuses) - ended)


@dataclass(frozen=True, slots=True)
class RequestCount:
    """How many requests a number has."""

    ended: int
    still_open: int


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows of a group to erase.

    Args:
        ids: by table.
        finished: tables with no more rows to erase.
    """

    group: Group
    ids: Mapping[PersonalColumns, Sequence[Any]]
    finished: Collection[PersonalColumns]


class Progress:
    """How far a worker has come in a run after retention, so that it reads no row twice."""

    def __init__(self) -> None:
        self._run: object = None
        self._left: dict[Group, list[PersonalColumns]] = {}
        self._last: dict[PersonalColumns, object] = {}

    def next_batch(
        self, session: Session, periods: RetentionPeriods, now: datetime
    ) -> Batch | None:
        """Return rows that are due; None at the end."""
        run = (periods.version, periods.next_run_at)
        if run != self._run:
            self._run, self._last = run, {}
            self._left = {
                group: [each for each in columns_of_groups((group,)) if not each.within]
                for group in periods.days
            }
        for group, tables in self._left.items():
            ids: dict[PersonalColumns, Sequence[Any]] = {}
            finished, limit = [], MAX_ROWS_PER_RUN
            for columns in tables:
                before, last = periods.before(group, now), self._last.get(columns)
                found = erasure_tables.find_older(session, columns, before, after=last, limit=limit)
                if found:
                    ids[columns] = found
                limit -= len(found)
                if not limit:
                    break
                finished.append(columns)
            if ids:
                return Batch(group, ids, finished)
            tables.clear()
        return None

    def record(self, batch: Batch) -> None:
        """Record that a batch is erased."""
        self._last.update((columns, ids[-1]) for columns, ids in batch.ids.items())
        for columns in batch.finished:
            self._left[batch.group].remove(columns)


@retry_on_deadlock
def erase_due(*, now: datetime, progress: Progress | None = None) -> bool:
    """Erase a bounded number of rows past their retention and audit it, in one worker at a time.

    They are found before the transaction, which on SQLite keeps all others from writing. After
    everything is erased, workers pause for an hour.

    Args:
        progress: of this worker.

    Returns:
        Whether there may be more.
    """
    progress = progress or Progress()
    periods = retention.retention_periods(db.session())
    if periods.next_run_at is not None and periods.next_run_at > now:
        return False
    batch = progress.next_batch(db.session(), periods, now)
    group = batch.group if batch else Group.RECORDING
    with transaction() as session:
        rules = retention.reserve_run(session, now=now)
        if rules is None:
            return False
        before = rules.before(group, now)
        if batch:
            counts = erasure_tables.erase_older(session, batch.ids, before, now=now)
        else:
            counts = _delete_recordings(session, before, now)
        if counts:
            audit.record(
                session,
                at=now,
                actor="worker",
                action="erased_in_time",
                subject=f"kept:{group}",
                days=rules.days[group],
                rows=dict(counts),
            )
        elif not batch:
            expiry.erase_expired(session, at=now)
            retention.set_next_run(session, until=now + CHECK_EVERY)
            return False
    if batch:
        progress.record(batch)
    return True


def _delete_recordings(session: Session, before: datetime, now: datetime) -> Counts:
    over = sa.select(Callback.id).where(Callback.ended_at <= before)
    not_fetched = visitors.delete_recordings(
        session, VoiceMessage.callback_id.in_(over), now=now, limit=MAX_ROWS_PER_RUN
    )
    return Counts(voice_message=not_fetched) if not_fetched else Counts()
