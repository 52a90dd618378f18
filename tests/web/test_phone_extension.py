"""The extension of a visitor's phone number: typed with it, kept and shown beside it."""

from __future__ import annotations

from uuid import uuid4

import pytest
import sqlalchemy as sa
from flask import Flask

from helpline import clock
from helpline.callbacks import claims
from helpline.callbacks.models import Callback
from helpline.db import db
from helpline.domain.lifecycle import Status
from helpline.erasure import service as erasure
from tests import factories
from tests.cast import ASHA, KAVITA
from tests.support.clock import Clock
from tests.support.web import Client, form_of

TYPED = "022 2345 6789 ext. 12"
NUMBER = "+912223456789"


@pytest.fixture(autouse=True)
def _open_now(app: Flask, at: Clock) -> None:
    at("2026-11-23 11:00")


def ask(client: Client, phone: str = TYPED, path: str = "/", **fields: str | bool) -> str:
    """A visitor sends the form; the path of the page of their request comes back."""
    form = form_of(client.get(path), "/?").fill(phone=phone, consent=True, **fields)
    answer = client.submit(form)
    assert answer.status_code == 303
    return str(answer.location)


def all_callbacks() -> list[Callback]:
    db.session.rollback()
    return list(db.session.scalars(sa.select(Callback).order_by(Callback.id)))


def test_the_form_keeps_the_extension_encrypted_beside_the_number(client: Client) -> None:
    ask(client)
    [asked] = all_callbacks()
    assert (asked.phone, asked.phone_extension, asked.phone_as_typed) == (NUMBER, "12", TYPED)
    raw = db.session.execute(sa.text("SELECT phone_extension FROM callback")).scalar_one()
    assert raw.startswith("gAAAA"), "encrypted"


@pytest.mark.parametrize(
    ("path", "words"),
    [("/", "Enter an extension of 1 to 8 digits"), ("/hi/", "एक्सटेंशन 1 से 8 अंकों में")],
)
def test_an_extension_that_cannot_be_read_is_kept_as_it_was_typed(
    client: Client, path: str, words: str
) -> None:
    typed = "022 2345 6789 ext. 12 or 13"
    answer = client.submit(form_of(client.get(path), "?").fill(phone=typed, consent=True))
    assert answer.status_code == 422
    assert words in answer.text
    assert f'value="{typed}"' in answer.text
    assert all_callbacks() == []


@pytest.mark.settings(texts_enabled=True)
def test_no_texts_are_sent_to_an_extension(client: Client) -> None:
    page = ask(client, may_text="yes")
    assert all_callbacks()[0].may_text is False
    assert "We do not send text messages to a number with an extension." in (
        client.get(f"{page.split('?')[0]}/number").text
    )


def test_the_page_of_the_request_hides_the_extension_as_it_hides_the_number(
    client: Client,
) -> None:
    token = factories.link(KAVITA, phone_extension="4712")
    for _look in range(2):
        page = client.get(f"/request/{token}").text
        assert "001 ext. ••" in page
        assert "4712" not in page
    assert "+91 98765 00001 ext. 4712" in client.get(f"/request/{token}/number").text
    assert "001 एक्सटेंशन ••" in client.get(f"/hi/request/{token}").text


def test_an_extension_is_no_other_number(client: Client) -> None:
    ask(client)
    ask(client, "022 2345 6789 ext. 13")
    first, second = all_callbacks()
    assert first.phone_hash == second.phone_hash
    assert (first.status, second.status) == (Status.WAITING, Status.JOINED)


def test_the_same_form_with_another_extension_is_another_request(client: Client) -> None:
    form = form_of(client.get("/"), "/?").fill(phone=TYPED, consent=True)
    sent = (TYPED, "02223456789 x12", "022 2345 6789 ext. 13")
    codes = [client.submit(form.fill(phone=phone)).status_code for phone in sent]
    assert codes == [303, 303, 422], "the third is asked which of the two they want"


NO_CARRIER = pytest.mark.settings(twilio_account_sid="", twilio_auth_token="")


@pytest.mark.parametrize(
    "words",
    [
        "The extension is dialled for you after the number answers.",
        pytest.param("Dial or ask for extension 12 yourself", marks=NO_CARRIER),
    ],
)
def test_the_desk_says_who_dials_the_extension(client: Client, words: str) -> None:
    ask(client)
    ask(client, "022 2345 6789 ext. 13")
    desk = desk_of(client)
    assert "ext. 12" in desk
    assert words in desk
    assert "Requests from other extensions of this number: 13." in desk


def test_the_api_takes_an_extension_with_the_number(client: Client) -> None:
    answer = client.post(
        "/api/v1/callbacks",
        json={"phone": TYPED, "consent": True},
        headers={"Idempotency-Key": str(uuid4())},
    )
    assert answer.status_code == 201
    assert all_callbacks()[0].phone_extension == "12"


def test_the_extension_is_erased_with_the_number(client: Client) -> None:
    token = factories.link(KAVITA, phone_extension="12")
    erasure.erase_everything(token, now=clock.now())
    raw = db.session.execute(sa.text("SELECT phone, phone_extension FROM callback")).one()
    assert tuple(raw) == (None, None)


def desk_of(client: Client) -> str:
    """The desk of an advisor who has claimed the first callback."""
    factories.staff(ASHA)
    claims.claim_next(factories.staff(ASHA).id, now=clock.now())
    client.sign_in(ASHA)
    return " ".join(client.get("/desk/").text.split())
