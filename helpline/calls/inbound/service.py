"""Inbound calls as the carrier reports them; repeated or late webhooks make no difference."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session

from helpline.callbacks.models import Callback
from helpline.callbacks.phone_limits import checks
from helpline.callbacks.visitor_numbers import require_visitor_number
from helpline.calls import carrier_failures
from helpline.calls.errors import NoSuchAttempt
from helpline.calls.inbound import advisors, ivr
from helpline.calls.inbound.ivr import IvrSettings, IvrTurn
from helpline.calls.inbound.models import (
    Asked,
    InboundCall,
    InboundReply,
    Outcome,
)
from helpline.calls.inbound.replies import Kind, Reply
from helpline.db import ONE, transaction
from helpline.domain import phone_numbers
from helpline.domain.errors import InvalidPhoneNumber
from helpline.domain.phone_numbers import PhoneNumber
from helpline.domain.unreadable import if_readable, is_unreadable
from helpline.privacy import audit
from helpline.privacy.encryption import phone_hash
from helpline.telephony.events import CallerInput

T = TypeVar("T")

_MAX_TRANSACTIONS = 3
_FIRST_TURN = 0


def call_received(sid: str, number: str | None, *, rules: IvrSettings, now: datetime) -> Reply:
    """Answer an inbound call.

    Args:
        sid: the carrier's id of the call.
        number: the caller's (E.164); None when withheld.
    """

    def first(session: Session) -> Reply:
        call = _lock(session, sid)
        if call is not None:
            return _stored_reply(session, call, _FIRST_TURN) or _hang_up(call)
        call = _new_call(session, sid, number, rules, now)
        ivr_turn = IvrTurn(session, call, rules, now, greet=True)
        if number is not None and number == rules.caller_id:
            return _store_reply(session, call, _FIRST_TURN, ivr.end_loop(ivr_turn), now)
        return _store_reply(session, call, _FIRST_TURN, ivr.start(ivr_turn), now)

    return _retry_on_conflict(first)


def input_received(
    sid: str,
    turn: int,
    caller_input: CallerInput,
    *,
    rules: IvrSettings,
    now: datetime,
) -> Reply:
    """Process the input of a turn: keys, a recording, the end of a call to an advisor.

    Args:
        turn: the turn it belongs to.
        caller_input: of a caller who is gone it is stored, and nobody is called.

    Raises:
        NoSuchAttempt: unknown call, or a question that was not asked.
    """

    refused: list[tuple[int, int, int]] = []

    def next_turn(session: Session) -> Reply:
        refused.clear()
        call = _lock_known(session, sid)
        stored_reply = _stored_reply(session, call, turn)
        if stored_reply is not None:
            return stored_reply
        if turn != call.turn:
            raise NoSuchAttempt
        if caller_input.error_code and call.asked == Asked.ADVISOR and call.advisor_id is not None:
            refused.append((call.id, call.advisor_id, caller_input.error_code))
        ivr_turn = IvrTurn(session, call, rules, now)
        return _store_reply(session, call, turn, _answer(ivr_turn, caller_input), now)

    reply = _retry_on_conflict(next_turn)
    for call_id, advisor_id, code in refused:
        carrier_failures.advisor_call_refused(rules.carrier, call_id, advisor_id, code, now=now)
    return reply


def _answer(ivr_turn: IvrTurn, caller_input: CallerInput) -> Reply:
    if caller_input.connected is False and ivr_turn.call.asked == Asked.ADVISOR:
        advisors.record_not_connected(ivr_turn.session, ivr_turn.call, now=ivr_turn.now)
    if not caller_input.hung_up and ivr_turn.call.ended_at is None:
        return ivr.next_turn(ivr_turn, caller_input)
    _end_call(ivr_turn)
    if caller_input.recording:
        _store_message(ivr_turn, caller_input)
    return ivr_turn.reply(Kind.HANG_UP)


def _store_message(ivr_turn: IvrTurn, caller_input: CallerInput) -> None:
    """Whether or not the call has ended."""
    call = ivr_turn.call
    if if_readable(call.typed_phone or call.phone):
        ivr.store_message(ivr_turn, caller_input)
        if call.outcome == Outcome.LEFT:
            call.outcome = Outcome.MESSAGE


def message_recorded(
    sid: str, caller_input: CallerInput, *, rules: IvrSettings, now: datetime
) -> None:
    """Process the report that a recording is available, even where the first report was lost."""

    def keep(session: Session) -> None:
        call = _lock(session, sid)
        if call is not None:
            _store_message(IvrTurn(session, call, rules, now), caller_input)

    _retry_on_conflict(keep)


def advisor_answered(sid: str, turn: int, advisor_call: str, *, now: datetime) -> bool:
    """Return whether to ask the answering advisor for the 1; else hang up, since the caller is gone
    or another advisor is called by now.

    Raises:
        NoSuchAttempt: unknown call.
    """
    with transaction() as session:
        call = _lock_known(session, sid)
        if not _awaits_advisor(call, turn) or call.advisor_call not in (None, advisor_call):
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
        call = _lock_known(session, sid)
        if not _awaits_advisor(call, turn) or call.advisor_call != advisor_call:
            return False
        if call.talked_at is None:
            call.talked_at = call.heard_at = now
            call.talked_with = call.advisor_id
            advisors.claim_own_callback(session, call, now=now)
            audit.record(
                session,
                at=now,
                actor=f"staff:{call.talked_with}",
                action="call_in_answered",
                subject=f"inbound_call:{call.id}",
            )
        return True


def _awaits_advisor(call: InboundCall, turn: int) -> bool:
    return call.ended_at is None and call.asked == Asked.ADVISOR and call.turn == turn


def call_ended(sid: str, *, now: datetime) -> None:
    """Process the end of a call, reported or looked up."""
    with transaction() as session:
        call = _lock(session, sid)
        if call is not None:
            end_call(session, call, now=now)


def lock_by_id(session: Session, call_id: int) -> InboundCall | None:
    """Lock a call, in the caller's transaction."""
    return session.scalar(sa.select(InboundCall).where(InboundCall.id == call_id).with_for_update())


def end_call(session: Session, call: InboundCall, *, now: datetime) -> None:
    """End a call and free its advisor's line, in the caller's transaction."""
    _end_call(IvrTurn(session, call, _NO_SETTINGS, now))


def _end_call(ivr_turn: IvrTurn) -> None:
    checks.record_call_end(ivr_turn.session, ivr_turn.call.sid, now=ivr_turn.now, hung_up=True)
    talked = ivr_turn.call.talked_at is not None
    ivr.end(ivr_turn, Outcome.TALKED if talked else Outcome.LEFT)


_NO_SETTINGS = IvrSettings((), "", (), 0)


def _new_call(
    session: Session, sid: str, number: str | None, rules: IvrSettings, now: datetime
) -> InboundCall:
    usable = _callable_number(number, rules)
    hashed = phone_hash(usable) if usable else None
    call = InboundCall(
        carrier=rules.carrier,
        sid=sid,
        # A colleague or another service that calls us is not called back there.
        phone=usable if usable and _is_visitor_number(session, usable, rules) else None,
        phone_hash=hashed,
        region=_region(number, rules),
        language=_known_language(session, hashed, rules),
        asked=Asked.NOTHING,
        turn=_FIRST_TURN,
        asked_times=0,
        for_message=False,
        rung=[],
        began_at=now,
        heard_at=now,
    )
    session.add(call)
    session.flush()
    if hashed is not None:
        checks.record_call_start(session, hashed, sid, now=now)
    return call


def _is_visitor_number(session: Session, number: str, rules: IvrSettings) -> bool:
    try:
        require_visitor_number(session, PhoneNumber(number), rules.other_numbers)
    except InvalidPhoneNumber:
        return False
    return True


def _callable_number(number: str | None, rules: IvrSettings) -> str | None:
    try:
        return phone_numbers.parse(
            number or "", "ZZ", rules.allowed_regions, own_numbers=rules.other_numbers.own
        ).e164
    except InvalidPhoneNumber:
        return None


def _region(number: str | None, rules: IvrSettings) -> str:
    try:
        region = PhoneNumber(number or "").region
    except InvalidPhoneNumber:
        return rules.default_region
    return rules.default_region if region == "ZZ" else region


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


def _lock(session: Session, sid: str) -> InboundCall | None:
    return session.scalar(sa.select(InboundCall).where(InboundCall.sid == sid).with_for_update())


def _lock_known(session: Session, sid: str) -> InboundCall:
    call = _lock(session, sid)
    if call is None:
        raise NoSuchAttempt
    return call


def _stored_reply(session: Session, call: InboundCall, turn: int) -> Reply | None:
    """After the call it reveals no number, however validly signed the webhook is."""
    stored = session.scalar(
        sa.select(InboundReply.reply).where(
            InboundReply.call_id == call.id, InboundReply.turn == turn
        )
    )
    if stored is None:
        return None
    if is_unreadable(stored):
        return _hang_up(call)
    reply = Reply.from_text(stored)
    return _hang_up(call) if call.ended_at is not None and reply.number else reply


def _store_reply(
    session: Session, call: InboundCall, turn: int, reply: Reply, now: datetime
) -> Reply:
    session.add(InboundReply(call_id=call.id, turn=turn, reply=reply.to_text(), at=now))
    call.turn = reply.turn
    call.heard_at = now
    return reply


def _hang_up(call: InboundCall) -> Reply:
    return Reply(Kind.HANG_UP, call.turn, call.language or "", call.region)


def _retry_on_conflict(action: Callable[[Session], T]) -> T:
    for tries_left in reversed(range(_MAX_TRANSACTIONS)):
        try:
            with transaction() as session:
                return action(session)
        except (IntegrityError, OperationalError):
            if not tries_left:
                raise
    raise AssertionError("unreachable")
