"""Answers of the carrier's API in every form in which Twilio's client gives them on."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from helpline.domain.call_progress import CarrierStatus
from helpline.telephony.port import CarrierError, OutcomeUnknown, Rejected, RetryLater
from helpline.telephony.problems import Problem
from helpline.telephony.twilio.client import TwilioAccount, TwilioCarrier
from tests.cast import CARRIER_ACCOUNT, CARRIER_TOKEN, HELPLINE

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
OLD, NEW, BARE = "old", "new", "bare"


class Answering:
    """An API that gives one answer to whatever it is asked."""

    status = 200
    body = "null"


@pytest.fixture
def answering() -> Iterator[tuple[Answering, TwilioCarrier]]:
    """It, and a carrier that asks it."""
    answer = Answering()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self.send_response(answer.status)
            self.send_header("Content-Length", str(len(answer.body.encode())))
            self.end_headers()
            self.wfile.write(answer.body.encode())

        def do_POST(self) -> None:
            self.do_GET()

        def do_DELETE(self) -> None:
            self.do_GET()

        def log_message(self, *args: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield (
            answer,
            TwilioCarrier(TwilioAccount(CARRIER_ACCOUNT, CARRIER_TOKEN, url, HELPLINE, 2.0)),
        )
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def body(form: str, status: int, code: int) -> str:
    """The same refusal in one of the forms that there are."""
    if form == BARE:
        return "<html>no</html>"
    if form == OLD:
        return json.dumps({"code": code, "message": "no", "more_info": "", "status": status})
    kind = f"https://www.twilio.com/docs/api/errors/{code}"
    return json.dumps({"type": kind, "title": "no", "status": status, "code": code})


ASK: dict[str, Callable[[TwilioCarrier], object]] = {
    "create_call": lambda carrier: carrier.create_call(
        "+919876500001",
        answer_url="https://a.example/",
        status_url="https://a.example/",
        ring_seconds=20,
        max_seconds=60,
    ),
    "fetch_call": lambda carrier: carrier.fetch_call("CA1"),
    "fetch_legs": lambda carrier: carrier.fetch_legs("CA1"),
    "find_calls": lambda carrier: carrier.find_calls("+919876500001", since=LONG_AGO),
    "hang_up": lambda carrier: carrier.hang_up("CA1"),
    "send_sms": lambda carrier: carrier.send_sms("+919876500001", "hello", status_url="https://a"),
    "fetch_sms": lambda carrier: carrier.fetch_sms("SM1"),
    "find_sms": lambda carrier: carrier.find_sms("+919876500001", since=LONG_AGO),
    "fetch_account": lambda carrier: carrier.fetch_account(),
    "fetch_balance": lambda carrier: carrier.fetch_balance(),
    "may_call": lambda carrier: carrier.may_call("IN"),
    "fetch_number": lambda carrier: carrier.fetch_number(HELPLINE),
}


@pytest.mark.parametrize("form", [OLD, NEW, BARE])
@pytest.mark.parametrize(
    ("status", "code", "kind", "problem"),
    [
        (429, 20429, RetryLater, Problem.BUSY),
        (401, 20003, Rejected, Problem.CREDENTIALS),
        (403, 20005, Rejected, Problem.ACCOUNT),
        (503, 20503, OutcomeUnknown, Problem.UNSURE),
    ],
)
def test_an_error_keeps_its_status_in_every_form(
    answering: tuple[Answering, TwilioCarrier],
    form: str,
    status: int,
    code: int,
    kind: type[CarrierError],
    problem: Problem,
) -> None:
    answer, carrier = answering
    answer.status, answer.body = status, body(form, status, code)
    for name, ask in ASK.items():
        with pytest.raises(CarrierError) as caught:
            ask(carrier)
        assert (type(caught.value), caught.value.problem) == (kind, problem), name


@pytest.mark.parametrize("form", [OLD, NEW])
def test_a_call_that_the_carrier_does_not_know_is_over(
    answering: tuple[Answering, TwilioCarrier], form: str
) -> None:
    answer, carrier = answering
    answer.status, answer.body = 404, body(form, 404, 20404)
    assert carrier.fetch_call("CA1").status == CarrierStatus.COMPLETED
    carrier.delete_recording("RE1")


def test_a_404_that_is_not_the_carriers_ends_no_call(
    answering: tuple[Answering, TwilioCarrier],
) -> None:
    answer, carrier = answering
    answer.status, answer.body = 404, "<html>no such page</html>"
    with pytest.raises(Rejected):
        carrier.fetch_call("CA1")


@pytest.mark.parametrize("text", ["null", "[]", "7", '"x"', "{}", "", "<html></html>"])
def test_an_answer_that_is_none_is_not_understood(
    answering: tuple[Answering, TwilioCarrier], text: str
) -> None:
    answer, carrier = answering
    answer.status, answer.body = 200, text
    for name, ask in ASK.items():
        if name == "hang_up" and text == "{}":
            continue
        with pytest.raises(OutcomeUnknown):
            ask(carrier)


@pytest.mark.parametrize("status", ["401", "four hundred", None])
def test_a_status_that_is_no_number_is_read_or_not_understood(
    answering: tuple[Answering, TwilioCarrier], status: object
) -> None:
    answer, carrier = answering
    problem = {"type": "t", "title": "no", "status": status, "code": 20003}
    answer.status, answer.body = 401, json.dumps(problem)
    with pytest.raises(CarrierError):
        carrier.fetch_call("CA1")
