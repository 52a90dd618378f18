"""Templates of text messages, in wording.json (English) and the catalogs of the other languages.

They have only a time or crisis numbers as placeholders, so that no message can contain a secret.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from string import Formatter

from babel import Locale
from babel.core import get_global
from babel.dates import get_timezone_name

from helpline.domain.clock_changes import Showing, offset_name, showing
from helpline.domain.errors import HelplineError
from helpline.domain.safety_facts import text_wordings
from helpline.domain.sms_progress import SmsKind, When
from helpline.i18n import catalogs, times
from helpline.i18n.catalogs import FORMAT, SOURCE_LANGUAGE, TEXT, pgettext_noop
from helpline.telephony import regions

FILE = Path(__file__).with_name("wording.json")
MAX_CHARACTERS = 300
PATTERNS = (_ONLY, _FIRST, _SECOND) = (
    pgettext_noop("format", "EEE d MMM, h:mm a"),
    pgettext_noop("format", "EEE d MMM, h:mm a', first'"),
    pgettext_noop("format", "EEE d MMM, h:mm a', second'"),
)
"""Formats of a time: one that occurs once, and the first and second where the clock goes back."""

_TIME, _NUMBERS, _NO_PLACEHOLDERS = frozenset({"time"}), frozenset({"numbers"}), frozenset[str]()
PLACEHOLDERS: Mapping[str, frozenset[str]] = {
    "received_at": _TIME,
    "received_after": _TIME,
    "received_soon": _NO_PLACEHOLDERS,
    "received_closing": _TIME,
    "received_at_one_way": _TIME,
    "received_after_one_way": _TIME,
    "received_soon_one_way": _NO_PLACEHOLDERS,
    "received_closing_one_way": _TIME,
    "moved_at": _TIME,
    "moved_after": _TIME,
    "moved_soon": _NO_PLACEHOLDERS,
    "moved_closing": _TIME,
    "tried_after": _TIME,
    "tried_soon": _NO_PLACEHOLDERS,
    "tried_closing": _TIME,
    "about_to_ring": _NO_PLACEHOLDERS,
    "cancelled_by_us_at": _TIME,
    "cancelled_by_us_at_one_way": _TIME,
    "crisis": _NUMBERS,
    "on_page": _NO_PLACEHOLDERS,
    "staff_waiting": _NO_PLACEHOLDERS,
    "staff_needed": _NO_PLACEHOLDERS,
    "shift_starts": _TIME,
    "reply_ring_at": _TIME,
    "reply_ring_after": _TIME,
    "reply_ring_soon": _NO_PLACEHOLDERS,
    "reply_ring_closing": _TIME,
    "reply_ring_now": _NO_PLACEHOLDERS,
    "reply_on_call": _NO_PLACEHOLDERS,
    "reference_ring_at": _TIME,
    "reference_ring_after": _TIME,
    "reference_ring_soon": _NO_PLACEHOLDERS,
    "reference_ring_closing": _TIME,
    "reference_ring_now": _NO_PLACEHOLDERS,
    "reference_on_call": _NO_PLACEHOLDERS,
    "reference_cancelled": _NO_PLACEHOLDERS,
    "reference_over": _NO_PLACEHOLDERS,
    "reference_unknown": _NO_PLACEHOLDERS,
    "reply_none": _NO_PLACEHOLDERS,
    "reply_cancelled": _NO_PLACEHOLDERS,
    "reply_stopped": _NO_PLACEHOLDERS,
    "reply_started": _NO_PLACEHOLDERS,
    "reply_help": _NUMBERS,
    "reply_unavailable": _NUMBERS,
    "reply_cannot": _NUMBERS,
    "reply_hint": _NUMBERS,
    "reply_numbers": _NUMBERS,
}
"""Every template and its placeholders.

Those that ask for an answer have another one that does not, for phones that cannot send any.
"""
_ONE_WAY = "_one_way"


class InvalidTemplate(HelplineError):
    """A template is missing, or has other placeholders than it may; the message names it."""


def check(wording: Mapping[str, Mapping[str, str]]) -> None:
    """Validate templates by language: all are there, with their placeholders and of legal length.

    Raises:
        InvalidTemplate: one is not.
    """
    if SOURCE_LANGUAGE not in wording:
        raise InvalidTemplate(f"there is no {SOURCE_LANGUAGE}")
    for language, texts in wording.items():
        if texts.keys() != PLACEHOLDERS.keys():
            raise InvalidTemplate(f"{language}: {sorted(texts.keys() ^ PLACEHOLDERS.keys())}")
        for key, text in texts.items():
            placeholders = [name for _, name, _, _ in Formatter().parse(text) if name is not None]
            if sorted(placeholders) != sorted(PLACEHOLDERS[key]):
                raise InvalidTemplate(f"{language}, {key}: leaves open {placeholders}")
            if not text.strip() or len(text) > MAX_CHARACTERS:
                raise InvalidTemplate(f"{language}, {key}: {len(text)} characters")


def load() -> Mapping[str, Mapping[str, str]]:
    """Return all templates by language and key.

    Raises:
        InvalidTemplate: see ``check``.
    """
    return _load(catalogs.available())


@cache
def _load(languages: tuple[str, ...]) -> Mapping[str, Mapping[str, str]]:
    wording = {
        language: {
            key: str(catalogs.built_in(language).upgettext(TEXT, text))
            for key, text in english_templates().items()
        }
        for language in languages
    }
    check(wording)
    return wording


@cache
def english_templates() -> Mapping[str, str]:
    """Return the English templates by key."""
    read: dict[str, str] = json.loads(FILE.read_text(encoding="utf-8"))
    return {**read, **text_wordings()}


def render(key: str, language: str, **values: str) -> str:
    """Render a template with text overrides; in English where it is not translated."""
    return catalogs.translate(TEXT, english_templates()[key], language).format_map(values)


def can_answer(carrier: str, region: str) -> bool:
    """Return whether a phone of a region can answer a text that a carrier sent; also where that is
    not known.
    """
    return regions.facts(region).two_way_texts(carrier).value is not False


def key_for(key: str, *, two_way: bool) -> str:
    """Return the key of a template, or of the one in its place for phones that cannot answer."""
    one_way = key + _ONE_WAY
    return one_way if not two_way and one_way in PLACEHOLDERS else key


def sent_keys(*, two_way: bool) -> list[str]:
    """Return the keys of the messages that we send; the others answer one."""
    kinds = tuple(SmsKind)
    keys = (key.removesuffix(_ONE_WAY) for key in PLACEHOLDERS if key.startswith(kinds))
    return list(dict.fromkeys(key_for(key, two_way=two_way) for key in keys))


def render_with_time(stem: str, when: When | None, language: str, region: str) -> str:
    """Render the template of a family that fits the time.

    Args:
        stem: "received" for received_at, received_after, received_soon and received_closing.
        when: None for as soon as possible.
        region: of the phone; the zone is named where the phone's may differ.
    """
    key = _key_with_time(stem, when)
    time = {} if when is None else {"time": format_time(when, language, region)}
    return render(key, language, **time)


def _key_with_time(stem: str, when: When | None) -> str:
    if when is None:
        return f"{stem}_soon"
    return f"{stem}_{'closing' if when.closing else 'at' if when.exactly else 'after'}"


def key_of(kind: SmsKind, when: When | None) -> str:
    """Return the key of the template for a message of a kind."""
    match kind:
        case (
            SmsKind.ABOUT_TO_RING
            | SmsKind.ON_PAGE
            | SmsKind.CRISIS
            | SmsKind.STAFF_WAITING
            | SmsKind.STAFF_NEEDED
            | SmsKind.SHIFT_STARTS
        ):
            return str(kind)
        case SmsKind.CANCELLED_BY_US:
            if when is None:
                raise ValueError("which call is cancelled is told by its time")
            return "cancelled_by_us_at"
        case SmsKind.TRIED if when is not None:
            return _key_with_time(kind, replace(when, exactly=False))
        case _:
            return _key_with_time(kind, when)


def render_kind(
    kind: SmsKind,
    when: When | None,
    language: str,
    region: str,
    numbers: str = "",
    *,
    two_way: bool = True,
) -> str:
    """Render the message of a kind."""
    time = {} if when is None else {"time": format_time(when, language, region)}
    key = key_for(key_of(kind, when), two_way=two_way)
    return render(key, language, numbers=numbers, **time)


def format_time(when: When, language: str, region: str) -> str:
    """Format a time: "Mon 23 Nov, 10:30 AM".

    The zone is named for a phone of another region, the offset where that time occurs twice.
    """
    available_language = language if language in load() else SOURCE_LANGUAGE
    locale = Locale.parse(available_language, sep="-")
    occurrence = showing(when.at)
    pattern = catalogs.translate(FORMAT, PATTERNS[occurrence], available_language)
    text = times.format_moment(when.at, pattern, locale).replace("\u202f", " ")
    if occurrence != Showing.ONLY:
        text += f" ({offset_name(when.at)})"
    zone = str(when.at.tzinfo)
    if get_global("zone_territories").get(zone) != region:
        text += f" ({get_timezone_name(when.at.tzinfo, locale=locale)})"
    return text
