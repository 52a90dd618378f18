"""What Plivo is asked for, and what each of its answers means."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from plivo.resources.calls import Calls
from plivo.resources.messages import Messages

from helpline.domain.call_progress import CarrierStatus
from helpline.domain.sms_progress import SmsStatus
from helpline.telephony.plivo.client import PlivoCarrier
from helpline.telephony.port import (
    CarrierError,
    NumberRoutes,
    OutcomeUnknown,
    Rejected,
    RetryLater,
    Route,
    SmsRegistration,
)
from helpline.telephony.problems import Problem, SmsProblem
from tests.cast import CARRIER_TOKEN, HELPLINE
from tests.telephony.plivo_server import PATH, PlivoServer, serving

PHONE, DIGITS = "+919876500001", "919876500001"
URL = "https://helpline.example/webhooks/voice/x"
AT = datetime(2026, 11, 30, 4, 30, tzinfo=UTC)
IN_INDIA = "2026-11-30 10:00:00+05:30"


@pytest.fixture
def plivo() -> Iterator[PlivoServer]:
    with serving() as server:
        yield server


def ring(carrier: PlivoCarrier) -> str:
    return carrier.create_call(
        PHONE, answer_url=URL, status_url=URL, ring_seconds=25, max_seconds=7200
    )


def text(carrier: PlivoCarrier) -> str:
    return carrier.send_sms(PHONE, "Hello", status_url=URL)


class Captured:
    """A client of Plivo's package that sends nothing."""

    def request(self, method: str, path: tuple[str, ...], data: Any, **_more: Any) -> Any:
        return method, "/".join(path) + "/", data


def test_a_call_is_asked_for_as_plivos_package_would(plivo: PlivoServer) -> None:
    plivo.answers["POST Call/"] = 201, {"message": "call fired", "request_uuid": "r-1"}
    assert ring(plivo.carrier()) == "request:r-1"
    (asked,) = plivo.asked
    body = asked.body
    method, path, expected = Calls(Captured()).create(
        from_=body["from"],
        to_=body["to"],
        **{name: body[name] for name in body if name not in ("from", "to")},
    )
    assert (asked.method, asked.resource) == (method, path)
    assert body.items() <= expected.items()
    assert (body["from"], body["to"]) == (HELPLINE.removeprefix("+"), DIGITS)
    assert (body["ring_timeout"], body["time_limit"]) == (25, 7200)
    for name in ("answer_url", "ring_url", "hangup_url"):
        assert body[name].partition("#")[0] == URL


def test_a_text_message_is_asked_for_as_plivos_package_would(plivo: PlivoServer) -> None:
    plivo.answers["POST Message/"] = 202, {"message": "queued", "message_uuid": ["m-1"]}
    assert text(plivo.carrier()) == "m-1"
    (asked,) = plivo.asked
    method, path, expected = Messages(Captured()).create(**asked.body)
    assert (asked.method, asked.resource) == (method, path)
    assert asked.body.items() <= expected.items()
    assert asked.body.items() >= {"dst": DIGITS, "text": "Hello", "log": "false"}.items()


def test_a_registered_text_names_its_sender_and_template(plivo: PlivoServer) -> None:
    plivo.answers["POST Message/"] = 202, {"message": "queued", "message_uuid": ["m-1"]}
    registration = SmsRegistration("HLPLIN", "1101", "1107")
    plivo.carrier().send_sms(PHONE, "Hello", status_url=URL, registration=registration)
    (asked,) = plivo.asked
    _method, _path, expected = Messages(Captured()).create(**asked.body)
    assert asked.body.items() <= expected.items()
    named = {"src": "HLPLIN", "dlt_entity_id": "1101", "dlt_template_id": "1107"}
    assert asked.body.items() >= named.items()


API_ERRORS: list[tuple[int, Any, type[CarrierError], Problem]] = [
    (400, {"error": "to number is invalid"}, Rejected, Problem.ADVISOR_NUMBER),
    (
        400,
        {"error": "from number is not associated with your account"},
        Rejected,
        Problem.CALLER_ID,
    ),
    (400, {"error": "compliance is not in 'accepted' status"}, Rejected, Problem.ACCOUNT),
    (400, {"error": "number is 'suspended'"}, Rejected, Problem.ACCOUNT),
    (401, "Could not verify your access level.", Rejected, Problem.CREDENTIALS),
    (403, {"error": "geo permission"}, Rejected, Problem.REGION),
    (404, "<html>no such page</html>", Rejected, Problem.REFUSED),
    (405, {"error": "method"}, Rejected, Problem.REFUSED),
    (429, {"error": "rate limit"}, RetryLater, Problem.BUSY),
    (500, {"error": "server"}, OutcomeUnknown, Problem.UNSURE),
    (502, "<html></html>", OutcomeUnknown, Problem.UNSURE),
    (503, {"error": "later"}, OutcomeUnknown, Problem.UNSURE),
    # Neither tells whether a phone rings: a page of a proxy, a redirect, an answer without the id.
    (200, "<html></html>", OutcomeUnknown, Problem.UNSURE),
    (301, {}, OutcomeUnknown, Problem.UNSURE),
    (201, {"message": "call fired"}, OutcomeUnknown, Problem.UNSURE),
    (201, {"request_uuid": ""}, OutcomeUnknown, Problem.UNSURE),
    (201, [], OutcomeUnknown, Problem.UNSURE),
]


@pytest.mark.parametrize(("status", "body", "kind", "problem"), API_ERRORS)
def test_each_answer_to_a_call_is_classified_and_never_repeated(
    plivo: PlivoServer, status: int, body: Any, kind: type[CarrierError], problem: Problem
) -> None:
    plivo.answers["POST Call/"] = status, body
    with pytest.raises(CarrierError) as caught:
        ring(plivo.carrier())
    assert (type(caught.value), caught.value.problem) == (kind, problem)
    assert plivo.requests() == ["POST Call/"]


@pytest.mark.parametrize(
    ("status", "body", "problem"),
    [
        (400, {"error": "dst is invalid"}, SmsProblem.NUMBER),
        (400, {"error": "src is not associated with your account"}, SmsProblem.SENDER),
        (400, {"error": "DLT template id is missing"}, SmsProblem.SENDER),
        (403, {"error": "geo permission"}, SmsProblem.REGION),
        (202, {"message_uuid": []}, Problem.UNSURE),
    ],
)
def test_each_answer_to_a_text_message_is_classified(
    plivo: PlivoServer, status: int, body: Any, problem: SmsProblem | Problem
) -> None:
    plivo.answers["POST Message/"] = status, body
    with pytest.raises(CarrierError) as caught:
        text(plivo.carrier())
    assert caught.value.problem == problem


BY_ID: dict[str, Callable[[PlivoCarrier, str], object]] = {
    "hang_up": lambda carrier, given: carrier.hang_up(given),
    "cancel": lambda carrier, given: carrier.cancel(given),
    "fetch_call": lambda carrier, given: carrier.fetch_call(given),
    "fetch_legs": lambda carrier, given: carrier.fetch_legs(given),
    "fetch_sms": lambda carrier, given: carrier.fetch_sms(given),
    "fetch_recording": lambda carrier, given: carrier.fetch_recording(given),
    "delete_recording": lambda carrier, given: carrier.delete_recording(given),
}


@pytest.mark.parametrize("given", ["", "request:", "../Call", "a/b", "?"])
@pytest.mark.parametrize("name", BY_ID)
def test_nothing_is_sent_without_an_id(plivo: PlivoServer, name: str, given: str) -> None:
    if (name, given) == ("fetch_legs", "request:"):
        return  # It asks for nothing: the legs of a request are not known.
    with pytest.raises(Rejected):
        BY_ID[name](plivo.carrier(), given)
    assert plivo.asked == []


@pytest.mark.parametrize("number", ["+919876500001<919876500002", "", "+91 98", "sip:x@y"])
def test_only_one_number_is_called(plivo: PlivoServer, number: str) -> None:
    with pytest.raises(Rejected):
        plivo.carrier().create_call(
            number, answer_url=URL, status_url=URL, ring_seconds=25, max_seconds=7200
        )
    assert plivo.asked == []


LIVE = {"call_status": "in-progress", "session_start": IN_INDIA, "to": DIGITS}
ENDED = {"call_uuid": "c-1", "hangup_cause_code": 3000, "initiation_time": IN_INDIA}


@pytest.mark.parametrize(
    ("answers", "status"),
    [
        ({"GET Call/c-1/ live": LIVE}, CarrierStatus.IN_PROGRESS),
        ({"GET Call/c-1/ live": LIVE | {"call_status": "ringing"}}, CarrierStatus.RINGING),
        ({"GET Call/c-1/ queued": {"call_status": "queued"}}, CarrierStatus.QUEUED),
        ({"GET Call/c-1/": ENDED}, CarrierStatus.NO_ANSWER),
        ({"GET Call/c-1/": ENDED | {"hangup_cause_code": "9110"}}, CarrierStatus.COMPLETED),
        ({"GET Call/c-1/": ENDED | {"hangup_cause_code": None}}, CarrierStatus.COMPLETED),
        ({}, CarrierStatus.COMPLETED),
    ],
)
def test_a_call_is_looked_for_in_all_places(
    plivo: PlivoServer, answers: dict[str, Any], status: CarrierStatus
) -> None:
    plivo.answers = answers
    call = plivo.carrier().fetch_call("c-1")
    assert (call.id, call.status) == ("c-1", status)
    assert call.created_at in (AT, None)


def test_a_request_is_found_as_the_call_that_it_became(plivo: PlivoServer) -> None:
    plivo.answers = {
        "GET Call/ queued": {"calls": []},
        "GET Call/ live": {"calls": ["c-0", "c-1"]},
        "GET Call/c-0/ live": LIVE | {"request_uuid": "r-0"},
        "GET Call/c-1/ live": LIVE | {"request_uuid": "r-1"},
    }
    carrier = plivo.carrier()
    assert carrier.fetch_call("request:r-1").id == "c-1"
    assert carrier.fetch_call("request:r-2").status == CarrierStatus.COMPLETED
    plivo.answers["GET Call/c-0/ live"] = LIVE
    assert carrier.fetch_call("request:r-2").status is None, "one of them may be it"
    assert carrier.fetch_legs("request:r-1") == []


def test_a_request_is_ended_before_and_after_it_became_a_call(plivo: PlivoServer) -> None:
    plivo.answers["DELETE Request/r-1/"] = 204, ""
    plivo.carrier().hang_up("request:r-1")
    assert plivo.requests() == ["DELETE Request/r-1/"]
    plivo.answers = {"DELETE Call/r-1/": (204, "")}
    plivo.carrier().hang_up("request:r-1")
    assert plivo.requests()[1:] == ["DELETE Request/r-1/", "DELETE Call/r-1/"]
    plivo.answers = {}
    with pytest.raises(Rejected):
        plivo.carrier().hang_up("request:r-1")


@pytest.mark.parametrize(("word", "ended"), [("ringing", True), ("in-progress", False)])
def test_cancelling_spares_a_call_in_progress(plivo: PlivoServer, word: str, ended: bool) -> None:
    plivo.answers = {
        "GET Call/c-1/ live": LIVE | {"call_status": word},
        "DELETE Call/c-1/": (204, ""),
    }
    plivo.carrier().cancel("c-1")
    assert ("DELETE Call/c-1/" in plivo.requests()) is ended


def test_calls_are_found_queued_live_and_ended_and_page_by_page(plivo: PlivoServer) -> None:
    ended = ENDED | {"call_uuid": "c-ended"}
    old = ENDED | {"call_uuid": "c-old", "initiation_time": "2026-11-30 09:00:00+05:30"}
    leg = ENDED | {"call_uuid": "c-leg", "parent_call_uuid": "c-other"}
    plivo.answers = {
        "GET Call/ queued": {"calls": ["c-queued"]},
        "GET Call/c-queued/ queued": {"call_status": "queued", "to": f"+{DIGITS}"},
        "GET Call/ live": {"calls": ["c-live", "c-else", "c-in", "c-gone"]},
        "GET Call/c-live/ live": LIVE | {"session_start": "2026-11-30 10:01:00+05:30"},
        "GET Call/c-else/ live": LIVE | {"to": "919876500002"},
        "GET Call/c-in/ live": LIVE | {"direction": "inbound"},
        "GET Call/": {"objects": [ended], "meta": {"next": PATH + "Page/"}},
        "GET Page/": {"objects": [old, leg], "meta": {"next": "http://198.51.100.1/more"}},
    }
    since = AT - timedelta(minutes=10)
    found = plivo.carrier().find_calls(PHONE, since=since)
    assert [call.id for call in found] == ["c-queued", "c-live", "c-ended"]
    filters = next(
        a.query for a in plivo.asked if a.resource == "Call/" and "status" not in a.query
    )
    assert filters["end_time__gte"] == "2026-11-30 04:20:00", "UTC, without an offset"
    assert filters["to_number"] == DIGITS


def test_a_list_that_is_none_is_not_understood(plivo: PlivoServer) -> None:
    plivo.answers = {"GET Call/ queued": {"error": "x"}, "GET Message/": {}}
    for find in (plivo.carrier().find_calls, plivo.carrier().find_sms):
        with pytest.raises(OutcomeUnknown):
            find(PHONE, since=AT)


def test_a_time_without_an_offset_is_the_consoles(plivo: PlivoServer) -> None:
    plivo.answers = {
        "GET": {"timezone": "Asia/Kolkata"},
        "GET Call/c-1/": ENDED | {"initiation_time": "2026-11-30 10:00:00"},
    }
    assert plivo.carrier().fetch_call("c-1").created_at == AT


def test_a_text_message_is_found_without_its_body(plivo: PlivoServer) -> None:
    plivo.answers["GET Message/"] = {
        "meta": {"next": None},
        "objects": [
            {
                "message_uuid": "m-1",
                "message_state": "undelivered",
                "message_time": IN_INDIA,
                "error_code": "30",
            }
        ],
    }
    (found,) = plivo.carrier().find_sms(PHONE, since=AT)
    assert (found.id, found.body, found.status) == ("m-1", None, SmsStatus.UNDELIVERED)
    assert (found.error_code, found.problem) == (30, SmsProblem.FILTERED)
    assert found.created_at == AT


@pytest.mark.parametrize(
    ("address", "is_fetched"),
    [
        ("{own}/media/r-1.wav", True),
        ("https://media.plivo.com.example/r-1.wav", False),
        ("http://169.254.169.254/latest", False),
        ("https://example.com/?.plivo.com", False),
        ("", False),
    ],
)
def test_a_recording_is_fetched_from_plivos_hosts_only(
    plivo: PlivoServer, address: str, is_fetched: bool
) -> None:
    plivo.answers = {
        "GET Recording/r-1/": {"recording_url": address.format(own=plivo.url)},
        "GET /media/r-1.wav": (200, b"RIFF"),
    }
    if is_fetched:
        assert plivo.carrier().fetch_recording("r-1") == b"RIFF"
        return
    with pytest.raises(Rejected):
        plivo.carrier().fetch_recording("r-1")
    assert plivo.requests() == ["GET Recording/r-1/"]


def test_account_balance_and_number_are_read(plivo: PlivoServer) -> None:
    plivo.answers = {
        "GET": {"account_type": "developer", "cash_credits": "1.80900"},
        f"GET Number/{DIGITS}/": {
            "voice_enabled": True,
            "sms_enabled": False,
            "application": PATH + "Application/7/",
        },
        "GET Application/7/": {"answer_url": URL, "answer_method": "POST", "message_url": ""},
    }
    carrier = plivo.carrier()
    account = carrier.fetch_account()
    assert (account.is_active, account.is_trial) == (True, True)
    assert str(carrier.fetch_balance().amount) == "1.80900"
    number = carrier.fetch_number(PHONE)
    assert number is not None
    assert (number.voice, number.sms, number.routes.call) == (True, False, Route(URL))
    assert (number.is_registered, number.routes.has_sms_fallback) == (None, False)
    assert carrier.fetch_number("+918000000009") is None
    for word, is_registered in (("accepted", True), ("rejected", False)):
        plivo.answers[f"GET Number/{DIGITS}/"] = {"compliance_status": word}
        rented = carrier.fetch_number(PHONE)
        assert rented is not None
        assert rented.is_registered is is_registered
    assert carrier.may_call("IN") is None
    assert carrier.clock() is not None


@pytest.mark.parametrize("exists", [True, False])
def test_routes_are_set_in_an_application_of_the_number_alone(
    plivo: PlivoServer, exists: bool
) -> None:
    other = {"app_name": "other", "app_id": "6"}
    own = {"app_name": f"helpline-{DIGITS}", "app_id": "7"}
    plivo.answers = {
        "GET Application/": {"objects": [other, own] if exists else [other], "meta": {}},
        "POST Application/": (201, {"app_id": "7"}),
        "POST Application/7/": (202, {}),
        f"POST Number/{DIGITS}/": (202, {}),
    }
    plivo.carrier().set_routes(DIGITS, NumberRoutes(call=Route(URL)))
    posted = [asked for asked in plivo.asked if asked.method == "POST"]
    assert [one.resource for one in posted] == [
        "Application/7/" if exists else "Application/",
        f"Number/{DIGITS}/",
    ]
    assert posted[0].body["answer_url"] == URL
    assert posted[1].body == {"app_id": "7"}


def test_a_second_token_is_used_where_the_first_is_refused(plivo: PlivoServer) -> None:
    plivo.answers["POST Call/"] = 201, {"request_uuid": "r-1"}
    plivo.refused_tokens = (CARRIER_TOKEN,)
    carrier = plivo.carrier(CARRIER_TOKEN, "new")
    ring(carrier)
    ring(carrier)
    assert [asked.token for asked in plivo.asked] == [CARRIER_TOKEN, "new", "new"]
    with pytest.raises(Rejected):
        ring(plivo.carrier(CARRIER_TOKEN))


def test_an_api_that_is_not_there_was_asked_for_nothing(plivo: PlivoServer) -> None:
    plivo.url = "http://127.0.0.1:9"
    with pytest.raises(RetryLater) as caught:
        ring(plivo.carrier())
    assert caught.value.problem == Problem.UNREACHABLE
