"""Guessing at references is bounded: by network, and by reference from wherever it comes."""

from __future__ import annotations

from datetime import timedelta
from itertools import cycle, islice, product

import pytest
from flask import Flask

from helpline import clock
from helpline.callbacks import references
from helpline.callbacks.references import TooManyGuesses
from helpline.domain.login_backoff import GUESSER, Backoff
from helpline.domain.references import ALPHABET
from tests import factories
from tests.cast import KAVITA
from tests.support.clock import Clock
from tests.support.web import Client

REFERENCES = map("".join, product(ALPHABET, repeat=6))

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"])


def guess(client: Client, reference: str, digits: str, network: str) -> int:
    """Try a reference; the status of the answer."""
    answer = client.post(
        "/find",
        data={"reference": reference, "last_digits": digits},
        environ_overrides={"REMOTE_ADDR": network},
    )
    return answer.status_code


def looked_up(reference: str, digits: str, network: dict[str, Backoff]) -> bool:
    """Whether a wrong guess was looked up at all."""
    try:
        assert references.find_link(reference, digits, network, now=clock.now()) is None
    except TooManyGuesses:
        return False
    return True


@pytest.mark.parametrize("pauses", [[60], [0, 0, 0, 0, 60, 60 * 24 + 1]], ids=["hourly", "daily"])
def test_the_digits_of_a_known_reference_are_not_found_by_trying_from_everywhere(
    app: Flask, client: Client, at: Clock, pauses: list[int]
) -> None:
    at("2026-11-23 12:00")
    asked = factories.callback(KAVITA)
    count, until, pause = 0, clock.now() + references.OPENS_FOR, cycle(pauses)
    for turn in range(10_000):
        if clock.now() > until:
            break
        count += looked_up(asked.reference, f"{1000 + turn}", {f"network {turn}": GUESSER})
        at.later(minutes=next(pause))
    assert 20 < count < 90, "of 10,000"
    for _ in range(5):
        looked_up(asked.reference, "9999", {"another network": GUESSER})
    refused = guess(client, asked.reference, asked.phone[-4:], "203.0.113.9")
    at.later(minutes=60 * 24)
    assert guess(client, asked.reference, asked.phone[-4:], "203.0.113.9") == 303
    assert refused == 429, "the right ones too, or a refusal would tell them"


def test_one_network_tries_few_references(app: Flask, at: Clock) -> None:
    at("2026-11-23 12:00")
    count = 0
    for reference in islice(REFERENCES, 24 * 12):
        count += looked_up(reference, "0001", {"one network": GUESSER})
        at.later(minutes=5)
    assert 20 < count < 60, "in a day"


def test_addresses_of_one_home_count_together(app: Flask, client: Client, at: Clock) -> None:
    at("2026-11-23 12:00")
    tries = [
        guess(client, reference, "0001", f"2001:db8:1:2::{turn:x}")
        for turn, reference in enumerate(islice(REFERENCES, 22))
    ]
    assert tries == [422] * 20 + [429] * 2


def test_right_ones_are_not_counted_and_others_of_the_network_come_back_meanwhile(
    app: Flask, client: Client, at: Clock
) -> None:
    at("2026-11-23 12:00")
    asked = factories.callback(KAVITA)
    mine = (asked.reference, asked.phone[-4:], "203.0.113.9")
    assert {guess(client, *mine) for _ in range(40)} == {303}
    for digits in range(4):
        assert guess(client, asked.reference, f"{9000 + digits}", "203.0.113.9") == 422
    assert guess(client, *mine) == 303


def test_whoever_must_wait_is_told_until_when_and_reads_the_crisis_numbers(
    app: Flask, client: Client, at: Clock
) -> None:
    at("2026-11-23 12:00")
    for _ in range(5):
        guess(client, "K7M3XD", "0001", "203.0.113.9")
    answer = client.post("/find", data={"reference": "K7M3XD", "last_digits": "0001"})
    assert answer.status_code == 429
    assert timedelta(hours=1).total_seconds() <= int(answer.headers["Retry-After"]) <= 3602
    assert "You can try again today at 1:00" in answer.text
    assert "tel:112" in answer.text
    assert 'value="K7M3XD"' in answer.text
