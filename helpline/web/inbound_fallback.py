"""Fallback responses with crisis numbers to inbound calls and text messages.

The carrier waits 15 seconds for instructions, then plays an error and ends the call; a text message
gets nothing. So this middleware replaces the application's response to an inbound webhook where it
is an error, where the call is unknown (after a restore), and where it takes longer than eight
seconds. It needs no database: the numbers
are those of the published file. See docs/decisions/0013-crisis-page-needs-no-database.
"""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from io import BytesIO
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import structlog
from flask import Flask

from helpline import clock
from helpline.app_state import AppState
from helpline.current import settings, webhooks
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
from helpline.telephony.prompts import Voice
from helpline.web import db_bulkhead, metrics
from helpline.web.request_context import shown_directory

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

log: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(__name__)

DEADLINE_SECONDS = 8.0
"""Of the carrier's 15; the rest is for the network."""
SPOKEN_TWICE = {EMERGENCY: 2, CRISIS_LINE: 2}
"""How many lines of each kind are spoken and repeated: as many as a listener can remember."""

_LARGEST_BODY = 64 * 1024
_NUMBER_OF_LAST_RESORT = "112"
_KNOWN_AS_A_WORD = "112"
"""The number that people in India also know as one word, "ek sau barah"."""
_NOTHING_WORKS = (
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


_KINDS = (
    (re.compile(r"/webhooks/voice/inbound(/\d+|/fallback)?"), WebhookKind.CALLER),
    (re.compile(r"/webhooks/voice/inbound/\d+/advisor(/pressed)?"), WebhookKind.ADVISOR),
    (re.compile(r"/webhooks/text(/fallback)?"), WebhookKind.TEXT),
)
_NOT_FOUND = 404


@dataclass
class _Answer:
    """The application's response."""

    status: str = ""
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""

    @property
    def code(self) -> int:
        return int(self.status.split(" ", 1)[0] or 0)

    def is_failure(self, kind: WebhookKind) -> bool:
        """Whether the caller or sender would get nothing. Text webhooks are 404 where text
        messages are off.
        """
        is_unknown = self.code == _NOT_FOUND and kind != WebhookKind.TEXT
        return self.code >= 500 or is_unknown or not self.code


class InboundFallback:
    """WSGI middleware for inbound webhooks.

    Args:
        app: for its settings.
        inner: the wrapped application.
        deadline_seconds: how long it may take.
    """

    def __init__(
        self, app: Flask, inner: WSGIApplication, deadline_seconds: float = DEADLINE_SECONDS
    ) -> None:
        self._app = app
        self._inner = inner
        SENDERS.install(app, _Senders())
        metrics.count_fallbacks_of(WebhookKind)
        with app.app_context():
            self._last_resort = webhooks().render(_NOTHING_WORKS)
            self._no_sms_reply = webhooks().render_sms_reply(None)
            self._content_type = f"{webhooks().content_type}; charset=utf-8"
        self.deadline_seconds = deadline_seconds

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        kind = _kind_of(environ)
        if kind is None:
            return self._inner(environ, start_response)
        body = _read(environ)
        answer = self._within_deadline(environ)
        if answer is None or answer.is_failure(kind):
            log.error(
                "inbound webhook failed, fallback response sent", status=answer and answer.code
            )
            answer = self._stand_in(kind, dict(parse_qsl(body.decode("utf-8", "replace"))))
        start_response(answer.status, answer.headers)
        return [answer.body]

    def _within_deadline(self, environ: WSGIEnvironment) -> _Answer | None:
        """The application's response; None where it raises or takes too long. It may still finish
        then, but gets no further connection to the database.
        """
        answer, is_done, is_late = _Answer(), threading.Event(), threading.Event()
        environ[db_bulkhead.ANSWERED_OTHERWISE] = is_late

        def start(status: str, headers: list[tuple[str, str]], *_: Any) -> Any:
            answer.status, answer.headers = status, headers
            return None

        def ask() -> None:
            try:
                chunks = self._inner(environ, start)
                try:
                    answer.body = b"".join(chunks)
                finally:
                    if hasattr(chunks, "close"):
                        chunks.close()
            except Exception:
                log.exception("webhook failed")
                answer.status = ""
            finally:
                is_done.set()

        # In no application context but its own: a late thread must not share a session.
        threading.Thread(target=ask, daemon=True).start()
        if is_done.wait(self.deadline_seconds):
            return answer
        is_late.set()
        return None

    def _stand_in(self, kind: WebhookKind, form: Mapping[str, str]) -> _Answer:
        try:
            with self._app.app_context():
                metrics.count_fallback(kind)
                response_text = _answer(kind, form)
        except Exception:
            log.exception("fallback response failed")
            is_sms = kind == WebhookKind.TEXT
            response_text = self._no_sms_reply if is_sms else self._last_resort
        sent = response_text.encode()
        headers = [("Content-Type", self._content_type), ("Content-Length", str(len(sent)))]
        return _Answer("200 OK", headers, sent)


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


def static_documents(region: str) -> Mapping[str, str]:
    """Return the carrier's documents for another host, by file name: they name only lines that are
    open 24/7.

    Args:
        region: of the numbers.
    """
    directory = _directory()
    always = Directory(tuple(line for line in directory.published if line.is_always_open))
    return {
        "voice.xml": webhooks().render(
            _spoken(always, region, settings().voice_languages, is_static=True)
        ),
        "text.xml": webhooks().render_sms_reply(_text(always, region, None)),
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


def _answer(kind: WebhookKind, form: Mapping[str, str]) -> str:
    if kind == WebhookKind.TEXT:
        sms = webhooks().inbound_sms(form)
        return webhooks().render_sms_reply(texted_to(sms.number, sms.body))
    if kind == WebhookKind.ADVISOR:
        return webhooks().render(HANG_UP)
    return webhooks().render(spoken_to(webhooks().inbound_call(form).number))


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
        language for language in settings().spoken_languages if language in sms_templates.load()
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


def _kind_of(environ: WSGIEnvironment) -> WebhookKind | None:
    if environ.get("REQUEST_METHOD") != "POST":
        return None
    path = str(environ.get("PATH_INFO", ""))
    return next((kind for pattern, kind in _KINDS if pattern.fullmatch(path)), None)


def _read(environ: WSGIEnvironment) -> bytes:
    """Read the body, which the application then reads from memory; nothing of one that is too
    large, which it refuses by its length.
    """
    try:
        length = int(environ.get("CONTENT_LENGTH") or 0)
    except ValueError:
        length = 0
    if length > _LARGEST_BODY:
        return b""
    body: bytes = environ["wsgi.input"].read(length) if length > 0 else b""
    environ["wsgi.input"] = BytesIO(body)
    return body
