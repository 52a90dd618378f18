"""A number that is not the visitor's is refused with kind words, by whichever way it comes in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from uuid import uuid4

import pytest
import sqlalchemy as sa
from flask import Flask

from helpline import clock
from helpline.callbacks.models import Callback
from helpline.calls import deactivation
from helpline.current import settings
from helpline.db import db
from helpline.directory.referrals import service as care
from helpline.directory.referrals.seed import EVERYWHERE, ServiceDetails
from tests import factories
from tests.cast import ASHA, HELPLINE, MEERA, Visitor
from tests.inbound.caller import Caller
from tests.messaging.fixtures import write
from tests.support.clock import Clock
from tests.support.web import Client, form_of

OURS = "This is our own number."
ANOTHER = "This is the number of another service."
SERIES = "We cannot call toll-free or service numbers."
SPOKEN = {
    OURS: "That is our own number.",
    ANOTHER: "number of another service",
    SERIES: "toll-free or service numbers",
}
CRISIS = "+919999666555"
CLINIC, ONLINE = "+911123456789", "+918022334455"

pytestmark = pytest.mark.settings(texts_enabled=True, voice_languages="en")


def forms_answer(client: Client, phone: str) -> str:
    """What the form says to this number."""
    form = form_of(client.get("/"), "/?").fill(phone=phone, consent=True)
    answer = client.submit(form)
    assert answer.status_code == 422
    assert f'value="{phone}"' in answer.text
    return answer.text


@pytest.fixture(autouse=True)
def _numbers(app: Flask, at: Clock) -> None:
    """An advisor with a phone, and two places in the referrals."""
    at("2026-11-23 11:00")
    factories.staff(ASHA)
    admin = factories.staff(MEERA).id
    for region, phone in (("IN", "011-2345 6789"), (EVERYWHERE, ONLINE)):
        place = ServiceDetails(
            region=region,
            kind="hospital",
            name="A place",
            phone=phone,
            tel=phone,
            languages=("en",),
            sources=("a leaflet",),
            found_on=date(2026, 11, 1),
        )
        care.SERVICES.add(place, admin_id=admin, now=clock.now())


def callbacks() -> list[str | None]:
    db.session.rollback()
    return list(db.session.scalars(sa.select(Callback.phone)))


REFUSED: dict[str, tuple[Callable[[], str], str]] = {
    "ours": (lambda: settings().helpline_number, OURS),
    "staff": (lambda: str(ASHA.phone), OURS),
    "crisis": (lambda: CRISIS, ANOTHER),
    "referral": (lambda: CLINIC, ANOTHER),
    "everywhere": (lambda: ONLINE, ANOTHER),
    "promotional": (lambda: "+911409876543", SERIES),
    "government": (lambda: "+911600123456", SERIES),
    "bank": (lambda: "+911601123456", SERIES),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_a_number_that_is_not_the_visitors_is_refused_wherever_it_comes_in(
    app: Flask, client: Client, kind: str
) -> None:
    which, words = REFUSED[kind]
    with app.test_request_context():
        number = which()
    assert words in forms_answer(client, number)

    told = client.post(
        "/api/v1/callbacks",
        json={"phone": number, "consent": True},
        headers={"Idempotency-Key": str(uuid4())},
    )
    assert told.status_code == 422
    assert [each["field"] for each in told.json["errors"]] == ["phone"]
    assert words in told.json["errors"][0]["message"]

    # Typed by a caller whose number is withheld, and by one who calls from that very number.
    typed = Caller(client).ring().press("1").press(number.removeprefix("+91"))
    assert SPOKEN[words] in typed.heard
    if number != HELPLINE:  # A call from there ends at once, as a loop.
        shown = Caller(client, number).ring().press("1")
        assert shown.row.phone is None
        assert "Please enter it" in shown.heard

    answer = write(client, "CALL", Visitor("Nobody", number))
    if number == HELPLINE:  # The two would answer each other.
        assert answer is None
    else:
        assert answer is not None
        assert answer.startswith("We cannot call this number. Numbers you can call now: 112")
    assert callbacks() == []


def test_a_number_of_a_visitor_is_taken_as_it_is_written(client: Client) -> None:
    assert "This number needs 10 digits." in forms_answer(client, "98765")
    fine = form_of(client.get("/"), "/?").fill(phone="Mob: 0919876500001;", consent=True)
    assert client.submit(fine).status_code == 303
    assert callbacks() == ["+919876500001"]


def test_the_phone_of_somebody_who_has_left_is_a_visitors_again(client: Client) -> None:
    asha, meera = factories.staff(ASHA), factories.staff(MEERA)
    deactivation.deactivate(
        asha.id, expected_version=asha.version, admin_id=meera.id, now=clock.now()
    )
    form = form_of(client.get("/"), "/?").fill(phone=str(ASHA.phone), consent=True)
    assert client.submit(form).status_code == 303
