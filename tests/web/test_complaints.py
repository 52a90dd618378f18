"""A complaint about a call is answered with proof of consent, and its number is left in peace."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from uuid import uuid4

import pytest
import sqlalchemy as sa
from flask import Flask

from helpline import clock
from helpline.callbacks import service as callbacks
from helpline.callbacks.models import Callback, Channel, ConsentProof
from helpline.callbacks.phone_limits import checks
from helpline.callbacks.phone_limits import service as phone_limits
from helpline.db import db
from helpline.domain.lifecycle import Status
from helpline.erasure import service as erasure
from helpline.policy import retention
from helpline.privacy.pii_inventory import Group
from helpline.web.admin import complaints
from tests import factories
from tests.cast import ARJUN, ASHA, KAVITA, LEELA, MEERA
from tests.inbound.caller import Caller
from tests.messaging.fixtures import write
from tests.privacy.fixtures import deeds
from tests.support.clock import Clock
from tests.support.web import Client, form_of

pytestmark = [
    pytest.mark.parametrize("database_kind", ["sqlite"]),
    pytest.mark.settings(texts_enabled=True, voice_languages="en"),
]
NUMBER = KAVITA.phone
LABEL = "Yes, keep this number and call it"


def by_form(client: Client) -> None:
    page = client.get("/")
    assert LABEL in page.text
    assert "these words stay for 365 days" in page.text
    form = form_of(page, "/?").fill(phone=NUMBER, consent=True, may_text="yes")
    assert client.submit(form).status_code == 303


def by_api(client: Client) -> None:
    asked = client.post(
        "/api/v1/callbacks",
        json={"phone": NUMBER, "consent": True},
        headers={"Idempotency-Key": str(uuid4())},
    )
    assert asked.status_code == 201


def by_text(client: Client) -> None:
    assert write(client, "please CALL me", KAVITA)


def by_call(client: Client) -> None:
    Caller(client, NUMBER).ring().press("1")


def by_call_to_another_number(client: Client) -> None:
    Caller(client).ring().press("1").press(NUMBER.removeprefix("+91")).press("1")


CHANNELS: dict[str, tuple[Callable[[Client], None], str, str, bool]] = {
    "form": (by_form, "web", LABEL, True),
    "api": (by_api, "api", "consent: true", False),
    "text": (by_text, "text", "CALL", True),
    "call": (by_call, "phone", "Press 1 and we will call you back on this number.", False),
    "typed": (by_call_to_another_number, "phone", "Press 1 and we will call you back.", False),
}


def proofs() -> list[ConsentProof]:
    db.session.rollback()
    return list(db.session.scalars(sa.select(ConsentProof).order_by(ConsentProof.id)))


@pytest.fixture
def admin(app: Flask, client: Client, at: Clock) -> Client:
    at("2026-11-23 12:00")
    factories.staff(MEERA)
    client.sign_in(MEERA)
    return client


@pytest.mark.parametrize("channel", CHANNELS)
def test_each_channel_leaves_proof_in_the_words_that_were_used(
    app: Flask, client: Client, at: Clock, channel: str
) -> None:
    at("2026-11-23 11:00:42")
    ask, expected, words, texts = CHANNELS[channel]
    ask(client)
    (proof,) = proofs()
    assert (proof.channel, proof.language, proof.texts) == (expected, "en", texts)
    assert proof.words.startswith(words)
    assert proof.at == clock.now().replace(second=0, microsecond=0), "it does not name a request"
    (asked,) = db.session.scalars(sa.select(Callback)).all()
    assert proof.number_hash not in (asked.phone_hash, asked.token_hash)


def test_every_channel_has_words_for_the_proof(app: Flask) -> None:
    assert set(complaints.CHANNELS) == set(Channel)


def test_proof_is_in_the_language_of_the_page_and_kept_once_for_a_form_sent_twice(
    client: Client, at: Clock
) -> None:
    at("2026-11-23 11:00")
    form = form_of(client.get("/hi/"), "/hi/?").fill(phone=NUMBER, consent=True)
    assert [client.submit(form).status_code for _ in range(2)] == [303, 303]
    (proof,) = proofs()
    assert proof.language == "hi"
    assert "हाँ" in proof.words


def test_proof_outlives_every_erasure_and_goes_in_its_own_time(admin: Client, at: Clock) -> None:
    form = form_of(admin.get("/"), "/?").fill(phone=NUMBER, consent=True)
    token = admin.submit(form).headers["Location"].rsplit("/", 1)[1]
    callbacks.cancel(token, now=clock.now())
    erasure.erase_everything(token, now=clock.now())
    assert "Proof that you asked for a call" in admin.get(f"/request/{token}").text
    meera = factories.staff(MEERA).id
    erasure.erase_number(NUMBER, also_open=True, staff_id=meera, now=clock.now())
    days = dict(retention.retention_periods(db.session()).days) | {Group.CONSENT: 200}
    retention.save(days, expected_version=0, admin_id=meera, now=clock.now())
    at("2027-06-11 11:59")
    while erasure.erase_due(now=clock.now()):
        pass
    assert len(proofs()) == 1
    at("2027-06-11 13:00")
    while erasure.erase_due(now=clock.now()):
        pass
    assert proofs() == []
    assert deeds("erased_in_time")[-1].subject == "kept:consent"


def test_an_admin_shows_and_downloads_the_proof_of_a_number(admin: Client) -> None:
    by_form(admin)
    page = admin.get("/admin/complaints")
    wrong = admin.submit(page, "/complaints", phone="12", deed="look")
    assert wrong.status_code == 422
    assert 'value="12"' in wrong.text

    found = admin.submit(page, "/complaints", phone=NUMBER, deed="look")
    assert "This number asked for a call 1 time." in found.text
    assert LABEL in found.text
    assert "also text messages" in found.text
    assert (
        "There is no proof"
        in admin.submit(found, "/complaints", phone=LEELA.phone, deed="look").text
    )

    file = admin.submit(found, "/complaints", phone=NUMBER, deed="csv")
    assert file.mimetype == "text/csv"
    (row,) = csv.DictReader(io.StringIO(file.text))
    assert (row["number"], row["asked_at"]) == (NUMBER, "2026-11-23T06:30+00:00")
    assert row["words"].startswith(LABEL)
    looked = [(each.deed, each.actor, each.subject) for each in deeds("consent_shown")]
    assert looked == [("consent_shown", "staff:1", "number")] * 2
    assert deeds("consent_exported")[0].detail == {"rows": {"consent_proof": 1}}


def test_who_complained_is_never_called_again(admin: Client, at: Clock) -> None:
    claimed = factories.claimed(ASHA, KAVITA)
    found = admin.submit(admin.get("/admin/complaints"), "/complaints", phone=NUMBER, deed="look")
    done = admin.submit(found, "/complaints", phone=NUMBER, deed="block", follow=True)
    assert "Number blocked for good." in done.text
    phone_limits.block_after_complaint(NUMBER, staff_id=1, now=clock.now())
    assert len(checks.blocks(db.session(), clock.now())) == 1, "blocked once"
    waiting = db.session.get_one(Callback, claimed.id, populate_existing=True)
    assert waiting.status == Status.WAITING, "taken back from the advisor"
    assert "after a complaint" in admin.get("/floor/blocks").text

    callbacks.cancel(factories.link(ARJUN), now=clock.now())
    by_form(admin)
    at("2036-11-24 12:00")
    phone_limits.erase_expired(now=clock.now())
    assert checks.is_not_callable(db.session(), waiting, clock.now())
