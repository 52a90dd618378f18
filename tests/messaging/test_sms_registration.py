"""Text messages into a country that delivers registered wordings only."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from helpline.db import db
from helpline.domain.sms_progress import SmsStatus
from helpline.messaging import sms_registration, sms_templates
from helpline.messaging.carrier_jobs import Request
from helpline.messaging.models import OutboundSms, TextRegistration
from helpline.preflight import checks
from helpline.preflight.checks import Check, Level
from helpline.preflight.service import load_facts
from helpline.telephony import regions
from helpline.telephony.adapters import FIRST
from helpline.telephony.port import SmsRegistration
from helpline.telephony.problems import SmsProblem
from helpline.telephony.regions import Fact, RegionFacts
from tests import factories
from tests.cast import KAVITA, MEERA, Visitor
from tests.dispatch.fixtures import deeds
from tests.support import carrier_jobs
from tests.support.web import Client

BISHNU = Visitor("Bishnu", "+9779812345678")
pytestmark = [
    pytest.mark.settings(texts_enabled=True, allowed_regions=("IN", "NP")),
    pytest.mark.parametrize("database_kind", ["sqlite"]),
]


@pytest.fixture(autouse=True)
def _required(monkeypatch: pytest.MonkeyPatch) -> None:
    """India requires it of the carrier that we have."""
    facts = {"IN": RegionFacts(_template_registration={FIRST: Fact(True)}), "NP": RegionFacts()}
    monkeypatch.setattr(regions, "known_regions", lambda: facts)


@pytest.fixture
def meera(client: Client) -> Client:
    factories.staff(MEERA)
    client.sign_in(MEERA)
    return client


def save(client: Client, **fields: str) -> Any:
    """An admin saves the page."""
    filled = {"entity_id": "1101000000000000001", "header": "HLPLIN", **fields}
    page = client.get("/admin/text-registration")
    return client.submit(page, "/admin/text-registration/IN", **filled)


def text_to(visitor: Visitor) -> OutboundSms:
    factories.link(visitor, may_text=True)
    return db.session.scalars(sa.select(OutboundSms).order_by(OutboundSms.id.desc())).first()  # type: ignore[return-value]


def outcome(text: OutboundSms) -> tuple[str, str | None]:
    db.session.rollback()
    db.session.refresh(text)
    return text.status, text.problem


def test_an_unregistered_text_is_withheld_and_one_to_another_country_is_sent(app: Flask) -> None:
    text = text_to(KAVITA)
    assert carrier_jobs.take_text() is True
    assert outcome(text) == (SmsStatus.NOT_SENT, SmsProblem.UNREGISTERED)
    assert text.phone is None and text.words is None
    text_to(BISHNU)
    request = carrier_jobs.take_text()
    assert isinstance(request, Request) and request.registration is None


def test_a_registered_text_is_sent_with_its_ids(meera: Client) -> None:
    text = text_to(KAVITA)
    assert save(meera, **{f"template-{text.template}": "1107000000000000009"}).status_code == 303
    request = carrier_jobs.take_text()
    assert isinstance(request, Request)
    expected = SmsRegistration("HLPLIN", "1101000000000000001", "1107000000000000009")
    assert request.registration == expected
    (entry,) = deeds("text_registration_changed")
    assert entry.subject == "region:IN"
    assert entry.detail["after"] == {text.template: "1107000000000000009"}


def test_a_wording_that_changed_since_is_withheld_until_its_new_id_is_entered(
    meera: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = text_to(Visitor("Uma", "+919876500076"))
    name = f"template-{text.template}"
    save(meera, **{name: "1"})
    render = sms_templates.render

    def reworded(key: str, language: str, **values: str) -> str:
        return render(key, language, **values).replace("your request", "your new request")

    monkeypatch.setattr(sms_templates, "render", reworded)
    changed = text_to(Visitor("Tara", "+919876500077"))
    assert "your new request" in (changed.words or "")
    assert isinstance(carrier_jobs.take_text(), Request), "what was written before is as registered"
    assert carrier_jobs.take_text() is True
    assert outcome(changed) == (SmsStatus.NOT_SENT, SmsProblem.UNREGISTERED)
    page = meera.get("/admin/text-registration")
    assert "The wording has changed since it was registered" in page.text
    save(meera)
    assert name.removeprefix("template-") in unlocked(), "the same id locks no other wording"
    save(meera, **{name: "2"})
    assert name.removeprefix("template-") not in unlocked()
    text_to(Visitor("Usha", "+919876500078"))
    assert isinstance(carrier_jobs.take_text(), Request)


def unlocked() -> set[str]:
    db.session.rollback()
    templates = sms_registration.templates_of(db.session(), "IN")
    return {each.name for each in templates if not each.is_locked}


def test_a_wording_that_changes_while_the_page_is_open_is_not_locked_unseen(
    meera: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = meera.get("/admin/text-registration")
    render = sms_templates.render
    monkeypatch.setattr(
        sms_templates,
        "render",
        lambda key, language, **values: render(key, language, **values) + "!",
    )
    filled = {"entity_id": "1", "header": "HLPLIN", "template-en-on_page": "2"}
    answer = meera.submit(page, "/admin/text-registration/IN", **filled)
    assert answer.status_code == 409 and "There is an update to your request.!" in answer.text
    assert db.session.scalars(sa.select(TextRegistration)).all() == []
    assert meera.submit(answer, "/admin/text-registration/IN").status_code == 303
    assert "en-on_page" not in unlocked()


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"entity_id": ""}, "Enter the entity ID."),
        ({"header": "HELP LINE"}, "Enter 1 to 11 letters or digits."),
        ({"template-en-crisis": "11 07"}, "Enter letters and digits only"),
    ],
)
def test_what_cannot_be_saved_is_said_at_its_field(
    meera: Client, fields: dict[str, str], said: str
) -> None:
    answer = save(meera, **fields)
    assert answer.status_code == 422 and said in answer.text
    assert db.session.scalars(sa.select(TextRegistration)).all() == []


def test_only_a_country_that_requires_it_has_a_page(meera: Client) -> None:
    page = meera.get("/admin/text-registration")
    assert "India" in page.text and "Nepal" not in page.text
    forged = meera.submit(page, "/admin/text-registration/IN").status_code
    assert forged == 422
    assert meera.post("/admin/text-registration/NP").status_code in (400, 404)


def test_preflight_counts_what_is_not_registered(meera: Client) -> None:
    (finding,) = checks.text_registration(FIRST, ("IN", "NP"), load_facts().unregistered_texts)
    count = len(sms_templates.sent_keys(two_way=True)) * len(sms_templates.load())
    assert (finding.check, finding.level) == (Check.TEXTS, Level.WRONG)
    assert finding.about == f"IN {count}"
    ids = {
        f"template-{each.name}": "1" for each in sms_registration.templates_of(db.session(), "IN")
    }
    assert save(meera, **ids).status_code == 303
    (finding,) = checks.text_registration(FIRST, ("IN", "NP"), load_facts().unregistered_texts)
    assert finding.level == Level.RIGHT


def test_where_nobody_can_answer_only_wordings_without_a_reply_are_registered(
    meera: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    one_way = RegionFacts(
        _template_registration={FIRST: Fact(True)}, _two_way_texts={FIRST: Fact(False)}
    )
    monkeypatch.setattr(regions, "known_regions", lambda: {"IN": one_way, "NP": RegionFacts()})
    assert "Text STOP" not in meera.get("/admin/text-registration").text
    text = text_to(KAVITA)
    assert text.template in unlocked() and (text.template or "").endswith("_one_way")
    save(meera, **{f"template-{text.template}": "7"})
    assert isinstance(carrier_jobs.take_text(), Request)
