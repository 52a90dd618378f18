"""Texts that did not arrive are seen: by the advisor, by supervisors, by whoever watches."""

from __future__ import annotations

import pytest
from flask import Flask

from helpline import clock
from helpline.callbacks.models import Callback
from helpline.db import db
from helpline.domain.sms_progress import SmsKind, SmsStatus
from helpline.messaging import sms_delivery, undelivered_sms
from helpline.messaging.models import NoticeKind, OutboundSms
from helpline.messaging.queries import open_notices
from helpline.telephony.problems import SmsProblem
from helpline.web import metrics
from tests import factories
from tests.cast import ARJUN, ASHA, KAVITA, MEERA, Visitor
from tests.messaging.fixtures import new_sid, tells, texts_out, work
from tests.phonesim.fixtures import Sim
from tests.support.clock import Clock
from tests.support.web import Client


@pytest.fixture(autouse=True)
def morning(at: Clock, app: Flask) -> None:
    """It is eleven."""
    at("2026-11-23 11:00")


def notices(kind: NoticeKind) -> list[str]:
    """What the open notices of a kind are about."""
    db.session.rollback()
    return [each.subject for each in open_notices(db.session()) if each.kind == kind]


def texted(app: Flask, visitor: Visitor) -> OutboundSms:
    """A text that the carrier has taken."""
    factories.link(visitor, may_text=True)
    work(app)
    return texts_out()[-1]


def fails(client: Client, text: OutboundSms, code: int, status: str = "undelivered") -> None:
    """The carrier says that it did not arrive."""
    tells(client, text, status, text.carrier_id or new_sid(), code)


def press_emergency(app: Flask, client: Client) -> Callback:
    """Asha has a callback of Kavita, who agreed to texts, and texts her the crisis numbers."""
    callback = factories.claimed(ASHA, KAVITA, may_text=True)
    work(app)
    client.sign_in(ASHA)
    client.submit(client.get("/desk/"), "/emergency/text")
    return callback


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (30003, "switched off or out of coverage"),
        (30007, "filtered it"),
        (30008, "did not say why"),
        (30006, "cannot receive text messages"),
    ],
)
def test_a_text_that_did_not_arrive_is_on_the_page_with_its_reason(
    app: Flask, client: Client, sim: Sim, code: int, words: str
) -> None:
    text = texted(app, ARJUN)
    fails(client, text, code)
    factories.staff(MEERA)
    client.sign_in(MEERA)
    page = client.get("/floor/texts").text
    assert words in page and str(code) in page and f"callback {text.callback_id}" in page
    assert ARJUN.phone not in page and ARJUN.name not in page
    assert "/floor/texts" in client.get("/floor/").text


def test_a_text_that_was_refused_is_on_the_page(app: Flask, client: Client, sim: Sim) -> None:
    sim.do("POST", "/faults", {"kind": "error", "code": 21612, "about": "message"})
    texted(app, ARJUN)
    factories.staff(MEERA)
    client.sign_in(MEERA)
    assert "cannot send text messages to this number" in client.get("/floor/texts").text


def test_what_was_not_sent_on_purpose_is_no_failure(app: Flask, client: Client, sim: Sim) -> None:
    sim.do("POST", "/faults", {"kind": "error", "code": 21610, "about": "message"})
    texted(app, ARJUN)
    assert list(undelivered_sms.list_undelivered(db.session(), now=clock.now())) == []
    factories.staff(MEERA)
    client.sign_in(MEERA)
    assert "There are no undelivered text messages" in client.get("/floor/texts").text


def test_the_same_reason_for_several_people_is_one_notice(
    app: Flask, client: Client, sim: Sim
) -> None:
    for count, visitor in enumerate((ARJUN, KAVITA)):
        assert notices(NoticeKind.TEXTS_FAIL) == [], count
        fails(client, texted(app, visitor), 30007)
    assert notices(NoticeKind.TEXTS_FAIL) == ["problem:carrier_filtered"]
    factories.staff(MEERA)
    client.sign_in(MEERA)
    assert "Text messages to several people were not delivered" in client.get("/floor/").text


def test_phones_that_are_switched_off_raise_no_alarm(app: Flask, client: Client, sim: Sim) -> None:
    for visitor in (ARJUN, KAVITA):
        fails(client, texted(app, visitor), 30003)
    assert notices(NoticeKind.TEXTS_FAIL) == []


@pytest.mark.parametrize("by", ["webhook", "refusal", "look"])
def test_the_advisor_who_texted_crisis_numbers_sees_at_once_that_they_did_not_arrive(
    app: Flask, client: Client, sim: Sim, at: Clock, by: str
) -> None:
    callback = press_emergency(app, client)
    assert "not delivered" not in client.get("/desk/hand").text
    if by == "refusal":
        sim.do("POST", "/faults", {"kind": "error", "code": 21612, "about": "message"})
    work(app)
    (text,) = [each for each in texts_out() if each.kind == SmsKind.CRISIS]
    if by == "webhook":
        fails(client, text, 30003)
    elif by == "look":
        assert text.carrier_id
        sms_delivery.apply_status(
            text.id,
            text.carrier_id,
            SmsStatus.UNDELIVERED,
            error_code=30003,
            problem=SmsProblem.UNREACHABLE,
            now=clock.now(),
        )
    for page in ("/desk/hand", "/desk/"):
        seen = client.get(page).text
        assert "crisis numbers was not delivered" in seen and "Read the numbers to them" in seen
    assert notices(NoticeKind.CRISIS_TEXT_FAILED) == [f"callback:{callback.id}"]


def test_an_advisor_who_has_gone_on_is_told_of_which_callback_it_was(
    app: Flask, client: Client, sim: Sim
) -> None:
    callback = press_emergency(app, client)
    work(app)
    (text,) = [each for each in texts_out() if each.kind == SmsKind.CRISIS]
    client.submit(client.get("/desk/"), "/release")
    fails(client, text, 30007)
    seen = client.get("/desk/hand").text
    assert f"for callback {callback.id} was not delivered" in seen


def test_a_crisis_text_that_came_too_late_is_told_too(
    app: Flask, client: Client, sim: Sim, at: Clock
) -> None:
    press_emergency(app, client)
    at.later(minutes=31)
    work(app)
    assert "crisis numbers was not delivered" in client.get("/desk/hand").text


def test_what_became_of_texts_is_counted_for_machines_that_watch(
    app: Flask, client: Client, sim: Sim
) -> None:
    fails(client, texted(app, ARJUN), 30007)
    delivered = texted(app, KAVITA)
    tells(client, delivered, "delivered", delivered.carrier_id or "")
    shown = metrics.render_metrics().decode()
    assert 'helpline_texts_last_hour{outcome="not_delivered"} 1.0' in shown
    assert 'helpline_texts_last_hour{outcome="delivered"} 1.0' in shown
