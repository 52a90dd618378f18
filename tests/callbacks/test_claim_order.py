"""Who is taken next, beside a few lines of Python that say it in other words."""

from __future__ import annotations

from datetime import timedelta
from random import Random

import sqlalchemy as sa
from flask import Flask

from helpline import clock
from helpline.callbacks import claims
from helpline.callbacks.claims import QueueEmpty
from helpline.callbacks.models import Callback, CallbackEvent
from helpline.db import db
from helpline.domain.lifecycle import Status
from helpline.domain.queue_order import Priority
from tests import factories
from tests.cast import ASHA, RAVI
from tests.support.clock import Clock

_GAMES = 150


def test_any_queue_is_taken_in_the_order_that_was_promised(app: Flask, at: Clock) -> None:
    now = at("2026-11-23 11:00")
    asha, ravi = factories.staff(ASHA).id, factories.staff(RAVI).id
    factories.opening_hours(("10:00", "18:00"))
    drawn, seen = Random(7), set()
    for _ in range(_GAMES):
        waiting = [_somebody(number, asha, ravi, drawn) for number in range(drawn.randrange(5))]
        _put_there(waiting)
        expected = _next_for_asha(waiting, asha)
        try:
            got = claims.claim_next(asha, now=now)
        except QueueEmpty:
            got = None
        assert got == (expected and expected["id"]), waiting
        seen.add(_told(expected, asha))
    assert len(seen) == 7, f"some kinds of queue did not come up: {seen}"


def _somebody(number: int, asha: int, ravi: int, drawn: Random) -> dict[str, object]:
    """Somebody who waits, or will."""
    now = clock.now()
    wants = drawn.choice((None, None, asha, ravi))
    until = drawn.choice((None, now - timedelta(minutes=1), now, now + timedelta(minutes=5)))
    return {
        "id": 1 + number,
        "token_hash": f"{number:064}",
        "phone": "+919812345678",
        "phone_hash": f"{number:064}",
        "phone_region": "IN",
        "requested_at": now - timedelta(hours=1),
        "due_at": now + timedelta(minutes=drawn.choice((-20, -10, 0, 1))),
        "priority": drawn.choice(tuple(Priority)),
        "status": Status.WAITING,
        "language": drawn.choice(("hi", "en", "ta", "bn")),
        "wanted_advisor": wants,
        "wanted_until": until if wants else None,
    }


def _put_there(waiting: list[dict[str, object]]) -> None:
    db.session.rollback()
    db.session.execute(sa.delete(CallbackEvent))
    db.session.execute(sa.delete(Callback))
    for each in waiting:
        db.session.execute(sa.insert(Callback), each)
    db.session.commit()


def _next_for_asha(waiting, asha):
    now = clock.now()

    def place(one):
        mine, shared = one["wanted_advisor"] == asha, one["language"] in ASHA.languages
        urgent = one["priority"] == Priority.URGENT
        if urgent and (mine or shared):
            kind = 0 if mine else 1
        else:
            kind = 2 if mine else 3 if shared else 4
        return kind, one["priority"], one["due_at"], one["id"]

    def is_kept_for_another(one):
        until = one["wanted_until"]
        return one["wanted_advisor"] not in (None, asha) and until is not None and until > now

    may = [one for one in waiting if one["due_at"] <= now and not is_kept_for_another(one)]
    return min(may, key=place, default=None)


def _told(one, asha):
    """What kind of callback was next."""
    if one is None:
        return "nobody"
    urgent = "urgent" if one["priority"] == Priority.URGENT else "not urgent"
    if one["wanted_advisor"] == asha:
        return urgent, "wants her"
    return urgent, "her language" if one["language"] in ASHA.languages else "another language"
