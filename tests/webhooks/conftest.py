"""A system that receives webhooks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.webhooks.receiver import Receiver, receiver


@pytest.fixture
def other() -> Iterator[Receiver]:
    """Another system, listening."""
    with receiver() as listening:
        yield listening
