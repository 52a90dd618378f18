"""Plivo's XML read into instructions. What each element does is in `phonesim.program`.

The elements, attributes and defaults: https://www.plivo.com/docs/voice/xml/overview and the pages
after it. What those call allowed values is demanded here; other elements and attributes are refused
or ignored with a warning.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urldefrag, urlsplit
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from phonesim.instructions import (
    INVALID,
    UNREADABLE,
    Confirm,
    Dial,
    Document,
    DocumentError,
    Gather,
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
from phonesim.plivo.formats import e164

LONGEST_BYTES = 100_000
DIAL_EVENTS = ("answered", "connected", "completed")

# https://www.plivo.com/docs/voice/xml/audio-output
LANGUAGES = frozenset(
    {
        *("arb", "cmn-CN", "cy-GB", "da-DK", "de-DE", "en-AU", "en-GB", "en-GB-WLS", "en-IN"),
        *("en-US", "es-ES", "es-MX", "es-US", "fr-CA", "fr-FR", "hi-IN", "is-IS", "it-IT", "ja-JP"),
        *("ko-KR", "nb-NO", "nl-NL", "pl-PL", "pt-BR", "pt-PT", "ro-RO", "ru-RU", "sv-SE", "tr-TR"),
    }
)
_ONLY_POLLY = {"hi-IN": "Polly.Aditi"}
"""Seen to fail with 8011 in another voice."""

_ATTRIBUTES = {
    "Speak": "voice language loop",
    "Play": "loop",
    "Wait": "length silence minSilence beep",
    "GetInput": "action method inputType executionTimeout digitEndTimeout speechEndTimeout "
    "finishOnKey numDigits speechModel hints language interimSpeechResultsCallback "
    "interimSpeechResultsCallbackMethod log redirect profanityFilter retries startInputTimeout",
    "Dial": "action method hangupOnStar timeLimit timeout callerId callerName confirmSound "
    "confirmKey confirmTimeout dialMusic callbackUrl callbackMethod redirect digitsMatch "
    "digitsMatchBLeg sipHeaders callType",
    "Number": "sendDigits sendDigitsMode sendOnPreanswer sipHeaders",
    "Record": "action method fileFormat redirect timeout maxLength playBeep finishOnKey "
    "recordSession startOnDialAnswer recordChannelType transcriptionType transcriptionUrl "
    "transcriptionMethod transcriptionReportType callbackUrl callbackMethod",
    "Conference": "action method muted enterSound exitSound startConferenceOnEnter "
    "endConferenceOnExit stayAlone timeLimit maxMembers waitSound hangupOnStar record "
    "recordFileFormat callbackUrl callbackMethod redirect digitsMatch floorEvent relayDTMF "
    "transcriptionType transcriptionUrl transcriptionMethod",
    "Redirect": "method",
    "Hangup": "reason schedule",
}


def parse(text: str | bytes, url: str) -> Document:
    """Read a document that came from `url`."""
    if len(text) >= LONGEST_BYTES:
        raise DocumentError(INVALID, "the document has 100 kB or more")
    try:
        root = ElementTree.fromstring(text)
    except ElementTree.ParseError as problem:
        raise DocumentError(UNREADABLE, f"not XML: {problem}") from problem
    if root.tag != "Response":
        raise DocumentError(UNREADABLE, f"root element is {root.tag}")
    warnings: list[str] = []
    verbs = [verb for element in root for verb in _read(element, warnings)]
    return Document(url, tuple(verbs), tuple(warnings))


def _read(element: Element, warnings: list[str]) -> list[Verb]:
    reader = _READERS.get(element.tag)
    if reader is None:
        raise DocumentError(INVALID, f"{element.tag} is no element here")
    for each in element.iter():
        known = _ATTRIBUTES.get(each.tag)
        if known is not None:
            unknown = sorted(set(each.keys()) - set(known.split()))
            warnings.extend(f"{each.tag} has no {name}" for name in unknown)
    found = reader(element, warnings)
    return [found] if found is not None else []


def _text(element: Element) -> str:
    return " ".join("".join(element.itertext()).split())


def _whole(element: Element, name: str, default: int, least: int = 1, most: int = 86400) -> int:
    value = element.get(name)
    if value is None:
        return default
    if not (value.isascii() and value.isdigit()) or not least <= int(value) <= most:
        raise DocumentError(INVALID, f"{element.tag} {name} is a number from {least} to {most}")
    return int(value)


def _flag(element: Element, name: str, default: bool) -> bool:
    value = element.get(name, str(default)).lower()
    if value not in ("true", "false"):
        raise DocumentError(INVALID, f"{element.tag} {name} is true or false")
    return value == "true"


def _method(element: Element, name: str = "method") -> str:
    value = element.get(name, "POST").upper()
    if value not in ("GET", "POST"):
        raise DocumentError(INVALID, f"{element.tag} {name} is GET or POST")
    return value


def _address(value: str, where: str) -> str:
    parts = urlsplit(urldefrag(value).url)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise DocumentError(INVALID, f"{where} is no fully qualified URL")
    return value


def _link(element: Element, name: str) -> str:
    value = element.get(name, "").strip()
    return _address(value, f"{element.tag} {name}") if value else ""


def _key(element: Element, name: str, default: str) -> str:
    value = element.get(name, default)
    if value in ("", "none"):
        return ""
    if len(value) != 1 or value not in "0123456789*#":
        raise DocumentError(INVALID, f"{element.tag} {name} is one key, or none")
    return value


def _speak(element: Element, warnings: list[str]) -> Say:
    voice, language = element.get("voice", "WOMAN"), element.get("language", "en-US")
    if voice not in ("WOMAN", "MAN") and not voice.startswith("Polly."):
        raise DocumentError(INVALID, f"Speak has no voice {voice}")
    if language not in LANGUAGES or _ONLY_POLLY.get(language, voice) != voice:
        raise DocumentError(INVALID, f"Speak has no {language} in the voice {voice}")
    if not _text(element):
        raise DocumentError(INVALID, "Speak says nothing")
    return Say(_text(element), _whole(element, "loop", 1, 0), language)


def _play(element: Element, warnings: list[str]) -> Play:
    return Play(_address(_text(element), "Play"), _whole(element, "loop", 1, 0))


def _wait(element: Element, warnings: list[str]) -> Pause:
    return Pause(_whole(element, "length", 1))


def _get_input(element: Element, warnings: list[str]) -> Gather:
    if "dtmf" not in element.get("inputType", "").split():
        raise DocumentError(INVALID, "GetInput: the simulation hears keys only")
    if not element.get("action"):
        raise DocumentError(INVALID, "GetInput needs an action")
    prompts: list[Say | Play] = []
    for child in element:
        if child.tag == "Speak":
            prompts.append(_speak(child, warnings))
        elif child.tag == "Play":
            prompts.append(_play(child, warnings))
        else:
            warnings.append(f"{child.tag} within GetInput is not documented, and ignored")
    between = element.get("digitEndTimeout", "auto")
    return Gather(
        action=_link(element, "action"),
        method=_method(element),
        prompts=tuple(prompts) * _whole(element, "retries", 1),
        timeout=_whole(element, "executionTimeout", 15, 5, 60),
        digit_timeout=2 if between == "auto" else _whole(element, "digitEndTimeout", 2, 2, 10),
        finish_on_key=_key(element, "finishOnKey", "#"),
        num_digits=_whole(element, "numDigits", 32, 1, 32),
        redirect=_flag(element, "redirect", True),
    )


def _dial(element: Element, warnings: list[str]) -> Dial:
    if not len(element) or {child.tag for child in element} != {"Number"}:
        raise DocumentError(INVALID, "Dial holds Number, one or more")
    confirm = None
    if element.get("confirmSound"):
        confirm = Confirm(
            _link(element, "confirmSound"),
            _key(element, "confirmKey", ""),
            _whole(element, "confirmTimeout", 120),
        )
    return Dial(
        action=_link(element, "action"),
        method=_method(element),
        numbers=tuple(_number(child, element, confirm) for child in element),
        caller_id=e164(element.get("callerId", "").strip()),
        timeout=_whole(element, "timeout", 120),
        time_limit=_whole(element, "timeLimit", 14400),
        hangup_on_star=_flag(element, "hangupOnStar", False),
        answer_on_bridge=True,
        redirect=_flag(element, "redirect", True),
    )


def _conference(element: Element, warnings: list[str]) -> Dial:
    """It starts with the first who may start it; who waits for them hears music, and nothing else
    where a sound of their own is set (https://www.plivo.com/docs/voice/xml/conference).
    """
    if not _text(element):
        raise DocumentError(INVALID, "Conference has no name")
    return Dial(
        action=_link(element, "action"),
        method=_method(element),
        conference=JoinConference(
            name=_text(element),
            start_on_enter=_flag(element, "startConferenceOnEnter", True),
            end_on_exit=_flag(element, "endConferenceOnExit", False),
            muted=_flag(element, "muted", False),
            wait=element.get("waitSound", "") or "[waiting music]",
            enter_sound=_sound(element, "enterSound"),
            exit_sound=_sound(element, "exitSound"),
        ),
        hangup_on_star=_flag(element, "hangupOnStar", False),
        redirect=_flag(element, "redirect", True),
    )


def _sound(element: Element, name: str) -> str:
    value = element.get(name, "")
    if value in ("beep:1", "beep:2"):
        return "[beep]"
    return f"[plays {_address(value, name)}]" if value else ""


def _number(element: Element, dial: Element, confirm: Confirm | None) -> Number:
    if not _text(element):
        raise DocumentError(INVALID, "Number is empty")
    return Number(
        number=e164(_text(element)),
        send_digits=element.get("sendDigits", ""),
        status_callback=_link(dial, "callbackUrl"),
        status_callback_method=_method(dial, "callbackMethod"),
        status_callback_events=DIAL_EVENTS,
        confirm=confirm,
    )


def _record(element: Element, warnings: list[str]) -> Record | None:
    if _flag(element, "recordSession", False) or _flag(element, "startOnDialAnswer", False):
        warnings.append("Record in the background is not simulated")
        return None
    if element.get("fileFormat", "mp3") not in ("mp3", "wav"):
        raise DocumentError(INVALID, "Record fileFormat is mp3 or wav")
    return Record(
        action=_link(element, "action"),
        method=_method(element),
        timeout=_whole(element, "timeout", 15),
        max_length=_whole(element, "maxLength", 60, 2),
        finish_on_key=_key(element, "finishOnKey", "#"),
        play_beep=_flag(element, "playBeep", True),
        status_callback=_link(element, "callbackUrl"),
        status_callback_method=_method(element, "callbackMethod"),
        redirect=_flag(element, "redirect", True),
    )


def _redirect(element: Element, warnings: list[str]) -> Redirect:
    return Redirect(_address(_text(element), "Redirect"), _method(element))


def _hangup(element: Element, warnings: list[str]) -> Reject:
    """A call that still rings is refused by it; one that talks ends."""
    reason = element.get("reason", "rejected")
    if reason not in ("rejected", "busy"):
        raise DocumentError(INVALID, "Hangup reason is rejected or busy")
    if element.get("schedule"):
        raise DocumentError(INVALID, "Hangup schedule is not simulated")
    return Reject(reason)


_READERS: dict[str, Callable[[Element, list[str]], Any]] = {
    "Speak": _speak,
    "Play": _play,
    "Wait": _wait,
    "GetInput": _get_input,
    "Conference": _conference,
    "Dial": _dial,
    "Record": _record,
    "Redirect": _redirect,
    "Hangup": _hangup,
}
