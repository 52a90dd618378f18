"""What a chaos run came to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from flask import Flask

from bench.scenarios.checks import NEXT_OPENING, NEXT_TRY, RULES, check
from bench.scenarios.site import TIME_SCALE
from bench.table import columns, host, markdown, versions
from helpline import clock
from helpline.calls.models import Attempt
from helpline.db import db
from helpline.domain.lifecycle import ENDED


@dataclass
class Outcome:
    """Everything that the table says."""

    calls: int
    seed: int
    seconds: float = 0.0
    cancelled: int = 0
    killed: int = 0
    called_in: int = 0
    faults: Mapping[str, int] = field(default_factory=dict)
    callbacks: Mapping[str, int] = field(default_factory=dict)
    attempts: Mapping[str, int] = field(default_factory=dict)
    legs: Mapping[str, int] = field(default_factory=dict)
    longest: timedelta = timedelta(0)
    broken: Sequence[str] = ()


def look(
    app: Flask, phones: Any, tokens: Sequence[str], outcome: Outcome, troubles: Sequence[str]
) -> None:
    """Fill in everything that the database and the carrier know."""
    checked = check(app, phones, tokens, troubles)
    outcome.callbacks, outcome.legs = checked.callbacks, checked.legs
    outcome.broken = checked.broken
    with app.app_context():
        attempts = db.session.scalars(sa.select(Attempt)).all()
        outcome.attempts = Counter(str(each.result or "goes on") for each in attempts)
        outcome.longest = max(
            ((each.ended_at or clock.now()) - each.created_at for each in attempts),
            default=timedelta(0),
        )


def rows_of(outcome: Outcome) -> list[tuple[str, str, str]]:
    """The table, row by row."""
    ends = [*sorted(ENDED), NEXT_TRY, NEXT_OPENING]
    rows = [("callbacks", each, str(outcome.callbacks.get(each, 0))) for each in ends]
    rows += [
        ("callbacks", each, str(count))
        for each, count in sorted(outcome.callbacks.items())
        if each not in ends
    ]
    for group, counted in (
        ("attempts", outcome.attempts),
        ("rung", outcome.legs),
        ("faults", outcome.faults),
    ):
        rows += [(group, name, str(count)) for name, count in sorted(counted.items())]
        if group != "rung":
            rows.append((group, "in all", str(sum(counted.values()))))
    rows += [
        ("run", "workers killed (SIGKILL)", str(outcome.killed)),
        ("run", "inbound calls of visitors who waited", str(outcome.called_in)),
        ("run", "cancelled by their visitors", str(outcome.cancelled)),
        (
            "run",
            "longest an attempt was unsettled, seconds",
            f"{outcome.longest.total_seconds():.1f}",
        ),
        ("run", "whole run, seconds", f"{outcome.seconds:.0f}"),
        (
            "rules",
            f"{RULES} checked, and the carrier's record",
            f"{len(outcome.broken)} broken",
        ),
    ]
    return rows


def as_text(outcome: Outcome) -> str:
    """The table for a terminal."""
    return columns(rows_of(outcome), left=2)


def as_page(outcome: Outcome, postgresql: str) -> str:
    """The table as CALLS.md keeps it."""
    return f"""\
# {outcome.calls} calls at once, with every fault on

Written by `make chaos-calls ARGS=--write`; `make chaos-calls ARGS=--help` says what it does.

{outcome.calls} callbacks requested at once on PostgreSQL; web under gunicorn (2 processes), two
workers, of which one is killed with SIGKILL every few seconds and started again; the simulated
carrier doubles, delays, shuffles, forges and drops its webhooks, cuts and refuses requests, and
lets calls hang, and once answers nothing for seconds; waiting visitors call the helpline
meanwhile; the helpline closes while calls are still in progress, unless all are over before. At
the end every rule of tests/stateful/rules.py is checked against the database and the carrier's own
record of which phone rang when.

Machine: {host()}. {versions(postgresql, "sqlalchemy", "gunicorn")}. Seed {outcome.seed}; \
the network's time passes {TIME_SCALE} times as fast.

| what | which | how many |
| --- | --- | ---: |
{markdown(rows_of(outcome))}
"""
