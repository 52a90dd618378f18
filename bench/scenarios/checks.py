"""The rules, asked of the database and of the carrier's own record at the end of a scenario."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask import Flask

from helpline import clock
from helpline.callbacks.models import Callback
from helpline.callbacks.phone_limits.models import ActiveCall
from helpline.calls.models import Attempt, CallEvent
from helpline.db import db
from helpline.domain.call_progress import Leg
from helpline.domain.lifecycle import Status
from helpline.hours import queries as hours
from helpline.privacy.encryption import link_hash
from helpline.privacy.models import AuditEntry
from tests.stateful import rules
from tests.stateful.rules import Ring, World

SLACK = timedelta(seconds=5)
RULES = len(rules._AT_THE_END)
NEXT_TRY = "waiting for the next try"
NEXT_OPENING = "waiting for the next opening"
_DECIDED_AT_ONCE = timedelta(seconds=2)
"""So far apart two decisions may be that did not see each other."""
_REF = re.compile(r"/([0-9a-f]{32})(?:/|$)")


@dataclass(frozen=True)
class Checked:
    """What the database and the carrier say.

    Args:
        world: the carrier's record in terms of the rules.
        callbacks: how many there are of each status, or of each reason to wait.
        broken: what must not be.
    """

    world: World
    callbacks: Mapping[str, int]
    broken: Sequence[str]

    @property
    def legs(self) -> Mapping[str, int]:
        """How many phones rang, and how many visitors answered."""
        return {
            "advisors' phones": len(self.world.advisor_calls),
            "visitors' phones": len(self.world.rings),
            "answered by a visitor": len(self.world.talked),
        }


def check(
    app: Flask,
    phones: Any,
    tokens: Sequence[str],
    troubles: Sequence[str],
    slack: timedelta = SLACK,
) -> Checked:
    """Check every rule.

    Args:
        tokens: of the links of all requests that were answered with success.
        troubles: what else went wrong.
        slack: how long after a decision a phone may begin to ring.
    """
    world, wrong = record_of(app, phones, tokens, slack)
    with app.app_context():
        session = db.session()
        waiting = waiting_rightly(session)
        may_wait = {f"all_ended: callback {each} is still waiting" for each in waiting}
        wrong += [each for each in rules.unfinished(session, world) if each not in may_wait]
        wrong += dialled_on_line(session)
        statuses = session.execute(sa.select(Callback.id, Callback.status)).all()
    if lost := len(tokens) - len(statuses):
        wrong.append(f"{lost} callbacks more or fewer than were asked for")
    callbacks = Counter(waiting.get(each.id, str(each.status)) for each in statuses)
    return Checked(world, callbacks, [*troubles, *wrong])


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


def waiting_rightly(session: Any) -> dict[int, str]:
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
