"""What a caller hears, sentence by sentence."""

from __future__ import annotations

from helpline import clock
from helpline.calls.inbound.replies import Kind, Reply
from helpline.crisis.published import CRISIS_LINE, EMERGENCY, CrisisLine
from helpline.domain.phone_numbers import PhoneNumber
from helpline.domain.visitor_state import VisitorState
from helpline.house import settings
from helpline.languages import catalogs
from helpline.telephony import spoken
from helpline.telephony.spoken import Tongue
from helpline.web.here import directory, opening_hours

_AGAIN = {
    "not_understood": "not_understood",
    "nothing_heard": "nothing_heard",
    "nobody_free": "nobody_free",
    "another": "another",
    "empty": "number_empty",
    "too_short": "number_too_short",
    "too_long": "number_too_long",
    "region_not_allowed": "number_region_not_allowed",
    "emergency": "number_emergency",
}
_MOST_LINES = 2
_UNSTAFFED = (VisitorState.QUEUED_UNSTAFFED, VisitorState.QUEUED_UNSTAFFED_CLOSING)
_CLOSING = (VisitorState.QUEUED_CLOSING, VisitorState.QUEUED_UNSTAFFED_CLOSING)


def language_choices(codes: tuple[str, ...]) -> list[tuple[str, str]]:
    """Each language, offered in itself."""
    return [
        (code, spoken.tongue(code).say("choose_language", key=key))
        for key, code in enumerate(codes, 1)
    ]


def of(reply: Reply, speak: Tongue) -> list[str]:
    """The sentences of a reply, in order."""
    begin = [speak.say("greeting", name=settings().site_name)] if reply.greet else []
    if reply.again:
        begin.append(speak.say(_AGAIN.get(reply.again, "number_unusable")))
    return begin + _own(reply, speak)


def _own(reply: Reply, speak: Tongue) -> list[str]:
    match reply.kind:
        case Kind.RING_ADVISOR:
            return [] if reply.again else [speak.say("ringing_advisor")]
        case Kind.OFFER:
            return _offer(reply, speak)
        case Kind.CLOSED:
            return _closed(reply, speak)
        case Kind.READ_BACK:
            return [speak.say("read_back", digits=speak.digits(_as_typed(reply.number or "")))]
        case Kind.BOOKED:
            booked = speak.say("booked_closed" if reply.closed else "booked")
            return [booked, *_closing(reply, speak), *_end(reply, speak)]
        case Kind.MESSAGE_KEPT | Kind.GOODBYE:
            return [speak.say(reply.kind.value), *_closing(reply, speak), *_end(reply, speak)]
        case _:
            return [speak.say(reply.kind.value)]


def _as_typed(e164: str) -> str:
    """A number as people type it: without the country, where it is of this one."""
    number = PhoneNumber(e164)
    return number.national if number.region == settings().default_region else e164


def _offer(reply: Reply, speak: Tongue) -> list[str]:
    who = "no_advisor" if reply.state in _UNSTAFFED else "all_busy"
    busy = [] if reply.again else [speak.say(who)]
    offer = "offer_withheld" if reply.withheld else "offer"
    closing = [*_closing(reply, speak), *_opens(reply, speak)]
    return [*busy, speak.say(f"wait_{reply.wait}"), *closing, speak.say(offer)]


def _closing(reply: Reply, speak: Tongue) -> list[str]:
    return [speak.say("closing")] if reply.state in _CLOSING else []


def _closed(reply: Reply, speak: Tongue) -> list[str]:
    """The numbers that answer now come first, and twice; only then what we can offer."""
    lines = _crisis_lines(reply.region)
    elsewhere = speak.say("find_a_helpline")
    return [
        speak.say("closed"),
        speak.say("lines_that_answer"),
        *(words for each in lines for words in (_line(each, speak), *_notes(each, speak))),
        elsewhere,
        speak.say("once_more"),
        *(_line(each, speak) for each in lines),
        *_opens(reply, speak),
        speak.say("offer_closed_withheld" if reply.withheld else "offer_closed"),
    ]


def _crisis_lines(region: str) -> list[CrisisLine]:
    """Those known to be open at this minute that can be called: the emergency numbers, then the
    crisis lines."""
    lines = [each for each in directory().at(region, clock.now()).open_now if each.tel]
    emergency = [each for each in lines if each.kind == EMERGENCY]
    crisis = [each for each in lines if each.kind == CRISIS_LINE]
    return [*emergency[:_MOST_LINES], *crisis[:_MOST_LINES]]


def _line(line: CrisisLine, speak: Tongue) -> str:
    name = catalogs.told(catalogs.LINE, line.name, speak.code)
    return speak.say("line", name=name, digits=speak.digits(line.tel or ""))


def _notes(line: CrisisLine, speak: Tongue) -> list[str]:
    """What a caller must know of a line, with its numbers digit by digit."""
    notes = (line.notes_by_language or {}).get(speak.code) or catalogs.told(
        catalogs.LINE, line.notes, speak.code
    )
    return [speak.spelled(notes)] if notes else []


def _opens(reply: Reply, speak: Tongue) -> list[str]:
    if reply.opens_at is None:
        return []
    local = reply.opens_at.astimezone(opening_hours(clock.now()).zone)
    return [speak.say("opens", moment=speak.moment(local))]


def _end(reply: Reply, speak: Tongue) -> list[str]:
    """When we open, and whom to call in danger meanwhile."""
    return [*_opens(reply, speak), speak.say("danger", digits=_emergency_digits(reply, speak))]


def _emergency_digits(reply: Reply, speak: Tongue) -> str:
    """The emergency number; where nobody promises that it is answered, the other one too."""
    first = speak.digits(directory().emergency(reply.region).tel or "")
    second = directory().second_emergency(reply.region)
    if second is None:
        return first
    return speak.say("one_or_other", one=first, other=speak.digits(second.tel or ""))
