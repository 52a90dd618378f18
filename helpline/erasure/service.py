"""The verbs that erase: what a visitor, a supervisor and the passing of time may do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.callbacks import queries
from helpline.callbacks.models import Callback
from helpline.calls.inbound.models import VoiceMessage
from helpline.db import retry_on_deadlock, transaction
from helpline.domain.lifecycle import ENDED
from helpline.erasure import visitors
from helpline.privacy import audit, erasure_tables, retention, tombstones
from helpline.privacy.encryption import phone_hash
from helpline.privacy.erasure_tables import Counts
from helpline.privacy.pii_inventory import Group
from helpline.staff import expiry

MOST_AT_ONCE = 100
LOOK_EVERY = timedelta(hours=1)


@retry_on_deadlock
def erase_everything(token: str, *, now: datetime) -> None:
    """Erases everything about the visitor who has this status link, at once and for good.

    1. What is not over is cancelled: the place in its slot is free, a call that is being set up
       is stopped, and whoever asked for the same number after them takes their place.
    2. Texts that wait to be sent are dropped, recordings are deleted, also at the carrier.
    3. Name, number, notes and all that was written down become nothing. What remains is a row
       without a person, for counting: when, how it ended, from which region, in which language.

    It reaches the request of this link, and the further calls that were agreed in it or tried
    again after it, which have their links on its page. It does not reach other requests for the
    same number: they may be somebody else's, and each has a link of its own. Twice is the same as
    once.

    Raises:
        NoSuchCallback: no callback has this link.
    """
    with transaction() as session:
        own = queries.by_link(session, token)
        chain = _hold_chain(session, own)
        if all(each.erased_at is not None for each in chain):
            return
        ended = visitors.end_open(session, chain, actor="visitor", now=now)
        ids = [each.id for each in chain]
        for each in chain:
            tombstones.erased(session, each.token_hash, at=now)
        counts = visitors.erase(session, ids, now=now)
        audit.record(
            session,
            at=now,
            actor="visitor",
            deed="erased_by_visitor",
            subject=f"callback:{ids[0]}",
            callbacks=len(ids),
            cancelled=ended,
            rows=dict(counts),
        )


def _hold_chain(session: Session, own: Callback) -> Sequence[Callback]:
    """Locks all of it. Another may be agreed or tried again while we wait for a lock; whoever makes
    the next holds the one before, so once all are held it grows no more."""
    held: Sequence[Callback] = ()
    while len(ids := _chain(session, own)) > len(held):
        held = visitors.lock_callbacks(session, ids)
    return held


def _chain(session: Session, own: Callback) -> list[int]:
    """A callback, and those agreed on the phone or tried again before and after it. Each was made
    by the visitor of the one before, so they are one person's."""
    found = [own.id]
    for each in found:
        before = sa.select(Callback.follow_up_of, Callback.again_of).where(Callback.id == each)
        after = sa.select(Callback.id).where(
            sa.or_(Callback.follow_up_of == each, Callback.again_of == each)
        )
        linked = {*session.execute(before).one(), *session.scalars(after)}
        found.extend(sorted(linked - {None, *found}))
    return found


@retry_on_deadlock
def erase_number(e164: str, *, also_open: bool, staff_id: int, now: datetime) -> int:
    """Erases all that is known of a number, on request of the person whose number it is.

    Whoever does it has made sure of that: see docs/privacy.md. The number is not noted anywhere.

    Args:
        e164: the number.
        also_open: whether what is not over is cancelled, and erased too.

    Returns:
        How many requests were erased.
    """
    number_hash = phone_hash(e164)
    actor = f"staff:{staff_id}"
    with transaction() as session:
        found = session.scalars(
            sa.select(Callback.id).where(Callback.phone_hash == number_hash)
        ).all()
        callbacks = visitors.lock_callbacks(session, found)
        cancelled = visitors.end_open(session, callbacks, actor=actor, now=now) if also_open else 0
        over = [each for each in callbacks if each.status in ENDED]
        ids = [each.id for each in over]
        for each in over:
            tombstones.erased(session, each.token_hash, at=now)
        counts = visitors.erase(session, ids, now=now)
        if len(ids) == len(callbacks):
            tombstones.number_erased(session, number_hash, at=now)
            counts += erasure_tables.of_number(session, number_hash, {Group.CALLER}, now=now)
        audit.record(
            session,
            at=now,
            actor=actor,
            deed="erased_on_request",
            subject="number",
            callbacks=len(ids),
            cancelled=cancelled,
            rows=dict(counts),
        )
        return len(ids)


def look_up(e164: str, *, staff_id: int, now: datetime) -> Known:
    """How much is known of a number, and nothing of what. That alone may tell somebody whether
    their partner has asked us for help, so the audit log says who looked, though not for whom."""
    with transaction() as session:
        audit.record(
            session, at=now, actor=f"staff:{staff_id}", deed="number_looked_up", subject="number"
        )
        statuses = session.scalars(
            sa.select(Callback.status).where(Callback.phone_hash == phone_hash(e164))
        ).all()
        ended = sum(each in ENDED for each in statuses)
        return Known(ended, len(statuses) - ended)


@dataclass(frozen=True, slots=True)
class Known:
    """How many requests there are of a number.

    Args:
        ended: that are over.
        still_open: that are not.
    """

    ended: int
    still_open: int


@retry_on_deadlock
def erase_due(*, now: datetime) -> bool:
    """Erases what is older than an admin wants it kept, a bounded number of rows, and writes down
    what it was. Of all workers one does it at a time; when nothing is left they rest for an hour.

    Returns:
        Whether there may be more.
    """
    with transaction() as session:
        rules = retention.take_turn(session, now=now)
        if rules is None:
            return False
        for group, days in rules.days.items():
            before = now - timedelta(days=days)
            counts = _erase_older(session, group, before, now)
            if counts:
                audit.record(
                    session,
                    at=now,
                    actor="worker",
                    deed="erased_in_time",
                    subject=f"kept:{group}",
                    days=days,
                    rows=dict(counts),
                )
                return True
        expiry.erase_expired(session, at=now)
        retention.rest(session, until=now + LOOK_EVERY)
        return False


def _erase_older(session: Session, group: Group, before: datetime, now: datetime) -> Counts:
    counts = erasure_tables.older_than(session, group, before, most=MOST_AT_ONCE, now=now)
    if group == Group.RECORDING:
        over = sa.select(Callback.id).where(Callback.ended_at <= before)
        not_fetched = visitors.delete_recordings(
            session, VoiceMessage.callback_id.in_(over), now=now, most=MOST_AT_ONCE
        )
        if not_fetched:
            counts["voice_message"] += not_fetched
    return counts
