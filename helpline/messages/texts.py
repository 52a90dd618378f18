"""Writing texts to visitors, and who wants none, inside the caller's transaction. Never commits.

A text is written where the deed is done that it tells of, and sent by the worker. It is written
only with the visitor's consent, where the deployment sends texts at all, and not to a number that
has said STOP.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.app_state import AppState
from helpline.db import changed_one
from helpline.domain.text_progress import TextKind, TextStatus, When
from helpline.domain.unreadable import is_unreadable
from helpline.messages import outbox, undelivered, wording
from helpline.messages.models import Kind, OutboxRow, OutboxState, TextOut, TextStop
from helpline.privacy import tombstones
from helpline.rows import add_if_absent
from helpline.telephony.text_words import TextProblem

if TYPE_CHECKING:
    from flask import Flask

_GOOD_FOR = {
    TextKind.RECEIVED: timedelta(hours=2),
    TextKind.MOVED: timedelta(hours=2),
    TextKind.TRIED: timedelta(hours=2),
    TextKind.ABOUT_TO_RING: timedelta(minutes=3),
    TextKind.CANCELLED_BY_US: timedelta(hours=12),
    TextKind.CRISIS: timedelta(minutes=30),
    TextKind.ON_PAGE: timedelta(hours=2),
}
"""A text that could not be sent for so long is not sent any more: it would say what is not so."""

_TRUE_FOR_ITSELF = frozenset({TextKind.CRISIS, TextKind.CANCELLED_BY_US, TextKind.ON_PAGE})
"""What stays true whatever becomes of the callback."""

_IN_VAIN = frozenset({TextStatus.NOT_SENT, TextStatus.FAILED, TextStatus.UNDELIVERED})


class Addressee(Protocol):
    """Whom a text is for: a callback, as this room sees it."""

    @property
    def id(self) -> int: ...
    @property
    def phone(self) -> str: ...
    @property
    def phone_hash(self) -> str: ...
    @property
    def phone_region(self) -> str: ...
    @property
    def text_language(self) -> str: ...
    @property
    def may_text(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Rules:
    """What the operator decided about texts."""

    enabled: bool = False
    most_a_day: int = 0


_RULES = AppState[Rules]("text-rules")


def install(app: Flask, rules: Rules) -> None:
    """Give an application its rules.

    Raises:
        WrongWording: it shall send texts, and one of them is missing or leaves open too much.
    """
    if rules.enabled:
        wording.load()
    _RULES.install(app, rules)


def enabled() -> bool:
    """Whether this deployment sends texts."""
    return _rules().enabled


def _rules() -> Rules:
    return _RULES.get() or Rules()


def put(
    session: Session,
    callback: Addressee,
    kind: TextKind,
    *,
    now: datetime,
    when: When | None = None,
    numbers: str = "",
    consent: bool | None = None,
    once: str = "",
    sent_by: int | None = None,
) -> bool:
    """Writes a text, to be sent by the worker as soon as this transaction is kept.

    Args:
        callback: whom it is for.
        when: the time it tells, in the helpline's zone; None: as soon as we can.
        numbers: the emergency and crisis numbers, for TextKind.CRISIS.
        consent: what the visitor says now, where that is newer than ``callback.may_text``.
        once: names the deed; the same deed told twice for a callback is one text.
        sent_by: the advisor who asked for it, who is told if it does not arrive.

    Returns:
        Whether it is sent, or was. If not, there is no consent, the number said STOP or was sent
        enough today, this deployment sends no texts, or it was tried in vain.
    """
    agreed = callback.may_text if consent is None else consent
    if not (enabled() and agreed) or is_unreadable(callback.phone):
        return False
    if has_stopped(session, callback.phone_hash):
        return False
    known = written(session, callback.id, kind, once)
    if known is not None:
        return known not in _IN_VAIN
    if kind != TextKind.CRISIS and _had_enough(session, callback.phone_hash, now):
        return False
    good_until = now + _GOOD_FOR[kind]
    if when is not None and when.at > now and kind != TextKind.CANCELLED_BY_US:
        good_until = min(good_until, when.at)
    ref = secrets.token_hex(16)
    if add_if_absent(
        session,
        TextOut,
        ref=ref,
        callback_id=callback.id,
        kind=kind,
        once=once,
        phone_hash=callback.phone_hash,
        phone=callback.phone,
        words=wording.of_kind(kind, when, callback.text_language, callback.phone_region, numbers),
        status=TextStatus.WAITING,
        created_at=now,
        good_until=good_until,
        sent_by=sent_by,
    ):
        text_id = session.scalars(sa.select(TextOut.id).where(TextOut.ref == ref)).one()
        outbox.put(session, Kind.SEND_TEXT, text_id, now=now)
    return True


def withdraw(session: Session, callback_id: int, *, now: datetime) -> None:
    """What waits to be sent for a callback is no longer so: it is not sent."""
    _close_waiting(
        session,
        sa.and_(TextOut.callback_id == callback_id, TextOut.kind.not_in(_TRUE_FOR_ITSELF)),
        TextProblem.NO_LONGER_TRUE,
        now,
    )


def withdraw_all(session: Session, *, now: datetime) -> None:
    """No text that waits is sent, of whatever callback."""
    _close_waiting(session, sa.true(), TextProblem.NO_LONGER_TRUE, now)


def forget(session: Session, callback_id: int, *, now: datetime) -> None:
    """Nothing more is sent for a callback, whatever it tells: its visitor is to be forgotten. Of a
    text that is just being handed to the carrier we will not know whether it was sent."""
    _close_waiting(session, TextOut.callback_id == callback_id, TextProblem.ERASED, now)
    in_hand = session.scalars(
        sa.select(TextOut).where(
            TextOut.callback_id == callback_id,
            TextOut.status.in_((TextStatus.WAITING, TextStatus.ASKED)),
        )
    )
    for text in in_hand.all():
        end_unsent(session, text, TextProblem.ERASED, now=now)


def stop(session: Session, phone_hash: str, *, now: datetime) -> bool:
    """No more texts to this number, until START; says whether that is new. What waits to be sent
    is not sent."""
    _close_waiting(session, TextOut.phone_hash == phone_hash, TextProblem.STOPPED, now)
    if not add_if_absent(session, TextStop, phone_hash=phone_hash, since=now):
        return False
    tombstones.stopped(session, phone_hash, at=now)
    return True


def start(session: Session, phone_hash: str, *, now: datetime) -> bool:
    """This number wants texts again; says whether it had stopped them."""
    gone = session.execute(sa.delete(TextStop).where(TextStop.phone_hash == phone_hash))
    if not gone.rowcount:  # type: ignore[attr-defined]
        return False
    tombstones.started(session, phone_hash, at=now)
    return True


def has_stopped(session: Session, phone_hash: str | None) -> bool:
    """Whether this number said STOP, and not START since."""
    found = session.scalar(sa.select(TextStop.since).where(TextStop.phone_hash == phone_hash))
    return found is not None


def end_unsent(session: Session, text: TextOut, problem: str, *, now: datetime) -> None:
    """This text is not sent, and will not be."""
    if changed_one(
        session,
        sa.update(TextOut)
        .where(
            TextOut.id == text.id,
            TextOut.status.in_((TextStatus.WAITING, TextStatus.ASKED)),
        )
        .values(status=TextStatus.NOT_SENT, problem=problem, phone=None, words=None),
    ):
        outbox.give_up(session, Kind.SEND_TEXT, text.id, now=now, problem=problem)
        undelivered.tell(session, text, problem, now=now)


def _close_waiting(
    session: Session, which: sa.ColumnElement[bool], problem: str, now: datetime
) -> None:
    """The outbox row is closed first: a text that a worker has in hand stays there."""
    waiting = session.scalars(
        sa.select(TextOut.id).where(which, TextOut.status == TextStatus.WAITING)
    ).all()
    for text_id in sorted(waiting):
        if changed_one(
            session,
            sa.update(OutboxRow)
            .where(
                OutboxRow.kind == Kind.SEND_TEXT,
                OutboxRow.subject_id == text_id,
                OutboxRow.state == OutboxState.PENDING,
            )
            .values(state=OutboxState.GIVEN_UP, done_at=now, problem=problem),
        ):
            session.execute(
                sa.update(TextOut)
                .where(TextOut.id == text_id)
                .values(status=TextStatus.NOT_SENT, problem=problem, phone=None, words=None)
            )


def written(session: Session, callback_id: int, kind: TextKind, once: str) -> TextStatus | None:
    """How far the text of this deed came; None: it was not written yet."""
    found = session.scalar(
        sa.select(TextOut.status).where(
            TextOut.callback_id == callback_id, TextOut.kind == kind, TextOut.once == once
        )
    )
    return TextStatus(found) if found is not None else None


def _had_enough(session: Session, phone_hash: str, now: datetime) -> bool:
    """Whether a number was sent so much today that somebody must be playing with it."""
    today = session.scalar(
        sa.select(sa.func.count(TextOut.id)).where(
            TextOut.phone_hash == phone_hash, TextOut.created_at > now - timedelta(days=1)
        )
    )
    return (today or 0) >= _rules().most_a_day
