"""A number that is not the visitor's is refused with kind words."""

from __future__ import annotations

import pytest
from flask import Flask

from helpline.house import settings
from tests import factories
from tests.cast import ASHA
from tests.support.clock import Clock
from tests.support.web import Client, form_of

OURS = "This is our own number."


def told(client: Client, phone: str) -> str:
    """What the form says to this number."""
    form = form_of(client.get("/"), "/?").fill(phone=phone, consent=True)
    answer = client.submit(form)
    assert answer.status_code == 422
    return answer.text


@pytest.mark.settings(allowed_regions="IN,US")
def test_our_own_numbers_and_those_of_helplines_are_refused(
    app: Flask, client: Client, at: Clock
) -> None:
    at("2026-11-23 11:00")
    factories.staff(ASHA)
    with app.test_request_context():
        own = settings().helpline_number
    assert OURS in told(client, own)
    assert OURS in told(client, str(ASHA.phone))
    assert "10 digits are needed." in told(client, "98765")
    line = told(client, "+91 99996 66555")
    assert "This is the number of a helpline." in line
    fine = form_of(client.get("/"), "/?").fill(phone="Mob: 0919876500001;", consent=True)
    assert client.submit(fine).status_code == 303
