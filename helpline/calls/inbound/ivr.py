"""The dialogue of an inbound call, in the caller's transaction; never commits.

A call is a series of turns: each says one thing, and the next input is interpreted by what was
asked. No question is repeated for ever.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.callbacks import requests
from helpline.callbacks.models import Callback, Channel
from helpline.callbacks.phone_limits import active_calls
from helpline.callbacks.requests import CallbackRequest
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
from helpline.domain import phone_numbers
from helpline.domain.errors import InvalidPhoneNumber
from helpline.domain.lifecycle import Status
from helpline.domain.phone_numbers import PhoneNumber
from helpline.domain.queue_order import Priority, wait_band
from helpline.domain.unreadable import if_readable
from helpline.domain.visitor_state import HoursNow, Outlook, VisitorState, of_new_request
from helpline.hours import queries as hours
from helpline.messaging import outbox
from helpline.messaging.models import Kind as Effect
from helpline.privacy.encryption import link_hash, link_token
from helpline.queue import queries as queue

MOST_TIMES = 3
"""How often a question is asked before the call ends."""

CALLBACK, MESSAGE, HOLD = "1", "2", "3"
LONGEST_HOLD = timedelta(minutes=20)
RIGHT = "1"
NOT_UNDERSTOOD = "not_understood"
NOTHING_HEARD = "nothing_heard"
NOBODY_FREE = "nobody_free"
ANOTHER = "another"
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
        caller_id: the number of our outbound calls.
    """

    languages: tuple[str, ...]
    default_region: str
    allowed_regions: tuple[str, ...]
    most_advisors: int
    other_numbers: NonVisitorNumbers = field(default_factory=NonVisitorNumbers)
    caller_id: str = ""


@dataclass(frozen=True, slots=True)
class CallerInput:
    """The input of a turn.

    Args:
        digits: the keys pressed, if any.
        recording: the carrier's id of a recording.
        seconds: its length.
        connected: whether caller and advisor were connected, where the carrier reports it.
        error_code: why the advisor could not be called, where the carrier reports it.
    """

    digits: str = ""
    recording: str = ""
    seconds: int = 0
    connected: bool | None = None
    error_code: int | None = None


@dataclass(frozen=True, slots=True)
class IvrTurn:
    """A call and one turn of it."""

    session: Session
    call: InboundCall
    rules: IvrSettings
    now: datetime
    greet: bool = False

    def reply(self, kind: Kind, **told: object) -> Reply:
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
            **told,  # type: ignore[arg-type]
        )

    def ask(self, asked: Asked, kind: Kind, **told: object) -> Reply:
        """Return a question; repetitions are counted."""
        call = self.call
        call.asked_times = call.asked_times + 1 if call.asked == asked else 1
        call.asked = asked
        return self.reply(kind, **told)

    def is_last(self) -> bool:
        """Whether the question was asked the maximum number of times."""
        return self.call.asked_times >= MOST_TIMES


def end_loop(talk: IvrTurn) -> Reply:
    """End a call from our own caller id: a phone that we call is forwarded to us."""
    end(talk, Outcome.LEFT)
    return talk.reply(Kind.OWN_NUMBER)


def start(talk: IvrTurn) -> Reply:
    """Answer a call: ask for the language."""
    call, languages = talk.call, talk.rules.languages
    if call.language is None and len(languages) > 1:
        return talk.ask(Asked.LANGUAGE, Kind.ASK_LANGUAGE)
    call.language = call.language or languages[0]
    return connect(talk)


def next_turn(talk: IvrTurn, word: CallerInput) -> Reply:
    """Interpret the input of a turn and return the reply."""
    match talk.call.asked:
        case Asked.LANGUAGE:
            return _language(talk, word.digits)
        case Asked.ADVISOR:
            return _after_advisor(talk)
        case Asked.CHOICE:
            return _choice(talk, word.digits)
        case Asked.HOLD:
            return _while_on_hold(talk, word.digits)
        case Asked.NUMBER:
            return _number(talk, word.digits)
        case Asked.READ_BACK:
            return _read_back(talk, word.digits)
        case Asked.MESSAGE:
            return _message(talk, word)
        case _:
            return talk.reply(Kind.HANG_UP)


def _language(talk: IvrTurn, digits: str) -> Reply:
    languages = talk.rules.languages
    chosen = digits.isascii() and digits.isdigit() and 1 <= int(digits) <= len(languages)
    if not chosen and not talk.is_last():
        return talk.ask(Asked.LANGUAGE, Kind.ASK_LANGUAGE)
    talk.call.language = languages[int(digits) - 1] if chosen else languages[0]
    return connect(IvrTurn(talk.session, talk.call, talk.rules, talk.now, greet=True))


def connect(talk: IvrTurn, again: str | None = None) -> Reply:
    """Connect an available advisor inside opening hours, else offer the alternatives."""
    call, now = talk.call, talk.now
    own = own_callback(talk)
    if advisors.is_being_rung(talk.session, own):
        return _held(talk, own)
    if not hours.in_force(talk.session, now).is_open(now):
        return _closed(talk, again)
    callback_first = advisors.is_callback_next(talk.session, call, now)
    if len(call.rung) < talk.rules.most_advisors and not callback_first:
        number = advisors.occupy_one(talk.session, call, own, now=now)
        if number is not None:
            return talk.ask(
                Asked.ADVISOR,
                Kind.RING_ADVISOR,
                number=number,
                again=ANOTHER if len(call.rung) > 1 else None,
            )
    if own is not None and own.status == Status.CLAIMED:
        return _held(talk, own)
    if call.hold_began_at is not None:
        return _hold(talk, call.hold_began_at)
    return _offer(talk, again or (NOBODY_FREE if call.rung else None))


def own_callback(talk: IvrTurn) -> Callback | None:
    """Return the open callback of the caller's number."""
    known = talk.call.phone_hash
    return requests.find_open(talk.session, known) if known else None


def _held(talk: IvrTurn, own: Callback | None) -> Reply:
    """An advisor is about to call this phone: it must be free."""
    talk.call.callback_id = own.id if own else None
    end(talk, Outcome.HELD)
    return talk.reply(Kind.HELD)


def _hold(talk: IvrTurn, since: datetime) -> Reply:
    """Put the caller on hold; they may hang up and keep their position. After a while they are
    called back in the position they had.
    """
    call = talk.call
    call.rung = []  # An advisor who missed it may be called again.
    if since <= talk.now - LONGEST_HOLD:
        if _number_of(call) is not None:
            return _as_wished(talk)
        call.hold_began_at = None
        return _offer(talk, NOBODY_FREE)
    others = advisors.callers_before(talk.session, call, talk.now) > 0
    return talk.ask(Asked.HOLD, Kind.HOLD, others_first=others)


def _while_on_hold(talk: IvrTurn, digits: str) -> Reply:
    if digits != CALLBACK:
        return connect(talk)
    talk.call.for_message = False
    if _number_of(talk.call) is None:
        return talk.ask(Asked.NUMBER, Kind.ASK_NUMBER)
    return _as_wished(talk)


def _offer(talk: IvrTurn, again: str | None) -> Reply:
    minutes = _wait_minutes(talk)
    outlook = _outlook(talk, minutes)
    return talk.ask(
        Asked.CHOICE,
        Kind.OFFER,
        wait=wait_band(minutes).value,
        again=again,
        state=outlook.state,
        opens_at=outlook.call_at,
        may_hold=minutes is not None,
    )


def _wait_minutes(talk: IvrTurn) -> int | None:
    """The caller's expected wait; None without an available advisor."""
    own = own_callback(talk)
    place = (own.priority, own.due_at) if own else (Priority.ASAP, talk.now)
    ahead = queue.queue_position(talk.session, *place, talk.now)
    return queue.likely_wait_minutes(talk.session, ahead, talk.now)


def _outlook(talk: IvrTurn, wait_minutes: int | None) -> Outlook:
    found = hours.in_force(talk.session, talk.now)
    return of_new_request(HoursNow.of(found, talk.now), wait_minutes, talk.now)


def _closed(talk: IvrTurn, again: str | None) -> Reply:
    opens_at = hours.in_force(talk.session, talk.now).next_opening(talk.now)
    return talk.ask(Asked.CHOICE, Kind.CLOSED, closed=True, opens_at=opens_at, again=again)


def _after_advisor(talk: IvrTurn) -> Reply:
    """After an advisor was called: end after a conversation, else try the next."""
    call = talk.call
    if call.talked_at is not None:
        end(talk, Outcome.TALKED)
        return talk.reply(Kind.HANG_UP)
    advisors.release_line(talk.session, call)
    return connect(talk)


def _choice(talk: IvrTurn, digits: str) -> Reply:
    call = talk.call
    if digits == HOLD and _wait_minutes(talk) is not None:
        call.hold_began_at = talk.now
        return connect(talk)
    if digits not in (CALLBACK, MESSAGE):
        again = NOT_UNDERSTOOD if digits else None
        return _goodbye(talk) if talk.is_last() else connect(talk, again)
    call.for_message = digits == MESSAGE
    if _number_of(call) is None:
        return talk.ask(Asked.NUMBER, Kind.ASK_NUMBER)
    return _as_wished(talk)


def _number(talk: IvrTurn, digits: str) -> Reply:
    rules = talk.rules
    try:
        number = phone_numbers.parse(digits, rules.default_region, rules.allowed_regions)
        require_visitor_number(talk.session, number, rules.other_numbers)
    except InvalidPhoneNumber as problem:
        if talk.is_last():
            return _goodbye(talk)
        return talk.ask(Asked.NUMBER, Kind.ASK_NUMBER, again=problem.reason.value)
    call = talk.call
    call.typed_phone = number.e164
    # The two questions are counted as one, or a caller could go back and forth for ever.
    call.asked = Asked.READ_BACK
    return talk.reply(Kind.READ_BACK, number=number.e164)


def _read_back(talk: IvrTurn, digits: str) -> Reply:
    if digits == RIGHT:
        return _as_wished(talk)
    talk.call.typed_phone = None
    if talk.is_last():
        return _goodbye(talk)
    talk.call.asked = Asked.NUMBER
    return talk.ask(Asked.NUMBER, Kind.ASK_NUMBER)


def _as_wished(talk: IvrTurn) -> Reply:
    if talk.call.for_message:
        minutes = _wait_minutes(talk)
        outlook = _outlook(talk, minutes)
        return talk.ask(
            Asked.MESSAGE,
            Kind.RECORD,
            wait=wait_band(minutes).value,
            closed=outlook.state in _CLOSED,
            state=outlook.state,
            opens_at=outlook.call_at,
        )
    book(talk)
    end(talk, Outcome.BOOKED)
    return _kept(talk, Kind.BOOKED)


def _message(talk: IvrTurn, word: CallerInput) -> Reply:
    if word.recording:
        keep_message(talk, word)
        end(talk, Outcome.MESSAGE)
        return _kept(talk, Kind.MESSAGE_KEPT)
    if talk.is_last():
        return _goodbye(talk)
    return talk.ask(Asked.MESSAGE, Kind.RECORD, again=NOTHING_HEARD)


def _kept(talk: IvrTurn, kind: Kind) -> Reply:
    """Confirm the callback and its time."""
    outlook = _outlook(talk, _wait_minutes(talk))
    return talk.reply(
        kind,
        closed=outlook.state in _CLOSED,
        state=outlook.state,
        opens_at=outlook.call_at,
        place_kept=talk.call.hold_began_at is not None,
    )


def _goodbye(talk: IvrTurn) -> Reply:
    end(talk, Outcome.LEFT)
    return talk.reply(Kind.GOODBYE)


def keep_message(talk: IvrTurn, word: CallerInput) -> None:
    """Turn a voicemail into a callback, and queue its download. Idempotent."""
    known = sa.select(VoiceMessage.id).where(VoiceMessage.recording == word.recording)
    if talk.session.scalar(known) is not None:
        return
    callback = book(talk)
    message = VoiceMessage(
        recording=word.recording,
        call_id=talk.call.id,
        callback_id=callback.id,
        left_at=talk.now,
        seconds=word.seconds,
        state=MessageState.AT_CARRIER,
    )
    talk.session.add(message)
    talk.session.flush()
    outbox.enqueue(talk.session, Effect.FETCH_RECORDING, message.id, now=talk.now)


def book(talk: IvrTurn) -> Callback:
    """Return the requested callback; an open one of the number keeps its position."""
    session, call = talk.session, talk.call
    number = _number_of(call)
    assert number is not None
    wish = CallbackRequest(
        phone=number,
        language=call.language or talk.rules.languages[0],
        channel=Channel.PHONE,
    )
    token = link_hash(link_token(f"call-in:{call.sid}"))
    # A typed number may be another person's: the request waits behind an open one.
    ask = requests.get_open_or_create if call.typed_phone is None else requests.create_and_load
    # A caller on hold has waited since they called.
    asked_at = talk.now if call.hold_began_at is None else call.began_at
    callback = ask(session, wish, token, asked_at)
    if callback is None:  # This very call has booked before.
        assert call.callback_id is not None
        callback = session.get_one(Callback, call.callback_id)
    call.callback_id = callback.id
    session.flush()
    return callback


def end(talk: IvrTurn, outcome: Outcome) -> None:
    """End the call on our side."""
    call = talk.call
    if call.ended_at is not None:
        return
    advisors.end_attempt(talk.session, call, now=talk.now)
    advisors.release_line(
        talk.session, call, talked_until=talk.now if call.talked_at is not None else None
    )
    # After a talk nothing more is said to them.
    talked = outcome == Outcome.TALKED
    active_calls.end(talk.session, call.sid, now=talk.now, hung_up=talked)
    call.ended_at = talk.now
    call.outcome = outcome
    call.asked = Asked.NOTHING


def _number_of(call: InboundCall) -> PhoneNumber | None:
    known = if_readable(call.typed_phone or call.phone)
    return PhoneNumber(known) if known else None
