"""Commands in inbound text messages, in every language known here, and signs of danger in them."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import product

from helpline.domain import references


class Command(StrEnum):
    """A command by text message."""

    CALL = "call"
    CANCEL = "cancel"
    WHEN = "when"
    STOP = "stop"
    START = "start"
    HELP = "help"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class ParsedCommand:
    """An inbound text message as understood.

    Args:
        language: the language it is certainly in; None where it could be any (everyone writes
            STOP).
        carrier_answers: whether the carrier itself answers this keyword.
        is_danger: whether it suggests that someone may be in danger.
        reference: of the request that the command is about, with the ``last_digits`` of its number;
            None for those of the sender's own number.
    """

    command: Command
    language: str | None = None
    carrier_answers: bool = False
    is_danger: bool = False
    reference: str | None = None
    last_digits: str = ""


KEYWORDS: Mapping[str, Mapping[Command, tuple[str, ...]]] = {
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
            *("phone karein", "fon karo", "कॉल बैक"),
        ),
        Command.CANCEL: (
            *("रद्द", "रद्द करें", "रद्द करो", "कैंसल", "कैंसिल"),
            *("radd", "radd karo", "radd karen", "radd karein", "cancel karo", "cancel karen"),
            *("मत करो", "मत करना", "mat karo", "mat karna"),
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
"""Keywords by language. A message that is nothing but one of them is that command."""

CARRIER_KEYWORDS = frozenset(
    {"stop", "stopall", "unsubscribe", "end", "quit", "optout", "revoke", "start", "unstop", "yes"}
)
"""Keywords that the carrier answers itself. Its default list includes CANCEL, which an account must
remove: docs/carriers.md.
"""

_CALL_NOUNS = (
    *("call", "phone", "fon", "fone", "call back", "callback"),
    *("कॉल", "काल", "फ़ोन", "कॉल बैक"),
)
_DO = (
    *("karo", "kar do", "kardo", "kijiye", "kijie", "karna", "karen", "karein", "kar dijiye"),
    *("chahiye", "करो", "कर दो", "कीजिए", "कीजिये", "करना", "करें", "कर दीजिए", "चाहिए"),
)
_DO_NOT = (
    *("mat karo", "mat karna", "mat kijiye", "mat karein", "na karo", "na karen", "na karein"),
    *("nahi chahiye", "nahin chahiye", "मत करो", "मत करना", "मत कीजिए", "मत करें", "न करें"),
    *("ना करो", "न करो", "नहीं चाहिए"),
)
_STOP_VERBS = ("band", "बंद", "बन्द")
_COURTESIES = frozenset(
    {
        *("please", "plz", "pls", "hi", "hello", "ji", "kripya", "abhi", "now"),
        *("mujhe", "mujhko", "meri", "mera", "mere", "aap"),
        *("कृपया", "प्लीज", "जी", "अभी", "मुझे", "मुझको", "मेरी", "मेरा", "मेरे", "आप", "नमस्ते"),
    }
)
"""Words around a command that do not change it."""
_HELP_WORDS = frozenset({"help", "madad", "sahayata", "मदद", "सहायता", "हेल्प"})
_DANGER_STEMS = (
    *("suicid", "sucid", "overdos", "poison", "kill", "murder", "strangl", "stab", "bleed"),
    *("unconscious", "rape", "raping", "threat", "violen", "abus", "danger", "emergenc", "attack"),
    *("khudkush", "khudkhush", "aatmahaty", "atmahaty", "zeher", "zehar", "jahar", "zahar"),
    *("bachao", "bacha lo", "khatr", "faansi", "phansi", "fansi", "dhamki", "behosh", "maut"),
    *("आत्महत्या", "आतमहत्या", "खुदकुशी", "जहर", "बचाओ", "बचा लो", "बचालो", "खतर", "फांसी", "फाँसी"),
    *("धमकी", "बेहोश", "मौत", "गोलियाँ", "गोलियां", "चाकू", "बलात्कार"),
)
"""Prefixes of words that suggest danger."""
_DANGER_WORDS = frozenset(
    {
        *("die", "dies", "dying", "died", "dead", "death", "hurt", "hurts", "hurting", "beat"),
        *("beats", "beating", "hit", "hits", "hitting", "gun", "knife", "pills", "tablets", "jump"),
        *("hang", "hanging", "choking", "fits", "unsafe", "scared"),
        *("mar", "marna", "marne", "marunga", "marungi", "marjaun", "maar", "maarta", "maarte"),
        *("maarti", "maarna", "maardega", "marta", "peet", "peetta", "pit", "goli", "goliyan"),
        *("jaan", "chaku", "chaaku", "khoon", "jeena", "dar"),
        *("मर", "मरना", "मरने", "मरूँगा", "मरूंगा", "मरूँगी", "मरूंगी", "मार", "मारता", "मारते"),
        *("मारना", "मारेगा", "मारती", "पीट", "पीटता", "पीटते", "जान", "गोली", "खून", "जीना", "डर"),
    }
)
_DANGER_PHRASES = (
    *("end my life", "end it all", "take my life", "cut myself", "harm myself", "want to live"),
    *("not breathing", "cant breathe", "can't breathe", "save me", "wont wake", "won't wake"),
    *("saans nahi", "sans nahi", "nas kaat", "jina nahi", "साँस नहीं", "सांस नहीं", "नस काट"),
)

_NUKTA = "\u093c"
_DEVANAGARI = range(0x0900, 0x0980)
_WORD_CATEGORIES = ("L", "M", "N")


def parse(text: str) -> ParsedCommand:
    """Return the command of a message, and whether it suggests danger.

    WHEN and CANCEL may be followed by a reference and the last digits of its number; without a
    command these mean WHEN. An unknown message is Command.OTHER. Danger may be a false alarm: its
    only effect is that the answer holds the numbers to call.
    """
    found = references.split_off(text)
    if found is not None:
        before, reference, digits = found
        parsed = parse(before) if before.strip() else ParsedCommand(Command.WHEN)
        if parsed.command in (Command.WHEN, Command.CANCEL):
            return replace(parsed, reference=reference, last_digits=digits)
    words = _words(text)
    is_danger = sounds_like_danger(words)
    key = _key(text)
    command_and_language = _BY_KEY.get(key) or _BY_KEY.get(
        _key("".join(_without_courtesies(words)))
    )
    if command_and_language is None:
        command_and_language = _command_in_sentence(words)
    if command_and_language is not None:
        command, language = command_and_language
        spoken = None if language == "en" else language
        return ParsedCommand(command, spoken, key in CARRIER_KEYWORDS, is_danger)
    devanagari = any(ord(one) in _DEVANAGARI for one in key)
    return ParsedCommand(Command.OTHER, "hi" if devanagari else None, is_danger=is_danger)


def sounds_like_danger(words: Sequence[str]) -> bool:
    """Return whether words suggest that someone may be in danger; prefers a false alarm to a miss.

    Args:
        words: lower-case words without punctuation, as ``parse`` splits them.
    """
    sentence = f" {' '.join(words)} "
    phrases = any(f" {phrase}" in sentence for phrase in _DANGER_PHRASES_PLAIN)
    return phrases or any(
        word in _DANGER_WORDS_PLAIN or word.startswith(_DANGER_STEMS_PLAIN) for word in words
    )


def _command_in_sentence(words: Sequence[str]) -> tuple[Command, str] | None:
    """ "Do not call" or "help" within a sentence: missing either does harm."""
    sentence = f" {' '.join(words)} "
    for phrase, language in _DO_NOT_CALL:
        if f" {phrase} " in sentence:
            return Command.CANCEL, language
    help_word = next((word for word in words if word in _HELP_WORDS_PLAIN), None)
    if help_word is None:
        return None
    return Command.HELP, "en" if help_word == "help" else "hi"


def _without_courtesies(words: Sequence[str]) -> list[str]:
    return [word for word in words if word not in _COURTESIES_PLAIN]


def _words(text: str) -> list[str]:
    """Letters, their marks and digits, apostrophes inside."""
    plain = _plain(text).replace("’", "'")
    characters = (
        c if c == "'" or unicodedata.category(c)[0] in _WORD_CATEGORIES else " " for c in plain
    )
    return [word.strip("'") for word in "".join(characters).split() if word.strip("'")]


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKD", text).casefold().replace(_NUKTA, "")


def _key(text: str) -> str:
    return "".join(one for one in _plain(text) if unicodedata.category(one)[0] in _WORD_CATEGORIES)


def _hindi_phrases() -> Iterator[tuple[str, Command]]:
    """Everyday Hindi forms of CALL, CANCEL and STOP, in both scripts."""
    for noun, verb in product(_CALL_NOUNS, _DO):
        yield f"{noun} {verb}", Command.CALL
    for noun, verb in product(_CALL_NOUNS, _DO_NOT):
        yield f"{noun} {verb}", Command.CANCEL
    for noun, verb in product(_STOP_VERBS, _DO):
        yield f"{noun} {verb}", Command.STOP
    for noun, verb in product(("sms", "message", "msg", "एसएमएस", "मैसेज"), _DO_NOT):
        yield f"{noun} {verb}", Command.STOP
    for noun, verb in product(("cancel", "radd", "कैंसल", "कैंसिल", "रद्द"), _DO):
        yield f"{noun} {verb}", Command.CANCEL


_BY_KEY = {
    **{_key(words): (command, "hi") for words, command in _hindi_phrases()},
    **{
        _key(word): (command, language)
        for language, commands in KEYWORDS.items()
        for command, words in commands.items()
        for word in words
    },
}
_DO_NOT_CALL = [
    *((" ".join(_words(f"{noun} {verb}")), "hi") for noun, verb in product(_CALL_NOUNS, _DO_NOT)),
    *((" ".join(_words(words)), "en") for words in ("do not call", "don't call", "dont call")),
]
_HELP_WORDS_PLAIN = frozenset(_plain(word) for word in _HELP_WORDS)
_COURTESIES_PLAIN = frozenset(_plain(word) for word in _COURTESIES)
_DANGER_STEMS_PLAIN = tuple(_plain(word) for word in _DANGER_STEMS)
_DANGER_WORDS_PLAIN = frozenset(_plain(word) for word in _DANGER_WORDS)
_DANGER_PHRASES_PLAIN = tuple(" ".join(_words(phrase)) for phrase in _DANGER_PHRASES)
