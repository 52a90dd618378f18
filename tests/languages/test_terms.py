"""One word for one thing: what every sentence that a visitor reads or hears must hold to."""

from __future__ import annotations

import re
from functools import cache

import pytest
from babel import Locale
from babel.messages.catalog import Catalog, Message

from helpline.i18n import catalogs
from helpline.i18n.catalogs import FORMAT, TEXT, VOICE
from tests.languages.template import template
from tools.untranslated import read_catalog

RING = re.compile(r"\b(ring|rings|rang|rung|ringing)\b", re.IGNORECASE)
PHONES_RING = {"Your phone has not rung yet. Please keep the line free."}
"""People call; only a phone rings."""

DIGITS = r"(?:[0-9०-९]|%\((?:number|num|code|days|notes)\)[sd]|\{(?:numbers|digits|key)\})"
UNDOTTED = (
    *("फोन", "खतर", "खराब", "खत्म", "जरूर", "ज्यादा", "मुफ्त", "बाकी", "सिर्फ(?!़)", "माफ(?!़)"),
    *("गलत", "हफ्त", "अंग्रेजी"),
)
NEVER = {
    "a danda straight after digits reads as a 1": rf"{DIGITS}।",
    "oppression, for abuse": "ज़ुल्म",
    "to beg for a call": "माँग",
    "numbers do not pick up phones": "नंबर[^।]* फ़ोन उठाते",
    "we are shut in": "हम (?:जल्द |थोड़ी देर में |अभी )?बंद (?:हैं|होंगे|होने वाले)",
    "we will open up": "हम खुलेंगे|जब हम खुल",
    "of shops": "अभी खुला|खुला है",
    "to beg for forgiveness": "हमें माफ़",
    "to put the phone aside": "फ़ोन रख(?!ें|ने)",
    "a word of offices for emergency": "आपातकाल",
    "of police registers": "दर्ज",
    "under lock and key": "ताले",
    "the low forms of you": r"(?<![\u0900-\u097f])(?:तुम|तू|तेरा|तुम्हारा)(?![\u0900-\u097f])",
    "midnight of books": "मध्यरात्रि",
    "without its dot": f"(?:{'|'.join(UNDOTTED)})",
    "letters made of one piece with their dot": r"[\u0958-\u095f]",
}
TEXTS_NEVER = {
    "does not say to send it": "लिखें",
    "a spoken message": "संदेश",
    "who we are": "हेल्पलाइन",
}
OF_PAGES = "(?:करें|दबाएँ|रखें|लिखें)।"


def english() -> list[str]:
    """Every sentence of the sources that a visitor may read or hear."""
    return [form for each in template() if each.id for form in forms(each.id)]


@cache
def hindi() -> Catalog:
    return read_catalog(catalogs.source_file("hi"))


def forms(either: str | list[str] | tuple[str, ...]) -> tuple[str, ...]:
    return (either,) if isinstance(either, str) else tuple(either)


def written(*contexts: str | None) -> list[str]:
    """Everything the Hindi catalog says in these contexts; in all but those of times and codes."""
    told: list[Message] = [each for each in hindi() if each.id and each.context != FORMAT]
    return [
        form
        for each in told
        if not contexts or each.context in contexts
        for form in forms(each.string)
    ]


def test_visitors_are_called_and_never_rung() -> None:
    assert [each for each in english() if RING.search(each) and each not in PHONES_RING] == []


@pytest.mark.parametrize("why", NEVER)
def test_no_hindi_word_stands_where_another_is_agreed_on(why: str) -> None:
    told = written(None, TEXT, "line") if "danda" in why else written()
    assert [each for each in told if re.search(NEVER[why], each)] == [], why


@pytest.mark.parametrize("why", TEXTS_NEVER)
def test_a_hindi_text_says_what_to_send_and_not_who_we_are(why: str) -> None:
    assert [each for each in written(TEXT) if re.search(TEXTS_NEVER[why], each)] == [], why


def test_a_hindi_voice_asks_as_people_speak() -> None:
    assert [each for each in written(VOICE) if re.search(OF_PAGES, each)] == []


def test_a_likely_wait_is_not_a_maybe() -> None:
    waits = [each for each in hindi() if each.id and re.search("likely", str(each.id), re.I)]
    assert waits
    assert [each.string for each in waits if "शायद" in str(each.string)] == []


@pytest.mark.parametrize("language", [each for each in catalogs.available() if each != "en"])
def test_a_catalog_counts_as_its_language_does(language: str) -> None:
    rule = Locale.parse(language, sep="-").plural_form
    known = catalogs.built_in(language)
    order = {form: number for number, form in enumerate(dict.fromkeys(map(rule, (1, 2))))}
    assert [known.plural(n) for n in range(1, 200)] == [order[rule(n)] for n in range(1, 200)]
    assert known.plural(0) == order.get(rule(0), known.plural(0)), "none, too"
