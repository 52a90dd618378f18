"""A webhook that is played again, minutes or days later, changes nothing and gives nothing away.

The carrier signs without a time, so a signature stays good for ever. What makes a replay harmless
is that everything the carrier tells has a key of its own: whoever has listened in can say it again,
and it has been said.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from werkzeug.test import TestResponse

from helpline import clock
from helpline.calls import service as calls
from helpline.calls.attempt_jobs import ATTEMPTS
from helpline.calls.dispatch.offer_jobs import OFFERS
from helpline.calls.inbound.models import InboundCall
from helpline.calls.listening import service as listening
from helpline.calls.listening.models import Listener
from helpline.calls.models import Attempt
from helpline.current import settings
from helpline.db import Base, db
from helpline.domain.call_progress import AttemptResult
from helpline.domain.retries import Disposition
from helpline.messaging.carrier_jobs import Request
from helpline.messaging.models import OutboundSms
from helpline.telephony import carrier_limits
from helpline.telephony.plivo.webhooks import PlivoWebhooks
from helpline.web import access
from tests import factories
from tests.cast import ARJUN, ASHA, HELPLINE, IMRAN, KAVITA, LEELA, RAVI, VIKRAM
from tests.dispatch import fixtures
from tests.inbound.caller import Caller, sid
from tests.support import carrier_jobs
from tests.support.clock import Clock
from tests.support.web import Client

PLIVO_TOKEN = "a-token-for-tests"
LATE = timedelta(minutes=3)
Sent = tuple[str, dict[str, Any]]


@pytest.fixture
def heard(client: Client, monkeypatch: pytest.MonkeyPatch) -> list[Sent]:
    """Every webhook as it was sent, for whoever listens in."""
    kept: list[Sent] = []
    post = client.post

    def listened(path: str, **told: Any) -> TestResponse:
        kept.append((path, told))
        return post(path, **told)

    monkeypatch.setattr(client, "post", listened)
    return kept


def everything() -> dict[str, list[tuple[Any, ...]]]:
    """All that the database says, as it is stored."""
    db.session.rollback()
    with db.engine.connect() as connection:
        return {
            name: [tuple(row) for row in connection.exec_driver_sql(f"SELECT * FROM {name}")]
            for name in Base.metadata.tables
        }


def a_call_out(client: Client) -> None:
    """Screened by a 1, talked, wrapped up; and one to a region that the carrier refuses."""
    attempt = factories.calling(ASHA, KAVITA)
    placed = carrier_jobs.take_attempt()
    assert isinstance(placed, Request)
    call, leg = sid("CA"), sid("CA")
    ATTEMPTS.accepted(attempt.id, call, now=clock.now())
    of_visitor = {"CallSid": leg, "ParentCallSid": call}
    base = f"/webhooks/voice/{placed.ref}"
    for path, told in (
        ("/status/advisor", {"CallSid": call, "CallStatus": "ringing", "SequenceNumber": "1"}),
        ("/answered", {"CallSid": call}),
        ("/pressed", {"CallSid": call, "Digits": "1"}),
        ("/status/visitor", {**of_visitor, "CallStatus": "ringing", "SequenceNumber": "1"}),
        ("/visitor", of_visitor),
        ("/visitor/pressed", {**of_visitor, "Digits": "1"}),
        ("/status/visitor", {**of_visitor, "CallStatus": "in-progress", "SequenceNumber": "2"}),
        ("/dialled", {"CallSid": call, "DialCallStatus": "completed", "DialCallSid": leg}),
        (
            "/status/visitor",
            {**of_visitor, "CallStatus": "failed", "SequenceNumber": "3", "ErrorCode": "21215"},
        ),
        ("/status/advisor", {"CallSid": call, "CallStatus": "completed", "SequenceNumber": "9"}),
    ):
        assert fixtures.post(client, base + path, **told).status_code in (200, 204)
    me = factories.staff(ASHA).id
    calls.record_disposition(
        attempt.callback_id, me, Disposition.REACHED, "Talked.", now=clock.now()
    )


def a_call_listened_to(client: Client) -> None:
    """A supervisor listens and joins, and the visitor hangs up."""
    factories.policy(supervisors_may_listen=True)
    supervisor = factories.staff(VIKRAM, phone="+919812300003")
    attempt = factories.calling(ASHA, replace(IMRAN, phone="+919876500009"))
    placed = carrier_jobs.take_attempt()
    assert isinstance(placed, Request)
    call, leg, third = sid("CA"), sid("CA"), {"CallSid": sid("CA")}
    ATTEMPTS.accepted(attempt.id, call, now=clock.now())
    of_visitor = {"CallSid": leg, "ParentCallSid": call}
    base = f"/webhooks/voice/{placed.ref}"
    for path, told in (
        ("/pressed", {"CallSid": call, "Digits": "1"}),
        ("/visitor", of_visitor),
        ("/visitor/pressed", {**of_visitor, "Digits": "1"}),
    ):
        fixtures.post(client, base + path, **told)
    listening.start(
        attempt.id, supervisor_id=supervisor.id, carriers=[attempt.carrier], now=clock.now()
    )
    listener = db.session.scalars(sa.select(Listener)).one()
    listens, row_id = f"/webhooks/listen/{listener.ref}", listener.id
    for path, told in (
        (f"{listens}/answered", third),
        (f"{listens}/pressed", {**third, "Digits": "1"}),
        (f"{base}/conference/visitor", of_visitor),
        (f"{base}/dialled", {"CallSid": call, "DialCallStatus": "completed"}),
    ):
        assert fixtures.post(client, path, **told).status_code == 200
    listening.join(row_id, supervisor_id=supervisor.id, now=clock.now())
    for path, told in (
        (f"{listens}/join", third),
        (f"{base}/status/visitor", {**of_visitor, "CallStatus": "completed"}),
        (f"{base}/conference/visitor/left", of_visitor),
        (f"{base}/status/advisor", {"CallSid": call, "CallStatus": "completed"}),
        (f"{listens}/left", third),
        (f"{listens}/status", {**third, "CallStatus": "completed"}),
    ):
        assert fixtures.post(client, path, **told).status_code in (200, 204)
    ended = db.session.get_one(Attempt, attempt.id, populate_existing=True)
    assert ended.result == AttemptResult.TALKED
    me = factories.staff(ASHA).id
    calls.record_disposition(ended.callback_id, me, Disposition.REACHED, "", now=clock.now())


def an_offer(client: Client) -> None:
    """By automatic dispatch: Ravi's phone rings, he presses 1, and the visitor is not there."""
    fixtures.decide()
    fixtures.at_desk(RAVI)
    callback = factories.callback(LEELA)
    assert fixtures.offer()
    taken = carrier_jobs.take_offer()
    assert isinstance(taken, Request)
    OFFERS.accepted(taken.job_id, sid("CA"), now=clock.now())
    (found,) = fixtures.offers(callback)
    fixtures.tells(client, found, "ringing")
    fixtures.answers(client, found)
    assert LEELA.phone in fixtures.presses(client, found)
    base = f"/webhooks/voice/{found.ref}"
    told = {"CallSid": found.call or "", "DialCallStatus": "no-answer", "CallStatus": "in-progress"}
    fixtures.post(client, f"{base}/dialled", **told)
    fixtures.tells(client, found, "completed", SequenceNumber="5")
    attempt = db.session.scalars(sa.select(Attempt).where(Attempt.ref == found.ref)).one()
    me = factories.staff(RAVI).id
    calls.record_disposition(attempt.callback_id, me, Disposition.REACHED, "", now=clock.now())


def calls_in(client: Client) -> None:
    """One who talks with an advisor; one who is late and leaves a message."""
    fixtures.at_desk(ASHA)
    caller = Caller(client, ARJUN.phone).ring().press("1")
    caller.connects()
    caller.dial_ends("completed", DialBridged="true")
    caller.hangs_up()
    late = Caller(client, IMRAN.phone).ring().press("1")
    late.advisor_picks_up()
    late.dial_ends("no-answer")
    told = {"RecordingSid": sid("RE"), "RecordingStatus": "completed", "RecordingDuration": "9"}
    late.press("1")
    assert late.post("/webhooks/voice/inbound/recorded", **told).status_code == 204
    late.hangs_up()


def a_call_in_by_plivo(client: Client) -> None:
    """Plivo judges the advisor's key itself, and reports that the two are connected."""
    fixtures.at_desk(ASHA)
    path, call = "/webhooks/voice/inbound", {"CallUUID": "c-1", "From": "919876500077"}
    leg = {**call, "DialALegUUID": "c-1", "DialBLegUUID": "b-1"}
    for values, more in (
        (call, ""),
        ({**call, "Digits": "1"}, "/1"),
        (call, "/2/advisor"),
        ({**leg, "DialAction": "answer"}, "/2/advisor/connected"),
        ({**leg, "DialAction": "connected"}, "/2/advisor/connected"),
        ({**call, "CallStatus": "completed"}, "/status"),
    ):
        form = {"CallStatus": "in-progress", **values}
        url = settings().public_url + path + more
        (headers,) = PlivoWebhooks([PLIVO_TOKEN], "IN").sign(url, form)
        sent = client.post(path + more, data=form, headers=headers)
        assert sent.status_code in (200, 204), more
    talked = sa.select(InboundCall.talked_at).where(InboundCall.sid == "c-1")
    assert db.session.scalar(talked) is not None


def texts(client: Client) -> None:
    """A CALL, a CANCEL, and how a text of ours came through."""
    for body in ("CALL", "CANCEL", "HELP", "hello"):
        told = {"MessageSid": sid("SM"), "From": "+919876500088", "To": "+911140000000"}
        assert fixtures.post(client, "/webhooks/text", Body=body, **told).status_code == 200
    factories.callback(KAVITA, may_text=True, slot_at=factories.slot("2026-11-24 16:00"))
    taken = carrier_jobs.take_text()
    assert isinstance(taken, Request)
    carrier_jobs.SMS.accepted(taken.job_id, sid("SM"), now=clock.now())
    text = db.session.get_one(OutboundSms, taken.job_id)
    for status in ("sent", "delivered"):
        told = {"MessageSid": text.carrier_id or "", "MessageStatus": status}
        assert fixtures.post(client, f"/webhooks/text/{text.ref}/status", **told).status_code == 204


@pytest.mark.settings(
    texts_enabled=True,
    visitor_press_one=True,
    plivo_auth_id="MA0123456789ABCDEFGH",
    plivo_auth_token=PLIVO_TOKEN,
    plivo_caller_id=HELPLINE,
)
def test_every_webhook_played_again_changes_nothing_and_gives_nothing_away(
    app: Flask, client: Client, heard: list[Sent], at: Clock
) -> None:
    at("2026-11-23 11:00")
    for story in (a_call_out, a_call_listened_to, an_offer, calls_in, a_call_in_by_plivo, texts):
        story(client)
        at.later(minutes=20)
    fixtures.post(client, "/webhooks/preflight", Nonce="n")
    caller = {"From": LEELA.phone, "To": HELPLINE}
    fixtures.post(client, "/webhooks/voice/inbound/fallback", CallSid=sid("CA"), **caller)
    fixtures.post(client, "/webhooks/text/fallback", MessageSid=sid("SM"), Body="HELP", **caller)
    with app.app_context():
        session = db.session()
        for each in carrier_limits.rejected_regions(session):
            assert carrier_limits.resolve_rejected_region(session, each.carrier, each.region)
        session.commit()
    before, played = everything(), list(heard)
    adapter = app.url_map.bind("localhost")
    said = {adapter.match(path, "POST")[0] for path, _told in played}
    all_of_them = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if access.audience_of(rule.endpoint) == {access.CARRIER}
    }
    assert said == all_of_them, "each of them was told once"

    for later in ({"minutes": 5}, {"days": 3}):
        at.later(**later)
        for path, told in (*played, *reversed(played)):
            answer = client.post(path, **told)
            assert answer.status_code in (200, 204), path
            for person in (KAVITA, LEELA, ASHA, RAVI):
                assert str(person.phone).removeprefix("+") not in answer.text, path
            now = everything()
            changed = [name for name in now if now[name] != before[name]]
            assert changed == [], f"{later} {path} {told['data']}"


def test_a_signature_is_good_for_one_address_and_one_body_alone(
    client: Client, heard: list[Sent], at: Clock
) -> None:
    at("2026-11-23 11:00")
    Caller(client, ARJUN.phone).ring()
    ((path, told),) = heard
    before = everything()
    other = {**told, "data": {**told["data"], "From": IMRAN.phone}}
    twice = {**told, "data": [*told["data"].items(), ("From", IMRAN.phone)]}
    for address, sent in (
        (path, other),
        (f"{path}?x=1", told),
        ("/webhooks/voice/inbound/status", told),
    ):
        assert client.post(address, **sent).status_code == 403
    client.post(path, **{**twice, "data": _many(twice["data"])})
    assert everything() == before


def _many(pairs: list[tuple[str, str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found
