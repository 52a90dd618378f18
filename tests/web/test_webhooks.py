"""What the carrier asks: only with its signature, the same answer each time, nothing lost."""

from __future__ import annotations

from collections.abc import Callable
from xml.etree import ElementTree

import pytest
import sqlalchemy as sa
from flask import Flask
from twilio.request_validator import RequestValidator
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from helpline import clock
from helpline.callbacks import claims
from helpline.callbacks import service as callbacks
from helpline.calls import service as calls
from helpline.calls.attempt_jobs import ATTEMPTS
from helpline.calls.models import Attempt, CallEvent
from helpline.db import db
from helpline.domain.call_progress import AttemptResult, AttemptState
from helpline.web.access import CARRIER, audience_of
from tests import factories
from tests.cast import CARRIER_TOKEN, KAVITA
from tests.support import carrier_jobs
from tests.support.clock import Clock
from tests.support.web import Client
from tests.web.routes import address_of

CALL = "CA" + "1" * 32
PUBLIC = "https://helpline.example"

# https://www.twilio.com/docs/voice/twiml: the verbs and attributes we may use, as documented.
DOCUMENTED = {
    "Response": set(),
    "Say": {"voice", "language", "loop"},
    "Hangup": set(),
    "Gather": {
        *("action", "method", "input", "timeout", "numDigits", "finishOnKey", "language"),
        *("actionOnEmptyResult", "speechTimeout", "hints", "partialResultCallback"),
    },
    "Dial": {
        *("action", "method", "timeout", "timeLimit", "callerId", "hangupOnStar", "record"),
        *("answerOnBridge", "ringTone", "trim", "recordingStatusCallback", "sequential"),
    },
    "Number": {
        *("url", "method", "sendDigits", "statusCallback", "statusCallbackEvent"),
        *("statusCallbackMethod", "byoc", "machineDetection"),
    },
}

Tell = Callable[..., TestResponse]


@pytest.fixture
def tell(client: Client) -> Tell:
    """The carrier, speaking to us and signing for our public address."""

    def speak(path: str, public: str = "http://localhost", **params: str) -> TestResponse:
        sent = {"CallSid": CALL, "AccountSid": "AC1", **params}
        signature = RequestValidator(CARRIER_TOKEN).compute_signature(public + path, sent)
        headers = {"X-Twilio-Signature": signature}
        return client.post(path, data=sent, headers=headers)

    return speak


def placed() -> Attempt:
    """A call that the carrier took."""
    attempt = factories.calling()
    carrier_jobs.take_attempt()
    ATTEMPTS.accepted(attempt.id, CALL, now=clock.now())
    return attempt


def verbs(answer: TestResponse) -> list[ElementTree.Element]:
    """The verbs of an answer, each with attributes that are documented."""
    assert answer.status_code == 200
    assert answer.mimetype == "text/xml"
    root = ElementTree.fromstring(answer.text)
    assert root.tag == "Response"
    for each in root.iter():
        assert set(each.attrib) <= DOCUMENTED[each.tag], each.tag
    return list(root)


def is_hang_up(answer: TestResponse) -> bool:
    """Whether it only ends the call, perhaps with a word before."""
    return [each.tag for each in verbs(answer)][-1] == "Hangup" and not any(
        each.tag in ("Gather", "Dial") for each in verbs(answer)
    )


def paths(ref: str) -> list[str]:
    """Every webhook of an attempt."""
    voice = f"/webhooks/voice/{ref}"
    ends = ("answered", "pressed", "dialled", "status/advisor", "status/visitor")
    return [f"{voice}/{end}" for end in ends]


def test_without_the_carriers_signature_nothing_is_heard(
    app: Flask, client: Client, at: Clock
) -> None:
    at("2026-11-23 11:00")
    attempt = placed()
    sent = {"CallSid": CALL, "CallStatus": "completed", "Digits": "1", "SequenceNumber": "3"}
    validator = RequestValidator(CARRIER_TOKEN)
    for path in paths(attempt.ref):
        address = "http://localhost" + path
        good = validator.compute_signature(address, sent)
        wrong: list[tuple[dict[str, str], dict[str, str]]] = [
            (sent, {}),
            (sent, {"X-Twilio-Signature": ""}),
            (sent, {"X-Twilio-Signature": "x" * 28}),
            (sent | {"CallSid": "CA" + "9" * 32}, {"X-Twilio-Signature": good}),
            (sent, {"X-Twilio-Signature": RequestValidator("x").compute_signature(address, sent)}),
            (sent, {"X-Twilio-Signature": validator.compute_signature(address + "/", sent)}),
        ]
        for data, headers in wrong:
            answer = client.post(path, data=data, headers=headers)
            assert (answer.status_code, answer.text) == (403, "")
    assert db.session.scalar(sa.select(sa.func.count(CallEvent.id))) == 0


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_no_webhook_is_outside_the_blueprint_that_checks_signatures(
    app: Flask, client: Client
) -> None:
    rules = [
        rule
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/webhooks") or CARRIER in audience(app, rule)
    ]
    assert rules
    for rule in rules:
        assert rule.endpoint.startswith("carrier_webhooks."), rule
        for method in sorted((rule.methods or set()) - {"OPTIONS"}):
            answer = client.open(address_of(rule), method=method)
            assert (answer.status_code, answer.text) == (403, ""), (method, rule)


def audience(app: Flask, rule: Rule) -> frozenset[str]:
    with app.app_context():
        return audience_of(rule.endpoint)


@pytest.mark.settings(public_url=PUBLIC)
def test_the_signature_is_for_the_public_address_also_behind_a_proxy(
    app: Flask, client: Client, tell: Tell, at: Clock
) -> None:
    at("2026-11-23 11:00")
    attempt = placed()
    path = f"/webhooks/voice/{attempt.ref}/answered"
    answer = tell(path, public=PUBLIC)
    assert verbs(answer)[0].tag == "Gather"
    pressed_url = verbs(answer)[0].attrib["action"]
    assert pressed_url == f"{PUBLIC}/webhooks/voice/{attempt.ref}/pressed"
    assert tell(path, public="http://localhost").status_code == 403
    assert tell(path, public="https://localhost").status_code == 403
    # What somebody puts into the headers changes nothing.
    sent = {"CallSid": CALL}
    signature = RequestValidator(CARRIER_TOKEN).compute_signature(
        "https://evil.example" + path, sent
    )
    headers = {
        "X-Twilio-Signature": signature,
        "Host": "evil.example",
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Proto": "https",
    }
    assert client.post(path, data=sent, headers=headers).status_code == 400, "not our host"


def test_a_reference_nobody_knows_is_not_found(app: Flask, tell: Tell, at: Clock) -> None:
    at("2026-11-23 11:00")
    for path in paths("0" * 32):
        params = {"CallStatus": "ringing", "DialCallStatus": "busy", "Digits": "1"}
        assert tell(path, **params).status_code == 404
    attempt = placed()
    assert tell(f"/webhooks/voice/{attempt.ref}/status/nobody").status_code == 404


def test_the_same_question_gets_the_same_answer(app: Flask, tell: Tell, at: Clock) -> None:
    at("2026-11-23 11:00")
    attempt = placed()
    voice = f"/webhooks/voice/{attempt.ref}"
    first = [tell(f"{voice}/answered").text for _ in range(3)]
    assert len(set(first)) == 1
    gather = verbs(tell(f"{voice}/answered"))[0]
    assert gather.attrib["numDigits"] == "1"
    assert KAVITA.phone not in first[0]
    pressed = [tell(f"{voice}/pressed", Digits="1").text for _ in range(3)]
    assert len(set(pressed)) == 1
    dial = verbs(tell(f"{voice}/pressed", Digits="1"))[0]
    assert dial.tag == "Dial"
    assert dial.attrib["callerId"] == "+911140000000"
    assert int(dial.attrib["timeout"]) == 30
    number = dial[0]
    assert (number.tag, number.text) == ("Number", KAVITA.phone)
    assert number.attrib["statusCallbackEvent"].split() == ["ringing", "answered", "completed"]
    over = [tell(f"{voice}/dialled", DialCallStatus="completed").text for _ in range(3)]
    assert len(set(over)) == 1
    assert is_hang_up(tell(f"{voice}/dialled", DialCallStatus="completed"))


def test_another_key_rings_nobody(app: Flask, tell: Tell, at: Clock) -> None:
    at("2026-11-23 11:00")
    attempt = placed()
    for digits in ("2", "11", "", "#"):
        answer = tell(f"/webhooks/voice/{attempt.ref}/pressed", Digits=digits)
        assert is_hang_up(answer)
    db.session.refresh(attempt)
    assert attempt.dial_allowed is None


def test_at_closing_time_the_visitor_is_not_rung(app: Flask, tell: Tell, at: Clock) -> None:
    at("2026-11-23 17:59:50")
    attempt = placed()
    voice = f"/webhooks/voice/{attempt.ref}"
    tell(f"{voice}/answered")
    at("2026-11-23 18:00:00")
    for _ in range(2):
        answer = tell(f"{voice}/pressed", Digits="1")
        assert is_hang_up(answer)
        assert "The helpline has closed" in answer.text
        assert KAVITA.phone not in answer.text
    db.session.refresh(attempt)
    assert (attempt.result, attempt.counted) == (AttemptResult.CLOSED, False)


def test_a_call_that_comes_too_late_is_told_to_hang_up(app: Flask, tell: Tell, at: Clock) -> None:
    at("2026-11-23 11:00")
    attempt = factories.calling()
    carrier_jobs.take_attempt()
    carrier_jobs.reject(ATTEMPTS, attempt.id)
    voice = f"/webhooks/voice/{attempt.ref}"
    assert is_hang_up(tell(f"{voice}/answered"))
    assert is_hang_up(tell(f"{voice}/pressed", Digits="1"))
    db.session.refresh(attempt)
    assert attempt.state == AttemptState.ENDED


def test_a_second_call_for_the_same_attempt_is_told_to_hang_up(
    app: Flask, tell: Tell, at: Clock
) -> None:
    at("2026-11-23 11:00")
    attempt = placed()
    voice = f"/webhooks/voice/{attempt.ref}"
    assert not is_hang_up(tell(f"{voice}/answered"))
    other = "CA" + "7" * 32
    assert is_hang_up(tell(f"{voice}/answered", CallSid=other))
    assert is_hang_up(tell(f"{voice}/pressed", CallSid=other, Digits="1"))
    assert not is_hang_up(tell(f"{voice}/pressed", Digits="1"))


def test_who_cancelled_meanwhile_is_not_rung(app: Flask, tell: Tell, at: Clock) -> None:
    at("2026-11-23 11:00")
    token = factories.link(KAVITA)
    held = factories.by_token(token)
    advisor = factories.staff()
    claims.claim_next(advisor.id, now=clock.now())
    calls.start_call(held.id, advisor.id, now=clock.now())
    attempt = factories.attempt_of(held)
    carrier_jobs.take_attempt()
    ATTEMPTS.accepted(attempt.id, CALL, now=clock.now())
    tell(f"/webhooks/voice/{attempt.ref}/answered")
    callbacks.cancel(token, now=clock.now())
    answer = tell(f"/webhooks/voice/{attempt.ref}/pressed", Digits="1")
    assert is_hang_up(answer)
    assert KAVITA.phone not in answer.text


def test_odd_words_of_the_carrier_change_nothing(app: Flask, tell: Tell, at: Clock) -> None:
    at("2026-11-23 11:00")
    attempt = placed()
    path = f"/webhooks/voice/{attempt.ref}/status/advisor"
    odd: tuple[dict[str, str], ...] = (
        {},
        {"CallStatus": "exploded"},
        {"CallStatus": ""},
        {"CallStatus": "ringing", "SequenceNumber": "x"},
        {"CallStatus": "ringing", "SequenceNumber": "1", "ErrorCode": "y"},
        {"CallStatus": "ringing", "SequenceNumber": "1", "Extra": "\x00"},
    )
    for params in odd:
        assert tell(path, **params).status_code == 204
    assert is_hang_up(tell(f"/webhooks/voice/{attempt.ref}/dialled", DialCallStatus="exploded"))
    db.session.refresh(attempt)
    assert attempt.ended_at is None


def test_no_number_is_in_an_address_of_a_webhook(app: Flask, tell: Tell, at: Clock) -> None:
    at("2026-11-23 11:00")
    attempt = placed()
    answer = tell(f"/webhooks/voice/{attempt.ref}/pressed", Digits="1")
    for each in ElementTree.fromstring(answer.text).iter():
        for value in each.attrib.values():
            assert "98765" not in value
