"""The dialogue of an inbound call, in the caller's transaction; never commits.

A call is a series of turns: each says one thing, and the next input is interpreted by what was
asked. No question is repeated for ever.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.callbacks import queue, requests, transitions
from helpline.callbacks.consent import Consent
from helpline.callbacks.models import Callback, Channel
from helpline.callbacks.phone_limits import checks
from helpline.callbacks.references import TooManyGuesses
from helpline.callbacks.references import find as find_reference
from helpline.callbacks.requests import CallbackRequest
from helpline.callbacks.row_locks import lock_callback
from helpline.callbacks.visitor_numbers import NonVisitorNumbers, require_visitor_number
from helpline.calls.inbound import advisors
from helpline.calls.inbound.models import (
    Asked,
    InboundCall,
    MessageState,
    Outcome,
    VoiceMessage,
)
from helpline.calls.inbound.replies import Kind, Reply
from helpline.domain import phone_numbers, references
from helpline.domain.errors import InvalidPhoneNumber
from helpline.domain.lifecycle import ENDED, Status
from helpline.domain.login_backoff import GUESSER, WIDE_GUESSER
from helpline.domain.phone_numbers import PhoneNumber
from helpline.domain.queue_order import Priority, wait_band
from helpline.domain.unreadable import if_readable
from helpline.domain.visitor_state import (
    HoursNow,
    Outlook,
    VisitorState,
    state_of_new_request,
    visitor_state,
)
from helpline.hours import queries as hours_queries
from helpline.messaging import outbox, staff_sms
from helpline.messaging.models import Kind as Effect
from helpline.privacy.encryption import link_hash, link_token
from helpline.telephony.adapters import FIRST
from helpline.telephony.events import CallerInput
from helpline.telephony.prompts import voice_for

MAX_REPEATS = 3
"""How often a question is asked before the call ends."""

CALLBACK, MESSAGE, HOLD, REFERENCE = "1", "2", "3", "4"
CANCEL = "1"
MAX_HOLD = timedelta(minutes=20)
CONFIRM = "1"
NOT_UNDERSTOOD = "not_understood"
NOTHING_HEARD = "nothing_heard"
NOBODY_FREE = "nobody_free"
ANOTHER = "another"
REFERENCE_UNKNOWN = "reference_unknown"
REFERENCE_OVER = "reference_over"
_WITHHELD = "withheld"
_CLOSED = (VisitorState.QUEUED_CLOSED, VisitorState.NO_OPENING)


@dataclass(frozen=True, slots=True)
class IvrSettings:
    """The operator's settings for inbound calls.

    Args:
        languages: of the prompts; the first is the default.
        default_region: of numbers typed without a country code.
        allowed_regions: regions that are called.
        most_advisors: how many advisors are called for one inbound call.
        other_numbers: numbers that cannot be a caller's own.
        carrier: the name of the carrier that the call came by.
        caller_id: the number of our outbound calls by it.
    """

    languages: tuple[str, ...]
    default_region: str
    allowed_regions: tuple[str, ...]
    most_advisors: int
    other_numbers: NonVisitorNumbers = field(default_factory=NonVisitorNumbers)
    carrier: str = FIRST
    caller_id: str = ""


@dataclass(frozen=True, slots=True)
class IvrTurn:
    """A call and one turn of it."""

    session: Session
    call: InboundCall
    rules: IvrSettings
    now: datetime
    greet: bool = False

    def reply(self, kind: Kind, **values: object) -> Reply:
        """Return a reply in the caller's language."""
        call = self.call
        language = call.language or self.rules.languages[0]
        return Reply(
            kind,
            turn=call.turn + 1,
            language=language,
            region=call.region,
            greet=self.greet,
            withheld=if_readable(call.phone) is None,
            **values,  # type: ignore[arg-type]
        )

    def ask(self, asked: Asked, kind: Kind, **values: object) -> Reply:
        """Return a question; repetitions are counted."""
        call = self.call
        call.asked_times = call.asked_times + 1 if call.asked == asked else 1
        call.asked = asked
        return self.reply(kind, **values)

    def is_last(self) -> bool:
        """Whether the question was asked the maximum number of times."""
        return self.call.asked_times >= MAX_REPEATS


def end_loop(ivr_turn: IvrTurn) -> Reply:
    """End a call that comes from our own caller id: a phone that we called forwards its calls to
    us.
    """
    end(ivr_turn, Outcome.LEFT)
    return ivr_turn.reply(Kind.OWN_NUMBER)


def start(ivr_turn: IvrTurn) -> Reply:
    """Answer a call: ask for the language."""
    call, languages = ivr_turn.call, ivr_turn.rules.languages
    if call.language is None and len(languages) > 1:
        return ivr_turn.ask(Asked.LANGUAGE, Kind.ASK_LANGUAGE)
    call.language = call.language or languages[0]
    return connect(ivr_turn)


def next_turn(ivr_turn: IvrTurn, caller_input: CallerInput) -> Reply:
    """Interpret the input of a turn and return the reply."""
    match ivr_turn.call.asked:
        case Asked.LANGUAGE:
            return _handle_language(ivr_turn, caller_input.digits)
        case Asked.ADVISOR:
            return _after_advisor(ivr_turn)
        case Asked.CHOICE:
            return _handle_choice(ivr_turn, caller_input.digits)
        case Asked.HOLD:
            return _handle_hold(ivr_turn, caller_input.digits)
        case Asked.NUMBER:
            return _handle_number(ivr_turn, caller_input.digits)
        case Asked.READ_BACK:
            return _handle_read_back(ivr_turn, caller_input.digits)
        case Asked.MESSAGE:
            return _handle_message(ivr_turn, caller_input)
        case Asked.REFERENCE:
            return _handle_reference(ivr_turn, caller_input.digits)
        case Asked.REFERENCE_CHOICE:
            return _handle_reference_choice(ivr_turn, caller_input.digits)
        case _:
            return ivr_turn.reply(Kind.HANG_UP)


def _handle_language(ivr_turn: IvrTurn, digits: str) -> Reply:
    languages = ivr_turn.rules.languages
    chosen = digits.isascii() and digits.isdigit() and 1 <= int(digits) <= len(languages)
    if not chosen and not ivr_turn.is_last():
        return ivr_turn.ask(Asked.LANGUAGE, Kind.ASK_LANGUAGE)
    ivr_turn.call.language = languages[int(digits) - 1] if chosen else languages[0]
    return connect(
        IvrTurn(ivr_turn.session, ivr_turn.call, ivr_turn.rules, ivr_turn.now, greet=True)
    )


def connect(ivr_turn: IvrTurn, again: str | None = None) -> Reply:
    """Connect an available advisor inside opening hours, else offer the alternatives."""
    call, now = ivr_turn.call, ivr_turn.now
    callback = own_callback(ivr_turn)
    if advisors.is_being_called(ivr_turn.session, callback):
        return _end_for_our_call(ivr_turn, callback)
    if not hours_queries.effective_hours(ivr_turn.session, now).is_open(now):
        return _say_closed(ivr_turn, again)
    callback_first = advisors.is_callback_next(ivr_turn.session, call, now)
    if len(call.rung) < ivr_turn.rules.most_advisors and not callback_first:
        number = advisors.occupy_one(ivr_turn.session, call, callback, now=now)
        if number is not None:
            return ivr_turn.ask(
                Asked.ADVISOR,
                Kind.RING_ADVISOR,
                number=number,
                again=ANOTHER if len(call.rung) > 1 else None,
            )
    if callback is not None and callback.status == Status.CLAIMED:
        return _end_for_our_call(ivr_turn, callback)
    if call.hold_began_at is not None:
        return _put_on_hold(ivr_turn, call.hold_began_at)
    return _offer_choices(ivr_turn, again or (NOBODY_FREE if call.rung else None))


def own_callback(ivr_turn: IvrTurn) -> Callback | None:
    """Return the open callback of the caller's number."""
    number_hash = ivr_turn.call.phone_hash
    return requests.find_open(ivr_turn.session, number_hash) if number_hash else None


def _end_for_our_call(ivr_turn: IvrTurn, callback: Callback | None) -> Reply:
    """An advisor is about to call this phone: it must be free."""
    ivr_turn.call.callback_id = callback.id if callback else None
    end(ivr_turn, Outcome.HELD)
    return ivr_turn.reply(Kind.HELD)


def _put_on_hold(ivr_turn: IvrTurn, since: datetime) -> Reply:
    """After a while the caller is called back in the position they had."""
    call = ivr_turn.call
    call.rung = []  # An advisor who missed it may be called again.
    if since <= ivr_turn.now - MAX_HOLD:
        if _number_to_call(call) is not None:
            return _proceed(ivr_turn)
        call.hold_began_at = None
        return _offer_choices(ivr_turn, NOBODY_FREE)
    others_first = advisors.callers_before(ivr_turn.session, call, ivr_turn.now) > 0
    return ivr_turn.ask(Asked.HOLD, Kind.HOLD, others_first=others_first)


def _handle_hold(ivr_turn: IvrTurn, digits: str) -> Reply:
    if digits != CALLBACK:
        return connect(ivr_turn)
    ivr_turn.call.for_message = False
    if _number_to_call(ivr_turn.call) is None:
        return ivr_turn.ask(Asked.NUMBER, Kind.ASK_NUMBER)
    return _proceed(ivr_turn)


def _offer_choices(ivr_turn: IvrTurn, again: str | None) -> Reply:
    minutes = _wait_minutes(ivr_turn)
    outlook = _outlook(ivr_turn, minutes)
    return ivr_turn.ask(
        Asked.CHOICE,
        Kind.OFFER,
        wait=wait_band(minutes).value,
        again=again,
        state=outlook.state,
        opens_at=outlook.call_at,
        may_hold=minutes is not None,
        staff_alerted=minutes is None
        and bool(ivr_turn.session.scalar(sa.select(staff_sms.is_staff_alerted()))),
    )


def _wait_minutes(ivr_turn: IvrTurn) -> int | None:
    """The caller's expected wait; None without an available advisor."""
    callback = own_callback(ivr_turn)
    position = (callback.priority, callback.due_at) if callback else (Priority.ASAP, ivr_turn.now)
    ahead = queue.queue_position(ivr_turn.session, *position, ivr_turn.now)
    return queue.load_wait_estimate(ivr_turn.session, ahead, ivr_turn.now)


def _outlook(ivr_turn: IvrTurn, wait_minutes: int | None) -> Outlook:
    opening_hours = hours_queries.effective_hours(ivr_turn.session, ivr_turn.now)
    return state_of_new_request(
        HoursNow.of(opening_hours, ivr_turn.now), wait_minutes, ivr_turn.now
    )


def _say_closed(ivr_turn: IvrTurn, again: str | None) -> Reply:
    opens_at = hours_queries.effective_hours(ivr_turn.session, ivr_turn.now).next_opening(
        ivr_turn.now
    )
    return ivr_turn.ask(Asked.CHOICE, Kind.CLOSED, closed=True, opens_at=opens_at, again=again)


def _after_advisor(ivr_turn: IvrTurn) -> Reply:
    call = ivr_turn.call
    if call.talked_at is not None:
        end(ivr_turn, Outcome.TALKED)
        return ivr_turn.reply(Kind.HANG_UP)
    advisors.release_line(ivr_turn.session, call)
    return connect(ivr_turn)


def _handle_choice(ivr_turn: IvrTurn, digits: str) -> Reply:
    call = ivr_turn.call
    if digits == HOLD and _wait_minutes(ivr_turn) is not None:
        call.hold_began_at = ivr_turn.now
        return connect(ivr_turn)
    if digits == REFERENCE:
        return ivr_turn.ask(Asked.REFERENCE, Kind.ASK_REFERENCE)
    if digits not in (CALLBACK, MESSAGE):
        again = NOT_UNDERSTOOD if digits else None
        return _say_goodbye(ivr_turn) if ivr_turn.is_last() else connect(ivr_turn, again)
    call.for_message = digits == MESSAGE
    if _number_to_call(call) is None:
        return ivr_turn.ask(Asked.NUMBER, Kind.ASK_NUMBER)
    return _proceed(ivr_turn)


def _handle_reference(ivr_turn: IvrTurn, digits: str) -> Reply:
    """Look the request up. Nothing of it is said but when it is called."""
    session, call, now = ivr_turn.session, ivr_turn.call, ivr_turn.now
    caller = {call.phone_hash: GUESSER} if call.phone_hash else {_WITHHELD: WIDE_GUESSER}
    keys, last_digits = digits[: references.LENGTH], digits[references.LENGTH :]
    try:
        callback = find_reference(
            session, list(references.with_keys(keys)), last_digits, caller, now=now
        )
    except TooManyGuesses:
        callback = None
    if callback is None:
        if ivr_turn.is_last():
            return _say_goodbye(ivr_turn)
        return ivr_turn.ask(Asked.REFERENCE, Kind.ASK_REFERENCE, again=REFERENCE_UNKNOWN)
    if callback.status in ENDED:
        return connect(ivr_turn, again=REFERENCE_OVER)
    call.found_id = callback.id
    outlook = Outlook(VisitorState.CLAIMED)
    if callback.status in (Status.WAITING, Status.JOINED):
        hours_now = HoursNow.of(hours_queries.effective_hours(session, now), now)
        outlook = visitor_state(callback, None, hours_now, 0, now)
    return ivr_turn.ask(
        Asked.REFERENCE_CHOICE, Kind.REFERENCE, state=outlook.state, opens_at=outlook.call_at
    )


def _handle_reference_choice(ivr_turn: IvrTurn, digits: str) -> Reply:
    """Cancel the request, or go back to the choices."""
    found_id = ivr_turn.call.found_id
    if digits != CANCEL or found_id is None:
        return connect(ivr_turn)
    callback = lock_callback(ivr_turn.session, found_id)
    if callback.status in ENDED:
        return connect(ivr_turn, again=REFERENCE_OVER)
    transitions.cancel(ivr_turn.session, callback, at=ivr_turn.now, actor="visitor")
    end(ivr_turn, Outcome.LEFT)
    return ivr_turn.reply(Kind.REFERENCE_CANCELLED)


def _handle_number(ivr_turn: IvrTurn, digits: str) -> Reply:
    rules = ivr_turn.rules
    try:
        number = phone_numbers.parse(digits, rules.default_region, rules.allowed_regions)
        require_visitor_number(ivr_turn.session, number, rules.other_numbers)
    except InvalidPhoneNumber as problem:
        if ivr_turn.is_last():
            return _say_goodbye(ivr_turn)
        return ivr_turn.ask(Asked.NUMBER, Kind.ASK_NUMBER, again=problem.reason.value)
    call = ivr_turn.call
    call.typed_phone = number.e164
    # The two questions are counted as one, or a caller could go back and forth for ever.
    call.asked = Asked.READ_BACK
    return ivr_turn.reply(Kind.READ_BACK, number=number.e164)


def _handle_read_back(ivr_turn: IvrTurn, digits: str) -> Reply:
    if digits == CONFIRM:
        return _proceed(ivr_turn)
    ivr_turn.call.typed_phone = None
    if ivr_turn.is_last():
        return _say_goodbye(ivr_turn)
    ivr_turn.call.asked = Asked.NUMBER
    return ivr_turn.ask(Asked.NUMBER, Kind.ASK_NUMBER)


def _proceed(ivr_turn: IvrTurn) -> Reply:
    if ivr_turn.call.for_message:
        minutes = _wait_minutes(ivr_turn)
        outlook = _outlook(ivr_turn, minutes)
        return ivr_turn.ask(
            Asked.MESSAGE,
            Kind.RECORD,
            wait=wait_band(minutes).value,
            closed=outlook.state in _CLOSED,
            state=outlook.state,
            opens_at=outlook.call_at,
        )
    book(ivr_turn)
    end(ivr_turn, Outcome.BOOKED)
    return _confirm(ivr_turn, Kind.BOOKED)


def _handle_message(ivr_turn: IvrTurn, caller_input: CallerInput) -> Reply:
    if caller_input.recording:
        store_message(ivr_turn, caller_input)
        end(ivr_turn, Outcome.MESSAGE)
        return _confirm(ivr_turn, Kind.MESSAGE_KEPT)
    if ivr_turn.is_last():
        return _say_goodbye(ivr_turn)
    return ivr_turn.ask(Asked.MESSAGE, Kind.RECORD, again=NOTHING_HEARD)


def _confirm(ivr_turn: IvrTurn, kind: Kind) -> Reply:
    outlook = _outlook(ivr_turn, _wait_minutes(ivr_turn))
    return ivr_turn.reply(
        kind,
        closed=outlook.state in _CLOSED,
        state=outlook.state,
        opens_at=outlook.call_at,
        place_kept=ivr_turn.call.hold_began_at is not None,
    )


def _say_goodbye(ivr_turn: IvrTurn) -> Reply:
    end(ivr_turn, Outcome.LEFT)
    return ivr_turn.reply(Kind.GOODBYE)


def store_message(ivr_turn: IvrTurn, caller_input: CallerInput) -> None:
    """Turn a voicemail into a callback, and queue its download. Idempotent.

    Its length may come with a later report.
    """
    same_recording = ivr_turn.session.scalar(
        sa.select(VoiceMessage).where(VoiceMessage.recording == caller_input.recording)
    )
    if same_recording is not None:
        same_recording.seconds = max(same_recording.seconds, caller_input.seconds)
        return
    callback = book(ivr_turn)
    message = VoiceMessage(
        recording=caller_input.recording,
        call_id=ivr_turn.call.id,
        callback_id=callback.id,
        left_at=ivr_turn.now,
        seconds=caller_input.seconds,
        state=MessageState.AT_CARRIER,
    )
    ivr_turn.session.add(message)
    ivr_turn.session.flush()
    outbox.enqueue(ivr_turn.session, Effect.FETCH_RECORDING, message.id, now=ivr_turn.now)


def book(ivr_turn: IvrTurn) -> Callback:
    """Return the requested callback; where the number has an open one, that one."""
    session, call = ivr_turn.session, ivr_turn.call
    number = _number_to_call(call)
    assert number is not None
    language = call.language or ivr_turn.rules.languages[0]
    request = CallbackRequest(
        phone=number,
        language=language,
        channel=Channel.PHONE,
        consent=Consent(_offer_words(ivr_turn, language), language),
    )
    token = link_hash(link_token(f"call-in:{call.sid}"))
    # A typed number may be another person's: the request waits behind an open one.
    create = requests.get_open_or_create if call.typed_phone is None else requests.create
    # A caller on hold has waited since they called.
    asked_at = ivr_turn.now if call.hold_began_at is None else call.began_at
    callback = create(session, request, token, asked_at)
    if callback is None:  # This call has already created a callback.
        assert call.callback_id is not None
        callback = session.get_one(Callback, call.callback_id)
    call.callback_id = callback.id
    session.flush()
    return callback


def _offer_words(ivr_turn: IvrTurn, language: str) -> str:
    """Return the prompt after which the caller chose."""
    hours = hours_queries.effective_hours(ivr_turn.session, ivr_turn.now)
    prompt = "offer" if hours.is_open(ivr_turn.now) else "offer_closed"
    withheld = "" if if_readable(ivr_turn.call.phone) else "_withheld"
    return voice_for(language).say(prompt + withheld)


def end(ivr_turn: IvrTurn, outcome: Outcome) -> None:
    """End the call on our side."""
    call = ivr_turn.call
    if call.ended_at is not None:
        return
    advisors.end_attempt(ivr_turn.session, call, now=ivr_turn.now)
    advisors.release_line(
        ivr_turn.session, call, talked_until=ivr_turn.now if call.talked_at is not None else None
    )
    # Nothing more is said to a caller who spoke with an advisor.
    talked = outcome == Outcome.TALKED
    checks.record_call_end(ivr_turn.session, call.sid, now=ivr_turn.now, hung_up=talked)
    call.ended_at = ivr_turn.now
    call.outcome = outcome
    call.asked = Asked.NOTHING


def _number_to_call(call: InboundCall) -> PhoneNumber | None:
    number = if_readable(call.typed_phone or call.phone)
    return PhoneNumber(number) if number else None
