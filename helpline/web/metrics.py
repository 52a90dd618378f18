"""The service in numbers, as Prometheus reads them. No label holds anything of a person.

What all processes share is asked of the database when somebody looks; what a process alone knows
(how long its pages took) is kept by prometheus_client, for all processes of a machine together
where PROMETHEUS_MULTIPROC_DIR names a folder.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from email.utils import parsedate_to_datetime

from flask import Flask, Response, g, request
from prometheus_client import (
    REGISTRY,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

from helpline import clock
from helpline.db import db
from helpline.reports.standing import Standing, standing

_PAGE_SECONDS = Histogram(
    "helpline_page_seconds",
    "How long an answer took, in seconds.",
    ("endpoint", "status"),
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
_WEBHOOK_LAG_SECONDS = Histogram(
    "helpline_webhook_lag_seconds",
    "From what happened at the carrier until we were told, in seconds.",
    buckets=(0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300),
)
_STAND_INS = Counter(
    "helpline_inbound_fallbacks",
    "Calls and texts that were answered with the crisis numbers since the service failed.",
    ("flow",),
)
_LIMITS_SHARED = Gauge(
    "helpline_rate_limits_shared",
    "Whether the rate limits' storage answers (0 or 1); 0: each process counts by itself.",
    multiprocess_mode="livemin",
)


def install(app: Flask) -> None:
    """Notes how long every answer took."""
    app.after_request(_end)


def limits_are_shared(answers: bool) -> None:
    """Notes whether the rate limits' storage answers."""
    _LIMITS_SHARED.set(answers)


def stood_in(flow: str) -> None:
    """Notes that the crisis numbers were told in place of an answer, to a caller or a text."""
    _STAND_INS.labels(flow).inc()


def webhook_came(sent: str | None) -> None:
    """Notes how late the carrier's word came.

    Args:
        sent: the carrier's own time of the event (RFC 2822), where it says one.
    """
    try:
        at = parsedate_to_datetime(sent or "")
        lag = (clock.now() - at).total_seconds()
    except (ValueError, TypeError):
        return
    _WEBHOOK_LAG_SECONDS.observe(max(0.0, lag))


def page_took(endpoint: str | None, status: int, seconds: float) -> None:
    """Notes how long an answer took."""
    _PAGE_SECONDS.labels(endpoint or "none", f"{status // 100}xx").observe(seconds)


def exposed() -> bytes:
    """All of it, in Prometheus' text format."""
    registry = CollectorRegistry()
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        own = b""
    else:
        own = generate_latest(REGISTRY)
    registry.register(_Shared())
    return own + generate_latest(registry)


def _end(response: Response) -> Response:
    if "began_at" in g:
        page_took(request.endpoint, response.status_code, time.perf_counter() - g.began_at)
    return response


class _Shared(Collector):
    """What the database knows, asked anew at every look."""

    def collect(self) -> Iterator[Metric]:
        try:
            found = standing(db.session(), clock.now())
        except SQLAlchemyError:
            db.session.rollback()
            yield _gauge("database_up", "Whether the database answers (0 or 1).", 0)
            return
        yield _gauge("database_up", "Whether the database answers (0 or 1).", 1)
        yield from _told(found)


def _told(found: Standing) -> Iterator[Metric]:
    most = found.most_cents or 0
    yield _gauge("spend_bound", "What a day may cost; 0 where nobody has set it.", most / 100)
    yield _gauge("spent_today", "What it cost so far, where that is set.", found.spent_cents / 100)
    yield _gauge(
        "audit_findings",
        "How much the last daily check of the audit log found wrong.",
        found.audit_findings,
    )
    yield _gauge(
        "audit_check_age_seconds",
        "How long ago the whole audit log was checked, in seconds; 0 before the first time.",
        found.audit_check_age.total_seconds(),
    )
    yield _gauge(
        "audit_unchained_seconds",
        "How long the oldest entry of the audit log has waited to be chained, in seconds.",
        found.audit_unchained.total_seconds(),
    )
    yield _gauge("open", "Whether we are open by the hours in force (0 or 1).", found.is_open)
    yield _by(
        "callbacks", "Callbacks that are due, later, claimed, calling.", "state", found.callbacks
    )
    yield _gauge(
        "queue_oldest_wait_seconds",
        "How long the one that waits longest has waited while we were open, in seconds.",
        found.oldest_wait.total_seconds(),
    )
    yield _by(
        "attempts_last_hour",
        "Attempts that ended within the last hour, by result.",
        "result",
        found.attempts,
    )
    yield _by(
        "texts_last_hour", "Texts of the last hour, by what became of them.", "outcome", found.texts
    )
    yield _gauge(
        "outbox_pending", "Effects the worker has still to carry out.", found.outbox_pending
    )
    yield _gauge(
        "outbox_oldest_seconds",
        "How long the oldest of them is overdue, in seconds.",
        found.outbox_oldest.total_seconds(),
    )
    yield _gauge("workers", "Workers heard of within the last minute.", found.workers)
    if found.beat_age is not None:
        yield _gauge(
            "worker_beat_age_seconds",
            "Since when nothing was heard of any worker, in seconds.",
            found.beat_age.total_seconds(),
        )
    yield _gauge(
        "worker_tick_lag_seconds",
        "How late the slowest worker's last round began, in seconds.",
        found.tick_lag.total_seconds(),
    )


def _gauge(name: str, words: str, value: float) -> Metric:
    return GaugeMetricFamily(f"helpline_{name}", words, value=value)


def _by(name: str, words: str, label: str, values: Mapping[str, int]) -> Metric:
    found = GaugeMetricFamily(f"helpline_{name}", words, labels=[label])
    for each, value in values.items():
        found.add_metric([each], value)
    return found
