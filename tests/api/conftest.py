"""What tests of the API share: a program that asks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from helpline.web import rate_limits
from tests.support.web import Client

Asks = Callable[..., TestResponse]


@pytest.fixture(autouse=True)
def _without_limits(app: Flask) -> None:
    """So that a test may ask as often as it likes; the tests of limits turn them on."""
    rate_limits.limits_of(app).on = False


@pytest.fixture
def ask(client: Client) -> Asks:
    """Asks for a call by the API."""

    def ask_(
        phone: str = "98765 43210",
        *,
        key: str | None = None,
        origin: str | None = None,
        **told: Any,
    ) -> TestResponse:
        headers = {"Idempotency-Key": key or str(uuid4())}
        if origin is not None:
            headers["Origin"] = origin
        body = {"phone": phone, "consent": True} | told
        return client.post("/api/v1/callbacks", json=body, headers=headers)

    return ask_


def bearer(token: str) -> dict[str, str]:
    """The header that opens a request."""
    return {"Authorization": f"Bearer {token}"}
