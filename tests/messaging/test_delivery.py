"""How far a text came, as the carrier tells it: twice, late, out of order, or never."""

from __future__ import annotations

from functools import partial
from itertools import permutations

import pytest
from flask import Flask

from helpline import clock
from helpline.db import db
from helpline.domain.sms_progress import SmsStatus
from helpline.messaging import sms
from helpline.messaging.carrier_jobs import look_up_next
from helpline.messaging.models import OutboundSms
from helpline.worker.jobs import SMS
from tests import factories
from tests.cast import ARJUN
from tests.messaging.fixtures import (
    comes,
    hash_of,
    look,
    new_sid,
    post,
    tells,
    texting,
    texts_out,
    work,
)
from tests.phonesim.fixtures import Sim, until
from tests.support import carrier_jobs
from tests.support.clock import Clock
from tests.support.web import Client


@pytest.fixture
def text(app: Flask, at: Clock, sim: Sim) -> OutboundSms:
    """A text that the carrier has."""
    at("2026-11-23 11:00")
    factories.link(ARJUN, may_text=True)
    work(app)
    return texts_out()[0]


def status() -> str:
    return str(texts_out()[0].status)


@pytest.mark.parametrize("order", list(permutations(["queued", "sent", "delivered"])))
def test_the_order_makes_no_difference(
    client: Client, text: OutboundSms, order: tuple[str, ...]
) -> None:
    assert text.carrier_id
    for said in (*order, *order):
        assert tells(client, text, said, text.carrier_id) == 204
    assert status() == SmsStatus.DELIVERED


def test_each_step_forward_is_kept(client: Client, text: OutboundSms) -> None:
    assert text.carrier_id
    seen = []
    for said in ("queued", "sending", "sent", "queued", "undelivered", "sent"):
        tells(client, text, said, text.carrier_id, 30003 if said == "undelivered" else None)
        seen.append(status())
    assert seen == ["accepted", "accepted", "sent", "sent", "undelivered", "undelivered"]
    assert texts_out()[0].error_code == 30003


def test_a_word_of_the_carrier_before_its_answer_settles_what_we_were_unsure_of(
    client: Client, app: Flask, at: Clock, sim: Sim
) -> None:
    at("2026-11-23 11:00")
    factories.link(ARJUN, may_text=True)
    carrier_jobs.take_text()
    (asked,) = texts_out()
    sid = new_sid()
    tells(client, asked, "delivered", sid)
    carrier_jobs.SMS.accepted(asked.id, sid, now=clock.now())
    (after,) = texts_out()
    assert (after.status, after.carrier_id, after.phone) == (SmsStatus.DELIVERED, sid, None)
    at.later(hours=1)
    assert not look(app)


def test_a_text_given_up_for_lost_was_sent_if_the_carrier_says_so(
    client: Client, app: Flask, at: Clock, sim: Sim
) -> None:
    at("2026-11-23 11:00")
    factories.link(ARJUN, may_text=True)
    carrier_jobs.take_text()
    at.later(minutes=10)
    look(app)
    assert status() == SmsStatus.NOT_SENT
    tells(client, texts_out()[0], "delivered", new_sid())
    assert status() == SmsStatus.DELIVERED


def test_a_stop_that_the_carrier_tells_late_is_remembered(
    client: Client, text: OutboundSms
) -> None:
    assert text.carrier_id
    tells(client, text, "failed", text.carrier_id, 21610)
    assert status() == SmsStatus.FAILED
    assert sms.has_opted_out(db.session(), hash_of(ARJUN))


def test_a_word_about_another_text_changes_nothing(client: Client, text: OutboundSms) -> None:
    assert tells(client, text, "failed", new_sid()) == 204
    assert status() == SmsStatus.ACCEPTED


def test_a_word_we_do_not_know_changes_nothing(client: Client, text: OutboundSms) -> None:
    assert text.carrier_id
    assert tells(client, text, "beamed", text.carrier_id) == 204
    assert status() == SmsStatus.ACCEPTED


def test_a_text_we_do_not_know_is_not_found(client: Client, text: OutboundSms) -> None:
    told = {"MessageSid": new_sid(), "MessageStatus": "sent"}
    assert post(client, "/webhooks/text/" + "0" * 32 + "/status", told).status_code == 404


def test_a_text_of_which_nothing_is_heard_is_asked_about_once(
    client: Client, app: Flask, text: OutboundSms, at: Clock, sim: Sim
) -> None:
    ask = partial(look_up_next, SMS, texting(app))
    comes(sim, 1, ARJUN)
    until(lambda: sim.get("/messages")["messages"][0]["status"] == "delivered")
    assert not ask()
    at.later(minutes=10)
    assert [ask(), ask()] == [True, False]
    assert status() == SmsStatus.DELIVERED


def test_a_carrier_that_says_nothing_new_is_not_asked_for_ever(
    client: Client, app: Flask, text: OutboundSms, at: Clock, sim: Sim
) -> None:
    ask = partial(look_up_next, SMS, texting(app))
    sim.server.stop()
    at.later(minutes=10)
    assert [ask(), ask()] == [True, False]
    at.later(minutes=10)
    assert not ask()
    assert text.carrier_id
    tells(client, text, "sent", text.carrier_id)
    at.later(minutes=10)
    assert ask(), "it has told something since"
