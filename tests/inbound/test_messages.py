"""A caller leaves a message: kept once, fetched by the worker, heard by whoever holds it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask

from helpline import clock
from helpline.callbacks import claims
from helpline.callbacks.models import Callback
from helpline.calls.inbound import recordings
from helpline.calls.inbound.models import MessageState, Outcome
from helpline.db import db
from helpline.domain.lifecycle import Status
from helpline.messaging.models import Kind, OutboxRow, OutboxState
from helpline.privacy.models import AuditEntry
from helpline.telephony.adapters import FIRST
from tests import factories
from tests.cast import ARJUN, ASHA, LEELA, RAVI
from tests.inbound.caller import VOICE, Caller, messages, sid
from tests.support.clock import Clock
from tests.support.web import Client

pytestmark = [
    pytest.mark.usefixtures("app", "open_now"),
    pytest.mark.settings(voice_languages=("en",)),
]
SOUND = b"RIFF....WAVE" + bytes(range(256)) * 4


@pytest.fixture
def open_now(app: Flask, at: Clock) -> None:
    at("2026-11-23 11:00")


def callbacks() -> list[Callback]:
    db.session.rollback()
    return list(db.session.scalars(sa.select(Callback).order_by(Callback.id)))


def to_fetch() -> list[OutboxRow]:
    db.session.rollback()
    rows = sa.select(OutboxRow).where(OutboxRow.kind == Kind.FETCH_RECORDING)
    return list(db.session.scalars(rows.execution_options(populate_existing=True)))


def speaking(client: Client) -> Caller:
    """A caller who has been asked to speak."""
    return Caller(client, ARJUN.phone).ring().press("2")


def left(client: Client) -> Caller:
    """A caller who left a message."""
    return speaking(client).recorded(sid("RE"))


def kept(client: Client) -> int:
    """A message that was left and fetched; its id."""
    left(client).hangs_up()
    (message,) = messages()
    recordings.store(message.id, SOUND, now=clock.now())
    return message.id


def test_the_message_may_be_so_long_and_its_end_is_told_to_us(client: Client) -> None:
    caller = speaking(client)
    assert "after the tone" in caller.heard
    assert caller.twiml is not None
    record = caller.twiml.find("Record")
    assert record is not None
    assert record.get("maxLength") == "120"
    available = record.get("recordingStatusCallback", "")
    assert available.endswith(f"{VOICE}/recorded/{caller.row.sid}")


def test_a_message_becomes_a_callback_and_is_to_be_fetched(client: Client) -> None:
    caller = left(client)
    assert "listen to your message" in caller.heard
    (callback,), (message,), (row,) = callbacks(), messages(), to_fetch()
    assert callback.phone == ARJUN.phone
    assert (message.callback_id, message.seconds, message.state) == (
        callback.id,
        8,
        MessageState.AT_CARRIER,
    )
    assert (row.subject_id, row.state) == (message.id, OutboxState.PENDING)
    assert caller.row.outcome == Outcome.MESSAGE


def test_hanging_up_at_the_end_of_the_message_keeps_it(client: Client) -> None:
    caller = speaking(client)
    caller.recorded(sid("RE"), Digits="hangup", CallStatus="completed")
    assert caller.is_hung_up
    assert len(messages()) == len(callbacks()) == 1
    assert caller.row.outcome == Outcome.MESSAGE


@pytest.mark.parametrize("order", [("action", "ready"), ("ready", "action"), ("ready", "ready")])
def test_a_message_told_twice_in_any_order_is_one(client: Client, order: tuple[str, str]) -> None:
    caller, recording = speaking(client), sid("RE")
    for word in order:
        if word == "action":
            caller.recorded(recording)
        else:
            ready(caller, recording)
    assert len(messages()) == len(callbacks()) == len(to_fetch()) == 1


def test_a_message_is_kept_also_when_the_call_was_over_before_we_heard_of_it(
    client: Client,
) -> None:
    caller = speaking(client)
    caller.hangs_up()
    assert caller.row.outcome == Outcome.LEFT
    caller.recorded(sid("RE"), CallStatus="completed", Digits="hangup")
    assert len(messages()) == 1
    assert caller.row.outcome == Outcome.MESSAGE


def ready(caller: Caller, recording: str, status: str = "completed") -> None:
    told = {"RecordingSid": recording, "RecordingDuration": "8", "RecordingStatus": status}
    assert caller.post(f"{VOICE}/recorded", **told).status_code == 204


def test_a_recording_that_failed_or_has_no_proper_name_is_none(client: Client) -> None:
    caller = speaking(client)
    ready(caller, sid("RE"), status="failed")
    ready(caller, "RE../../Calls")
    assert messages() == []


def test_silence_is_no_message_and_is_asked_again_but_not_for_ever(client: Client) -> None:
    caller = speaking(client)
    assert caller.twiml is not None
    path = caller.twiml.findtext("Redirect") or ""
    assert caller.ask(path.removeprefix("http://localhost")).heard.startswith(
        "Sorry, we did not hear"
    )
    for _ in range(2):
        caller.ask(caller.address("Record", "action"))
    assert "at any time" in caller.heard
    assert messages() == callbacks() == []


def test_a_message_of_somebody_who_waits_already_goes_to_their_callback(client: Client) -> None:
    waiting = factories.callback(ARJUN)
    left(client)
    (callback,), (message,) = callbacks(), messages()
    assert message.callback_id == callback.id == waiting.id


def test_the_advisor_who_holds_the_callback_hears_it_and_each_hearing_is_noted(
    client: Client, new_client: Callable[[], Client]
) -> None:
    message = kept(client)
    desk = new_client()
    factories.staff(ASHA)
    desk.sign_in(ASHA)
    page = desk.submit(desk.get("/desk/"), "next", follow=True)
    (callback,) = callbacks()
    address = f"/desk/{callback.id}/messages/{message}"
    assert f'src="{address}"' in page.text
    answer = desk.get(address)
    assert answer.data == SOUND
    assert answer.mimetype == "audio/wav"
    assert answer.headers["Cache-Control"] == "no-store"
    heard = sa.select(AuditEntry).where(AuditEntry.deed == "message_heard")
    (entry,) = db.session.scalars(heard).all()
    assert (entry.actor, entry.subject) == (
        f"staff:{factories.staff(ASHA).id}",
        f"callback:{callback.id}",
    )


def test_nobody_else_hears_it(client: Client, new_client: Callable[[], Client]) -> None:
    message = kept(client)
    (callback,) = callbacks()
    address = f"/desk/{callback.id}/messages/{message}"
    assert client.get(address).status_code == 302
    for member in (ASHA, RAVI):
        factories.staff(member)
    other = new_client()
    other.sign_in(RAVI)
    assert other.get(address).status_code == 404
    holder = new_client()
    holder.sign_in(ASHA)
    holder.submit(holder.get("/desk/"), "next")
    assert other.get(address).status_code == 404
    assert holder.get(f"/desk/{callback.id}/messages/{message + 1}").status_code == 404
    holder.submit(holder.get("/desk/"), "release")
    assert holder.get(address).status_code == 404


def test_another_callback_in_hand_opens_no_message(
    client: Client, new_client: Callable[[], Client]
) -> None:
    message = kept(client)
    (callback,) = callbacks()
    assert claims.claim_next(factories.staff(RAVI).id, now=clock.now()) == callback.id
    other = factories.claimed(ASHA, LEELA)
    desk = new_client()
    desk.sign_in(ASHA)
    assert desk.get(f"/desk/{other.id}/messages/{message}").status_code == 404
    assert desk.get(f"/desk/{callback.id}/messages/{message}").status_code == 404


def test_a_message_behind_the_callback_of_the_same_number_is_heard_with_it(
    client: Client, new_client: Callable[[], Client]
) -> None:
    first = factories.callback(ARJUN)
    caller = Caller(client).ring().press("2").press("09876500002").press("1")
    caller.recorded(sid("RE"))
    behind = callbacks()[1]
    assert behind.status == Status.JOINED
    (message,) = messages()
    recordings.store(message.id, SOUND, now=clock.now())
    desk = new_client()
    factories.staff(ASHA)
    desk.sign_in(ASHA)
    desk.submit(desk.get("/desk/"), "next")
    assert desk.get(f"/desk/{first.id}/messages/{message.id}").data == SOUND


def test_the_sound_is_encrypted_in_the_database(client: Client) -> None:
    kept(client)
    stored = db.session.execute(sa.text("SELECT sound FROM voice_message")).scalar_one()
    assert SOUND not in bytes(stored)
    assert bytes(range(64)) not in bytes(stored)


def test_a_message_is_fetched_by_one_worker_and_begun_again_when_that_one_died(
    client: Client, at: Clock
) -> None:
    left(client)
    taken = recordings.next_to_fetch(FIRST, now=clock.now())
    assert taken is not None
    assert recordings.next_to_fetch(FIRST, now=clock.now()) is None
    at.later(minutes=6)
    assert recordings.next_to_fetch(FIRST, now=clock.now()) == taken
    recordings.store(taken.message_id, SOUND, now=clock.now())
    at.later(minutes=6)
    again = recordings.next_to_fetch(FIRST, now=clock.now())
    assert again is not None
    assert again.kept
    recordings.deleted_at_carrier(taken.message_id, now=clock.now())
    at.later(minutes=6)
    assert recordings.next_to_fetch(FIRST, now=clock.now()) is None


def test_a_message_that_cannot_be_had_is_tried_for_long_and_then_marked_lost(
    client: Client, at: Clock, new_client: Callable[[], Client]
) -> None:
    left(client)
    for minutes in (*[11] * 50, *[11 * 60] * 13):  # Six days and eight hours.
        taken = recordings.next_to_fetch(FIRST, now=clock.now())
        assert taken is not None
        recordings.retry_later(taken.message_id, "carrier_unreachable", now=clock.now())
        at.later(minutes=minutes)
    assert messages()[0].state == MessageState.AT_CARRIER
    at.later(hours=16)
    taken = recordings.next_to_fetch(FIRST, now=clock.now())
    assert taken is not None
    recordings.retry_later(taken.message_id, "carrier_unreachable", now=clock.now())
    assert messages()[0].state == MessageState.LOST
    assert to_fetch()[0].state == OutboxState.GIVEN_UP
    desk = new_client()
    factories.staff(ASHA)
    desk.sign_in(ASHA)
    page = desk.submit(desk.get("/desk/"), "next", follow=True)
    assert "phone company lost the recording" in page.text
