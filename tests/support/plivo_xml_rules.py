"""What Plivo documents of its XML: elements, attributes, values, nesting.

``check(text)`` raises AssertionError with the first rule that a document breaks. The rules are
those of https://www.plivo.com/docs/voice/xml and its pages, for the elements that we use.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

Value = Callable[[str], object]
LARGEST_BYTES = 100_000
SPOKEN = {"hi-IN": {"Polly.Aditi"}, "en-IN": {"Polly.Aditi", "Polly.Raveena"}}


def matching(pattern: str) -> Value:
    return re.compile(pattern).fullmatch


def whole(least: int, most: int) -> Value:
    return lambda text: text.isdigit() and least <= int(text) <= most


URL = matching(r"https?://[^#\s]+(#(ct|rt|rc|rp|er)=[\w,]+(&(ct|rt|rc|rp|er)=[\w,]+)*)?")
BOOLEAN, METHOD, DIGITS = matching("true|false"), matching("GET|POST"), matching(r"\d{8,15}")
POSITIVE = whole(1, 86_400)
SECONDS_TO_GO_ON = {"action": URL, "method": METHOD, "redirect": BOOLEAN}

ATTRIBUTES: dict[str, dict[str, Value]] = {
    "Response": {},
    "Speak": {"voice": matching(r"[\w.]+"), "language": matching("[a-z]{2}-[A-Z]{2}")},
    "Wait": {"length": POSITIVE},
    "Hangup": {"reason": matching("rejected|busy")},
    "Redirect": {"method": METHOD},
    "GetInput": SECONDS_TO_GO_ON
    | {
        "inputType": matching("dtmf"),
        "executionTimeout": whole(5, 60),
        "digitEndTimeout": whole(2, 10),
        "finishOnKey": matching(r"[0-9*#]|none"),
        "numDigits": whole(1, 99),
        "log": BOOLEAN,
    },
    "Record": SECONDS_TO_GO_ON
    | {
        "timeout": POSITIVE,
        "finishOnKey": matching("[0-9*#]*|none"),
        "maxLength": POSITIVE,
        "playBeep": BOOLEAN,
        "fileFormat": matching("mp3|wav"),
        "callbackUrl": URL,
        "callbackMethod": METHOD,
    },
    "Dial": SECONDS_TO_GO_ON
    | {
        "timeLimit": POSITIVE,
        "timeout": POSITIVE,
        "callerId": DIGITS,
        "dialMusic": matching("real"),
        "confirmSound": URL,
        "confirmKey": matching("[0-9*#]"),
        "confirmTimeout": POSITIVE,
        "callbackUrl": URL,
        "callbackMethod": METHOD,
    },
    "Conference": SECONDS_TO_GO_ON
    | {
        "muted": BOOLEAN,
        "enterSound": matching("beep:[12]"),
        "startConferenceOnEnter": BOOLEAN,
        "endConferenceOnExit": BOOLEAN,
    },
    "Number": {"sendDigits": matching("[0-9w*#]+")},
    "Message": {"src": DIGITS, "dst": DIGITS, "type": matching("sms")},
}
CHILDREN = {
    "Response": {"Speak", "Wait", "Hangup", "Redirect", "GetInput", "Record", "Dial", "Conference"},
    "GetInput": {"Speak"},
    "Dial": {"Number"},
}
CONTENT: dict[str, Value] = {
    "Redirect": URL,
    "Number": DIGITS,
    "Conference": matching(r"\w+"),
    "Speak": str.strip,
    "Message": str,
}
NEVER_GOES_ON = {"Hangup", "Redirect"}


def check(text: str, *, confirms: bool = False) -> Element:
    """Check a document.

    Args:
        confirms: it is the one of ``confirmSound``, which may only speak and wait.
    """
    assert len(text.encode()) < LARGEST_BYTES
    root = ElementTree.fromstring(text)
    assert root.tag == "Response", "the root is <Response>"
    allowed = {"Speak", "Wait"} if confirms else CHILDREN["Response"]
    assert {child.tag for child in root} <= allowed, "cannot be in this document"
    tags = [child.tag for child in root]
    assert not NEVER_GOES_ON & {*tags[:-1]}, "what follows is never reached"
    for element in root.iter():
        _check(element)
    return root


def check_reply(text: str) -> Element:
    """Check the answer to a text message: messages only."""
    root = ElementTree.fromstring(text)
    assert {child.tag for child in root} <= {"Message"}
    for element in root.iter():
        _check(element)
    return root


def _check(element: Element) -> None:
    tag, rules = element.tag, ATTRIBUTES[element.tag]
    for name, value in element.attrib.items():
        assert name in rules, f"<{tag}> has no attribute {name}"
        assert rules[name](value), f"{name}={value!r} of <{tag}>"
    if tag != "Response":
        assert {child.tag for child in element} <= CHILDREN.get(tag, set()), f"in <{tag}>"
    if tag in CONTENT:
        assert CONTENT[tag](element.text or ""), f"<{tag}> holds {element.text!r}"
    if tag == "Speak":
        assert element.get("voice") in SPOKEN[element.get("language", "")], "cannot speak it"
    if tag == "Dial":
        assert len(element) == 1, "one number"
        assert ("confirmKey" in element.attrib) == ("confirmSound" in element.attrib)
