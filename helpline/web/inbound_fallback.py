"""Fallback responses with crisis numbers to inbound calls and text messages.

The carrier waits 15 seconds for instructions, then plays an error and ends the call; a text message
gets nothing. So ``middleware.InboundFallback`` replaces the application's response to an inbound
webhook where it is an error, where the call is unknown (after a restore), and where it takes longer
than eight seconds. It needs no database: the numbers are those of the published file. See
docs/decisions/0013-crisis-page-needs-no-database.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from datetime import timedelta
from enum import StrEnum

import structlog
from flask import Flask

from helpline import clock
from helpline.app_state import AppState
from helpline.current import settings
from helpline.directory.crisis import published_directory
from helpline.directory.crisis.published_directory import (
    CRISIS_LINE,
    EMERGENCY,
    CrisisLine,
    Directory,
)
from helpline.domain import sms_commands
from helpline.domain.errors import InvalidPhoneNumber
from helpline.domain.phone_numbers import PhoneNumber
from helpline.domain.sms_commands import Command
from helpline.i18n import catalogs
from helpline.messaging import sms_templates
from helpline.telephony import prompts
from helpline.telephony.flow import HANG_UP, Flow, Say, say_all_and_end
from helpline.telephony.port import Webhooks
from helpline.telephony.prompts import Voice
from helpline.web.request_context import profile, shown_directory

log: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(__name__)

SPOKEN_TWICE = {EMERGENCY: 2, CRISIS_LINE: 2}
"""How many lines of each kind are spoken and repeated: as many as a listener can remember."""

_NUMBER_OF_LAST_RESORT = "112"
_KNOWN_AS_A_WORD = "112"
"""The number that people in India also know as one word, "ek sau barah"."""
NOTHING_WORKS = (
    Say("We have a technical problem. If you are in danger, call 1, 1, 2."),
    Say("We have a technical problem. If you are in danger, call 1, 1, 2."),
    *HANG_UP,
)

_MOST_TEXTS, _PER = 12, timedelta(hours=1)
_MOST_SENDERS = 10_000


class WebhookKind(StrEnum):
    """The kind of an inbound webhook."""

    CALLER = "caller"
    ADVISOR = "advisor"
    TEXT = "text"


def spoken_to(number: str | None) -> Flow:
    """Say the open lines of the caller's region in every language, twice.

    Args:
        number: the caller's, where known.
    """
    return _spoken(_directory(), _region_of(number), settings().voice_languages, is_static=False)


def texted_to(number: str | None, body: str) -> str | None:
    """Return a reply with the same numbers, rate-limited by sender; None to STOP.

    Args:
        number: the sender's, where known.
        body: the message.
    """
    asked = sms_commands.parse(body)
    stops = asked.command == Command.STOP or asked.carrier_answers
    if stops or number is None or not SENDERS.get().may_answer(number):
        return None
    return _text(_directory(), _region_of(number), asked.language)


def static_documents(region: str, webhooks: Webhooks) -> Mapping[str, str]:
    """Return a carrier's documents for another host, by file name: they name only lines that are
    open 24/7.

    Args:
        region: of the numbers.
        webhooks: the carrier's.
    """
    directory = _directory()
    always = Directory(tuple(line for line in directory.published if line.is_always_open))
    return {
        "voice.xml": webhooks.render(
            _spoken(always, region, settings().voice_languages, is_static=True)
        ),
        "text.xml": webhooks.render_sms_reply(_text(always, region, None)),
    }


def lines_to_speak(directory: Directory, region: str, kinds: Mapping[str, int]) -> list[CrisisLine]:
    """Return the lines of a region that are open now and can be called.

    Args:
        kinds: how many of each kind, in this order.
    """
    lines = [line for line in directory.at(region, clock.now()).open_now if line.tel]
    groups = ([line for line in lines if line.kind == kind][:most] for kind, most in kinds.items())
    return [line for some in groups for line in some]


def line_words(line: CrisisLine, speak: Voice) -> str:
    """Return a line's purpose, number and name: few callers know the names."""
    name = catalogs.translate(catalogs.LINE, line.name, speak.code)
    suffix = "_112" if line.kind == EMERGENCY and line.tel == _KNOWN_AS_A_WORD else ""
    return speak.say(f"line_{line.kind}{suffix}", name=name, digits=speak.digits(line.tel or ""))


def response_to(kind: WebhookKind, form: Mapping[str, str], webhooks: Webhooks) -> str:
    """Return the document that stands in for the application's response to a carrier's webhook."""
    if kind == WebhookKind.TEXT:
        sms = webhooks.inbound_sms(form)
        return webhooks.render_sms_reply(texted_to(sms.number, sms.body), sms)
    if kind == WebhookKind.ADVISOR:
        return webhooks.render(HANG_UP)
    return webhooks.render(spoken_to(webhooks.inbound_call(form).number))


def _spoken(
    directory: Directory, region: str, languages: Sequence[str], *, is_static: bool
) -> Flow:
    lines = lines_to_speak(directory, region, SPOKEN_TWICE)
    tongues = [prompts.voice_for(code) for code in languages]
    first = [
        (
            speak,
            [
                speak.say("technical_problem"),
                speak.say("lines_that_answer"),
                *(line_words(line, speak) for line in lines),
                speak.say("find_a_helpline"),
            ],
        )
        for speak in tongues
    ]
    again = [
        (speak, [speak.say("once_more"), *(line_words(line, speak) for line in lines)])
        for speak in tongues
    ]
    end = [(speak, [speak.say("call_again")]) for speak in tongues if not is_static]
    return say_all_and_end([*first, *again, *end])


def _text(directory: Directory, region: str, written_in: str | None) -> str:
    languages = [
        language for language in profile().spoken_languages if language in sms_templates.load()
    ]
    language = (
        written_in if written_in in languages else next(iter(languages), catalogs.SOURCE_LANGUAGE)
    )
    numbers = directory.short_numbers(region, clock.now()) or _NUMBER_OF_LAST_RESORT
    return sms_templates.render(
        "reply_unavailable", language or catalogs.SOURCE_LANGUAGE, numbers=numbers
    )


def _directory() -> Directory:
    try:
        return shown_directory()
    except Exception:
        log.exception("published crisis numbers could not be read")
        return published_directory.load()


def _region_of(number: str | None) -> str:
    """The region of a number, else the deployment's."""
    try:
        region = PhoneNumber(number or "").region
    except InvalidPhoneNumber:
        return settings().default_region
    return settings().default_region if region == "ZZ" else region


class _Senders:
    """Replies by number in this process: two machines that answer each other must stop even while
    no database can tell.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._answered: OrderedDict[str, list[float]] = OrderedDict()

    def may_answer(self, number: str) -> bool:
        """Return whether to reply to this number; asking counts."""
        now = clock.now().timestamp()
        with self._lock:
            lately = [
                at for at in self._answered.pop(number, []) if abs(now - at) < _PER.total_seconds()
            ]
            self._answered[number] = lately
            while len(self._answered) > _MOST_SENDERS:
                self._answered.popitem(last=False)
            if len(lately) >= _MOST_TEXTS:
                return False
            lately.append(now)
            return True


SENDERS = AppState[_Senders]("text-message-senders")


def install(app: Flask) -> None:
    SENDERS.install(app, _Senders())
