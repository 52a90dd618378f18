"""What Twilio documents of TwiML: verbs, nouns, attributes, values, nesting.

``check(text)`` raises AssertionError with every rule that a document breaks. The rules are those
of https://www.twilio.com/docs/voice/twiml and its pages, one a verb, and of
https://www.twilio.com/docs/messaging/twiml, for the verbs that we use or might use. A verb that is
not here is refused: whoever wants it writes its rules down first.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

Value = Callable[[str], bool]


def one_of(*allowed: str) -> Value:
    """One of these words."""
    return lambda text: text in allowed


def some_of(*allowed: str) -> Value:
    """One or more of these words, spaces in between."""
    return lambda text: bool(text.split()) and set(text.split()) <= set(allowed)


def whole(least: int, most: int) -> Value:
    """A whole number within bounds."""
    return lambda text: text.isdigit() and least <= int(text) <= most


def address(text: str) -> bool:
    """An absolute address, or a relative one."""
    parts = urlsplit(text)
    return bool(text) and " " not in text and parts.scheme in ("", "http", "https")


def matching(pattern: str) -> Value:
    """A text of this form."""
    return lambda text: re.fullmatch(pattern, text) is not None


def anything(text: str) -> bool:
    """Any text."""
    return True


METHOD = one_of("GET", "POST")
FLAG = one_of("true", "false")
E164 = matching(r"\+[1-9][0-9]{6,14}")
LOCALE = matching(r"[a-z]{2,3}(-[A-Z0-9][A-Za-z0-9]{1,7})*")
VOICE = matching(r"man|woman|alice|(Polly|Google)\.[A-Za-z0-9.-]+")
FINISHING_KEYS = matching(r"[0-9*#]*")

# Voices that we use, and the locales that Amazon Polly documents for them.
VOICE_LOCALES: Final = {"Polly.Aditi": {"en-IN", "hi-IN"}}


@dataclass(frozen=True)
class Rule:
    """What one element may have."""

    attributes: Mapping[str, Value] = field(default_factory=dict)
    inside: frozenset[str] = frozenset()
    text: Value | None = None
    most_inside: int | None = None


PROMPTS = frozenset({"Say", "Play", "Pause"})
_DETECTION: dict[str, Value] = {
    "machineDetection": one_of("Enable", "DetectMessageEnd"),
    "machineDetectionTimeout": whole(3, 60),
    "machineDetectionSpeechThreshold": whole(1000, 6000),
    "machineDetectionSpeechEndThreshold": whole(500, 5000),
    "machineDetectionSilenceTimeout": whole(2000, 10000),
    "amdStatusCallback": address,
    "amdStatusCallbackMethod": METHOD,
}
_RECORDING: dict[str, Value] = {
    "recordingStatusCallback": address,
    "recordingStatusCallbackMethod": METHOD,
    "recordingStatusCallbackEvent": some_of("in-progress", "completed", "absent"),
    "trim": one_of("trim-silence", "do-not-trim"),
}
_CALL_EVENTS = some_of("initiated", "ringing", "answered", "completed")

VOICE_RULES: Mapping[str, Rule] = {
    "Response": Rule(
        inside=PROMPTS | {"Gather", "Dial", "Record", "Hangup", "Redirect", "Reject", "Leave"}
    ),
    "Say": Rule(
        {"voice": VOICE, "language": LOCALE, "loop": whole(0, 1000)},
        text=lambda text: 0 < len(text) <= 4096,
    ),
    "Play": Rule({"loop": whole(0, 1000), "digits": matching(r"[0-9*#wW]+")}, text=address),
    "Pause": Rule({"length": whole(1, 180)}),
    "Gather": Rule(
        {
            "action": address,
            "method": METHOD,
            "input": some_of("dtmf", "speech"),
            "timeout": whole(1, 600),
            "finishOnKey": matching(r"[0-9*#]?"),
            "numDigits": whole(1, 1000),
            "actionOnEmptyResult": FLAG,
            "language": LOCALE,
            "hints": anything,
            "profanityFilter": FLAG,
            "speechTimeout": matching(r"auto|[0-9]+"),
            "speechModel": anything,
            "partialResultCallback": address,
            "partialResultCallbackMethod": METHOD,
        },
        inside=PROMPTS,
    ),
    "Dial": Rule(
        {
            "action": address,
            "method": METHOD,
            "timeout": whole(1, 600),
            "timeLimit": whole(1, 14400),
            "callerId": E164,
            "answerOnBridge": FLAG,
            "hangupOnStar": FLAG,
            "ringTone": matching(r"[a-z]{2}(-old)?"),
            "record": one_of("do-not-record", "record-from-answer", "record-from-ringing"),
            "sequential": FLAG,
            "referUrl": address,
            **_RECORDING,
        },
        inside=frozenset({"Number", "Conference"}),
        text=E164,
        most_inside=10,
    ),
    "Number": Rule(
        {
            "url": address,
            "method": METHOD,
            "sendDigits": matching(r"[0-9*#wW]+"),
            "byoc": anything,
            "statusCallback": address,
            "statusCallbackMethod": METHOD,
            "statusCallbackEvent": _CALL_EVENTS,
            **_DETECTION,
        },
        text=E164,
    ),
    "Conference": Rule(
        {
            "muted": FLAG,
            "beep": one_of("true", "false", "onEnter", "onExit"),
            "startConferenceOnEnter": FLAG,
            "endConferenceOnExit": FLAG,
            "waitUrl": anything,
            "waitMethod": METHOD,
            "maxParticipants": whole(2, 250),
            "record": one_of("do-not-record", "record-from-start"),
            "region": anything,
            "coach": matching(r"CA[0-9a-f]{32}"),
            "participantLabel": anything,
            "statusCallback": address,
            "statusCallbackMethod": METHOD,
            "statusCallbackEvent": some_of(
                "start", "end", "join", "leave", "mute", "hold", "modify", "speaker", "announcement"
            ),
            "eventCallbackUrl": address,
            **_RECORDING,
        },
        text=lambda text: 0 < len(text) <= 128,
    ),
    "Record": Rule(
        {
            "action": address,
            "method": METHOD,
            "timeout": whole(1, 600),
            "finishOnKey": FINISHING_KEYS,
            "maxLength": whole(1, 14400),
            "playBeep": FLAG,
            "transcribe": FLAG,
            "transcribeCallback": address,
            **_RECORDING,
        }
    ),
    "Hangup": Rule(),
    "Leave": Rule(),
    "Redirect": Rule({"method": METHOD}, text=address),
    "Reject": Rule({"reason": one_of("rejected", "busy")}),
}
WHISPER_RULES: Mapping[str, Rule] = {
    **VOICE_RULES,
    "Response": Rule(inside=frozenset({"Play", "Say", "Pause", "Gather", "Hangup", "Redirect"})),
}
TEXT_RULES: Mapping[str, Rule] = {
    "Response": Rule(inside=frozenset({"Message", "Redirect"})),
    "Message": Rule(
        {"to": E164, "from": E164, "action": address, "method": METHOD, "statusCallback": address},
        inside=frozenset({"Body", "Media"}),
        text=lambda text: 0 < len(text) <= 1600,
    ),
    "Body": Rule(text=lambda text: 0 < len(text) <= 1600),
    "Media": Rule(text=address),
    "Redirect": Rule({"method": METHOD}, text=address),
}

NOTHING_FOLLOWS = frozenset({"Hangup", "Reject", "Redirect", "Leave"})
"""What stands behind these is never reached. Behind a <Redirect> Twilio's papers say so too."""


def check(text: str, *, whisper: bool = False) -> Element:
    """The root of a document of voice instructions that keeps every rule.

    Args:
        whisper: whether it is for a <Number url="...">, on the side of who was dialled; there
            <Dial> and <Record> have no place.
    """
    return _check(text, WHISPER_RULES if whisper else VOICE_RULES)


def check_text(text: str) -> Element:
    """The root of a document that answers a text and keeps every rule."""
    return _check(text, TEXT_RULES)


def _check(text: str, rules: Mapping[str, Rule]) -> Element:
    problems: list[str] = []
    if not text.startswith('<?xml version="1.0" encoding="UTF-8"?>'):
        problems.append("it does not say that it is XML in UTF-8")
    root = ElementTree.fromstring(text.encode())
    if root.tag != "Response":
        problems.append(f"the root is {root.tag}, not Response")
    else:
        _element(root, rules, problems)
        _order(root, problems)
    assert not problems, f"{problems} in\n{text}"
    return root


def _element(element: Element, rules: Mapping[str, Rule], problems: list[str]) -> None:
    rule = rules[element.tag]
    for name, value in element.attrib.items():
        if name not in rule.attributes:
            problems.append(f"<{element.tag}> has no attribute {name}")
        elif not rule.attributes[name](value):
            problems.append(f"<{element.tag} {name}={value!r}> is no value of it")
    _own_text(element, rule, problems)
    if element.tag == "Say":
        _voice(element, problems)
    if rule.most_inside is not None and len(element) > rule.most_inside:
        problems.append(f"<{element.tag}> has more than {rule.most_inside} inside")
    if len({child.tag for child in element} & {"Number", "Conference"}) > 1:
        problems.append("<Dial> rings numbers or joins a conference, not both")
    for child in element:
        if child.tag not in rule.inside or child.tag not in rules:
            problems.append(f"<{child.tag}> cannot stand in <{element.tag}>")
        else:
            _element(child, rules, problems)
        if (child.tail or "").strip():
            problems.append(f"a text stands loose in <{element.tag}>")


def _own_text(element: Element, rule: Rule, problems: list[str]) -> None:
    own = (element.text or "").strip()
    if rule.text is None:
        if own:
            problems.append(f"<{element.tag}> holds no text")
    elif not (own or len(element) or element.get("digits")):
        problems.append(f"<{element.tag}> says nothing")
    elif own and not rule.text(own):
        problems.append(f"<{element.tag}> cannot hold {own!r}")


def _voice(element: Element, problems: list[str]) -> None:
    voice, locale = element.get("voice", ""), element.get("language", "")
    known = VOICE_LOCALES.get(voice)
    if known is not None and locale not in known:
        problems.append(f"{voice} does not speak {locale}")


def _order(root: Element, problems: list[str]) -> None:
    verbs = [child.tag for child in root]
    for place, tag in enumerate(verbs):
        ends_here = tag in NOTHING_FOLLOWS
        if ends_here and place + 1 < len(verbs):
            problems.append(f"what follows <{tag}> is never reached")
        if tag == "Reject" and place:
            problems.append("<Reject> only works as the first verb: the call is answered by then")
        goes_on = tag == "Gather" and root[place].get("actionOnEmptyResult") == "true"
        if goes_on and place + 1 < len(verbs):
            problems.append("what follows a <Gather> that always goes on is never reached")
