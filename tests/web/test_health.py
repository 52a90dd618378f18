"""What machines that watch are told."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa
from flask import Flask

from helpline import __version__, clock
from helpline.callbacks import claims
from helpline.db import db
from helpline.messaging import service as messages
from helpline.staff import service as staff
from helpline.staff.models import PresenceState
from tests import factories
from tests.cast import ARJUN, ASHA, KAVITA, RAVI
from tests.support.clock import Clock
from tests.support.web import Client

TOKEN = "a-token-of-the-operator"


def test_a_process_that_answers_is_alive(app: Flask, client: Client) -> None:
    assert client.get("/healthz").json == {"alive": True, "version": __version__}


def test_ready_is_database_and_migrations_and_worker(app: Flask, client: Client, at: Clock) -> None:
    at("2026-11-23 11:00")
    parts = {
        "crisis_page": True,
        "database": True,
        "keys": True,
        "migrations": True,
        "published": True,
    }
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json) == (503, {"ready": False, **parts, "worker": False})

    messages.record_heartbeat("one", now=clock.now())
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json) == (200, {"ready": True, **parts, "worker": True})

    at.later(seconds=61)
    assert client.get("/readyz").json == {"ready": False, **parts, "worker": False}


def test_a_database_that_is_behind_is_not_ready_and_one_that_is_ahead_is(
    app: Flask, client: Client
) -> None:
    messages.record_heartbeat("one", now=clock.now())
    for stands_at, ready in (("0001", False), ("9999", True)):
        db.session.execute(
            sa.text("UPDATE alembic_version SET version_num = :at"), {"at": stands_at}
        )
        db.session.commit()
        answer = client.get("/readyz")
        assert (answer.status_code == 200, answer.json["migrations"]) == (ready, ready)


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_without_a_database_it_says_so_and_lives_on(app: Flask, client: Client) -> None:
    db.session.execute(sa.text("DROP TABLE worker_heartbeat"))
    db.session.commit()
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json["ready"]) == (503, False)
    assert client.get("/healthz").status_code == 200


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_metrics_are_there_for_nobody_until_a_token_is_set(app: Flask, client: Client) -> None:
    assert client.get("/metrics").status_code == 404


@pytest.mark.settings(metrics_token=TOKEN)
def test_metrics_tell_how_the_service_stands_and_of_nobody(
    app: Flask, client: Client, at: Clock
) -> None:
    at("2026-11-23 17:30")
    messages.record_heartbeat("one", now=clock.now())
    at.later(seconds=4)
    messages.record_heartbeat("one", now=clock.now())
    token = factories.link(KAVITA)
    factories.link(ARJUN)
    claims.claim_next(factories.staff(ASHA).id, now=clock.now())
    client.get(f"/request/{token}")
    at.later(minutes=5)

    assert client.get("/metrics").status_code == 401
    assert client.get("/metrics", headers=_bearer("wrong")).status_code == 401
    told = client.get("/metrics", headers=_bearer(TOKEN)).text
    figures = _figures(told)
    assert figures["helpline_open"] == 1
    assert figures['helpline_callbacks{state="due"}'] == 1
    assert figures['helpline_callbacks{state="claimed"}'] == 1
    assert figures["helpline_queue_oldest_wait_seconds"] == 300
    assert figures["helpline_worker_tick_lag_seconds"] == 0  # nobody was heard of for 5 minutes
    assert figures["helpline_workers"] == 0
    assert figures["helpline_worker_beat_age_seconds"] == 300
    assert figures['helpline_page_seconds_count{endpoint="visitor.status",status="2xx"}'] >= 1
    for secret in (token, KAVITA.phone, KAVITA.phone[3:], KAVITA.name):
        assert secret not in told

    at("2026-11-24 10:02")  # the night before does not count: nobody could be rung
    figures = _figures(client.get("/metrics", headers=_bearer(TOKEN)).text)
    assert figures["helpline_queue_oldest_wait_seconds"] == 120
    at("2026-11-24 18:00")
    figures = _figures(client.get("/metrics", headers=_bearer(TOKEN)).text)
    assert (figures["helpline_open"], figures["helpline_queue_oldest_wait_seconds"]) == (0, 0)


@pytest.mark.settings(metrics_token=TOKEN)
def test_a_worker_whose_rounds_begin_late_is_seen(app: Flask, client: Client, at: Clock) -> None:
    at("2026-11-23 11:00")
    messages.record_heartbeat("one", now=clock.now())
    at.later(seconds=4)
    messages.record_heartbeat("one", now=clock.now())
    figures = _figures(client.get("/metrics", headers=_bearer(TOKEN)).text)
    assert figures["helpline_worker_tick_lag_seconds"] == 3
    assert figures["helpline_workers"] == 1


@pytest.mark.settings(metrics_token=TOKEN)
def test_metrics_count_advisors_by_what_they_do(app: Flask, client: Client, at: Clock) -> None:
    at("2026-11-23 11:00")
    assert _advisors(client) == {"available": 0, "busy": 0, "away": 0}
    asha, ravi = factories.staff(ASHA).id, factories.staff(RAVI).id
    staff.set_presence(asha, PresenceState.AVAILABLE, now=clock.now())
    staff.set_presence(ravi, PresenceState.AWAY, now=clock.now())
    assert _advisors(client) == {"available": 1, "busy": 0, "away": 1}
    factories.link(KAVITA)
    claims.claim_next(asha, now=clock.now())
    assert _advisors(client) == {"available": 0, "busy": 1, "away": 1}


@pytest.mark.settings(metrics_token=TOKEN)
@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_the_first_fallback_response_is_an_increase(app: Flask, client: Client) -> None:
    told = client.get("/metrics", headers=_bearer(TOKEN)).text
    for flow in ("caller", "advisor", "text"):
        assert f'helpline_inbound_fallbacks_total{{flow="{flow}"}}' in told


def _advisors(client: Client) -> dict[str, float]:
    figures = _figures(client.get("/metrics", headers=_bearer(TOKEN)).text)
    states = ("available", "busy", "away")
    return {state: figures[f'helpline_advisors{{state="{state}"}}'] for state in states}


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def _figures(told: str) -> dict[str, float]:
    lines = re.findall(r"^(helpline_\S+(?:\{.*?\})?) (\S+)$", told, re.MULTILINE)
    return {name: float(value) for name, value in lines}
