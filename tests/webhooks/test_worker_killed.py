"""A worker is killed (SIGKILL) when the other system has the message and the worker does not know
it yet. Real processes: the message is sent again, with the same id."""

from __future__ import annotations

from datetime import timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from threading import Event

import pytest
from flask import Flask

from config import Settings
from helpline import clock
from helpline.db import db
from helpline.messaging.models import OutboxState
from helpline.messaging.webhooks import deliveries, queries, service
from tests import factories
from tests.cast import MEERA
from tests.journeys.live_services import clean_environment, end
from tests.support import programs
from tests.support.settings import environment_of
from tests.webhooks.receiver import Receiver

PATIENCE_SECONDS = 90


def test_a_message_that_arrived_is_sent_again_with_its_id(
    app: Flask, settings: Settings, other: Receiver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin = factories.staff(MEERA).id
    service.add_endpoint(other.url, admin_id=admin, now=clock.now())
    [endpoint] = queries.all_endpoints(db.session())
    service.send_test(endpoint.id, admin_id=admin, now=clock.now())
    db.session.rollback()
    arrived, killed = Event(), Event()

    def hold(_handler: BaseHTTPRequestHandler) -> bool:
        arrived.set()
        return killed.wait(PATIENCE_SECONDS)

    other.before_answer = hold
    log = tmp_path / "worker.log"
    with log.open("wb") as output:
        worker = programs.start(
            ["flask", "--app", "app:create_app", "helpline", "worker"],
            env={**clean_environment(), **environment_of(settings)},
            output=output,
        )
        try:
            assert arrived.wait(PATIENCE_SECONDS), log.read_text()
            worker.kill()
            worker.wait(PATIENCE_SECONDS)
        finally:
            killed.set()
            end([worker])
    [row] = queries.last_deliveries(db.session())
    assert row.state == OutboxState.IN_HAND
    other.before_answer = lambda _handler: None
    db.session.rollback()
    assert not deliveries.send_next(allow_private=True), "it may still be under way"

    now = clock.now() + deliveries.LEASE + timedelta(seconds=1)
    monkeypatch.setattr(clock, "now", lambda: now)
    assert deliveries.send_next(allow_private=True)
    assert len(other.got) == 2
    assert other.got[0].id == other.got[1].id
    assert other.got[0].body == other.got[1].body
    db.session.rollback()
    [row] = queries.last_deliveries(db.session())
    assert (row.state, row.attempts) == (OutboxState.DONE, 2)
