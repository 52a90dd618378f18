"""Several workers, and a carrier that asks twice at the same moment."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

import sqlalchemy as sa
from flask import Flask

from helpline.callbacks.models import Callback
from helpline.db import db
from helpline.messaging.carrier_jobs import Request
from tests import factories
from tests.cast import ARJUN, KAVITA, VISITORS
from tests.messaging.fixtures import new_sid, texts_out, work, write
from tests.phonesim.fixtures import Sim
from tests.support import carrier_jobs
from tests.support.clock import Clock

AT_ONCE = 6
T = TypeVar("T")


def at_once(app: Flask, deed: Callable[[int], T]) -> list[T]:
    """Does something in several threads, all beginning together."""
    together = Barrier(AT_ONCE)

    def one(number: int) -> T:
        together.wait()
        with app.app_context():
            return deed(number)

    db.session.rollback()
    with ThreadPoolExecutor(AT_ONCE) as threads:
        return list(threads.map(one, range(AT_ONCE)))


def how_many(model: type) -> int:
    db.session.rollback()
    return db.session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


def test_one_call_told_by_several_webhooks_at_once_is_one_callback(app: Flask, at: Clock) -> None:
    at("2026-11-23 11:00")
    sid = new_sid()
    answers = at_once(app, lambda _: write(app.test_client(), "CALL", ARJUN, sid))
    assert len(set(answers)) == 1
    assert answers[0] is not None
    assert how_many(Callback) == 1


def test_several_calls_from_one_number_at_once_are_one_open_callback(app: Flask, at: Clock) -> None:
    at("2026-11-23 11:00")
    answers = at_once(app, lambda _: write(app.test_client(), "CALL", ARJUN))
    assert len(set(answers)) == 1
    open_ones = sa.select(Callback).where(Callback.status == "waiting")
    assert len(db.session.scalars(open_ones).all()) == 1


def test_several_strange_texts_at_once_get_one_hint(app: Flask, at: Clock) -> None:
    at("2026-11-23 11:00")
    answers = at_once(app, lambda number: write(app.test_client(), f"hello {number}", KAVITA))
    hints = [answer for answer in answers if "WHEN" in (answer or "")]
    assert len(hints) == 1
    assert all("112" in (answer or "") for answer in answers)


def test_several_workers_send_each_text_once(app: Flask, at: Clock, sim: Sim) -> None:
    at("2026-11-23 11:00")
    for visitor in VISITORS:
        factories.link(visitor, may_text=True)
    at_once(app, lambda _: work(app))
    assert len(sim.get("/messages")["messages"]) == len(VISITORS)
    assert {text.status for text in texts_out()} == {"accepted"}


def test_a_text_is_taken_by_one_worker(app: Flask, at: Clock) -> None:
    at("2026-11-23 11:00")
    factories.link(ARJUN, may_text=True)
    taken = at_once(app, lambda _: carrier_jobs.take_text())
    assert len([each for each in taken if isinstance(each, Request)]) == 1
