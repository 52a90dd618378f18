"""Inbound calls as the carrier reports them; repeated or late webhooks make no difference."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session

from helpline.callbacks.models import Callback
from helpline.callbacks.phone_limits import active_calls
from helpline.callbacks.visitor_numbers import require_visitor_number
from helpline.calls import carrier_failures
from helpline.calls.errors import NoSuchAttempt
from helpline.calls.inbound import advisors, ivr
from helpline.calls.inbound.ivr import CallerInput, IvrSettings, IvrTurn
from helpline.calls.inbound.models import (
    Asked,
    InboundCall,
    InboundReply,
    Outcome,
)
from helpline.calls.inbound.replies import Kind, Reply
from helpline.db import ONE, Instant, transaction, updated_one_row
from helpline.domain import phone_numbers
from helpline.domain.errors import InvalidPhoneNumber
from helpline.domain.job_limits import JobLimits
from helpline.domain.phone_numbers import PhoneNumber
from helpline.domain.unreadable import if_readable, is_unreadable
from helpline.messaging import job_failures
from helpline.privacy import audit
from helpline.privacy.encryption import phone_hash

T = TypeVar("T")

_TRIES = 3
_TALKING_MAY_BE_SILENT = 10
_FIRST = 0


def call_received(sid: str, number: str | None, *, rules: IvrSettings, now: datetime) -> Reply:
    """Answer an inbound call.

    Args:
        sid: the carrier's id of the call.
        number: the caller's (E.164); None when withheld.
    """

    def first(session: Session) -> Reply:
        call = _hold(session, sid)
        if call is not None:
            return _said(session, call, _FIRST) or _nothing(call)
        call = _new_call(session, sid, number, rules, now)
        talk = IvrTurn(session, call, rules, now, greet=True)
        if number is not None and number == rules.caller_id:
            return _keep(session, call, _FIRST, ivr.end_loop(talk), now)
        return _keep(session, call, _FIRST, ivr.start(talk), now)

    return _tried(first)


def input_received(
    sid: str, turn: int, word: CallerInput, *, hung_up: bool, rules: IvrSettings, now: datetime
) -> Reply:
    """Process the input of a turn: keys, a recording, the end of a call to an advisor.

    Args:
        turn: the turn it belongs to.
        hung_up: the caller is gone; what they left is stored, and nobody is called.

    Raises:
        NoSuchAttempt: unknown call, or a question that was not asked.
    """

    refused: list[tuple[int, int, int]] = []

    def next_turn(session: Session) -> Reply:
        refused.clear()
        call = _known(session, sid)
        before = _said(session, call, turn)
        if before is not None:
            return before
        if turn != call.turn:
            raise NoSuchAttempt
        if word.error_code and call.asked == Asked.ADVISOR and call.advisor_id is not None:
            refused.append((call.id, call.advisor_id, word.error_code))
        talk = IvrTurn(session, call, rules, now)
        return _keep(session, call, turn, _answer(talk, word, hung_up), now)

    reply = _tried(next_turn)
    for call_id, advisor_id, code in refused:
        carrier_failures.advisor_call_refused(call_id, advisor_id, code, now=now)
    return reply


def _answer(talk: IvrTurn, word: CallerInput, hung_up: bool) -> Reply:
    if word.connected is False and talk.call.asked == Asked.ADVISOR:
        advisors.record_not_connected(talk.session, talk.call, now=talk.now)
    if not hung_up and talk.call.ended_at is None:
        return ivr.next_turn(talk, word)
    _gone(talk)
    if word.recording:
        _keep_message(talk, word)
    return talk.reply(Kind.HANG_UP)


def _keep_message(talk: IvrTurn, word: CallerInput) -> None:
    """Store the recording, whether or not the call has ended."""
    call = talk.call
    if if_readable(call.typed_phone or call.phone):
        ivr.keep_message(talk, word)
        if call.outcome == Outcome.LEFT:
            call.outcome = Outcome.MESSAGE


def message_recorded(sid: str, word: CallerInput, *, rules: IvrSettings, now: datetime) -> None:
    """Process the report that a recording is available, even where the first report was lost."""

    def keep(session: Session) -> None:
        call = _hold(session, sid)
        if call is not None:
            _keep_message(IvrTurn(session, call, rules, now), word)

    _tried(keep)


def advisor_answered(sid: str, turn: int, advisor_call: str, *, now: datetime) -> bool:
    """Return whether to ask the answering advisor for the 1; else hang up, since the caller is gone
    or another advisor is called by now.

    Raises:
        NoSuchAttempt: unknown call.
    """
    with transaction() as session:
        call = _known(session, sid)
        if not _waits(call, turn) or call.advisor_call not in (None, advisor_call):
            return False
        call.advisor_call = advisor_call
        call.heard_at = now
        return True


def advisor_pressed_one(sid: str, turn: int, advisor_call: str, *, now: datetime) -> bool:
    """Return whether to connect the two after the advisor pressed 1. Idempotent.

    What began inside opening hours is connected even after closing: the caller called, and nobody
    else is called.

    Raises:
        NoSuchAttempt: unknown call.
    """
    with transaction() as session:
        call = _known(session, sid)
        if not _waits(call, turn) or call.advisor_call != advisor_call:
            return False
        if call.talked_at is None:
            call.talked_at = call.heard_at = now
            call.talked_with = call.advisor_id
            advisors.bring_callback(session, call, now=now)
            audit.record(
                session,
                at=now,
                actor=f"staff:{call.talked_with}",
                deed="call_in_answered",
                subject=f"inbound_call:{call.id}",
            )
        return True


def _waits(call: InboundCall, turn: int) -> bool:
    return call.ended_at is None and call.asked == Asked.ADVISOR and call.turn == turn


def call_ended(sid: str, *, now: datetime) -> None:
    """Process the end of a call, reported or looked up."""
    with transaction() as session:
        call = _hold(session, sid)
        if call is not None:
            _gone(IvrTurn(session, call, _NO_RULES, now))


def next_silent(*, now: datetime, silent_after: timedelta) -> str | None:
    """Claim one call without a report for ``silent_after``, to look it up, and return the
    carrier's id. It is not claimed again before that time has passed once more.
    """
    with transaction() as session:
        call = session.scalar(
            sa.select(InboundCall)
            .where(
                InboundCall.ended_at.is_(None),
                InboundCall.heard_at <= now - silent_after,
                sa.or_(
                    InboundCall.looked_at.is_(None),
                    InboundCall.looked_at <= now - silent_after,
                ),
                sa.or_(
                    InboundCall.talked_at.is_(None),
                    InboundCall.heard_at <= now - _TALKING_MAY_BE_SILENT * silent_after,
                ),
            )
            .order_by(InboundCall.heard_at)
            .limit(ONE)
            .with_for_update(skip_locked=True)
        )
        if call is None or not updated_one_row(
            session,
            sa.update(InboundCall)
            .where(
                InboundCall.id == call.id,
                InboundCall.looked_at.is_not_distinct_from(call.looked_at),
            )
            .values(looked_at=now),
        ):
            return None
        return call.sid


def record_still_on(sid: str, *, now: datetime) -> None:
    """Record that a lookup found the caller still connected."""
    with transaction() as session:
        session.execute(
            sa.update(InboundCall)
            .where(InboundCall.sid == sid, InboundCall.ended_at.is_(None))
            .values(heard_at=now)
        )


def end_one_overdue(*, now: datetime, limits: JobLimits) -> bool:
    """End one inbound call that lasted or was silent longer than any can be, with or without a
    carrier, and free its advisor's line; return whether there was one.
    """
    began_at = sa.func.coalesce(InboundCall.talked_at, InboundCall.began_at)
    with transaction() as session:
        found = session.scalar(
            sa.select(InboundCall.sid)
            .where(
                InboundCall.ended_at.is_(None),
                sa.or_(
                    began_at <= sa.literal(now - limits.call, Instant),
                    sa.and_(
                        InboundCall.talked_at.is_(None),
                        InboundCall.heard_at <= now - limits.quiet,
                    ),
                ),
                job_failures.may_run(job_failures.Job.END_OVERDUE_INBOUND, InboundCall.id, now),
            )
            .order_by(InboundCall.id)
            .limit(ONE)
        )
        call = _hold(session, found) if found is not None else None
        if call is None:
            return False
        job_failures.begin(job_failures.Job.END_OVERDUE_INBOUND, call.id)
        _gone(IvrTurn(session, call, _NO_RULES, now))
        return True


def _gone(talk: IvrTurn) -> None:
    active_calls.end(talk.session, talk.call.sid, now=talk.now, hung_up=True)
    talked = talk.call.talked_at is not None
    ivr.end(talk, Outcome.TALKED if talked else Outcome.LEFT)


_NO_RULES = IvrSettings((), "", (), 0)


def _new_call(
    session: Session, sid: str, number: str | None, rules: IvrSettings, now: datetime
) -> InboundCall:
    usable = _usable(number, rules)
    hashed = phone_hash(usable) if usable else None
    call = InboundCall(
        sid=sid,
        # A colleague or another service that calls us is not called back there.
        phone=usable if usable and _can_be_visitors(session, usable, rules) else None,
        phone_hash=hashed,
        region=_region(number, rules),
        language=_known_language(session, hashed, rules),
        asked=Asked.NOTHING,
        turn=_FIRST,
        asked_times=0,
        for_message=False,
        rung=[],
        began_at=now,
        heard_at=now,
    )
    session.add(call)
    session.flush()
    if hashed is not None:
        active_calls.begin(session, hashed, sid, now=now)
    return call


def _can_be_visitors(session: Session, number: str, rules: IvrSettings) -> bool:
    try:
        require_visitor_number(session, PhoneNumber(number), rules.other_numbers)
    except InvalidPhoneNumber:
        return False
    return True


def _usable(number: str | None, rules: IvrSettings) -> str | None:
    """The number, if it may be called back."""
    try:
        return phone_numbers.parse(
            number or "", "ZZ", rules.allowed_regions, own_numbers=rules.other_numbers.own
        ).e164
    except InvalidPhoneNumber:
        return None


def _region(number: str | None, rules: IvrSettings) -> str:
    """The caller's region by their number, else the deployment's."""
    try:
        found = PhoneNumber(number or "").region
    except InvalidPhoneNumber:
        return rules.default_region
    return rules.default_region if found == "ZZ" else found


def _known_language(session: Session, hashed: str | None, rules: IvrSettings) -> str | None:
    """The language of the number's newest callback or call, if there are prompts in it."""
    if hashed is None:
        return None
    asked = session.scalar(
        sa.select(Callback.language)
        .where(Callback.phone_hash == hashed)
        .order_by(Callback.id.desc())
        .limit(ONE)
    )
    return asked if asked in rules.languages else None


def _hold(session: Session, sid: str) -> InboundCall | None:
    return session.scalar(sa.select(InboundCall).where(InboundCall.sid == sid).with_for_update())


def _known(session: Session, sid: str) -> InboundCall:
    call = _hold(session, sid)
    if call is None:
        raise NoSuchAttempt
    return call


def _said(session: Session, call: InboundCall, turn: int) -> Reply | None:
    """The reply of an earlier turn. After the call it reveals no number, however validly signed
    the webhook is.
    """
    kept = session.scalar(
        sa.select(InboundReply.reply).where(
            InboundReply.call_id == call.id, InboundReply.turn == turn
        )
    )
    if kept is None:
        return None
    if is_unreadable(kept):
        return _nothing(call)
    reply = Reply.from_text(kept)
    return _nothing(call) if call.ended_at is not None and reply.number else reply


def _keep(session: Session, call: InboundCall, turn: int, reply: Reply, now: datetime) -> Reply:
    session.add(InboundReply(call_id=call.id, turn=turn, reply=reply.to_text(), at=now))
    call.turn = reply.turn
    call.heard_at = now
    return reply


def _nothing(call: InboundCall) -> Reply:
    return Reply(Kind.HANG_UP, call.turn, call.language or "", call.region)


def _tried(deed: Callable[[Session], T]) -> T:
    """Run a transaction, retried after a conflict or deadlock."""
    for tries_left in reversed(range(_TRIES)):
        try:
            with transaction() as session:
                return deed(session)
        except (IntegrityError, OperationalError):
            if not tries_left:
                raise
    raise AssertionError("unreachable")
