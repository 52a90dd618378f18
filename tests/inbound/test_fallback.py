"""Whatever fails here, whoever calls or texts hears numbers that answer."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest
import sqlalchemy as sa
from flask import Flask, request
from sqlalchemy.exc import OperationalError
from twilio.request_validator import RequestValidator
from werkzeug.test import TestResponse

from helpline.callbacks import sms_commands
from helpline.calls.inbound import service as inbound
from helpline.db import db, transaction
from helpline.directory.crisis import published_directory
from helpline.web import db_bulkhead, metrics
from helpline.web.middleware import InboundFallback
from tests.cast import ARJUN, CARRIER_TOKEN, KAVITA
from tests.inbound.caller import PUBLIC, VOICE, Caller, sid
from tests.support.clock import Clock
from tests.support.database import writing
from tests.support.twiml_rules import check
from tests.support.web import Client

pytestmark = pytest.mark.settings(texts_enabled=True)
on_sqlite = pytest.mark.parametrize("database_kind", ["sqlite"])
ABROAD = "+9779812345678"


@pytest.fixture
def no_database(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nobody gets a connection any more."""
    db.session.rollback()

    def refuse(*_: object, **__: object) -> None:
        raise OperationalError("connect", {}, Exception("the database is gone"))

    engine = db.engine
    monkeypatch.setattr(type(engine.pool), "connect", refuse)
    yield
    monkeypatch.undo()


def text(client: Client, body: str, number: str = ARJUN.phone, path: str = "/webhooks/text") -> str:
    """The answer to a text; "" for none."""
    form = {"MessageSid": sid("SM"), "From": number, "Body": body}
    signature = RequestValidator(CARRIER_TOKEN).compute_signature(PUBLIC + path, form)
    answer = client.post(path, data=form, headers={"X-Twilio-Signature": signature})
    assert (answer.status_code, answer.mimetype) == (200, "text/xml")
    return "".join(ElementTree.fromstring(answer.text).itertext())


def told(answer: TestResponse) -> list[str]:
    """Each sentence that is said, by instructions that end the call."""
    assert answer.status_code == 200
    root = check(answer.text)
    assert [each.tag for each in root][-1] == "Hangup"
    return [each.text or "" for each in root.iter("Say")]


def says_the_numbers_twice(sentences: list[str], *numbers: str) -> None:
    """In English and in Hindi, each digit by itself."""
    for number in numbers:
        slowly = re.compile(rf"(?<!\d, ){', '.join(number)}(?!, \d)")
        found = [each for each in sentences if slowly.search(each)]
        assert len(found) == 4, (number, found)


# What fails


def test_without_a_database_a_caller_hears_the_numbers_twice(
    client: Client, no_database: None
) -> None:
    answer = Caller(client, ARJUN.phone).post(VOICE, CallStatus="ringing")
    sentences = told(answer)
    says_the_numbers_twice(sentences, "112", "14416")
    assert sentences[0].startswith("Sorry, we have a technical problem")
    assert "Please call us again in a few minutes. Goodbye." in sentences
    assert answer.text.count('language="hi-IN"') == answer.text.count('language="en-IN"')


@pytest.mark.parametrize("number", ["anonymous", "", "+266696687", "sip:a@b.example", "14416"])
def test_a_caller_without_a_number_hears_those_of_the_deployment(
    client: Client, no_database: None, number: str
) -> None:
    says_the_numbers_twice(told(Caller(client, number).post(VOICE)), "112")


def test_a_caller_from_abroad_hears_those_of_their_country(
    client: Client, no_database: None
) -> None:
    sentences = told(Caller(client, ABROAD).post(VOICE))
    says_the_numbers_twice(sentences, published_directory.load().emergency("NP").tel or "")
    assert not any("1, 4, 4, 1, 6" in each for each in sentences)


@pytest.mark.parametrize("error", [OperationalError("x", {}, Exception()), ValueError("wrong")])
def test_an_error_in_any_turn_leads_to_the_numbers(
    client: Client, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    caller = Caller(client, ARJUN.phone).ring()
    for name in ("call_received", "input_received"):
        monkeypatch.setattr(inbound, name, fail)
    says_the_numbers_twice(told(caller.post(VOICE)), "112")
    says_the_numbers_twice(told(caller.post(f"{VOICE}/1", Digits="1")), "112")


def test_a_call_that_a_restored_database_does_not_know_hears_the_numbers(client: Client) -> None:
    says_the_numbers_twice(told(Caller(client, ARJUN.phone).post(f"{VOICE}/3", Digits="1")), "112")


def test_an_advisors_phone_is_hung_up_without_the_carriers_apology(
    client: Client, no_database: None
) -> None:
    caller = Caller(client, ARJUN.phone)
    for path in (f"{VOICE}/1/advisor", f"{VOICE}/1/advisor/pressed"):
        assert [each.tag for each in caller.whisper(path, Digits="1")] == ["Hangup"]


def test_a_status_that_nobody_waits_for_is_still_an_error(
    client: Client, no_database: None
) -> None:
    answer = Caller(client, ARJUN.phone).post(f"{VOICE}/status", CallStatus="completed")
    assert answer.status_code == 503


def test_a_stranger_is_refused_whatever_fails(client: Client, no_database: None) -> None:
    assert client.post(VOICE, data={"CallSid": sid("CA")}).status_code == 403
    assert client.post("/webhooks/text", data={"MessageSid": sid("SM")}).status_code == 403


def test_even_without_settings_a_caller_hears_one_number(
    app: Flask, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(app.extensions, "helpline")
    answer = client.post(VOICE, data={"CallSid": sid("CA")})
    assert sum("1, 1, 2" in each for each in told(answer)) == 2
    nothing = client.post("/webhooks/text", data={"Body": "HELP"})
    assert nothing.status_code == 200
    assert len(check(nothing.text)) == 0


# A deadline


@pytest.fixture
def hurried(app: Flask) -> Iterator[InboundFallback]:
    """The same, with less patience."""
    found = app.wsgi_app
    assert isinstance(found, InboundFallback)
    assert found.deadline_seconds == 8
    found.deadline_seconds = 0.3
    yield found
    found.deadline_seconds = 8


def test_a_database_that_is_held_up_is_not_waited_for(
    app: Flask, client: Client, hurried: InboundFallback
) -> None:
    db.session.rollback()
    url = app.config["SQLALCHEMY_DATABASE_URI"]
    other = writing(sa.create_engine(url)).execution_options(writes=True)
    with other.connect() as holder:
        if "sqlite" in url:
            holder.exec_driver_sql("SELECT 1")
        else:
            holder.exec_driver_sql("LOCK TABLE inbound_call, text_in IN ACCESS EXCLUSIVE MODE")
        began = time.monotonic()
        says_the_numbers_twice(told(Caller(client, ARJUN.phone).post(VOICE)), "112")
        assert "112, 14416" in text(client, "WHEN")
        assert time.monotonic() - began < 12, "the database would be waited for 15 seconds"
        holder.rollback()
    other.dispose()
    hurried.deadline_seconds = 60
    until_quiet(client)


def until_quiet(client: Client) -> None:
    """What was begun too late ends by itself, and the service answers as before."""
    deadline = time.monotonic() + 60
    while "Hangup" in Caller(client, KAVITA.phone).post(VOICE).text:
        assert time.monotonic() < deadline
        time.sleep(0.05)


@on_sqlite
def test_what_took_too_long_gets_no_further_connection(
    client: Client, hurried: InboundFallback, monkeypatch: pytest.MonkeyPatch
) -> None:
    outcomes: list[str] = []

    def slow(*_: object, **__: object) -> None:
        assert request.environ[db_bulkhead.ANSWERED_OTHERWISE].wait(60)
        try:
            with transaction():
                outcomes.append("went on")
        except sa.exc.TimeoutError:
            outcomes.append("ended")
            raise

    monkeypatch.setattr(inbound, "call_received", slow)
    told(Caller(client, ARJUN.phone).post(VOICE))
    deadline = time.monotonic() + 60
    while not outcomes and time.monotonic() < deadline:
        time.sleep(0.02)
    assert outcomes == ["ended"]


# Texts


def test_without_a_database_a_text_is_answered_with_the_numbers(
    client: Client, no_database: None
) -> None:
    english = "Something is wrong on our side. Numbers you can call now: 112, 14416."
    for body in ("HELP", "CALL", "I want to die"):
        assert text(client, body).startswith(english)
    assert "112, 14416 पर अभी फ़ोन करें" in text(client, "मदद")
    assert "14416" not in text(client, "HELP", ABROAD)
    assert "112, 14416" in text(client, "HELP", f"whatsapp:{ARJUN.phone}")


def test_an_error_with_a_text_is_answered_with_the_numbers(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ValueError("wrong")

    monkeypatch.setattr(sms_commands, "handle", fail)
    assert "112, 14416" in text(client, "HELP")


@pytest.mark.parametrize("body", ["STOP", "stop", "बंद"])
def test_who_says_stop_is_not_answered(client: Client, no_database: None, body: str) -> None:
    assert text(client, body) == ""


def test_two_machines_do_not_answer_each_other_for_ever(
    client: Client, no_database: None, at: Clock
) -> None:
    at("2026-11-23 11:00")
    answers = [text(client, "I am not here.") for _ in range(30)]
    assert [bool(each) for each in answers] == [True] * 12 + [False] * 18
    assert text(client, "HELP", KAVITA.phone), "another number is answered"
    at.later(minutes=61)
    assert text(client, "HELP")


def test_a_short_code_is_not_answered(client: Client, no_database: None) -> None:
    assert text(client, "HELP", "56161") == ""


# The carrier's own fallback


def test_the_fallback_needs_no_database(client: Client, no_database: None) -> None:
    before = metrics._STAND_INS.labels("caller")._value.get()
    answer = Caller(client, ARJUN.phone).post(
        f"{VOICE}/fallback", ErrorCode="11200", ErrorUrl=PUBLIC + VOICE
    )
    says_the_numbers_twice(told(answer), "112", "14416")
    assert metrics._STAND_INS.labels("caller")._value.get() == before + 1
    assert "112, 14416" in text(client, "x", path="/webhooks/text/fallback")


def test_the_fallback_is_for_the_carrier_alone(client: Client) -> None:
    for path in (f"{VOICE}/fallback", "/webhooks/text/fallback"):
        assert client.post(path, data={"From": ARJUN.phone}).status_code == 403


# Another host


@on_sqlite
def test_a_document_for_another_host_holds_at_any_hour(
    app: Flask, no_database: None, tmp_path: Path, at: Clock
) -> None:
    documents = []
    for hour in ("03:00", "15:00"):
        at(f"2026-11-23 {hour}")
        result = app.test_cli_runner().invoke(args=["helpline", "write-fallback", str(tmp_path)])
        assert result.exit_code == 0, result.output
        documents.append((tmp_path / "voice.xml").read_text())
    assert documents[0] == documents[1]
    root = check(documents[0].strip())
    sentences = [each.text or "" for each in root.iter("Say")]
    says_the_numbers_twice(sentences, "112", "14416")
    assert not any("1, 0, 9, 8" in each for each in sentences)
    assert "112, 14416" in (tmp_path / "text.xml").read_text()
