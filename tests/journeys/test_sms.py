"""Texts through real processes: web, worker and the simulated carrier, whose webhooks misbehave."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import requests
import sqlalchemy as sa

from helpline import clock, factory
from helpline.db import db
from helpline.messaging import sms_registration
from tests.cast import ARJUN, HELPLINE, LEELA, Visitor
from tests.journeys.live_services import PATIENCE_SECONDS, House, Phones, open_house, until
from tests.support.carriers import PLIVO


def says(phones: Phones, visitor: Visitor, body: str, count: int = 1) -> list[str]:
    """A visitor texts us, and waits for so many texts more; all that came so far is given."""
    before = len(came(phones, visitor))
    phones.tell("POST", f"/phones/{visitor.phone}/text", {"to": HELPLINE, "body": body})
    until(lambda: len(came(phones, visitor)) >= before + count, f"an answer to {body}")
    return came(phones, visitor)[before:]


def came(phones: Phones, visitor: Visitor) -> list[str]:
    return [text["body"] for text in phones.phone(visitor.phone)["texts"] if text["incoming"]]


def asks_on_the_page(house: House, visitor: Visitor) -> None:
    page = requests.get(house.url, timeout=PATIENCE_SECONDS).text
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page))
    assert "request_key" in hidden
    answer = requests.post(
        house.url,
        data={
            **hidden,
            "phone": visitor.phone,
            "when": "asap",
            "language": "en",
            "may_text": "yes",
            "may_leave_voicemail": "no",
            "may_say_who": "no",
            "consent": "yes",
        },
        timeout=PATIENCE_SECONDS,
    )
    assert answer.ok, answer.text
    assert answer.history, "the form was not taken"


def test_a_visitor_is_told_and_tells_us_by_text(tmp_path: Path, database_url: str) -> None:
    with open_house(tmp_path, database_url, texts_enabled=True) as house:
        phones = house.phones
        phones.fault(kind="webhook_double", about="message", times=None)
        phones.fault(kind="webhook_shuffle", about="message", times=2)
        assert says(phones, ARJUN, " when ")[0].startswith("No call is booked")
        assert says(phones, ARJUN, "Call")[0].startswith("We will call this phone as soon as")
        assert says(phones, ARJUN, "WHEN")[0].startswith("We will call this phone as soon as")
        assert says(phones, ARJUN, "cancel")[0].startswith("Cancelled")
        assert says(phones, ARJUN, "HELP")[0].startswith("Numbers you can call now: 112")

        asks_on_the_page(house, LEELA)
        until(lambda: came(phones, LEELA), "the visitor is told")
        assert came(phones, LEELA)[0].startswith("We have your request.")
        engine = sa.create_engine(house.settings.sqlalchemy_url)

        def statuses() -> list[str]:
            with engine.connect() as connection:
                return list(connection.scalars(sa.text("SELECT status FROM text_out")))

        until(lambda: statuses() == ["delivered"], f"delivery is kept: {statuses()}")
        says(phones, LEELA, "STOP")
        until(lambda: stopped(engine) == 1, "the stop is kept")
        engine.dispose()
        assert len(came(phones, LEELA)) == 2, "the carrier's own answer, and none of ours"


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_registered_text_reaches_the_visitor_by_the_other_carrier(
    tmp_path: Path, database_url: str
) -> None:
    with open_house(tmp_path, database_url, carrier=PLIVO, texts_enabled=True) as house:
        house.phones.fault(kind="webhook_double", about="message", times=None)
        asks_on_the_page(house, ARJUN)
        until(lambda: problems(house) == ["not_registered"], "it is withheld")
        register_all(house)
        asks_on_the_page(house, LEELA)
        until(lambda: came(house.phones, LEELA), "the visitor is told")
        assert came(house.phones, LEELA)[0].startswith("We have your request.")
        until(lambda: "delivered" in column(house, "status"), "delivery is kept")
        assert came(house.phones, ARJUN) == []


def register_all(house: House) -> None:
    """An admin enters the ids of every template of India."""
    app = factory.create_app(house.settings)
    with app.app_context():
        templates = sms_registration.templates_of(db.session(), "IN")
        sms_registration.save(
            "IN",
            entity_id="1101000000000000001",
            header="HLPLNE",
            ids={each.name: "1107000000000000001" for each in templates},
            seen=sms_registration.digest(templates),
            expected_version=1,
            admin_id=1,
            now=clock.now(),
        )
        db.session.remove()
        db.engine.dispose()


def problems(house: House) -> list[str]:
    return [problem for problem in column(house, "problem") if problem]


def column(house: House, name: str) -> list[str]:
    """A column of all texts of ours."""
    engine = sa.create_engine(house.settings.sqlalchemy_url)
    with engine.connect() as connection:
        found = list(connection.scalars(sa.text(f"SELECT {name} FROM text_out")))
    engine.dispose()
    return found


def stopped(engine: sa.Engine) -> int:
    with engine.connect() as connection:
        return connection.scalar(sa.text("SELECT count(*) FROM text_stop")) or 0
