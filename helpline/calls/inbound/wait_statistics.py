"""Waits of live callers and of callbacks, to decide on their ratio."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from helpline.callbacks.models import CallbackEvent
from helpline.calls.inbound.models import InboundCall
from helpline.domain.lifecycle import Event

_A_WEEK = timedelta(days=7)
_MAX_ROWS = 5000
_NEWEST_ROWS = 50_000
"""Rows among which those of the week are looked for, so that older ones are never read."""


@dataclass(frozen=True, slots=True)
class WaitStatistics:
    """How many waited; median and 90th percentile in seconds."""

    count: int
    median_seconds: int
    percentile_90_seconds: int

    @classmethod
    def of(cls, waits: Sequence[timedelta]) -> WaitStatistics:
        seconds = sorted(max(0, round(wait.total_seconds())) for wait in waits)
        if not seconds:
            return cls(0, 0, 0)
        last = len(seconds) - 1
        return cls(len(seconds), seconds[last // 2], seconds[last * 9 // 10])


@dataclass(frozen=True, slots=True)
class WaitComparison:
    """Waits of live callers until an advisor pressed 1, and of callbacks from due to claimed."""

    live_callers: WaitStatistics
    callbacks: WaitStatistics


def last_week(session: Session, now: datetime) -> WaitComparison:
    """Return both waits of the last seven days."""
    since = now - _A_WEEK
    calls = session.execute(
        sa.select(InboundCall.began_at, InboundCall.talked_at)
        .where(InboundCall.id > _newest(InboundCall.id), InboundCall.talked_at > since)
        .order_by(InboundCall.id.desc())
        .limit(_MAX_ROWS)
    )
    claims = session.execute(
        sa.select(CallbackEvent.due_at, CallbackEvent.at)
        .where(
            CallbackEvent.id > _newest(CallbackEvent.id),
            CallbackEvent.event == Event.CLAIM,
            CallbackEvent.at > since,
        )
        .order_by(CallbackEvent.id.desc())
        .limit(_MAX_ROWS)
    )
    return WaitComparison(
        WaitStatistics.of([talked - began for began, talked in calls if talked is not None]),
        WaitStatistics.of([at - due for due, at in claims if due is not None]),
    )


def _newest(key: InstrumentedAttribute[int]) -> sa.ScalarSelect[int]:
    return sa.select(sa.func.max(key) - _NEWEST_ROWS).scalar_subquery()
