"""A simulated carrier for the service under test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask

from config import Settings
from helpline.cli.worker import carrier_contexts
from helpline.messaging.carrier_jobs import CarrierContext
from tests.cast import CARRIER_ACCOUNT, CARRIER_TOKEN, HELPLINE
from tests.phonesim.fixtures import Sim, client_of
from tests.phonesim.fixtures import start as start_network

OTHER_NUMBER = "+9779800000000"


@pytest.fixture
def sim(request: pytest.FixtureRequest) -> Iterator[Sim]:
    """The carrier. Its clock is that of the test; ``@pytest.mark.parametrize("sim", [...],
    indirect=True)`` changes its settings."""
    told: dict[str, Any] = getattr(request, "param", {})
    made = start_network(
        account_sid=CARRIER_ACCOUNT,
        auth_token=CARRIER_TOKEN,
        **({"numbers": (HELPLINE, OTHER_NUMBER), "time_scale": 1.0} | told),
    )
    yield Sim(made.server, client_of(made.url, CARRIER_TOKEN))
    made.server.stop()


@pytest.fixture
def settings(
    request: pytest.FixtureRequest, make_settings: Callable[..., Settings], sim: Sim
) -> Settings:
    """Settings with that carrier."""
    changes: dict[str, Any] = {"twilio_base_url": sim.url, "carrier_timeout_seconds": 2.0}
    for mark in reversed(list(request.node.iter_markers("settings"))):
        changes.update(mark.kwargs)
    return make_settings(**changes)


@pytest.fixture
def telephone(app: Flask) -> CarrierContext:
    """The carrier as the worker uses it."""
    found = carrier_contexts(app)[0]
    assert found is not None
    return found
