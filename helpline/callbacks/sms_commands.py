"""Execute and answer inbound text messages, each once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from helpline.callbacks import references, requests, transitions
from helpline.callbacks.models import Callback
from helpline.callbacks.notifications import expected_call_time
from helpline.callbacks.references import TooManyGuesses
from helpline.callbacks.row_locks import lock_callback, lock_callbacks
from helpline.db import transaction
from helpline.domain.lifecycle import ENDED, OPEN, Status
from helpline.domain.login_backoff import GUESSER
from helpline.domain.sms_commands import Command
from helpline.domain.visitor_state import AttemptFacts, HoursNow, VisitorState, visitor_state
from helpline.hours import queries as hours_queries
from helpline.messaging import inbound_sms, sms, sms_templates

NewestAttempt = Callable[[Session, int], AttemptFacts | None]
_MAY_BE_DANGER = (Command.OTHER, Command.HELP, Command.CANCEL)
_ABOUT_TO_CALL = (
    VisitorState.CONNECTING,
    VisitorState.CALLING,
    VisitorState.CALLING_OWN_PHONE,
)
_ON_CALL = (VisitorState.TALKING, VisitorState.CALL_ENDED, VisitorState.NOT_ANSWERED)


@dataclass(frozen=True, slots=True)
class InboundCommand:
    """An inbound text message, parsed.

    Args:
        carrier_id: the carrier's message id.
        phone_hash: of the sender's number.
        region: of that number.
        language: of the answer.
        is_danger: whether it suggests that someone may be in danger.
        stops: whether the carrier treated it as STOP.
        starts: likewise for START.
        carrier_answers: whether the carrier answers it itself.
        may_ring: whether numbers of that region are called.
        written: the text, where a person should read it; else empty.
        numbers: emergency and crisis numbers of the region, for HELP.
        reference: of the request that WHEN or CANCEL is about, with the ``last_digits`` of its
            number; None for those of the sender's number.
    """

    carrier_id: str
    phone_hash: str
    region: str
    language: str
    command: Command
    is_danger: bool
    stops: bool
    starts: bool
    carrier_answers: bool
    may_ring: bool
    numbers: str
    written: str = ""
    reference: str | None = None
    last_digits: str = ""


def handle(text: InboundCommand, *, newest_attempt: NewestAttempt, now: datetime) -> str | None:
    """Execute the command of a message, except CALL, which the webhook has executed, and return the
    answer.

    The same message delivered twice is executed once and gets the same answer.

    Args:
        newest_attempt: reads the newest attempt of a callback.

    Returns:
        The answer; None for none.
    """
    with transaction() as session:
        if not inbound_sms.record_received(
            session, text.carrier_id, text.phone_hash, text.command, now=now
        ):
            return inbound_sms.stored_answer(session, text.carrier_id)
        answer = _execute(session, text, newest_attempt, now)
        inbound_sms.store_answer(session, text.carrier_id, answer)
        if text.written and not inbound_sms.is_reply_loop(session, text.phone_hash, now=now):
            inbound_sms.store_body(session, text.carrier_id, text.written)
        return answer


def _execute(
    session: Session, text: InboundCommand, newest_attempt: NewestAttempt, now: datetime
) -> str | None:
    if text.reference is not None:
        answer = _answer_reference(session, text, text.reference, newest_attempt, now)
        numbers = _crisis_numbers(session, text, now) if text.is_danger else None
        return " ".join(part for part in (answer, numbers) if part) or None
    cancelled = text.command == Command.CANCEL and _cancel_all(session, text.phone_hash, now)
    if text.starts and sms.opt_in(session, text.phone_hash, now=now):
        return _template("reply_started", text)
    if text.stops:
        is_new = sms.opt_out(session, text.phone_hash, now=now)
        return _template("reply_stopped", text) if is_new and not text.carrier_answers else None
    if text.is_danger and text.command in _MAY_BE_DANGER:
        numbers = _crisis_numbers(session, text, now)
        return (
            f"{_template('reply_cancelled', text)} {numbers}" if cancelled and numbers else numbers
        )
    if text.command == Command.HELP:
        return _template("reply_help", text, numbers=text.numbers)
    if sms.has_opted_out(session, text.phone_hash):
        return None
    if text.command == Command.CANCEL:
        return _template("reply_cancelled" if cancelled else "reply_none", text)
    if text.command == Command.CALL and not text.may_ring:
        return _template("reply_cannot", text, numbers=text.numbers)
    if text.command in (Command.CALL, Command.WHEN):
        return _expected_call_answer(session, text, newest_attempt, now)
    if inbound_sms.reserve_hint(session, text.phone_hash, now=now):
        return _template("reply_hint", text, numbers=text.numbers)
    return _crisis_numbers(session, text, now)


def _crisis_numbers(session: Session, text: InboundCommand, now: datetime) -> str | None:
    """None only where so many messages came within the hour that no person writes them."""
    if inbound_sms.is_reply_loop(session, text.phone_hash, now=now):
        return None
    return _template("reply_numbers", text, numbers=text.numbers)


def _answer_reference(
    session: Session,
    text: InboundCommand,
    reference: str,
    newest_attempt: NewestAttempt,
    now: datetime,
) -> str | None:
    """Answer about the request of a reference, from whichever phone, and cancel it if asked."""
    if sms.has_opted_out(session, text.phone_hash):
        return None
    try:
        callback = references.find(
            session, [reference], text.last_digits, {text.phone_hash: GUESSER}, now=now
        )
    except TooManyGuesses:
        callback = None
    if callback is None:
        return _template("reference_unknown", text)
    callback = lock_callback(session, callback.id)
    if callback.status in ENDED:
        return _template("reference_over", text)
    if text.command == Command.CANCEL:
        transitions.cancel(session, callback, at=now, actor="visitor")
        return _template("reference_cancelled", text)
    return _call_answer(session, callback, "reference", text, newest_attempt, now)


def _expected_call_answer(
    session: Session, text: InboundCommand, newest_attempt: NewestAttempt, now: datetime
) -> str:
    callback = requests.find_open(session, text.phone_hash)
    if callback is None:
        return _template("reply_none", text)
    return _call_answer(session, callback, "reply", text, newest_attempt, now)


def _call_answer(
    session: Session,
    callback: Callback,
    stem: str,
    text: InboundCommand,
    newest_attempt: NewestAttempt,
    now: datetime,
) -> str:
    """Return when a callback is called; the names of the templates begin with ``stem``."""
    attempt = newest_attempt(session, callback.id) if callback.status == Status.CALLING else None
    hours_now = HoursNow.of(hours_queries.effective_hours(session, now), now)
    state = visitor_state(callback, attempt, hours_now, 0, now).state
    if state in _ABOUT_TO_CALL:
        return _template(f"{stem}_ring_now", text)
    if state in _ON_CALL:
        return _template(f"{stem}_on_call", text)
    if state == VisitorState.ON_HOLD:
        return _template("reply_cannot", text, numbers=text.numbers)
    call_time = expected_call_time(session, callback, now)
    return sms_templates.render_with_time(f"{stem}_ring", call_time, text.language, text.region)


def _cancel_all(session: Session, phone_hash: str, now: datetime) -> bool:
    """Cancel all open requests of a number, followers first so that none takes over."""
    callbacks = lock_callbacks(
        session, Callback.phone_hash == phone_hash, Callback.status.in_({*OPEN, Status.JOINED})
    )
    for callback in sorted(callbacks, key=lambda callback: callback.status != Status.JOINED):
        transitions.cancel(session, callback, at=now, actor="visitor")
    return bool(callbacks)


def _template(key: str, text: InboundCommand, **values: str) -> str:
    return sms_templates.render(key, text.language, **values)
