"""What a visitor's text asks for: one word, in any language we know, case and spacing forgiven."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Command(StrEnum):
    """What somebody may ask for by text."""

    CALL = "call"
    CANCEL = "cancel"
    WHEN = "when"
    STOP = "stop"
    START = "start"
    HELP = "help"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Asked:
    """A text as we understand it.

    Args:
        command: what it asks for.
        language: the language that it is surely in; None where it could be any, as everybody
            writes STOP.
        carrier_answers: whether the carrier itself answers this word.
    """

    command: Command
    language: str | None = None
    carrier_answers: bool = False


WORDS: Mapping[str, Mapping[Command, tuple[str, ...]]] = {
    "en": {
        Command.CALL: ("call", "call me", "call back", "call me back", "ring", "ring me"),
        Command.CANCEL: ("cancel", "cancel call", "cancel my call"),
        Command.WHEN: ("when",),
        Command.STOP: ("stop", "stop all", "unsubscribe", "end", "quit", "opt out", "revoke"),
        Command.START: ("start", "unstop", "yes"),
        Command.HELP: ("help", "info", "help me"),
    },
    "hi": {
        Command.CALL: (
            *("कॉल", "कॉल करें", "कॉल करो", "काल", "काल करें", "फ़ोन", "फ़ोन करें", "फ़ोन करो"),
            *("call karo", "call karen", "call karein", "phone karo", "phone karen"),
            *("phone karein", "fon karo"),
        ),
        Command.CANCEL: (
            *("रद्द", "रद्द करें", "रद्द करो", "कैंसल", "कैंसिल"),
            *("radd", "radd karo", "radd karen", "radd karein", "cancel karo", "cancel karen"),
        ),
        Command.WHEN: ("कब", "कब करेंगे", "kab", "kab karenge"),
        Command.STOP: (
            *("बंद", "बंद करें", "बंद करो", "बन्द", "रोकें", "रोको", "रुको", "स्टॉप"),
            *("band", "band karo", "band karen", "band karein", "bandh", "roko", "ruko"),
        ),
        Command.START: (
            *("शुरू", "शुरू करें", "शुरू करो", "शुरु", "चालू", "चालू करें", "स्टार्ट"),
            *("shuru", "shuru karo", "shuru karen", "shuru karein", "chalu", "chalu karo"),
        ),
        Command.HELP: (
            *("मदद", "मदद करें", "मदद करो", "सहायता", "हेल्प", "बचाओ"),
            *("madad", "madad karo", "sahayata", "bachao"),
        ),
    },
}
"""Every word we know, by language. Only a text that is nothing but such a word is a command."""

CARRIER_ANSWERS = frozenset(
    {"stop", "stopall", "unsubscribe", "end", "quit", "optout", "revoke", "start", "unstop", "yes"}
)
"""The words that Twilio answers itself (help centre: "Twilio support for opt-out keywords"). Its
default list has CANCEL too, which an account must take out: docs/texts.md."""

_NUKTA = "\u093c"
_DEVANAGARI = range(0x0900, 0x0980)
_KEPT = ("L", "M", "N")


def read(text: str) -> Asked:
    """What a text asks for. Anything but a word that we know is Command.OTHER.

    Args:
        text: as it came in.
    """
    key = _key(text)
    found = _BY_KEY.get(key)
    if found is not None:
        command, language = found
        return Asked(command, None if language == "en" else language, key in CARRIER_ANSWERS)
    return Asked(Command.OTHER, "hi" if any(ord(one) in _DEVANAGARI for one in key) else None)


def _key(text: str) -> str:
    """Letters, their marks and digits only: spaces, dots, quotes and smileys make no difference."""
    plain = unicodedata.normalize("NFKD", text).casefold().replace(_NUKTA, "")
    return "".join(one for one in plain if unicodedata.category(one)[0] in _KEPT)


_BY_KEY = {
    _key(word): (command, language)
    for language, commands in WORDS.items()
    for command, words in commands.items()
    for word in words
}
