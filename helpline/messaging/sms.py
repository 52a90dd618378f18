"""Queue text messages to visitors, and honour STOP, in the caller's transaction; never commits.

A message is queued with the action that it reports and sent by the worker: only with the visitor's
consent, where the deployment sends text messages, and never after STOP.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.app_state import AppState
from helpline.db import insert_or_ignore, updated_one_row
from helpline.domain.sms_progress import SmsKind, SmsStatus, When
from helpline.domain.unreadable import is_unreadable
from helpline.messaging import outbox, sms_registration, sms_templates, undelivered_sms
from helpline.messaging.models import Kind, OutboundSms, OutboxRow, OutboxState, SmsOptOut
from helpline.privacy import tombstones
from helpline.telephony import carrier_routes
from helpline.telephony.problems import SmsProblem

if TYPE_CHECKING:
    from flask import Flask

_VALID_FOR = {
    SmsKind.RECEIVED: timedelta(hours=2),
    SmsKind.MOVED: timedelta(hours=2),
    SmsKind.TRIED: timedelta(hours=2),
    SmsKind.ABOUT_TO_RING: timedelta(minutes=3),
    SmsKind.CANCELLED_BY_US: timedelta(hours=12),
    SmsKind.CRISIS: timedelta(minutes=30),
    SmsKind.ON_PAGE: timedelta(hours=2),
}
"""A message that could not be sent for so long is dropped: it would no longer be true."""

_ALWAYS_VALID = frozenset({SmsKind.CRISIS, SmsKind.CANCELLED_BY_US, SmsKind.ON_PAGE})
"""Kinds that stay true whatever happens to the callback."""

_NOT_DELIVERED = frozenset({SmsStatus.NOT_SENT, SmsStatus.FAILED, SmsStatus.UNDELIVERED})


class SmsRecipient(Protocol):
    """The part of a callback that a message needs."""

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
class SmsSettings:
    """What the deployment decides about text messages.

    Args:
        is_on: whether they are on now, as the database has it; None where none can be sent.
    """

    is_on: Callable[[Session], bool] | None = None
    daily_limit: int = 0


_SETTINGS = AppState("text-rules", outside=SmsSettings())


def install(app: Flask, settings: SmsSettings) -> None:
    """Give an application its settings.

    Raises:
        InvalidTemplate: text messages can be on, and a template is missing or has a wrong
            placeholder.
    """
    if settings.is_on is not None:
        sms_templates.load()
    _SETTINGS.install(app, settings)


def enabled(session: Session) -> bool:
    """Return whether text messages are on now."""
    is_on = _SETTINGS.get().is_on
    return is_on is not None and is_on(session)


def enqueue(
    session: Session,
    callback: SmsRecipient,
    kind: SmsKind,
    *,
    now: datetime,
    when: When | None = None,
    numbers: str = "",
    consent: bool | None = None,
    once: str = "",
    sent_by: int | None = None,
) -> bool:
    """Queue a message, sent by the worker after commit.

    Args:
        when: the time it names, in the helpline's zone; None for as soon as possible.
        numbers: emergency and crisis numbers, for SmsKind.CRISIS.
        consent: the visitor's newer answer in place of ``callback.may_text``.
        once: names the event; a repeated event sends one message.
        sent_by: the advisor who sent it, told if it does not arrive.

    Returns:
        Whether it is or was sent. If not: no consent, STOP, the daily limit, text messages off, or
        a failed delivery.
    """
    has_consent = callback.may_text if consent is None else consent
    if not has_consent or is_unreadable(callback.phone) or not enabled(session):
        return False
    if has_opted_out(session, callback.phone_hash):
        return False
    status = status_of(session, callback.id, kind, once)
    if status is not None:
        return status not in _NOT_DELIVERED
    if kind != SmsKind.CRISIS and _is_over_daily_limit(session, callback.phone_hash, now):
        return False
    good_until = now + _VALID_FOR[kind]
    if when is not None and when.at > now and kind != SmsKind.CANCELLED_BY_US:
        good_until = min(good_until, when.at)
    ref = secrets.token_hex(16)
    language, region = callback.text_language, callback.phone_region
    carrier = carrier_routes.route_for(session, region).carrier
    two_way = sms_templates.can_answer(carrier, region)
    key = sms_templates.key_for(sms_templates.key_of(kind, when), two_way=two_way)
    if insert_or_ignore(
        session,
        OutboundSms,
        ref=ref,
        callback_id=callback.id,
        kind=kind,
        once=once,
        phone_hash=callback.phone_hash,
        phone=callback.phone,
        words=sms_templates.render_kind(kind, when, language, region, numbers, two_way=two_way),
        template=sms_registration.name_of(key, language),
        wording_hash=sms_registration.hash_of(sms_registration.wording_of(key, language)),
        carrier=carrier,
        status=SmsStatus.WAITING,
        created_at=now,
        good_until=good_until,
        sent_by=sent_by,
    ):
        text_id = session.scalars(sa.select(OutboundSms.id).where(OutboundSms.ref == ref)).one()
        outbox.enqueue(session, Kind.SEND_TEXT, text_id, now=now)
    return True


def withdraw(session: Session, callback_id: int, *, now: datetime) -> None:
    """Withdraw the unsent messages of a callback."""
    close_waiting(
        session,
        sa.and_(OutboundSms.callback_id == callback_id, OutboundSms.kind.not_in(_ALWAYS_VALID)),
        SmsProblem.NO_LONGER_TRUE,
        now,
    )


def withdraw_all(session: Session, *, now: datetime) -> None:
    """Withdraw all unsent messages."""
    close_waiting(session, sa.true(), SmsProblem.NO_LONGER_TRUE, now)


def erase(session: Session, callback_id: int, *, now: datetime) -> None:
    """Withdraw and erase all messages of a callback.

    Whether one being passed to the carrier was sent will not be known.
    """
    close_waiting(session, OutboundSms.callback_id == callback_id, SmsProblem.ERASED, now)
    unsent = session.scalars(
        sa.select(OutboundSms).where(
            OutboundSms.callback_id == callback_id,
            OutboundSms.status.in_((SmsStatus.WAITING, SmsStatus.ASKED)),
        )
    )
    for text in unsent.all():
        end_unsent(session, text, SmsProblem.ERASED, now=now)


def opt_out(session: Session, phone_hash: str, *, now: datetime) -> bool:
    """Record a STOP and withdraw unsent messages; return whether it is new."""
    close_waiting(session, OutboundSms.phone_hash == phone_hash, SmsProblem.STOPPED, now)
    if not insert_or_ignore(session, SmsOptOut, phone_hash=phone_hash, since=now):
        return False
    tombstones.record_stopped(session, phone_hash, at=now)
    return True


def opt_in(session: Session, phone_hash: str, *, now: datetime) -> bool:
    """Record a START; return whether there was a STOP."""
    result = session.execute(sa.delete(SmsOptOut).where(SmsOptOut.phone_hash == phone_hash))
    if not result.rowcount:  # type: ignore[attr-defined]
        return False
    tombstones.record_started(session, phone_hash, at=now)
    return True


def has_opted_out(session: Session, phone_hash: str | None) -> bool:
    """Return whether a STOP is in force."""
    since = session.scalar(sa.select(SmsOptOut.since).where(SmsOptOut.phone_hash == phone_hash))
    return since is not None


def end_unsent(session: Session, text: OutboundSms, problem: str, *, now: datetime) -> None:
    """End a message without sending it."""
    if updated_one_row(
        session,
        sa.update(OutboundSms)
        .where(
            OutboundSms.id == text.id,
            OutboundSms.status.in_((SmsStatus.WAITING, SmsStatus.ASKED)),
        )
        .values(status=SmsStatus.NOT_SENT, problem=problem, phone=None, words=None),
    ):
        outbox.give_up(session, Kind.SEND_TEXT, text.id, now=now, problem=problem)
        undelivered_sms.notify_undelivered(session, text, problem, now=now)


def close_waiting(
    session: Session, condition: sa.ColumnElement[bool], problem: str, now: datetime
) -> None:
    """Withdraw unsent messages. One that a worker has claimed is not sent again, should the carrier
    not take it now.
    """
    is_unsent = OutboundSms.status.in_((SmsStatus.WAITING, SmsStatus.ASKED))
    rows = session.execute(
        sa.select(OutboundSms.id, OutboundSms.status).where(condition, is_unsent)
    )
    unsent = {row.id: row.status for row in rows}
    if not unsent:
        return
    for text_id in sorted(each for each in unsent if unsent[each] == SmsStatus.WAITING):
        if updated_one_row(
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
                sa.update(OutboundSms)
                .where(OutboundSms.id == text_id)
                .values(status=SmsStatus.NOT_SENT, problem=problem, phone=None, words=None)
            )
    # Last, as workers lock an outbox row before its message.
    session.execute(
        sa.update(OutboundSms).where(OutboundSms.id.in_(unsent), is_unsent).values(good_until=now),
        execution_options={"synchronize_session": False},
    )


def status_of(session: Session, callback_id: int, kind: SmsKind, once: str) -> SmsStatus | None:
    """Return the status of the message for this event; None if there is none."""
    status = session.scalar(
        sa.select(OutboundSms.status).where(
            OutboundSms.callback_id == callback_id,
            OutboundSms.kind == kind,
            OutboundSms.once == once,
        )
    )
    return SmsStatus(status) if status is not None else None


def _is_over_daily_limit(session: Session, phone_hash: str, now: datetime) -> bool:
    today = session.scalar(
        sa.select(sa.func.count(OutboundSms.id)).where(
            OutboundSms.phone_hash == phone_hash, OutboundSms.created_at > now - timedelta(days=1)
        )
    )
    return (today or 0) >= _SETTINGS.get().daily_limit
