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
_MOST_LINES = 3
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
            return [speak.say("read_back", digits=spoken.digits(_as_typed(reply.number or "")))]
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
    lines = [_line(each, speak) for each in _crisis_lines(reply.region)]
    if not directory().has_crisis_line(reply.region):
        lines.append(speak.say("find_a_helpline"))
    return [
        speak.say("closed"),
        speak.say("lines_that_answer"),
        *lines,
        speak.say("once_more"),
        *lines,
        *_opens(reply, speak),
        speak.say("offer_closed_withheld" if reply.withheld else "offer_closed"),
    ]


def _crisis_lines(region: str) -> list[CrisisLine]:
    """Those that answer now and can be rung: the emergency number, then the crisis lines."""
    kinds = (EMERGENCY, CRISIS_LINE)
    lines = (each for each in directory().lines(region) if each.tel and each.kind in kinds)
    return list(lines)[:_MOST_LINES]


def _line(line: CrisisLine, speak: Tongue) -> str:
    name = catalogs.told(catalogs.LINE, line.name, speak.code)
    return speak.say("line", name=name, digits=spoken.digits(line.tel or ""))


def _opens(reply: Reply, speak: Tongue) -> list[str]:
    if reply.opens_at is None:
        return []
    local = reply.opens_at.astimezone(opening_hours(clock.now()).zone)
    return [speak.say("opens", moment=speak.moment(local))]


def _end(reply: Reply, speak: Tongue) -> list[str]:
    """When we open, and whom to ring in danger meanwhile."""
    emergency = directory().emergency(reply.region)
    danger = speak.say("danger", digits=spoken.digits(emergency.tel or ""))
    return [*_opens(reply, speak), danger]
