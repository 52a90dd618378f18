"""From what happens to a callback to what another system gets: once, late, twice, never."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from threading import Barrier, BrokenBarrierError, Event

import pytest
import sqlalchemy as sa
from flask import Flask

from config import Settings
from helpline import clock
from helpline.callbacks import notifications
from helpline.callbacks import service as callbacks
from helpline.callbacks.models import Callback
from helpline.calls import drafts, undo_outcome
from helpline.calls import service as calls
from helpline.calls.models import Attempt
from helpline.db import db, transaction
from helpline.domain.phone_numbers import PhoneNumber
from helpline.domain.retries import Disposition
from helpline.domain.webhooks import (
    RETRY_PAUSES,
    DeliveryProblem,
    WebhookEvent,
    new_secret,
    signed_headers,
)
from helpline.erasure import service as erasure
from helpline.messaging.models import Kind, OutboxRow, OutboxState
from helpline.messaging.webhooks import deliveries, queries, service
from helpline.messaging.webhooks.models import WebhookDelivery, WebhookEndpoint
from helpline.messaging.webhooks.queries import Delivery
from helpline.privacy.models import AuditEntry
from helpline.reports import gauges
from tests import factories
from tests.cast import ARJUN, ASHA, KAVITA, MEERA
from tests.invariants.together import at_once
from tests.support.clock import Clock
from tests.webhooks.receiver import Received, Receiver, receiver

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture(autouse=True)
def open_now(app: Flask, at: Clock) -> datetime:
    return at("2026-11-23 11:00")


def added(url: str) -> str:
    """An endpoint is added; its secret comes back."""
    return service.add_endpoint(url, admin_id=factories.staff(MEERA).id, now=clock.now())


def admin() -> dict[str, object]:
    return {"admin_id": factories.staff(MEERA).id, "now": clock.now()}


def endpoint() -> WebhookEndpoint:
    db.session.rollback()
    return db.session.scalars(sa.select(WebhookEndpoint)).one()


def sends() -> int:
    """The worker sends what is due; how many there were."""
    count = 0
    db.session.rollback()
    while deliveries.send_next(allow_private=True):
        count += 1
    return count


def shown() -> list[Delivery]:
    db.session.rollback()
    return queries.last_deliveries(db.session())


def is_signed(got: Received, secret: str, at: datetime) -> bool:
    mine = signed_headers(got.id, got.body, [secret], now=at)["webhook-signature"]
    return mine in got.headers["webhook-signature"].split(" ")


def test_requested_and_cancelled_arrive_signed_with_ids_and_times_only(
    other: Receiver, open_now: datetime
) -> None:
    secret = added(other.url)
    token = factories.link(KAVITA)
    asked = factories.by_token(token)
    callbacks.cancel(token, now=clock.now())
    assert sends() == 2

    assert [got.json["type"] for got in other.got] == ["callback.requested", "callback.cancelled"]
    for got in other.got:
        assert got.json["data"] == {"callback_id": asked.id}
        assert got.json["timestamp"] == "2026-11-23T05:30:00.000Z"
        assert got.headers["content-type"] == "application/json"
        assert got.headers["webhook-timestamp"] == str(int(open_now.timestamp()))
        assert is_signed(got, secret, open_now)
        everything = str(got)
        for personal in (KAVITA.name, KAVITA.phone, token, asked.token_hash, asked.phone_hash):
            assert personal not in everything
    assert len({got.id for got in other.got}) == 2
    assert {each.state for each in shown()} == {OutboxState.DONE}
    assert sends() == 0


@pytest.mark.parametrize(
    ("disposition", "event"),
    [
        (Disposition.REACHED, "callback.reached"),
        (Disposition.WRONG_NUMBER, "callback.unreached"),
    ],
)
def test_reached_and_unreached_arrive(
    other: Receiver, disposition: Disposition, event: str
) -> None:
    added(other.url)
    held = factories.claimed(ASHA, KAVITA)
    asha = factories.staff(ASHA).id
    calls.start_own_phone_call(held.id, asha, now=clock.now(), longest_minutes=60)
    calls.record_disposition(held.id, asha, disposition, None, now=clock.now())
    sends()
    assert [got.json["type"] for got in other.got] == ["callback.requested", event]


def test_expired_arrives(other: Receiver, at: Clock) -> None:
    added(other.url)
    factories.callback(KAVITA)
    at.later(days=30)
    assert callbacks.expire_one(now=clock.now())
    sends()
    assert other.got[-1].json["type"] == "callback.expired"


def test_every_enabled_endpoint_gets_its_own_message(other: Receiver) -> None:
    with receiver() as third:
        added(other.url)
        added(third.url)
        factories.callback(KAVITA)
        sends()
        assert len(other.got) == len(third.got) == 1
        assert other.got[0].id != third.got[0].id


def test_without_an_endpoint_nothing_is_written() -> None:
    factories.callback(KAVITA)
    assert shown() == []
    assert db.session.scalars(sa.select(WebhookDelivery)).all() == []


def test_what_is_rolled_back_is_not_sent(other: Receiver) -> None:
    added(other.url)

    def request_then_fail() -> None:
        with transaction() as session:
            notifications.notify_webhooks(session, asked, WebhookEvent.REQUESTED, at=clock.now())
            raise OSError

    asked = factories.callback(KAVITA)
    sends()
    with pytest.raises(OSError):
        request_then_fail()
    assert sends() == 0


# Retries


def test_it_is_tried_again_with_growing_pauses_for_a_day_and_then_shown_as_failed(
    other: Receiver, at: Clock
) -> None:
    added(other.url)
    factories.callback(KAVITA)
    other.answers = [500] * 99
    begun = clock.now()
    pauses = []
    for _ in RETRY_PAUSES:
        assert sends() == 1
        [row] = shown()
        assert (row.state, row.http_status) == (OutboxState.PENDING, 500)
        pauses.append(row.not_before - clock.now())
        at.later(seconds=pauses[-1].total_seconds() - 1)
        assert sends() == 0, "not before its time"
        at.later(seconds=1)
    assert pauses == list(RETRY_PAUSES)
    assert sends() == 1
    [row] = shown()
    assert (row.state, row.problem) == (OutboxState.GIVEN_UP, DeliveryProblem.STATUS)
    assert row.attempts == len(RETRY_PAUSES) + 1 == len(other.got)
    assert timedelta(hours=23) < clock.now() - begun < timedelta(hours=24)
    at.later(days=2)
    assert sends() == 0
    assert len({(got.id, got.body) for got in other.got}) == 1, "the same message each time"
    assert len({got.headers["webhook-timestamp"] for got in other.got}) == len(other.got)


def test_a_failed_one_can_be_sent_again_with_its_id(other: Receiver, at: Clock) -> None:
    added(other.url)
    factories.callback(KAVITA)
    other.answers = [500] * (len(RETRY_PAUSES) + 1)
    for pause in (*RETRY_PAUSES, timedelta(0)):
        sends()
        at.later(seconds=pause.total_seconds())
    [failed] = shown()
    assert failed.can_be_sent_again
    service.send_again(failed.id, **admin())
    with pytest.raises(service.NotPossible):
        service.send_again(failed.id, **admin())
    assert sends() == 1
    [row] = shown()
    assert (row.state, row.attempts, row.http_status) == (OutboxState.DONE, 1, 204)
    assert len({got.id for got in other.got}) == 1


@pytest.mark.parametrize("status", [199, 301, 307, 400, 404, 410, 500])
def test_only_2xx_is_accepted(other: Receiver, status: int) -> None:
    added(other.url)
    factories.callback(KAVITA)
    other.answers = [status]
    sends()
    assert shown()[0].state == OutboxState.PENDING
    assert len(other.got) == 1


def test_in_production_nothing_is_sent_into_a_private_network(other: Receiver) -> None:
    added(other.url)
    factories.callback(KAVITA)
    db.session.rollback()
    assert deliveries.send_next(allow_private=False)
    [row] = shown()
    assert (row.state, row.problem) == (OutboxState.PENDING, DeliveryProblem.ADDRESS)
    assert other.got == []


# Twice, and at once


def test_a_worker_that_dies_before_it_wrote_it_down_sends_the_same_message_twice(
    other: Receiver, at: Clock
) -> None:
    added(other.url)
    factories.callback(KAVITA)
    lost = deliveries.claim_next(now=clock.now())
    assert lost is not None
    deliveries._send(lost, allow_private=True)
    assert sends() == 0, "it may still be under way"
    at.later(seconds=deliveries.LEASE.total_seconds())
    assert sends() == 1
    assert [got.id for got in other.got] == [lost.message_id] * 2
    assert other.got[0].body == other.got[1].body
    assert shown()[0].state == OutboxState.DONE

    deliveries.finish(lost, None, DeliveryProblem.TIMEOUT, now=clock.now())
    assert shown()[0].state == OutboxState.DONE, "what it says comes too late"
    assert sends() == 0


def test_one_that_hangs_holds_up_no_other(app: Flask, other: Receiver, settings: Settings) -> None:
    with receiver() as quick:
        added(other.url)
        added(quick.url)
        for visitor in (KAVITA, ARJUN):
            factories.callback(visitor)
        goes_on, hangs = Event(), Event()

        def hang(_handler: object) -> None:
            hangs.set()
            goes_on.wait(10)

        other.before_answer = hang  # type: ignore[assignment]
        db.session.rollback()

        def work() -> bool:
            with app.app_context():
                return deliveries.send_next(allow_private=True)

        with ThreadPoolExecutor() as threads:
            hanging = threads.submit(work)
            assert hangs.wait(10)
            assert [threads.submit(work).result() for _ in range(3)] == [True, True, False]
            assert len(quick.got) == 2
            goes_on.set()
            assert hanging.result()
        assert len(other.got) == 1
        assert sends() == 1


def test_many_workers_at_once_send_each_message_once(app: Flask, other: Receiver) -> None:
    added(other.url)
    for number in range(6):
        phone = PhoneNumber(f"+91981235{number:04}")
        wish = callbacks.CallbackRequest(phone=phone, name="A", language="en", note=None)
        callbacks.request_callback(wish, request_key=f"many-{number}", now=clock.now())
    db.session.rollback()

    def work(_number: int) -> None:
        with app.app_context():
            for _ in range(50):
                deliveries.send_next(allow_private=True)

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(work, range(4)))
    assert len(other.got) == len({got.id for got in other.got}) == 6
    assert {each.state for each in shown()} == {OutboxState.DONE}


# What admins do


def test_a_new_secret_signs_at_once_and_the_old_one_for_a_day_more(
    other: Receiver, at: Clock
) -> None:
    old = added(other.url)
    new = service.rotate_secret(endpoint().id, **admin())
    factories.callback(KAVITA)
    sends()
    assert is_signed(other.got[-1], new, clock.now())
    assert is_signed(other.got[-1], old, clock.now())
    at.later(hours=24)
    factories.callback(ARJUN)
    sends()
    assert is_signed(other.got[-1], new, clock.now())
    assert not is_signed(other.got[-1], old, clock.now())


def test_the_secret_is_encrypted_and_in_no_audit_entry(other: Receiver) -> None:
    first = added(other.url)
    second = service.rotate_secret(endpoint().id, **admin())
    stored = str(db.session.execute(sa.text("SELECT * FROM webhook_endpoint")).all())
    entries = [
        str((each.deed, each.subject, each.detail))
        for each in db.session.scalars(sa.select(AuditEntry))
        if each.deed.startswith("webhook_")
    ]
    assert len(entries) == 2
    for text in (stored, *entries):
        for secret in (first, second):
            assert secret.removeprefix("whsec_") not in text
    assert not any("key=a" in entry for entry in entries), "the address may hold a secret too"


def test_a_disabled_endpoint_gets_nothing_and_what_waited_is_given_up(other: Receiver) -> None:
    added(other.url)
    factories.callback(KAVITA)
    service.disable(endpoint().id, **admin())
    factories.callback(ARJUN)
    assert sends() == 0
    [row] = shown()
    assert (row.state, row.problem) == (OutboxState.GIVEN_UP, DeliveryProblem.DISABLED)
    assert not row.can_be_sent_again
    for change in (service.disable, service.send_test):
        with pytest.raises(service.NotPossible):
            change(endpoint().id, **admin())
    service.enable(endpoint().id, **admin())
    assert sends() == 0
    service.send_again(row.id, **admin())
    assert sends() == 1


def test_what_fails_after_the_endpoint_was_disabled_is_not_tried_again(other: Receiver) -> None:
    added(other.url)
    factories.callback(KAVITA)
    attempt = deliveries.claim_next(now=clock.now())
    assert attempt is not None
    service.disable(endpoint().id, **admin())
    deliveries.finish(attempt, 500, DeliveryProblem.STATUS, now=clock.now())
    assert shown()[0].state == OutboxState.GIVEN_UP


def test_a_test_names_no_callback(other: Receiver) -> None:
    added(other.url)
    service.send_test(endpoint().id, **admin())
    assert sends() == 1
    assert (other.got[0].json["type"], other.got[0].json["data"]) == ("webhook.test", {})


def test_so_many_can_be_enabled(other: Receiver) -> None:
    for _ in range(service.MAX_ENABLED):
        added(other.url)
    with pytest.raises(service.TooManyEndpoints):
        added(other.url)
    db.session.rollback()
    first = db.session.scalars(sa.select(WebhookEndpoint.id)).first()
    assert first is not None
    service.disable(first, **admin())
    added(other.url)
    with pytest.raises(service.TooManyEndpoints):
        service.enable(first, **admin())


def test_two_admins_at_once_enable_no_more(
    app: Flask, other: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(service.MAX_ENABLED - 1):
        added(other.url)
    both_counted = Barrier(2)

    def secret_once_both_counted() -> str:
        with suppress(BrokenBarrierError):
            both_counted.wait(timeout=0.3)
        return new_secret()

    monkeypatch.setattr(service, "new_secret", secret_once_both_counted)
    meera_id = factories.staff(MEERA).id
    add = partial(service.add_endpoint, other.url, admin_id=meera_id, now=clock.now())
    found = at_once(app, [add, add])
    assert [type(each) for each in found].count(service.TooManyEndpoints) == 1


def test_an_outcome_that_is_undone_is_corrected(other: Receiver) -> None:
    added(other.url)
    held = factories.wrapping_up()
    asha_id = factories.staff(ASHA).id
    calls.record_disposition(held.id, asha_id, Disposition.REACHED, "", now=clock.now())
    for outcome in (Disposition.REACHED, Disposition.NO_ANSWER):
        undo_outcome.undo_outcome(held.id, asha_id, now=clock.now())
        attempt_id = db.session.scalars(sa.select(Attempt.id)).one()
        drafts.finish(attempt_id, asha_id, outcome, "", now=clock.now())
    sends()
    again_id = db.session.scalars(sa.select(Callback.id).where(Callback.again_of == held.id)).one()
    got = [(each.json["type"], each.json["data"]["callback_id"]) for each in other.got]
    assert got == [
        ("callback.requested", held.id),
        ("callback.reached", held.id),
        ("callback.requested", again_id),
        ("callback.corrected", held.id),
    ]


def test_a_secret_that_no_key_opens_sends_nothing_until_there_is_a_new_one(
    other: Receiver, at: Clock
) -> None:
    from tests.attacks.test_unreadable_values import spoil

    added(other.url)
    factories.callback(KAVITA)
    spoil("webhook_endpoint", endpoint().id)
    assert sends() == 1
    assert shown()[0].problem == DeliveryProblem.SECRET
    new = service.rotate_secret(endpoint().id, **admin())
    at.later(minutes=1)
    assert sends() == 1
    [got] = other.got
    assert is_signed(got, new, clock.now())


# What stays


def test_after_an_erasure_a_delivery_says_nothing_of_anybody(other: Receiver) -> None:
    added(other.url)
    token = factories.link(KAVITA)
    asked = factories.by_token(token)
    secrets = [KAVITA.name, KAVITA.phone, token, asked.phone_hash, asked.token_hash]
    erasure.erase_everything(token, now=clock.now())
    sends()
    rows = str(db.session.execute(sa.text("SELECT * FROM webhook_delivery")).all())
    rows += str(db.session.execute(sa.text("SELECT * FROM outbox")).all())
    assert len(shown()) == 2
    for secret in secrets:
        assert secret not in rows


def test_what_waits_for_another_server_alarms_nobody(other: Receiver, at: Clock) -> None:
    added(other.url)
    factories.callback(KAVITA)
    at.later(hours=3)
    rows = sa.select(OutboxRow.state).where(OutboxRow.kind == Kind.SEND_WEBHOOK)
    assert db.session.scalars(rows).all() == [OutboxState.PENDING]
    db.session.rollback()
    assert gauges._outbox(db.session(), clock.now())[0] == 0
