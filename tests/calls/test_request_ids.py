"""A carrier that answers a call's creation with the request's id, and tells the call's later."""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from helpline import clock
from helpline.calls import request_ids
from helpline.calls.attempt_jobs import ATTEMPTS, apply_lookup
from helpline.calls.dispatch import rounds
from helpline.calls.dispatch.offer_jobs import OFFERS
from helpline.calls.inbound.models import InboundCall
from helpline.calls.models import Attempt, Offer
from helpline.db import db
from helpline.domain.call_progress import AttemptState, CarrierStatus
from helpline.telephony.adapters import FIRST
from tests import factories
from tests.cast import ARJUN, ASHA, KAVITA
from tests.dispatch.fixtures import at_desk, decide
from tests.dispatch.fixtures import post as post_as_first
from tests.support import carrier_jobs, second_carrier
from tests.support.clock import Clock
from tests.support.second_carrier import post
from tests.support.web import Client

REQUEST, CALL, OTHER = "request:" + 36 * "a", 34 * "b", 34 * "c"
Happens = Callable[[Client, Any], object]


@pytest.fixture(autouse=True)
def _second(app: Flask, monkeypatch: pytest.MonkeyPatch, at: Clock) -> None:
    at("2026-11-23 11:00")
    second_carrier.install(app, monkeypatch)


def attempt() -> Attempt:
    made = factories.calling(visitor=KAVITA)
    assert carrier_jobs.take_attempt()
    return made


def offer() -> Offer:
    decide()
    at_desk(ASHA)
    factories.callback(ARJUN)
    assert rounds.offer_next(now=clock.now())
    assert carrier_jobs.take_offer()
    return db.session.scalars(sa.select(Offer)).one()


def path_of(row: Any, what: str) -> str:
    of_leg = "/advisor" if isinstance(row, Attempt) and what == "status" else ""
    return f"/webhooks/{'voice' if isinstance(row, Attempt) else 'offer'}/{row.ref}/{what}{of_leg}"


def is_accepted(_client: Client, row: Any) -> object:
    kind: Any = ATTEMPTS if isinstance(row, Attempt) else OFFERS
    return kind.accepted(row.id, REQUEST, now=clock.now())


def rings(client: Client, row: Any) -> object:
    form = {"CallSid": CALL, "Request": REQUEST, "CallStatus": "ringing", "SequenceNumber": "1"}
    return post(client, path_of(row, "status"), **form)


def is_answered(client: Client, row: Any) -> object:
    return post(client, path_of(row, "answered"), CallSid=CALL, Request=REQUEST)


def id_of(row: Any) -> str | None:
    db.session.rollback()
    column = Attempt.advisor_call if isinstance(row, Attempt) else Offer.call
    return db.session.scalar(sa.select(column).where(type(row).id == row.id))


@pytest.mark.parametrize("order", list(permutations([is_accepted, rings, is_answered])))
@pytest.mark.parametrize("job", [attempt, offer])
@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_the_calls_own_id_is_kept_whatever_comes_first(
    client: Client, job: Callable[[], Any], order: tuple[Happens, ...]
) -> None:
    row = job()
    for happens in (*order, *order):
        happens(client, row)
    assert id_of(row) == CALL
    answer = post(client, path_of(row, "pressed"), CallSid=CALL, Request=REQUEST, Digits="1")
    assert "<Dial" in answer.text


@pytest.mark.parametrize("job", [attempt, offer])
@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_another_request_is_not_taken_for_it(client: Client, job: Callable[[], Any]) -> None:
    row = job()
    is_accepted(client, row)
    form = {"CallSid": OTHER, "Request": "request:another"}
    assert "<Gather" not in post(client, path_of(row, "answered"), **form).text
    assert id_of(row) == REQUEST


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_lookup_by_the_request_finds_the_calls_own_id(client: Client) -> None:
    row = attempt()
    is_accepted(client, row)
    for _ in range(2):
        apply_lookup(row.id, CALL, CarrierStatus.RINGING, None, request_id=REQUEST, now=clock.now())
    assert id_of(row) == CALL
    assert db.session.get_one(Attempt, row.id).state == AttemptState.ADVISOR_RINGING
    assert "<Gather" in post(client, path_of(row, "answered"), CallSid=CALL).text


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_the_signature_tells_by_which_carrier_a_call_came(client: Client) -> None:
    by_first, by_second = "CA" + 32 * "1", "CA" + 32 * "2"
    for posted, call in ((post_as_first, by_first), (post, by_second)):
        form = {"CallSid": call, "From": KAVITA.phone}
        assert posted(client, "/webhooks/voice/inbound", **form).status_code == 200
    stored = sa.select(InboundCall.sid, InboundCall.carrier)
    assert dict(db.session.execute(stored).all()) == {by_first: FIRST, by_second: "second"}  # type: ignore[arg-type]
    assert client.post("/webhooks/voice/inbound", data={"CallSid": OTHER}).status_code == 403


@pytest.mark.parametrize("make", [attempt, offer])
def test_a_request_that_is_answered_just_after_the_id_was_looked_for_is_the_same_call(
    client: Client, make: Callable[[], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker stores the answer to its request between the two steps of a webhook."""
    row = make()
    replace = request_ids.promote

    def replace_and_then_store(ref: str, request_id: str, call_id: str) -> None:
        replace(ref, request_id, call_id)
        is_accepted(client, row)

    monkeypatch.setattr(request_ids, "promote", replace_and_then_store)
    assert "/pressed" in is_answered(client, row).text  # type: ignore[attr-defined]
    assert id_of(row) == CALL
