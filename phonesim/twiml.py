"""TwiML read into plain objects. What each verb does is in `program`.

The verbs, attributes and defaults: https://www.twilio.com/docs/voice/twiml
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

COMPLETED_ONLY = ("completed",)


class TwimlError(Exception):
    """A document that cannot be fetched or read; `code` is Twilio's, as its debugger shows it."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


@dataclass(frozen=True)
class Say:
    """Words spoken to the caller."""

    text: str
    loop: int = 1
    language: str = ""


@dataclass(frozen=True)
class Play:
    """A sound file, or keys, played to the caller."""

    what: str
    loop: int = 1


@dataclass(frozen=True)
class Pause:
    """Silence."""

    seconds: float = 1.0


@dataclass(frozen=True)
class Gather:
    """Keys asked for, with what is said meanwhile."""

    action: str
    method: str = "POST"
    prompts: tuple[Say | Play | Pause, ...] = ()
    timeout: float = 5.0
    finish_on_key: str = "#"
    num_digits: int | None = None
    action_on_empty_result: bool = False
    listens_to_keys: bool = True


@dataclass(frozen=True)
class Number:
    """One phone to call within a Dial."""

    number: str
    url: str = ""
    method: str = "POST"
    send_digits: str = ""
    status_callback: str = ""
    status_callback_method: str = "POST"
    status_callback_events: tuple[str, ...] = COMPLETED_ONLY
    machine_detection: str = ""
    amd_status_callback: str = ""
    amd_status_callback_method: str = "POST"


@dataclass(frozen=True)
class Conference:
    """A room that several calls can be in."""

    name: str
    start_on_enter: bool = True
    end_on_exit: bool = False
    muted: bool = False


@dataclass(frozen=True)
class Dial:
    """Other phones to call, or a conference to join, and connect to this call."""

    action: str = ""
    method: str = "POST"
    numbers: tuple[Number, ...] = ()
    conference: Conference | None = None
    caller_id: str = ""
    timeout: float = 30.0
    time_limit: float = 14400.0
    hangup_on_star: bool = False
    answer_on_bridge: bool = False


@dataclass(frozen=True)
class Record:
    """What the caller says, kept."""

    action: str
    method: str = "POST"
    timeout: float = 5.0
    max_length: float = 3600.0
    finish_on_key: str = "1234567890*#"
    play_beep: bool = True
    status_callback: str = ""
    status_callback_method: str = "POST"


@dataclass(frozen=True)
class Hangup:
    """The end of the call."""


@dataclass(frozen=True)
class Redirect:
    """Another document instead of this one."""

    url: str
    method: str = "POST"


@dataclass(frozen=True)
class Reject:
    """An inbound call not answered at all."""

    reason: str = "rejected"


Verb = Say | Play | Pause | Gather | Dial | Record | Hangup | Redirect | Reject


@dataclass(frozen=True)
class Document:
    """A TwiML response: its verbs, and what was not understood."""

    url: str
    verbs: tuple[Verb, ...]
    warnings: tuple[str, ...] = field(default=())


def parse(text: str | bytes, url: str) -> Document:
    """Read a document that came from `url`; relative addresses in it are taken from there.

    Twilio ignores verbs it does not know, with a warning (12200), and refuses what is no XML or
    has another root than Response (12100).
    """
    try:
        root = ElementTree.fromstring(text)
    except ElementTree.ParseError as problem:
        raise TwimlError(12100, f"Document parse failure: {problem}") from problem
    if root.tag != "Response":
        raise TwimlError(12100, f"Document parse failure: root element is {root.tag}")
    verbs: list[Verb] = []
    warnings: list[str] = []
    for element in root:
        reader = _READERS.get(element.tag)
        if reader is None:
            warnings.append(f"12200: unknown verb {element.tag}")
        else:
            verbs.append(reader(element, url))
    return Document(url, tuple(verbs), tuple(warnings))


def _text(element: Element) -> str:
    return " ".join("".join(element.itertext()).split())


def _number(element: Element, name: str, default: float) -> float:
    value = element.get(name, "")
    try:
        return float(value) if value else default
    except ValueError as problem:
        raise TwimlError(12200, f"{element.tag} {name} is not a number") from problem


def _flag(element: Element, name: str, default: bool = False) -> bool:
    return element.get(name, str(default)).lower() == "true"


def _method(element: Element, name: str = "method") -> str:
    return element.get(name, "POST").upper()


def _link(element: Element, name: str, url: str, default: str = "") -> str:
    value = element.get(name, "").strip()
    return urljoin(url, value) if value else default


def _say(element: Element, url: str) -> Say:
    return Say(_text(element), int(_number(element, "loop", 1)), element.get("language", ""))


def _play(element: Element, url: str) -> Play:
    keys = element.get("digits")
    what = f"keys {keys}" if keys else urljoin(url, _text(element))
    return Play(what, int(_number(element, "loop", 1)))


def _pause(element: Element, url: str) -> Pause:
    return Pause(_number(element, "length", 1))


_PROMPTS: dict[str, Callable[[Element, str], Say | Play | Pause]] = {
    "Say": _say,
    "Play": _play,
    "Pause": _pause,
}


def _gather(element: Element, url: str) -> Gather:
    unknown = [child.tag for child in element if child.tag not in _PROMPTS]
    if unknown:
        raise TwimlError(12200, f"{unknown[0]} cannot stand within Gather")
    num_digits = element.get("numDigits")
    return Gather(
        action=_link(element, "action", url, default=url),
        method=_method(element),
        prompts=tuple(_PROMPTS[child.tag](child, url) for child in element),
        timeout=_number(element, "timeout", 5),
        finish_on_key=element.get("finishOnKey", "#"),
        num_digits=int(num_digits) if num_digits else None,
        action_on_empty_result=_flag(element, "actionOnEmptyResult"),
        listens_to_keys="dtmf" in element.get("input", "dtmf"),
    )


def _dialled_number(element: Element, url: str) -> Number:
    events = tuple(element.get("statusCallbackEvent", "").split())
    return Number(
        number=_text(element),
        url=_link(element, "url", url),
        method=_method(element),
        send_digits=element.get("sendDigits", ""),
        status_callback=_link(element, "statusCallback", url),
        status_callback_method=_method(element, "statusCallbackMethod"),
        status_callback_events=events or COMPLETED_ONLY,
        machine_detection=element.get("machineDetection", ""),
        amd_status_callback=_link(element, "amdStatusCallback", url),
        amd_status_callback_method=_method(element, "amdStatusCallbackMethod"),
    )


def _conference(element: Element) -> Conference:
    return Conference(
        name=_text(element),
        start_on_enter=_flag(element, "startConferenceOnEnter", True),
        end_on_exit=_flag(element, "endConferenceOnExit"),
        muted=_flag(element, "muted"),
    )


def _dial(element: Element, url: str) -> Dial:
    nouns = {child.tag for child in element}
    if nouns - {"Number", "Conference"}:
        raise TwimlError(12200, "the simulation dials Number and Conference only")
    numbers = [_dialled_number(child, url) for child in element.findall("Number")]
    plain = (element.text or "").strip()
    if plain and not nouns:
        numbers.append(Number(plain))
    room = element.find("Conference")
    return Dial(
        action=_link(element, "action", url),
        method=_method(element),
        numbers=tuple(numbers),
        conference=_conference(room) if room is not None else None,
        caller_id=element.get("callerId", "").strip(),
        timeout=_number(element, "timeout", 30),
        time_limit=_number(element, "timeLimit", 14400),
        hangup_on_star=_flag(element, "hangupOnStar"),
        answer_on_bridge=_flag(element, "answerOnBridge"),
    )


def _record(element: Element, url: str) -> Record:
    return Record(
        action=_link(element, "action", url, default=url),
        method=_method(element),
        timeout=_number(element, "timeout", 5),
        max_length=_number(element, "maxLength", 3600),
        finish_on_key=element.get("finishOnKey", "1234567890*#"),
        play_beep=_flag(element, "playBeep", True),
        status_callback=_link(element, "recordingStatusCallback", url),
        status_callback_method=_method(element, "recordingStatusCallbackMethod"),
    )


def _redirect(element: Element, url: str) -> Redirect:
    return Redirect(urljoin(url, _text(element)), _method(element))


_READERS: dict[str, Callable[[Element, str], Any]] = {
    **_PROMPTS,
    "Gather": _gather,
    "Dial": _dial,
    "Record": _record,
    "Hangup": lambda element, url: Hangup(),
    "Redirect": _redirect,
    "Reject": lambda element, url: Reject(element.get("reason", "rejected")),
}
