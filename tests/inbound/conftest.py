"""The usual hours have been in force for long; and what must always hold still does, after each."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from flask import Flask

from helpline.db import db
from helpline.hours import service as hours
from tests.stateful.rules import broken_rules


@pytest.fixture(autouse=True)
def _rules_hold(request: pytest.FixtureRequest) -> Iterator[None]:
    if "app" not in request.fixturenames:
        yield
        return
    app: Flask = request.getfixturevalue("app")
    hours.create_first_hours("Asia/Kolkata", now=datetime(2026, 1, 1, tzinfo=UTC))
    yield
    with app.app_context():
        assert broken_rules(db.session()) == []
