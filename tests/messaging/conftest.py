"""A simulated carrier, and settings that send texts by it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from config import Settings
from tests.cast import CARRIER_ACCOUNT, CARRIER_TOKEN, HELPLINE
from tests.phonesim.fixtures import Sim, client_of
from tests.phonesim.fixtures import start as start_network


@pytest.fixture
def sim() -> Iterator[Sim]:
    """The carrier. Its time runs sixty times as fast; its clock is that of the test."""
    made = start_network(
        account_sid=CARRIER_ACCOUNT,
        auth_token=CARRIER_TOKEN,
        numbers=(HELPLINE,),
        opt_out_words=("STOP", "STOPALL", "UNSUBSCRIBE", "END", "QUIT"),
    )
    yield Sim(made.server, client_of(made.url, CARRIER_TOKEN))
    made.server.stop()


@pytest.fixture
def settings(
    request: pytest.FixtureRequest, make_settings: Callable[..., Settings], sim: Sim
) -> Settings:
    """Settings that send texts."""
    changes: dict[str, Any] = {
        "texts_enabled": True,
        "twilio_base_url": sim.url,
        "carrier_timeout_seconds": 1.0,
    }
    for mark in reversed(list(request.node.iter_markers("settings"))):
        changes.update(mark.kwargs)
    return make_settings(**changes)
