"""The wording of texts: whole in each language, neutral, and with nothing open but a time."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from helpline.domain.sms_commands import KEYWORDS, Command, parse
from helpline.domain.sms_progress import SmsKind, When
from helpline.messaging import sms_templates
from helpline.messaging.sms_templates import PLACEHOLDERS, InvalidTemplate, load

AT = When(datetime(2026, 11, 24, 10, 30, tzinfo=ZoneInfo("Asia/Kolkata")), exactly=True)
TELLING = (
    *("helpline", "crisis", "suicide", "depress", "drug", "cocaine", "addict", "counsel"),
    *("therap", "mental", "health", "advisor", "distress", "http", "www", "://"),
    *("हेल्पलाइन", "संकट", "आत्महत्या", "नशा", "मानसिक", "स्वास्थ्य", "सलाहकार", "परामर्श"),
)


def test_every_language_has_every_text() -> None:
    assert load().keys() == {"en", "hi"}
    assert all(texts.keys() == PLACEHOLDERS.keys() for texts in load().values())


@pytest.mark.parametrize("language", ["en", "hi"])
@pytest.mark.parametrize("key", list(PLACEHOLDERS))
def test_no_text_says_who_we_are_or_why(language: str, key: str) -> None:
    text = load()[language][key].casefold()
    assert [word for word in TELLING if word in text] == []


def changed(**texts: str) -> dict[str, dict[str, str]]:
    return {"en": dict(load()["en"]) | texts}


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"received_at": "We will call you."}, "received_at"),
        ({"received_at": "We will call you, {name}: {time}."}, "received_at"),
        ({"received_at": "We will call you: {time} {time}."}, "received_at"),
        ({"received_soon": "We will call you: {time}."}, "received_soon"),
        ({"received_at": "We will call you: {time.tzinfo}."}, "received_at"),
        ({"about_to_ring": " "}, "about_to_ring"),
        ({"about_to_ring": "x" * 301}, "about_to_ring"),
        ({"something_else": "Hello."}, "something_else"),
    ],
)
def test_wording_with_a_wrong_placeholder_is_refused(wrong: dict[str, str], says: str) -> None:
    with pytest.raises(InvalidTemplate, match=says):
        sms_templates.check(changed(**wrong))


def test_wording_without_english_is_refused() -> None:
    with pytest.raises(InvalidTemplate):
        sms_templates.check({"hi": load()["hi"]})


def test_a_language_we_do_not_have_is_english() -> None:
    assert sms_templates.render("about_to_ring", "ta") == "We are about to call you."


@pytest.mark.parametrize("language", ["en", "hi"])
@pytest.mark.parametrize("kind", list(SmsKind))
def test_every_kind_can_be_said(language: str, kind: SmsKind) -> None:
    text = sms_templates.render_kind(kind, AT, language, "IN", numbers="112")
    assert "{" not in text
    timeless = (
        SmsKind.ABOUT_TO_RING,
        SmsKind.CRISIS,
        SmsKind.ON_PAGE,
        SmsKind.STAFF_WAITING,
        SmsKind.STAFF_NEEDED,
    )
    if kind not in timeless:
        assert "10:30" in text


def test_a_phone_of_another_region_is_told_the_zone() -> None:
    assert sms_templates.format_time(AT, "en", "IN") == "Tue 24 Nov, 10:30 AM"
    assert sms_templates.format_time(AT, "en", "GB") == "Tue 24 Nov, 10:30 AM (India Time)"


def test_english_texts_stay_in_the_plain_alphabet_so_that_they_are_cheap() -> None:
    time = sms_templates.format_time(AT, "en", "IN")
    assert (time + "".join(load()["en"].values())).isascii()


def test_no_word_means_two_things() -> None:
    for language, commands in KEYWORDS.items():
        for command, words in commands.items():
            for word in words:
                asked = parse(word)
                assert asked.command == command, word
                assert asked.language in (None, language)


@pytest.mark.parametrize(
    "text", ["", "   ", "stop by later", "call off", "👍", "please cancel it", "0"]
)
def test_a_sentence_is_not_a_command(text: str) -> None:
    assert parse(text).command == Command.OTHER


EVERYDAY = {
    "phone mat karo": Command.CANCEL,
    "call mat karo": Command.CANCEL,
    "फ़ोन मत कीजिए": Command.CANCEL,
    "मत करो": Command.CANCEL,
    "call kar do": Command.CALL,
    "call back karo": Command.CALL,
    "mujhe call karo please": Command.CALL,
    "फोन कीजिए": Command.CALL,
    "कॉल कर दो": Command.CALL,
    "कॉल बैक": Command.CALL,
    "बंद कर दो": Command.STOP,
    "band kar do": Command.STOP,
    "madad chahiye": Command.HELP,
    "मुझे मदद चाहिए": Command.HELP,
    "I need help": Command.HELP,
    "help please": Command.HELP,
    "मदद करो मेरी": Command.HELP,
}


@pytest.mark.parametrize("text", EVERYDAY)
def test_everyday_hindi_and_hinglish_are_understood(text: str) -> None:
    assert parse(text).command == EVERYDAY[text]


@pytest.mark.parametrize("text", ["CALL", "CANCEL", "when", "hello", "phone mat karo", "बंद कर दो"])
def test_a_command_does_not_sound_like_danger(text: str) -> None:
    assert not parse(text).is_danger


@pytest.mark.parametrize("text", ["CALL", "ｃａｌｌ", "“Call”", "call\u200d", "CALL 📞"])
def test_a_command_is_known_through_what_keyboards_add(text: str) -> None:
    assert parse(text).command == Command.CALL
