"""Everything about a visitor goes in one action: theirs, or that of staff on their request."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import IntegrityError

from helpline import clock
from helpline.callbacks import follow_up
from helpline.callbacks.errors import NoSuchCallback
from helpline.callbacks.models import Callback, Slot
from helpline.calls import carrier_events
from helpline.calls import service as calls
from helpline.calls.carrier_events import Decline
from helpline.calls.inbound import recordings
from helpline.calls.inbound.models import MessageState, VoiceMessage
from helpline.db import Base, db
from helpline.domain.lifecycle import Status
from helpline.domain.retries import Disposition
from helpline.domain.sms_progress import SmsStatus
from helpline.erasure import service as erasure
from helpline.messaging.carrier_jobs import next_silent
from helpline.messaging.models import OutboundSms, OutboxRow, OutboxState
from helpline.privacy.encryption import EncryptedBytes, EncryptedText
from helpline.privacy.pii_inventory import INVENTORY, VISITOR_GROUPS, columns_of_groups
from helpline.telephony.adapters import FIRST
from helpline.telephony.problems import SmsProblem
from tests import factories
from tests.cast import ARJUN, ASHA, KAVITA, MEERA
from tests.privacy.fixtures import been_through_everything, deeds, left_of, sid, texted_and_rang
from tests.support import carrier_jobs
from tests.support.clock import Clock
from tests.support.web import Client


@pytest.fixture(autouse=True)
def _open_now(app: Flask, at: Clock) -> None:
    at("2026-11-23 12:00")
    factories.opening_hours(("10:00", "18:00"))


def test_everything_about_a_visitor_goes_by_their_link(client: Client) -> None:
    slot_at = factories.slot("15:00")
    token = factories.link(KAVITA, slot_at=slot_at, request_key="the form")
    asked = factories.by_token(token)
    been_through_everything(asked, message=MessageState.LOST)
    other = factories.callback(ARJUN)
    been_through_everything(other)
    of_other = left_of(other.id)

    erasure.erase_everything(token, now=clock.now())

    assert left_of(asked.id) == []
    assert left_of(other.id) == of_other, "nobody else's"
    erased = factories.by_token(token)
    assert (erased.status, erased.erased_at) == (Status.CANCELLED, clock.now())
    assert (erased.phone_region, erased.language) == ("IN", KAVITA.language), "to be counted"
    assert db.session.get_one(Slot, slot_at).booked == 0
    text = db.session.scalars(
        sa.select(OutboundSms).where(OutboundSms.callback_id == asked.id)
    ).one()
    assert (text.status, text.problem) == (SmsStatus.NOT_SENT, "erased")
    fetch = recordings.next_to_fetch(FIRST, now=clock.now())
    assert fetch is not None
    assert fetch.kept, "it is deleted at the carrier, and no longer fetched"
    (entry,) = deeds("erased_by_visitor")
    assert (entry.actor, entry.detail["callbacks"], entry.detail["cancelled"]) == ("visitor", 1, 1)
    assert entry.detail["rows"]["callback"] == entry.detail["rows"]["attempt"] == 1
    assert client.get(f"/request/{token}").status_code == 200
    again = factories.link(KAVITA, slot_at=slot_at, request_key="the form")
    assert again == token, "the form sent again, by a page that was reloaded, asks for nothing"
    assert left_of(asked.id) == []


def test_erased_twice_is_erased_once(client: Client) -> None:
    token = factories.link()
    erasure.erase_everything(token, now=clock.now())
    erasure.erase_everything(token, now=clock.now())
    assert len(deeds("erased_by_visitor")) == 1
    with pytest.raises(NoSuchCallback):
        erasure.erase_everything("nobody-has-this", now=clock.now())


def test_a_stranger_who_typed_the_number_erases_only_their_own() -> None:
    first = factories.link(KAVITA)
    stranger = factories.link(KAVITA)
    erasure.erase_everything(stranger, now=clock.now())

    kept = factories.by_token(first)
    assert (kept.status, kept.phone) == (Status.WAITING, KAVITA.phone)
    assert left_of(factories.by_token(stranger).id) == []


def test_whoever_stands_behind_takes_the_place_of_the_erased() -> None:
    first = factories.link(KAVITA)
    behind = factories.link(KAVITA)
    erasure.erase_everything(first, now=clock.now())
    assert factories.by_token(behind).status == Status.WAITING


def test_further_calls_that_were_agreed_go_too() -> None:
    token = factories.link(KAVITA)
    held = factories.by_token(token)
    assert factories.attempt_of(_own_phone_call(held)).notes is None
    calls.record_disposition(
        held.id,
        factories.staff(ASHA).id,
        Disposition.REACHED,
        "what was said",
        now=clock.now(),
        further=follow_up.FollowUp(factories.slot("2026-11-24 11:00")),
    )
    db.session.rollback()
    later = factories.by_token(follow_up.token_of(factories.by_token(token).id))
    assert later.status == Status.WAITING

    erasure.erase_everything(token, now=clock.now())

    assert left_of() == []
    assert db.session.get_one(Callback, later.id).status == Status.CANCELLED


@pytest.mark.parametrize("database_kind", ["postgresql"])
def test_a_further_call_that_is_agreed_in_this_very_moment_goes_too(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = factories.link(KAVITA)
    held = _own_phone_call(factories.by_token(token))
    held_id, asha = held.id, factories.staff(ASHA).id
    further = follow_up.FollowUp(factories.slot("2026-11-24 11:00"))
    db.session.rollback()

    def agree() -> None:
        with app.app_context():
            calls.record_disposition(
                held_id, asha, Disposition.REACHED, "n", now=clock.now(), further=further
            )

    really_hold = erasure.lock_callbacks

    def hold_a_moment_later(*told: Any) -> Any:
        monkeypatch.undo()
        with ThreadPoolExecutor(1) as elsewhere:
            elsewhere.submit(agree).result(timeout=20)
        return really_hold(*told)

    monkeypatch.setattr(erasure, "lock_callbacks", hold_a_moment_later)
    erasure.erase_everything(token, now=clock.now())

    assert left_of() == []
    assert not db.session.scalars(sa.select(Callback).where(Callback.phone.is_not(None))).all()


def _own_phone_call(held: Callback) -> Callback:
    from helpline.callbacks import claims

    claims.claim_next(factories.staff(ASHA).id, now=clock.now())
    calls.start_own_phone_call(
        held.id, factories.staff(ASHA).id, now=clock.now(), longest_minutes=60
    )
    return held


def test_a_call_that_is_being_set_up_rings_no_erased_visitor() -> None:
    token = factories.link(KAVITA, request_key="form")
    from helpline.callbacks import claims

    held = claims.claim_next(factories.staff(ASHA).id, now=clock.now())
    assert held is not None
    calls.start_call(held, factories.staff(ASHA).id, now=clock.now())
    attempt = factories.attempt_of(factories.by_token(token))
    erasure.erase_everything(token, now=clock.now())

    assert carrier_jobs.take_attempt() is True
    db.session.rollback()
    pressed = carrier_events.advisor_pressed_one(attempt.ref, sid("CA"), now=clock.now())
    assert isinstance(pressed, Decline)
    assert left_of() == []


def test_a_text_in_the_hands_of_a_worker_is_forgotten_all_the_same() -> None:
    token = factories.link(KAVITA)
    asked = factories.by_token(token)
    been_through_everything(asked, text=SmsStatus.ASKED)
    erasure.erase_everything(token, now=clock.now())

    text = db.session.scalars(sa.select(OutboundSms)).one()
    texts = carrier_jobs.SMS
    texts.retry_later(text.id, "busy", now=clock.now())
    carrier_jobs.reject(texts, text.id, SmsProblem.STOPPED, 21610)
    assert next_silent(texts, FIRST, now=clock.now(), silent_after=_LONG * 0) is None
    texts.accepted(text.id, sid("SM"), now=clock.now())
    assert left_of(asked.id) == []


def test_staff_erase_all_that_is_known_of_a_number() -> None:
    ended = factories.link(KAVITA)
    erasure.erase_everything(factories.link(ARJUN), now=clock.now())
    first = factories.by_token(ended)
    been_through_everything(first)
    _cancelled(ended)
    waits = factories.callback(KAVITA)
    texted_and_rang(waits)
    meera = factories.staff(MEERA).id

    assert erasure.erase_number(KAVITA.phone, also_open=False, staff_id=meera, now=clock.now()) == 1
    assert left_of(first.id) == []
    assert factories.by_token(ended).erased_at is not None
    assert db.session.get_one(Callback, waits.id).status == Status.WAITING, "kept, and rung"

    assert erasure.erase_number(KAVITA.phone, also_open=True, staff_id=meera, now=clock.now()) == 1
    assert left_of() == []
    assert erasure.erase_number(KAVITA.phone, also_open=True, staff_id=meera, now=clock.now()) == 0
    told = [(each.actor, each.subject, each.detail["callbacks"]) for each in deeds(_ON_REQUEST)]
    assert told == [(f"staff:{meera}", "number", count) for count in (1, 1, 0)]
    assert KAVITA.phone not in str([each.detail for each in deeds(_ON_REQUEST)])


def _cancelled(token: str) -> None:
    from helpline.callbacks import service as callbacks

    callbacks.cancel(token, now=clock.now())


def test_only_what_is_over_can_be_without_a_number() -> None:
    waits = factories.callback(KAVITA)
    for values in (
        {"phone": None},
        {"phone_hash": None},
        {"name": None, "phone": None, "phone_hash": None, "note": None, "erased_at": clock.now()},
    ):
        with pytest.raises(IntegrityError):
            db.session.execute(sa.update(Callback).where(Callback.id == waits.id).values(values))
        db.session.rollback()


def test_a_recording_that_was_never_fetched_is_deleted_at_the_carrier_first() -> None:
    token = factories.link(KAVITA)
    been_through_everything(factories.by_token(token), message=MessageState.AT_CARRIER)
    erasure.erase_everything(token, now=clock.now())

    message = db.session.scalars(sa.select(VoiceMessage)).one()
    recordings.store(message.id, b"a voice", now=clock.now())
    assert left_of() == [], "a worker who had it in hand keeps nothing"
    states = db.session.execute(sa.select(OutboxRow.kind, OutboxRow.state)).all()
    assert ("fetch_recording", OutboxState.PENDING) in [tuple(each) for each in states]


def test_the_erasure_tests_fill_every_column_of_a_visitor() -> None:
    asked = factories.callback(KAVITA)
    been_through_everything(asked)
    texted_and_rang(asked)
    listed = {
        f"{each.table}.{name}" if name else each.table
        for each in columns_of_groups(VISITOR_GROUPS)
        for name in each.columns or ("",)
    }
    assert set(left_of()) == listed


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_every_secret_column_is_in_the_list_of_what_is_erased() -> None:
    listed = {f"{each.table}.{name}" for each in INVENTORY for name in each.columns}
    whole = {each.table for each in INVENTORY if not each.columns}
    missing = [
        f"{table.name}.{column.name}"
        for table in Base.metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, EncryptedText | EncryptedBytes) or column.name.endswith("_hash")
        if table.name not in whole and f"{table.name}.{column.name}" not in listed
    ]
    assert set(missing) == OF_NO_PERSON, (
        "say in helpline/privacy/pii_inventory.py how long it is kept"
    )
    for each in INVENTORY:
        table = Base.metadata.tables[each.table]
        named = (*each.columns, each.callback, each.number, each.since, each.stamp)
        assert {name for name in named if name} <= set(table.columns.keys())


OF_NO_PERSON = {
    # Of random secrets, so nothing can be found out from them.
    "callback.token_hash",
    "callback.reference_token_hash",
    "invitation.token_hash",
    "password_link.token_hash",
    "recovery_code.code_hash",
    "staff_session.key_hash",
    # Of our own wording.
    "text_out.wording_hash",
    # Of an audit entry.
    "audit_entry.prev_hash",
    # By which other systems know that a webhook is ours.
    "webhook_endpoint.secret",
    "webhook_endpoint.previous_secret",
}
"""Columns with hashes and secrets that say nothing of a person."""


_LONG = timedelta(hours=1)
_ON_REQUEST = "erased_on_request"
