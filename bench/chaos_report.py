"""What a chaos run came to: the rules, asked of the database and of the carrier's own record."""

from __future__ import annotations

import platform
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from importlib.metadata import version
from typing import Any

import sqlalchemy as sa
from flask import Flask

from bench.chaos_services import TIME_SCALE
from bench.cores import cores
from helpline import clock
from helpline.callbacks.models import Callback
from helpline.callbacks.phone_limits.models import ActiveCall
from helpline.calls.models import Attempt, CallEvent
from helpline.db import db
from helpline.domain.call_progress import Leg
from helpline.domain.lifecycle import ENDED, Status
from helpline.hours import queries as hours
from helpline.privacy.encryption import link_hash
from helpline.privacy.models import AuditEntry
from tests.stateful import rules
from tests.stateful.rules import Ring, World

SLACK = timedelta(seconds=5)
_DECIDED_AT_ONCE = timedelta(seconds=2)
"""So far apart two decisions may be that did not see each other."""
NEXT_TRY = "waiting for the next try"
NEXT_OPENING = "waiting for the next opening"
_REF = re.compile(r"/([0-9a-f]{32})(?:/|$)")


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


def record_of(
    app: Flask, phones: Any, tokens: Sequence[str], slack: timedelta = SLACK
) -> tuple[World, list[str]]:
    """Return the carrier's record in terms of the rules, and what is wrong with it by itself.

    Args:
        slack: how long after a decision a phone may begin to ring.
    """
    record = phones.get("/calls")["calls"]
    refs = _refs(app, phones.get("/webhooks")["webhooks"])
    rings, asked_for, talked, wrong = [], [], [], []
    for call in record:
        is_visitor = call["direction"] == "outbound-dial"
        ref = refs.get(call["parent_call_sid"] if is_visitor else call["sid"])
        said = {each["status"]: datetime.fromisoformat(each["at"]) for each in call["statuses"]}
        if ref is None:
            if is_visitor:
                wrong.append(f"the visitor's leg {call['sid']} belongs to no attempt")
        elif is_visitor:
            rings += [Ring(ref, said["ringing"])] if "ringing" in said else []
            talked += [ref] if "in-progress" in said else []
        else:
            asked_for.append(ref)
    world = World(
        rings=rings,
        advisor_calls=asked_for,
        asked=[link_hash(token) for token in tokens],
        talked=talked,
        slack=slack,
    )
    return world, wrong + _too_many(app, record)


def _refs(app: Flask, webhooks: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Whose attempt each advisor's leg was: by the address the carrier was given, else by what
    is stored."""
    found = {}
    for each in webhooks:
        if (ref := _REF.search(each["path"])) and each["about"]:
            found[each["about"]] = ref[1]
    with app.app_context():
        stored = db.session.execute(
            sa.select(CallEvent.call, Attempt.ref)
            .join(Attempt, Attempt.id == CallEvent.attempt_id)
            .where(CallEvent.leg == Leg.ADVISOR)
            .union(
                sa.select(Attempt.advisor_call, Attempt.ref).where(
                    Attempt.advisor_call.is_not(None)
                )
            )
        ).all()
    return {each.call: each.ref for each in stored} | found


def _too_many(app: Flask, record: Sequence[Mapping[str, Any]]) -> list[str]:
    """A call without any webhook names no attempt: those are counted instead."""
    made = sum(call["direction"] == "outbound-api" for call in record)
    with app.app_context():
        attempts = db.session.scalar(sa.select(sa.func.count(Attempt.id))) or 0
    return [f"{made} calls for {attempts} attempts"] if made > attempts else []


def look(
    app: Flask, phones: Any, tokens: Sequence[str], outcome: Outcome, troubles: Sequence[str]
) -> None:
    """Fills in everything that the database and the carrier know."""
    world, wrong = record_of(app, phones, tokens)
    with app.app_context():
        session = db.session()
        waiting = those_that_wait(session)
        may_wait = {f"all_ended: callback {each} is still waiting" for each in waiting}
        told = [each for each in rules.unfinished(session, world) if each not in may_wait]
        everything = session.scalars(sa.select(Callback)).all()
        tries = session.scalars(sa.select(Attempt)).all()
        told += dialled_on_line(session)
        lost = len(tokens) - len(everything)
        outcome.callbacks = Counter(waiting.get(each.id, str(each.status)) for each in everything)
        outcome.attempts = Counter(str(each.result or "goes on") for each in tries)
        outcome.longest = max(
            ((each.ended_at or clock.now()) - each.created_at for each in tries),
            default=timedelta(0),
        )
    outcome.legs = {
        "advisors' phones": len(world.advisor_calls),
        "visitors' phones": len(world.rings),
        "answered by a visitor": len(world.talked),
    }
    outcome.broken = [
        *troubles,
        *wrong,
        *told,
        *([f"{lost} callbacks more or fewer than were asked for"] if lost else []),
    ]


def dialled_on_line(session: Any) -> list[str]:
    """Visitors who were called though they were on the phone with us."""
    on_line = session.execute(
        sa.select(Callback.id, ActiveCall.since, ActiveCall.until).join(
            ActiveCall, ActiveCall.phone_hash == Callback.phone_hash
        )
    ).all()
    dialled = session.execute(
        sa.select(AuditEntry.subject, AuditEntry.at).where(AuditEntry.deed == "visitor_dialled")
    ).all()
    times = {(f"callback:{each.id}", each.since + _DECIDED_AT_ONCE, each.until) for each in on_line}
    return [
        f"on_line: {subject} was called at {at}, while they called us"
        for subject, at in dialled
        for whose, since, until in times
        if whose == subject and since <= at < until
    ]


def those_that_wait(session: Any) -> dict[int, str]:
    """Callbacks that wait rightly: for a later time, or for opening."""
    now = clock.now()
    is_open = hours.effective_hours(session, now).is_open(now)
    found = session.execute(
        sa.select(Callback.id, Callback.due_at).where(Callback.status == Status.WAITING)
    ).all()
    return {
        each.id: NEXT_TRY if each.due_at > now else NEXT_OPENING
        for each in found
        if each.due_at > now or not is_open
    }


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
            f"{len(rules._AT_THE_END)} checked, and the carrier's record",
            f"{len(outcome.broken)} broken",
        ),
    ]
    return rows


def as_text(outcome: Outcome) -> str:
    """The table for a terminal."""
    rows = rows_of(outcome)
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    return "\n".join(
        f"{group:<{widths[0]}}  {name:<{widths[1]}}  {value:>{widths[2]}}"
        for group, name, value in rows
    )


def as_page(outcome: Outcome, postgresql: str) -> str:
    """The table as bench/CALLS.md keeps it."""
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows_of(outcome))
    return f"""\
# {outcome.calls} calls at once, with every fault on

Written by `make chaos-calls ARGS=--write`; `python -m bench.chaos_calls --help` says what it does.

{outcome.calls} callbacks requested at once on PostgreSQL; web under gunicorn (2 processes), two
workers, of which one is killed with SIGKILL every few seconds and started again; the simulated
carrier doubles, delays, shuffles, forges and drops its webhooks, cuts and refuses requests, and
lets calls hang, and once answers nothing for seconds; waiting visitors call the helpline
meanwhile; the helpline closes while calls are still in progress, unless all are over before. At
the end every rule of tests/stateful/rules.py is checked against the database and the carrier's own
record of which phone rang when.

Machine: {platform.system()} {platform.machine()}, {cores()} cores. Python \
{platform.python_version()}, PostgreSQL {postgresql}, SQLAlchemy {version("sqlalchemy")}, \
gunicorn {version("gunicorn")}. Seed {outcome.seed}; the network's time passes {TIME_SCALE} times \
as fast.

| what | which | how many |
| --- | --- | ---: |
{table}
"""
