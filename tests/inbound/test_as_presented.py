"""How a caller or sender is presented differs by network; what the service answers, over HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from config import Settings
from helpline.callbacks.models import Callback
from helpline.db import db
from tests.cast import ARJUN, HELPLINE
from tests.inbound.served import served
from tests.journeys.live_services import free_port
from tests.phonesim.fixtures import Sim, until
from tests.support.clock import Clock

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"])


@pytest.fixture
def settings(make_settings: Callable[..., Settings]) -> Settings:
    """A service with texts, at a public address at which it can be served."""
    return make_settings(
        public_url=f"http://127.0.0.1:{free_port()}", texts_enabled=True, voice_languages=("en",)
    )


@pytest.fixture
def phones(app: Flask, settings: Settings, at: Clock) -> Iterator[Sim]:
    """The simulated network, inside opening hours."""
    at("2026-11-23 11:00")
    with served(app, settings) as sim:
        yield sim


def callbacks() -> list[str | None]:
    """The numbers that have asked for a callback."""
    db.session.rollback()
    return list(db.session.scalars(sa.select(Callback.phone)))


def texts(phones: Sim) -> list[dict[str, Any]]:
    """The texts that came to the visitor's phone."""
    return [each for each in phones.phone(ARJUN.phone)["texts"] if each["incoming"]]


@pytest.mark.parametrize("leading", ["91", "091", "0", ""])
def test_a_caller_presented_without_plus_is_offered_a_callback_on_that_number(
    phones: Sim, leading: str
) -> None:
    presented = leading + ARJUN.phone.removeprefix("+91")
    told = {"to": HELPLINE, "presented": presented, "press": ["1"], "press_after": 1}
    answer = phones.do("POST", f"/phones/{ARJUN.phone}/dial", told)
    answer.raise_for_status()
    call = answer.json()
    assert call["from"] == presented
    phones.ended(call["sid"])
    heard = " ".join(phones.phone(ARJUN.phone)["heard"])
    assert "We will call you back as soon as an advisor is available." in heard
    assert callbacks() == [ARJUN.phone]


def test_only_the_phones_own_number_can_be_presented(phones: Sim) -> None:
    told = {"to": HELPLINE, "presented": "919876500003"}
    assert phones.do("POST", f"/phones/{ARJUN.phone}/dial", told).status_code == 400


@pytest.mark.parametrize("channel", ["whatsapp", "rcs"])
def test_a_text_of_another_channel_is_answered_on_that_channel(phones: Sim, channel: str) -> None:
    for body, answer in [
        ("I want to die", "We do not read texts at once. Call now: 112, 14416."),
        ("CALL", "We will call this phone as soon as we can."),
        ("HELP", "Numbers you can call now: 112"),
    ]:
        before = len(texts(phones))
        told = {"to": HELPLINE, "body": body, "channel": channel}
        sent = phones.do("POST", f"/phones/{ARJUN.phone}/text", told)
        sent.raise_for_status()
        assert sent.json()["from"] == f"{channel}:{ARJUN.phone}"
        until(lambda n=before: len(texts(phones)) > n, what=f"an answer to {body}")
        came = texts(phones)[-1]
        assert came["body"].startswith(answer)
        assert came["other"].startswith(f"{channel}:")
    assert callbacks() == [ARJUN.phone]
    replies = [
        each for each in phones.get("/messages")["messages"] if each["direction"] != "inbound"
    ]
    assert {each["to"] for each in replies} == {f"{channel}:{ARJUN.phone}"}


def test_an_unknown_channel_is_refused(phones: Sim) -> None:
    told = {"to": HELPLINE, "body": "CALL", "channel": "fax"}
    assert phones.do("POST", f"/phones/{ARJUN.phone}/text", told).status_code == 400
