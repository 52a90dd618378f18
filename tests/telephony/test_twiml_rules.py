"""The checker of TwiML is seen to fail, and what we return is seen to pass."""

from __future__ import annotations

import pytest

from helpline.telephony import flow, prompts
from helpline.telephony.twilio.rendering import render_flow
from tests.support.twiml_rules import check, check_text

HEAD = '<?xml version="1.0" encoding="UTF-8"?>'
URL = "https://helpline.example/webhooks/voice/x"
ENGLISH = prompts.voice_for("en")


def response(inside: str) -> str:
    return f"{HEAD}<Response>{inside}</Response>"


@pytest.mark.parametrize(
    ("inside", "problem"),
    [
        ("<Shout>Hello</Shout>", "cannot stand in <Response>"),
        ("<Gather><Dial>+911140000000</Dial></Gather>", "cannot stand in <Gather>"),
        ("<Say><Pause/></Say>", "cannot stand in <Say>"),
        ("<Number>+911140000000</Number>", "cannot stand in <Response>"),
        ("<Say tone='calm'>Hello</Say>", "no attribute tone"),
        ("<Say voice='Polly.Aditi' language='fr-FR'>Bonjour</Say>", "does not speak"),
        ("<Say></Say>", "says nothing"),
        (f"<Say>{'a' * 4097}</Say>", "cannot hold"),
        ("<Pause length='0'/>", "no value of it"),
        ("<Pause>now</Pause>", "holds no text"),
        ("<Gather numDigits='none'/>", "no value of it"),
        ("<Gather actionOnEmptyResult='yes'/>", "no value of it"),
        ("<Gather timeout='5.5'/>", "no value of it"),
        ("<Dial timeout='0'>+911140000000</Dial>", "no value of it"),
        ("<Dial callerId='Helpline'>+911140000000</Dial>", "no value of it"),
        ("<Dial>98765</Dial>", "cannot hold"),
        ("<Dial/>", "says nothing"),
        ("<Dial>" + "<Number>+911140000000</Number>" * 11 + "</Dial>", "more than 10"),
        (
            "<Dial><Number>+911140000000</Number><Conference>room</Conference></Dial>",
            "not both",
        ),
        (
            "<Dial><Number statusCallbackEvent='rung'>+911140000000</Number></Dial>",
            "no value of it",
        ),
        ("<Record maxLength='0'/>", "no value of it"),
        ("<Record recordingStatusCallbackEvent='finished'/>", "no value of it"),
        ("<Redirect></Redirect>", "says nothing"),
        ("<Hangup/><Say>Never heard</Say>", "never reached"),
        ("<Say>Too late</Say><Reject/>", "first verb"),
        ("<Reject reason='tired'/>", "no value of it"),
        ("<Gather actionOnEmptyResult='true'/><Hangup/>", "never reached"),
        ("<Say>one</Say>loose", "stands loose"),
    ],
)
def test_what_twilio_does_not_document_is_refused(inside: str, problem: str) -> None:
    with pytest.raises(AssertionError, match=problem):
        check(response(inside))


def test_a_whisper_may_neither_dial_nor_record() -> None:
    for inside in ("<Dial>+911140000000</Dial>", "<Record/>"):
        check(response(inside))
        with pytest.raises(AssertionError, match="cannot stand"):
            check(response(inside), whisper=True)


def test_another_root_or_another_encoding_is_refused() -> None:
    with pytest.raises(AssertionError, match="the root is"):
        check(f"{HEAD}<Answer/>")
    with pytest.raises(AssertionError, match="UTF-8"):
        check("<Response/>")


def test_a_text_is_answered_with_messages_only() -> None:
    check_text(response("<Message>Thank you.</Message>"))
    with pytest.raises(AssertionError, match="cannot stand"):
        check_text(response("<Say>Thank you.</Say>"))


def test_what_we_say_to_advisors_and_visitors_keeps_the_rules() -> None:
    check(render_flow(flow.ask_to_press_one(pressed_url=URL, seconds=10)))
    check(render_flow(flow.say_to_staff("Goodbye.")))
    check(render_flow(flow.HANG_UP))
    check(render_flow(flow.CONTINUE), whisper=True)
    for language in ("en", "hi"):
        asked = flow.ask_visitor(pressed_url=URL, seconds=10, language=language)
        check(render_flow(asked), whisper=True)
    dial = flow.Dial(
        "+919876500001",
        caller_id="+911140000000",
        ring_seconds=30,
        max_seconds=7200,
        ended_url=URL,
        status_url=URL,
        answered_url=URL,
        machine_detection=True,
    )
    check(render_flow((dial,)))


@pytest.mark.parametrize("answered_url", [URL, None])
def test_digits_of_an_extension_are_sent_and_no_machine_is_looked_for(
    answered_url: str | None,
) -> None:
    dial = flow.Dial(
        "+912223456789",
        caller_id="+911140000000",
        ring_seconds=30,
        max_seconds=7200,
        ended_url=URL,
        status_url=URL,
        answered_url=answered_url,
        machine_detection=True,
        extension="12",
    )
    number = check(render_flow((dial,))).find(".//Number")
    assert number is not None
    assert number.get("sendDigits") == "wwww12"
    assert number.get("machineDetection") is None
    assert number.get("url") == answered_url


def test_the_one_is_asked_for_as_long_as_a_phone_behind_a_switchboard_rings() -> None:
    def asked(*, behind_switchboard: bool) -> int:
        asked = flow.ask_visitor(
            pressed_url=URL, seconds=10, language="en", behind_switchboard=behind_switchboard
        )
        return len(check(render_flow(asked), whisper=True).findall(".//Say"))

    assert asked(behind_switchboard=False) == 2
    assert asked(behind_switchboard=True) == 8


@pytest.mark.parametrize("code", ["en", "hi"])
def test_what_callers_hear_keeps_the_rules(code: str) -> None:
    speak = prompts.voice_for(code)
    words = [speak.say("closed"), speak.say("offer")]
    flows = [
        flow.ask(words, voice=speak, input_url=URL, seconds=6, whole_number=whole_number)
        for whole_number in (True, False)
    ]
    dial = flow.Dial(
        "+919812300001",
        caller_id="+911140000000",
        ring_seconds=25,
        max_seconds=7200,
        ended_url=URL,
        answered_url=URL,
        caller_hears_ringing=True,
    )
    flows += [
        flow.ask_language([(code, words[0])], input_url=URL, seconds=6),
        flow.say_and_end(words, voice=speak),
        flow.record(words, flow.Record(URL, URL, max_seconds=120), voice=speak),
        flow.dial_advisor(words, dial, voice=speak),
    ]
    for each in flows:
        check(render_flow(each))
    asked = flow.ask_advisor(voice=speak, pressed_url=URL, seconds=10)
    check(render_flow(asked), whisper=True)


def test_nothing_spoken_names_a_person_or_a_reason() -> None:
    reasons = ("suicid", "depress", "addict", "overdose", "therap", "mental", "abuse", "cocaine")
    for words in prompts._english_prompts()["words"].values():
        assert not any(reason in words.lower() for reason in reasons), words


def test_a_number_is_spoken_one_digit_after_the_other() -> None:
    assert ENGLISH.digits("14416") == "1, 4, 4, 1, 6"
    assert ENGLISH.digits("+91 14416") == "plus, 9, 1, 1, 4, 4, 1, 6"
    assert prompts.voice_for("hi").digits("+91").startswith("प्लस, 9")


def test_numbers_in_words_are_spoken_digit_by_digit_too() -> None:
    told = "Choose option (2). In 20 languages. Elsewhere 0808 808 8000, or +91 99-99."
    assert ENGLISH.spelled(told) == (
        "Choose option (2). In 20 languages. Elsewhere 0, 8, 0, 8, 8, 0, 8, 8, 0, 0, 0, "
        "or plus, 9, 1, 9, 9, 9, 9."
    )
    assert prompts.voice_for("fr").code == "en"
    assert ENGLISH.locale == "en-IN"
