"""Plivo's signatures, the events that its webhooks mean, and the answers to them."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Callable
from hashlib import sha256
from typing import Any

import pytest
from plivo.utils import validate_signature
from plivo.utils.signature_v3 import construct_post_url, get_signature_v3, validate_v3_signature
from werkzeug.datastructures import MultiDict

from helpline.domain.call_progress import CarrierStatus, Leg
from helpline.telephony import flow, prompts
from helpline.telephony.events import CallStatus, InboundSms
from helpline.telephony.plivo import codes
from helpline.telephony.plivo.rendering import render_flow, render_sms_reply
from helpline.telephony.plivo.webhooks import PlivoWebhooks
from helpline.telephony.problems import Fault, Problem, SmsProblem
from tests.support.plivo_xml_rules import check, check_reply

VOICE, TEXT = (f"https://helpline.example/webhooks/{kind}/x" for kind in ("voice", "text"))
OLD, NEW, NONCE = "old-token", "new-token", "05429567804466091622"
A, B, REQUEST = "a-leg", "b-leg", "the-request"
FORM = {"CallUUID": A, "From": "918000000000", "To": "919876500001", "CallStatus": "ringing"}


def webhooks(*tokens: str) -> PlivoWebhooks:
    return PlivoWebhooks(tokens or (OLD, NEW), "IN")


def v3(url: str, form: dict[str, Any], token: str, name: str = "V3") -> dict[str, str]:
    signature = get_signature_v3(token.encode(), construct_post_url(url, form).decode(), NONCE)
    return {f"X-Plivo-Signature-{name}": signature.decode(), "X-Plivo-Signature-V3-Nonce": NONCE}


def v2(url: str, token: str, name: str = "V2") -> dict[str, str]:
    base = url.partition("?")[0]
    signature = hmac.new(token.encode(), (base + NONCE).encode(), sha256).digest()
    text = base64.b64encode(signature).decode()
    assert validate_signature(url, NONCE, text, token)
    return {f"X-Plivo-Signature-{name}": text, "X-Plivo-Signature-V2-Nonce": NONCE}


@pytest.mark.parametrize("token", [OLD, NEW])
@pytest.mark.parametrize("name", ["V3", "Ma-V3"])
@pytest.mark.parametrize("url", [VOICE, f"{VOICE}?a=1"])
def test_either_token_and_header_signs_a_call(url: str, name: str, token: str) -> None:
    headers = v3(url, FORM, token, name)
    assert webhooks().is_genuine(url, MultiDict(FORM), headers)
    assert not webhooks("another").is_genuine(url, FORM, headers)
    assert not webhooks().is_genuine(url, FORM | {"CallUUID": B}, headers)
    assert not webhooks().is_genuine(url, FORM, headers | {"X-Plivo-Signature-V3-Nonce": "1"})


def test_several_values_and_several_signatures_are_checked() -> None:
    form = {"CallUUID": A, "Digits": ["2", "1"]}
    headers = v3(VOICE, form, NEW)
    headers["X-Plivo-Signature-V3"] = "bm9uZQ==, " + headers["X-Plivo-Signature-V3"]
    posted = MultiDict([("CallUUID", A), ("Digits", "2"), ("Digits", "1")])
    assert webhooks().is_genuine(VOICE, posted, headers)


def test_the_join_of_the_documentation_is_taken_beside_that_of_the_package() -> None:
    joined = f"{VOICE}.{''.join(name + FORM[name] for name in sorted(FORM))}"
    signature = get_signature_v3(OLD.encode(), joined, NONCE).decode()
    headers = {"X-Plivo-Signature-V3": signature, "X-Plivo-Signature-V3-Nonce": NONCE}
    assert not validate_v3_signature("POST", VOICE, NONCE, OLD, signature, FORM)
    assert webhooks().is_genuine(VOICE, FORM, headers)
    assert not webhooks().is_genuine(VOICE, FORM | {"To": "1"}, headers)


def test_what_the_check_of_the_package_raises_for_is_not_genuine() -> None:
    headers = {"X-Plivo-Signature-V3": "x", "X-Plivo-Signature-V3-Nonce": NONCE}
    for url in (f"{VOICE}?a=%E0%A4%85", "not-a-url", f"{VOICE}?a=\udcff"):
        assert not webhooks().is_genuine(url, FORM, headers)
    assert not webhooks().is_genuine(VOICE, FORM, {})
    assert not PlivoWebhooks((), "IN").is_genuine(VOICE, FORM, headers)


@pytest.mark.parametrize("token", [OLD, NEW])
@pytest.mark.parametrize("name", ["V2", "Ma-V2"])
def test_a_signature_of_the_address_alone_is_for_text_messages_only(name: str, token: str) -> None:
    form = {"MessageUUID": "m-1", "Status": "sent"}
    assert webhooks().is_genuine(TEXT, form, v2(TEXT, token, name))
    assert not webhooks().is_genuine(TEXT + "/y", form, v2(TEXT, token, name))
    assert not webhooks().is_genuine(VOICE, form, v2(VOICE, token, name))


LEGS = {"DialALegUUID": A, "DialBLegUUID": B, "CallUUID": A}


def status(
    word: CarrierStatus, code: int | None = None, problem: Problem | None = None, **more: Any
) -> CallStatus:
    return CallStatus(more.pop("call_id", B), word, -1, code, problem, None, **more)


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        (
            {"CallUUID": A, "RequestUUID": REQUEST, "CallStatus": "ringing"},
            status(CarrierStatus.RINGING, call_id=A, request_id=f"request:{REQUEST}"),
        ),
        (
            {"CallUUID": A, "ALegUUID": A, "ALegRequestUUID": REQUEST, "CallStatus": "in-progress"},
            status(CarrierStatus.IN_PROGRESS, call_id=A, request_id=f"request:{REQUEST}"),
        ),
        (
            LEGS | {"DialAction": "answer"},
            status(CarrierStatus.IN_PROGRESS, parent_id=A),
        ),
        (
            LEGS | {"DialAction": "connected"},
            status(CarrierStatus.IN_PROGRESS, parent_id=A, connected=True),
        ),
        (
            LEGS | {"DialAction": "hangup", "DialBLegHangupCauseCode": "4000"},
            status(CarrierStatus.COMPLETED, parent_id=A),
        ),
        (
            LEGS | {"DialAction": "hangup", "DialBLegHangupCauseCode": "2000"},
            status(CarrierStatus.FAILED, 2000, Problem.VISITOR_NUMBER, parent_id=A),
        ),
        (LEGS | {"DialAction": "digits"}, None),
        ({"CallUUID": A, "CallStatus": "unheard-of"}, None),
    ],
)
def test_each_event_of_either_leg_is_told_apart(
    form: dict[str, str], expected: CallStatus | None
) -> None:
    assert webhooks().call_status(form, Leg.VISITOR) == expected


NUMBER = (Problem.ADVISOR_NUMBER, Problem.VISITOR_NUMBER)
DESTINATION = (Problem.ADVISOR_NUMBER, Problem.DESTINATION)


def both(problem: Problem) -> tuple[Problem, Problem]:
    return problem, problem


CAUSES: list[tuple[int, CarrierStatus, tuple[Problem, Problem] | None, Fault | None]] = [
    (2000, CarrierStatus.FAILED, NUMBER, Fault.CALLED_NUMBER),
    *(
        (code, CarrierStatus.FAILED, DESTINATION, Fault.DESTINATION)
        for code in (2010, 2040, 3050, 3120)
    ),
    *(
        (code, CarrierStatus.FAILED, both(Problem.REGION), Fault.REGION)
        for code in (2030, 2050, 2070)
    ),
    *(
        (code, CarrierStatus.FAILED, both(Problem.CALLER_ID), Fault.CALLER_ID)
        for code in (3030, 3130, 3140)
    ),
    (1010, CarrierStatus.FAILED, both(Problem.ACCOUNT), Fault.ACCOUNT),
    *(
        (code, CarrierStatus.FAILED, both(Problem.BUSY), Fault.CARRIER_NOW)
        for code in (5030, 1020, 3090)
    ),
    *((code, CarrierStatus.NO_ANSWER, None, None) for code in (3000, 6010)),
    *((code, CarrierStatus.BUSY, None, None) for code in (3010, 3100, 3020, 3040, 3110)),
    *((code, CarrierStatus.COMPLETED, None, None) for code in (9100, 9110, 4000, 4010, 6000)),
    *((code, CarrierStatus.CANCELED, None, None) for code in (1000, 9000)),
    *(
        (code, CarrierStatus.FAILED, both(Problem.REFUSED), Fault.UNKNOWN)
        for code in (3070, 3080, 5000, 5010, 5020, 6020)
    ),
    *(
        (code, CarrierStatus.FAILED, both(Problem.REFUSED), Fault.SERVICE)
        for code in (7011, 7012, 7034, 8011, 8012, 8014)
    ),
]


@pytest.mark.parametrize(("code", "word", "problems", "fault"), CAUSES)
def test_each_hangup_cause_has_its_meaning(
    code: int,
    word: CarrierStatus,
    problems: tuple[Problem, Problem] | None,
    fault: Fault | None,
) -> None:
    leg_ended = LEGS | {"DialAction": "hangup", "DialBLegHangupCauseCode": str(code)}
    ended = {"CallUUID": A, "CallStatus": "failed", "HangupCauseCode": str(code)}
    for leg, form in ((Leg.ADVISOR, ended), (Leg.VISITOR, leg_ended)):
        event = webhooks().call_status(form, leg)
        assert event is not None
        assert event.status == word
        assert event.error_code == (code if problems else None)
        assert event.problem == (problems and problems[leg == Leg.VISITOR])
    if fault:
        meaning = codes.meaning_of(code)
        assert meaning.fault == fault
        assert meaning.source.startswith("https://www.plivo.com/docs/")


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("completed", CarrierStatus.COMPLETED),
        ("busy", CarrierStatus.BUSY),
        ("no-answer", CarrierStatus.NO_ANSWER),
        ("timeout", CarrierStatus.NO_ANSWER),
        ("cancel", CarrierStatus.CANCELED),
        ("failed", CarrierStatus.FAILED),
    ],
)
def test_an_unknown_cause_leaves_the_word_of_the_status(word: str, expected: CarrierStatus) -> None:
    for cause in ("0", "4711", ""):
        ended = {"CallUUID": A, "CallStatus": word, "HangupCauseCode": cause}
        event = webhooks().call_status(ended, Leg.ADVISOR)
        assert event is not None
        assert (event.status, event.error_code) == (expected, None)
    dialled = webhooks().dial_ended({"CallUUID": A, "DialStatus": word})
    assert dialled is not None
    assert dialled.outcome == expected


def test_the_end_of_a_dial_tells_nothing_of_a_connection() -> None:
    """After a key that was not pressed its status may be "completed" as well."""
    ended = webhooks().dial_ended(LEGS | {"DialStatus": "completed"})
    assert ended is not None
    assert ended.connected_id is None
    hung_up = LEGS | {"DialStatus": "no-answer", "CallStatus": "completed"}
    cancelled = webhooks().dial_ended(hung_up)
    assert cancelled is not None
    assert cancelled.outcome == CarrierStatus.CANCELED


@pytest.mark.parametrize(
    ("given", "number"),
    [
        ("919876500001", "+919876500001"),
        ("+919876500001", "+919876500001"),
        ("14155552671", "+14155552671"),
        ("09876500001", "+919876500001"),
        ("anonymous", None),
        ("56161", None),
        ("", None),
    ],
)
def test_numbers_come_with_and_without_their_plus(given: str, number: str | None) -> None:
    assert webhooks().inbound_call({"CallUUID": A, "From": given}).number == number


def test_the_first_report_of_a_recording_has_no_length_yet() -> None:
    form = {"CallUUID": A, "RecordingID": "r-1", "RecordUrl": "https://elsewhere.example/r-1"}
    assert webhooks().recording_ready(form | {"RecordingDuration": "-1"}) is None
    ready = webhooks().recording_ready(form | {"RecordingDuration": "7"})
    assert ready is not None
    assert (ready.recording, ready.seconds, ready.call_id) == ("r-1", 7, A)


@pytest.mark.parametrize(
    ("code", "problem"),
    [
        ("30", SmsProblem.FILTERED),
        ("40", SmsProblem.SENDER),
        ("50", SmsProblem.NUMBER),
        ("999", SmsProblem.REFUSED),
        ("000", None),
        ("", None),
    ],
)
def test_each_error_of_a_text_message_has_its_meaning(
    code: str, problem: SmsProblem | None
) -> None:
    form = {"MessageUUID": "m-1", "Status": "undelivered", "ErrorCode": code}
    report = webhooks().sms_report(form)
    assert report is not None
    assert report.problem == problem


def test_a_reply_to_a_text_message_goes_back_the_way_it_came() -> None:
    form = {"MessageUUID": "m-1", "From": "919876500001", "To": "918000000000", "Text": "CALL"}
    message = check_reply(webhooks().render_sms_reply("अ & b", webhooks().inbound_sms(form)))[0]
    assert (message.get("src"), message.get("dst")) == ("918000000000", "919876500001")
    assert message.text == "अ & b"
    assert not len(check_reply(render_sms_reply("Hello", None))), "it has no number to go to"
    stopped = form | {"MessageIntent": "optout"}
    assert webhooks().inbound_sms(stopped).stops
    assert not webhooks().inbound_sms(stopped).carrier_answers, "in North America only"
    assert webhooks().inbound_sms(stopped | {"To": "14155552671"}).carrier_answers


def dial(**more: Any) -> flow.Dial:
    return flow.Dial("+919876500001", "+918000000000", 30, 7200, VOICE, **more)


@pytest.mark.parametrize("language", ["en", "hi"])
def test_what_we_say_keeps_the_rules(language: str) -> None:
    voice = prompts.voice_for(language)
    words = [voice.say("closed"), voice.say("offer")]
    for steps in (
        flow.ask_to_press_one(pressed_url=VOICE, seconds=10),
        flow.say_to_staff("Goodbye."),
        flow.HANG_UP,
        flow.ask(words, voice=voice, input_url=VOICE, seconds=1, whole_number=True),
        flow.ask(words, voice=voice, input_url=VOICE, seconds=99),
        flow.ask_language([(language, words[0])], input_url=VOICE, seconds=6),
        flow.record(words, flow.Record(VOICE, VOICE, 120), voice=voice),
        flow.say_and_end(words, voice=voice),
        flow.dial_advisor(words, dial(answered_url=VOICE, caller_hears_ringing=True), voice=voice),
        (dial(status_url=VOICE, answered_url=VOICE, extension="12", machine_detection=True),),
    ):
        check(render_flow(steps))
    for question in (
        flow.ask_visitor(pressed_url=VOICE, seconds=10, language=language),
        flow.ask_advisor(voice=voice, pressed_url=VOICE, seconds=10),
        flow.CONTINUE,
    ):
        check(render_flow(question), confirms=True)


@pytest.mark.parametrize("extension", [None, "12"])
def test_a_dial_asks_for_the_key_itself(extension: str | None) -> None:
    asked = dial(status_url=TEXT, answered_url=VOICE, extension=extension, answer_seconds=10)
    element = check(render_flow((asked,)))[0]
    assert element.get("confirmKey") == "1"
    assert int(element.get("confirmTimeout", "")) == (70 if extension else 25)
    assert element.get("confirmSound", "").startswith(VOICE)
    assert element.get("callbackUrl", "").startswith(TEXT)
    assert element[0].get("sendDigits") == ("wwww12" if extension else None)
    unscreened = check(render_flow((dial(),)))[0]
    assert {"confirmKey", "confirmSound", "callbackUrl"}.isdisjoint(unscreened.attrib)


def test_silence_is_reported_only_where_it_is_asked_for() -> None:
    def last(steps: flow.Flow) -> str:
        return check(render_flow(steps))[-1].tag

    voice = prompts.voice_for("en")
    assert last(flow.ask(["a"], voice=voice, input_url=VOICE, seconds=6)) == "Redirect"
    assert last(flow.ask_to_press_one(pressed_url=VOICE, seconds=10)) == "Hangup"


def test_only_one_number_fits_into_a_dial() -> None:
    several = flow.Dial("+919876500001<919876500002", "+918000000000", 30, 7200, VOICE)
    with pytest.raises(ValueError, match="phone number"):
        render_flow((several,))


def test_a_message_without_both_numbers_has_no_reply() -> None:
    nobody = InboundSms("m-1", None, "x", sent_to="+918000000000")
    render: Callable[..., str] = render_sms_reply
    assert not len(check_reply(render("x", nobody)))
