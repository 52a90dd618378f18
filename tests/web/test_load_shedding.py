"""While as many requests use the database as may, others are refused at once, with numbers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from threading import Semaphore

import pytest
from flask import Flask, request_started
from prometheus_client import REGISTRY

from helpline.db import db
from helpline.factory import create_app
from helpline.web import db_bulkhead
from tests.support.settings import settings_for_tests
from tests.support.web import Client

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"])


@pytest.fixture
def full(database_url: str, tmp_path: Path) -> Iterator[Flask]:
    """An application without a free place at its database."""
    app = create_app(settings_for_tests(tmp_path, database_url))
    db_bulkhead.PLACES.install(app, Semaphore(0))
    app.test_client_class = Client
    with app.app_context():
        yield app
        db.engine.dispose()


@pytest.fixture
def dispatched(full: Flask) -> Iterator[list[str]]:
    """What Flask is asked for."""
    came: list[str] = []

    def note(_app: Flask, **_told: object) -> None:
        came.append("asked")

    with request_started.connected_to(note, full):
        yield came


@pytest.mark.parametrize(
    "path",
    ["/", "/hi/", "/?region=US", "/request/of-nobody", "/en/request/of-nobody", "/desk/queue"],
)
@pytest.mark.parametrize("method", ["GET", "POST", "HEAD"])
def test_what_needs_the_database_is_refused_before_flask(
    full: Flask, dispatched: list[str], path: str, method: str
) -> None:
    refused = full.test_client().open(path, method=method)
    assert refused.status_code == 503 and not dispatched
    assert refused.headers["Retry-After"] == "10"
    assert refused.headers["Cache-Control"] == "no-store"
    assert "script-src" not in refused.headers["Content-Security-Policy"]
    assert ('href="tel:112"' in refused.text) == (method != "HEAD")


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/crisis", 200),
        ("/hi/crisis", 200),
        ("/emergency", 200),
        ("/exit", 303),
        ("/exit-help", 200),
        ("/healthz", 200),
        ("/login", 200),
        ("/requests", 404),
        ("/xx/", 404),
    ],
)
def test_what_needs_none_is_answered(full: Flask, path: str, status: int) -> None:
    assert full.test_client().get(path).status_code == status


@pytest.mark.parametrize("path", ["/api/v1/slots", "/invitation/of-nobody"])
def test_what_only_flask_knows_to_need_it_is_told_when_to_come_back(
    full: Flask, path: str, capsys: pytest.CaptureFixture[str]
) -> None:
    refused = full.test_client().get(path)
    assert refused.status_code == 503 and "112" in refused.text
    assert refused.headers["Retry-After"] == "10"
    assert "frames" not in capsys.readouterr().out, "it is no error of ours"


def test_refusals_are_counted(full: Flask) -> None:
    def refused(endpoint: str) -> float:
        labels = {"endpoint": endpoint, "status": "5xx"}
        return REGISTRY.get_sample_value("helpline_page_seconds_count", labels) or 0.0

    paths = {"/": "visitor.refused", "/desk/queue": "advisor.refused"}
    before = {endpoint: refused(endpoint) for endpoint in paths.values()}
    for path, endpoint in paths.items():
        full.test_client().get(path)
        assert refused(endpoint) == before[endpoint] + 1


def test_with_a_place_free_every_page_is_served(full: Flask) -> None:
    db_bulkhead.PLACES.install(full, Semaphore(1))
    for _ in range(3):  # And it is free again after each.
        assert full.test_client().get("/").status_code == 200
