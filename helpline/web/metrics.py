"""Prometheus metrics; no label holds personal data.

What all processes share is read from the database when scraped; what a process alone knows
(response times, of web/request_log) is kept by prometheus_client, for all processes of a machine
where PROMETHEUS_MULTIPROC_DIR is set.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping

from prometheus_client import (
    REGISTRY,
    CollectorRegistry,
    Counter,
    Gauge,
    generate_latest,
)
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

from helpline import __version__, clock
from helpline.db import db
from helpline.reports.gauges import Gauges, read_gauges

_STAND_INS = Counter(
    "helpline_inbound_fallbacks",
    "Inbound calls and texts answered with the fallback response because the service failed.",
    ("flow",),
)
_LIMITS_SHARED = Gauge(
    "helpline_rate_limits_shared",
    "Whether the shared rate limit storage is available (0 or 1). 0: each process counts "
    "separately.",
    multiprocess_mode="livemin",
)


def record_limit_storage(answers: bool) -> None:
    """Record whether the storage of rate limits responds."""
    _LIMITS_SHARED.set(answers)


def count_fallbacks_of(flows: Iterable[str]) -> None:
    """Expose the counters of fallback responses at zero.

    Prometheus sees no increase in a counter that begins at 1, so the first fallback would raise no
    alert.
    """
    for flow in flows:
        _STAND_INS.labels(flow)


def count_fallback(flow: str) -> None:
    """Count a fallback response."""
    _STAND_INS.labels(flow).inc()


def render_metrics() -> bytes:
    """Return all metrics in Prometheus' text format."""
    registry = CollectorRegistry()
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        process_metrics = b""
    else:
        process_metrics = generate_latest(REGISTRY)
    registry.register(_Shared())
    return process_metrics + generate_latest(registry)


class _Shared(Collector):
    """Metrics from the database, read at every scrape."""

    def collect(self) -> Iterator[Metric]:
        yield _by("build_info", "Version of the service; always 1.", "version", {__version__: 1})
        try:
            gauges = read_gauges(db.session(), clock.now())
        except SQLAlchemyError:
            db.session.rollback()
            yield _gauge("database_up", "Whether the database is available (0 or 1).", 0)
            return
        yield _gauge("database_up", "Whether the database is available (0 or 1).", 1)
        yield from _told(gauges)


def _told(gauges: Gauges) -> Iterator[Metric]:
    most = gauges.most_cents or 0
    yield _gauge("spend_bound", "Daily budget; 0 if not set.", most / 100)
    yield _gauge("spent_today", "Spent today, if a daily budget is set.", gauges.spent_cents / 100)
    yield _gauge(
        "audit_findings",
        "Number of problems found by the last daily verification of the audit log.",
        gauges.audit_findings,
    )
    yield _gauge(
        "audit_check_age_seconds",
        "Time since the last full verification of the audit log, in seconds; 0 before the first "
        "one.",
        gauges.audit_check_age.total_seconds(),
    )
    yield _gauge(
        "audit_unchained_seconds",
        "Age of the oldest audit log entry that is not chained yet, in seconds.",
        gauges.audit_unchained.total_seconds(),
    )
    yield _gauge(
        "open",
        "Whether the helpline is open by the current opening hours (0 or 1).",
        gauges.is_open,
    )
    yield _by(
        "advisors",
        "Advisors by state: available, busy (with a callback or a call), away.",
        "state",
        gauges.advisors,
    )
    yield _by(
        "callbacks",
        "Open callbacks by state: due, later, claimed, calling.",
        "state",
        gauges.callbacks,
    )
    yield _gauge(
        "queue_oldest_wait_seconds",
        "Longest current wait, counting opening hours only, in seconds.",
        gauges.oldest_wait.total_seconds(),
    )
    yield _by(
        "attempts_last_hour",
        "Attempts that ended in the last hour, by result.",
        "result",
        gauges.attempts,
    )
    yield _by("texts_last_hour", "Texts of the last hour, by outcome.", "outcome", gauges.texts)
    yield _gauge("outbox_pending", "Outbox jobs waiting for a worker.", gauges.outbox_pending)
    yield _gauge(
        "outbox_oldest_seconds",
        "How long the oldest outbox job is overdue, in seconds.",
        gauges.outbox_oldest.total_seconds(),
    )
    yield _gauge("workers", "Workers with a heartbeat in the last minute.", gauges.workers)
    if gauges.beat_age is not None:
        yield _gauge(
            "worker_beat_age_seconds",
            "Time since the last worker heartbeat, in seconds.",
            gauges.beat_age.total_seconds(),
        )
    yield _gauge(
        "worker_tick_lag_seconds",
        "Delay of the last run of the slowest worker, in seconds.",
        gauges.tick_lag.total_seconds(),
    )


def _gauge(name: str, description: str, value: float) -> Metric:
    return GaugeMetricFamily(f"helpline_{name}", description, value=value)


def _by(name: str, description: str, label: str, values: Mapping[str, int]) -> Metric:
    family = GaugeMetricFamily(f"helpline_{name}", description, labels=[label])
    for value_label, value in values.items():
        family.add_metric([value_label], value)
    return family
