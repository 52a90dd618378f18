"""A few hundred made-up requests; `make fuzz` sends 100,000."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from tests.fuzz.play import play
from tests.fuzz.targets import OPEN, world_of
from tests.support.clock import Clock
from tests.support.web import Client


@pytest.mark.settings(texts_enabled=True)
def test_no_made_up_request_ends_in_a_500(
    app: Flask, new_client: Callable[[], Client], at: Clock
) -> None:
    at(OPEN)
    world = world_of(app, new_client(), new_client())
    assert len(world.targets) > 150
    played = play(world, examples=300, number=7)
    assert not played.failures, "\n\n".join(played.failures.values())
    assert played.requests >= 300
    assert played.answers[403] < played.requests / 3, "most get past the door"
