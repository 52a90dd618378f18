"""Prompts of inbound calls."""

from __future__ import annotations

from collections.abc import Mapping

from helpline import clock
from helpline.calls.inbound.replies import Kind, Reply
from helpline.current import settings
from helpline.directory.crisis.published_directory import CRISIS_LINE, CrisisLine
from helpline.domain.phone_numbers import PhoneNumber
from helpline.domain.visitor_state import VisitorState
from helpline.i18n import catalogs
from helpline.telephony import prompts
from helpline.telephony.prompts import Voice
from helpline.web.inbound_fallback import SPOKEN_TWICE, line_words, lines_to_speak
from helpline.web.language import site_name
from helpline.web.request_context import directory, opening_hours

_AGAIN = {
    "not_understood": "not_understood",
    "nothing_heard": "nothing_heard",
    "nobody_free": "nobody_free",
    "another": "another",
    "reference_unknown": "reference_unknown",
    "reference_over": "reference_over",
    "empty": "number_empty",
    "too_short": "number_too_short",
    "too_long": "number_too_long",
    "region_not_allowed": "number_region_not_allowed",
    "emergency": "number_emergency",
    "cannot_be_called": "number_cannot_be_called",
    "own_number": "number_own",
    "other_service": "number_other_service",
}
_SPOKEN = {**SPOKEN_TWICE, "domestic_abuse": 1, "child": 1}
"""How many lines of each kind a caller hears when the helpline is closed."""
_SAYS_SAFETY = (Kind.OFFER, Kind.CLOSED, Kind.RECORD)
_UNSTAFFED = (VisitorState.QUEUED_UNSTAFFED, VisitorState.QUEUED_UNSTAFFED_CLOSING)
_MAY_BE_SOONER = (VisitorState.QUEUED_CLOSING, VisitorState.RETRY_CLOSING)
"""We call before we close, if we can."""
_CLOSING = (VisitorState.QUEUED_CLOSING, VisitorState.QUEUED_UNSTAFFED_CLOSING)


def language_choices(codes: tuple[str, ...], region: str) -> list[tuple[str, str]]:
    """Return each language's offer in itself, after the emergency number in it: a caller who hangs
    up before choosing has heard it.

    Args:
        region: of the emergency number.
    """
    choices = []
    for key, code in enumerate(codes, 1):
        speak = prompts.voice_for(code)
        danger = speak.say("safety_emergency", emergency=_emergency_digits(region, speak))
        choices.append((code, f"{danger} {speak.say('choose_language', key=key)}"))
    return choices


def sentences_of(reply: Reply, speak: Voice) -> list[str]:
    """Return the sentences of a reply, in order."""
    begin = [speak.say("greeting", name=site_name(speak.code))] if reply.greet else []
    if reply.greet or _says_safety_again(reply):
        begin.append(_safety(reply.region, speak))
    if reply.again:
        begin.append(speak.say(_AGAIN.get(reply.again, "number_unusable")))
    return begin + _own(reply, speak)


def _says_safety_again(reply: Reply) -> bool:
    """Whether the safety sentence is repeated: before hold or voicemail and at the end, not after a
    wrong key.
    """
    return reply.kind in _SAYS_SAFETY and reply.again not in ("not_understood", "nothing_heard")


def _own(reply: Reply, speak: Voice) -> list[str]:
    match reply.kind:
        case Kind.RING_ADVISOR:
            return [] if reply.again else [speak.say("ringing_advisor")]
        case Kind.OFFER:
            return _offer(reply, speak)
        case Kind.HOLD:
            return [
                speak.say("hold_others" if reply.others_first else "hold_next"),
                speak.say("hold"),
            ]
        case Kind.CLOSED:
            return _closed(reply, speak)
        case Kind.RECORD:
            return [*_message_waits(reply, speak), speak.say("record")]
        case Kind.OWN_NUMBER:
            return [speak.say(reply.kind.value), *_end(reply, speak)]
        case Kind.READ_BACK:
            return [speak.say("read_back", digits=speak.digits(_as_typed(reply.number or "")))]
        case Kind.BOOKED:
            booked = speak.say("booked_closed" if reply.closed else "booked")
            position_prompt = [speak.say("place_kept")] if reply.place_kept else []
            return [booked, *position_prompt, *_closing(reply, speak), *_end(reply, speak)]
        case Kind.REFERENCE:
            return _reference(reply, speak)
        case Kind.MESSAGE_KEPT | Kind.GOODBYE | Kind.REFERENCE_CANCELLED:
            return [speak.say(reply.kind.value), *_closing(reply, speak), *_end(reply, speak)]
        case _:
            return [speak.say(reply.kind.value)]


def _reference(reply: Reply, speak: Voice) -> list[str]:
    """When the request of a reference is called, and that it can be cancelled."""
    cancel = speak.say("reference_cancel")
    if reply.state == VisitorState.CLAIMED:
        return [speak.say("reference_now"), cancel]
    if reply.opens_at is None or reply.state in _MAY_BE_SOONER:
        return [speak.say("reference_soon"), cancel]
    local = reply.opens_at.astimezone(opening_hours(clock.now()).zone)
    about = "reference_at" if reply.state == VisitorState.BOOKED else "reference_after"
    return [speak.say(about, moment=speak.moment(local)), cancel]


def _as_typed(e164: str) -> str:
    """A number as people type it: without the country code of this country."""
    number = PhoneNumber(e164)
    return number.national if number.region == settings().default_region else e164


def _offer(reply: Reply, speak: Voice) -> list[str]:
    who = "no_advisor" if reply.state in _UNSTAFFED else "all_busy"
    busy = [] if reply.again else [speak.say(who)]
    alerted = [speak.say("staff_alerted")] if reply.staff_alerted and busy else []
    offer = "offer_withheld" if reply.withheld else "offer"
    closing = [*_closing(reply, speak), *_opens(reply, speak)]
    hold = [speak.say("offer_hold")] if reply.may_hold else []
    choices = [speak.say(offer), *hold, speak.say("offer_reference")]
    return [*busy, *alerted, speak.say(f"wait_{reply.wait}"), *closing, *choices]


def _closing(reply: Reply, speak: Voice) -> list[str]:
    return [speak.say("closing")] if reply.state in _CLOSING else []


def _closed(reply: Reply, speak: Voice) -> list[str]:
    """Open lines first, and twice; then the alternatives."""
    lines = _crisis_lines(reply.region, _SPOKEN)
    repeated = _crisis_lines(reply.region, SPOKEN_TWICE)
    elsewhere = speak.say("find_a_helpline")
    return [
        speak.say("closed"),
        speak.say("lines_that_answer"),
        *(prompt for line in lines for prompt in (line_words(line, speak), *_notes(line, speak))),
        elsewhere,
        speak.say("once_more"),
        *(line_words(line, speak) for line in repeated),
        *_opens(reply, speak),
        speak.say("offer_closed_withheld" if reply.withheld else "offer_closed"),
        speak.say("offer_reference"),
    ]


def _message_waits(reply: Reply, speak: Voice) -> list[str]:
    """That nobody hears a voicemail now, and until when."""
    if reply.again:
        return []
    if reply.closed:
        return [speak.say("message_waits_closed"), *_opens(reply, speak)]
    wait = [speak.say(f"wait_{reply.wait}")] if reply.wait else []
    return [speak.say("message_waits"), *wait, *_closing(reply, speak), *_opens(reply, speak)]


def _crisis_lines(region: str, kinds: Mapping[str, int]) -> list[CrisisLine]:
    """Lines that are open now and can be called.

    Args:
        kinds: how many of each kind, in this order.
    """
    return lines_to_speak(directory(), region, kinds)


def _notes(line: CrisisLine, speak: Voice) -> list[str]:
    """A line's note, with its numbers digit by digit."""
    notes = (line.notes_by_language or {}).get(speak.code) or catalogs.translate(
        catalogs.LINE, line.notes, speak.code
    )
    return [speak.spelled(notes)] if notes else []


def _opens(reply: Reply, speak: Voice) -> list[str]:
    if reply.opens_at is None:
        return []
    local = reply.opens_at.astimezone(opening_hours(clock.now()).zone)
    return [speak.say("opens", moment=speak.moment(local))]


def _end(reply: Reply, speak: Voice) -> list[str]:
    """When the helpline opens, and whom to call meanwhile."""
    return [*_opens(reply, speak), _safety(reply.region, speak)]


def _safety(region: str, speak: Voice) -> str:
    """Whom to call instead: in danger, and to talk to someone now."""
    emergency = _emergency_digits(region, speak)
    lines = _crisis_lines(region, {CRISIS_LINE: 1})
    if not lines:
        return speak.say("safety_emergency", emergency=emergency)
    talk = speak.digits(lines[0].tel or "")
    is_free = lines[0].cost == "free" and lines[0].is_always_open
    return speak.say("safety" if is_free else "safety_talk", emergency=emergency, talk=talk)


def _emergency_digits(region: str, speak: Voice) -> str:
    """The emergency number, with the second one where an answer is not assured."""
    first = speak.digits(directory().emergency(region).tel or "")
    second = directory().second_emergency(region)
    if second is None:
        return first
    return speak.say("one_or_other", one=first, other=speak.digits(second.tel or ""))
