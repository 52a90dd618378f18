"""No page, poll or job scans a table that grows with every callback."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from flask import Flask

from helpline import clock
from helpline.db import db
from helpline.privacy import key_check
from helpline.worker import due
from tests import factories
from tests.cast import ARJUN, ASHA, KAVITA, LEELA, MEERA, VIKRAM
from tests.stateful.fixtures import World
from tests.support.clock import Clock
from tests.support.query_plans import scanned
from tests.support.sql_recorder import listening
from tests.support.web import Client
from tests.web.routes import pages_without_parameters

RETENTION_PAGE, RETENTION_JOB = "/admin/privacy", "erase_due"
"""What is kept is read for the retention, and for its next run on the page."""


def listed(found: dict[str, str]) -> str:
    return "\n\n".join(f"{tables}: {text}" for text, tables in found.items())


def test_pages_and_polls(
    app: Flask, client: Client, new_client: Callable[[], Client], at: Clock
) -> None:
    at("2026-11-23 11:00")
    factories.wrapping_up(ASHA, KAVITA)
    token = factories.link(LEELA, may_text=True)
    factories.callback(ARJUN, slot_at=factories.slot("15:00"))
    staff = [new_client() for _ in range(3)]
    for browser, member in zip(staff, (ASHA, VIKRAM, MEERA), strict=True):
        factories.staff(member)
        browser.sign_in(member)
    paths = [path for path in pages_without_parameters(app) if path != RETENTION_PAGE]
    key_check.check_and_record(db.engine, now=clock.now())
    served = set()
    with listening(db.engine) as statements:
        for path in (*paths, f"/request/{token}"):
            for browser in (client, *staff):
                if browser.get(path).status_code == 200:
                    served.add(urlsplit(path).path)
    assert len(served) > 50
    found = scanned(statements)
    assert not found, listed(found)


def test_jobs(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(due.DueWork, "find", lambda work: work.kinds)
    world = World(app)
    for jobs in world.workers:
        del jobs[RETENTION_JOB]
    world.asks("+919876543210")
    with listening(db.engine) as statements:
        for _ in range(3):
            world.works()
            world.passes(minutes=20)
    found = scanned(statements)
    assert not found, listed(found)
