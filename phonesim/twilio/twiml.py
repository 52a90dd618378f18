"""TwiML read into instructions. What each verb does is in `phonesim.program`.

The verbs, attributes and defaults: https://www.twilio.com/docs/voice/twiml
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urljoin
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from phonesim.instructions import (
    COMPLETED_ONLY,
    INVALID,
    UNREADABLE,
    Dial,
    Document,
    DocumentError,
    Gather,
    Hangup,
    JoinConference,
    Number,
    Pause,
    Play,
    Record,
    Redirect,
    Reject,
    Say,
    Verb,
)


def parse(text: str | bytes, url: str) -> Document:
    """Read a document that came from `url`; relative addresses in it are taken from there.

    Twilio ignores verbs it does not know, with a warning (12200), and refuses what is no XML or
    has another root than Response (12100).
    """
    try:
        root = ElementTree.fromstring(text)
    except ElementTree.ParseError as problem:
        raise DocumentError(UNREADABLE, f"Document parse failure: {problem}") from problem
    if root.tag != "Response":
        raise DocumentError(UNREADABLE, f"Document parse failure: root element is {root.tag}")
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
        raise DocumentError(INVALID, f"{element.tag} {name} is not a number") from problem


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
        raise DocumentError(INVALID, f"{unknown[0]} cannot stand within Gather")
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


def _conference(element: Element) -> JoinConference:
    """Music is played until two are in it, unless waitUrl is empty
    (https://www.twilio.com/docs/voice/twiml/conference).
    """
    beep = element.get("beep", "true")
    return JoinConference(
        name=_text(element),
        start_on_enter=_flag(element, "startConferenceOnEnter", True),
        end_on_exit=_flag(element, "endConferenceOnExit"),
        muted=_flag(element, "muted"),
        starts_with=2,
        wait="[waiting music]" if element.get("waitUrl", "default") else "",
        enter_sound="[beep]" if beep in ("true", "onEnter") else "",
        exit_sound="[beep]" if beep in ("true", "onExit") else "",
    )


def _dial(element: Element, url: str) -> Dial:
    nouns = {child.tag for child in element}
    if nouns - {"Number", "Conference"}:
        raise DocumentError(INVALID, "the simulation dials Number and Conference only")
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
