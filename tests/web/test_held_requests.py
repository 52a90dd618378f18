"""The page on which a supervisor looks through what is held after a restore."""

from __future__ import annotations

import sqlalchemy as sa
from flask import Flask

from helpline import clock
from helpline.callbacks import queue, restore_hold
from helpline.callbacks.models import Callback, Slot
from helpline.db import db, transaction
from helpline.domain.lifecycle import Status
from helpline.erasure import restored_backup as restoring
from helpline.privacy.models import TombstoneKind
from helpline.privacy.tombstones import TombstoneRecord, mark_of_callback
from helpline.staff import service as accounts
from helpline.staff.models import PresenceState
from tests import factories
from tests.cast import ARJUN, ASHA, KAVITA, VIKRAM, Member
from tests.privacy.fixtures import deeds
from tests.support.clock import Clock
from tests.support.web import Client


def test_a_supervisor_releases_some_and_closes_the_others(
    app: Flask, client: Client, at: Clock
) -> None:
    at("2026-11-23 10:30")
    first, second = factories.link(KAVITA), factories.link(ARJUN)
    restoring.apply_tombstones([], now=clock.now())
    _sign_in(client, VIKRAM)
    floor = client.get("/floor/")
    assert "2 requests are held." in floor.text
    page = client.get("/floor/held")
    assert KAVITA.name not in page.text
    assert KAVITA.phone[-4:] not in page.text
    number = factories.by_token(first).id
    held_page = client.get(f"/floor/callbacks/{number}")
    assert "/floor/held" in held_page.text

    refused = client.submit(page, "held", decision="release")
    assert refused.status_code == 422
    assert "Select at least one request." in refused.text
    asked = client.submit(page, "held", callback=str(number))
    assert asked.status_code == 422
    assert client.submit(page, "held", callback=str(number), decision="release").status_code == 303
    other = factories.by_token(second).id
    everything = client.get("/floor/held?select=all")
    assert "checked" in everything.text
    assert (
        client.submit(everything, "held", callback=str(other), decision="close").status_code == 303
    )

    db.session.rollback()
    assert [each.id for each in queue.waiting_list(db.session(), clock.now())] == [number]
    assert db.session.get_one(Callback, other).status == Status.CANCELLED
    assert "No requests are held." in client.get("/floor/held").text
    assert "requests are held" not in client.get("/floor/").text
    assert [each.subject for each in deeds("held_released")] == [f"callback:{number}"]
    assert [each.subject for each in deeds("held_closed")] == [f"callback:{other}"]


def test_its_visitor_is_promised_no_place_and_is_not_said_to_have_cancelled(
    app: Flask, client: Client, at: Clock
) -> None:
    at("2026-11-23 10:30")
    accounts.set_presence(factories.staff(ASHA).id, PresenceState.AVAILABLE, now=clock.now())
    token = factories.link(KAVITA)
    headers = {"Authorization": f"Bearer {token}"}

    def told() -> tuple[bool, bool]:
        page, state = (
            client.get(f"/request/{token}"),
            client.get("/api/v1/callback", headers=headers),
        )
        return "you are next" in page.text, state.get_json()["ahead"] == 0

    assert told() == (True, True)
    restoring.apply_tombstones([], now=clock.now())
    assert told() == (False, False)
    ids, supervisor = [factories.by_token(token).id], factories.staff(VIKRAM).id
    restore_hold.close_held(ids, supervisor_id=supervisor, now=clock.now())
    page = client.get(f"/request/{token}").text
    assert "Your request is cancelled" in page and "You cancelled" not in page


def test_one_that_ended_after_the_backup_keeps_no_slot(app: Flask, at: Clock) -> None:
    at("2026-11-23 10:30")
    callback = factories.callback(KAVITA, slot_at=factories.slot("15:00"))
    mark = mark_of_callback(callback.token_hash)
    ended = TombstoneRecord("a" * 32, clock.now(), TombstoneKind.ENDED, mark, Status.REACHED)
    restoring.apply_tombstones([ended], now=clock.now())
    assert db.session.scalars(sa.select(Slot.booked)).all() == [0]


def test_an_advisor_does_not_get_it_and_a_release_of_what_is_over_does_nothing(
    app: Flask, client: Client, at: Clock
) -> None:
    at("2026-11-23 10:30")
    token = factories.link(KAVITA)
    restoring.apply_tombstones([], now=clock.now())
    _sign_in(client, VIKRAM)
    page = client.get("/floor/held")
    with transaction() as session:
        session.execute(sa.update(Callback).values(held_at=None))
    number = factories.by_token(token).id
    done = client.submit(page, "held", callback=str(number), decision="close")
    assert done.status_code == 303
    assert factories.by_token(token).status == Status.WAITING
    advisor = app.test_client()
    _sign_in(advisor, ASHA)
    assert advisor.get("/floor/held").status_code == 403


def _sign_in(client: Client, member: Member) -> None:
    factories.staff(member)
    client.sign_in(member)
