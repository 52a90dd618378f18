"""Counting is safe to do again, late, and in several workers at once; and rows are taken out a few
at a time."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import islice

import pytest
import sqlalchemy as sa
from flask import Flask

from helpline import clock
from helpline.db import db, read_snapshot
from helpline.domain.opening_hours import Interval, Week
from helpline.hours import queries as hours
from helpline.reports import daily_counts, figures, tables
from helpline.reports import service as reports
from helpline.reports.daily_counts import Measure
from helpline.reports.figures import Days
from helpline.reports.models import CountedDay, Tally
from helpline.worker import count_job
from tests import factories
from tests.cast import ARJUN, ASHA, KAVITA
from tests.reports.histories import random_history
from tests.support.clock import Clock
from tests.support.sql_recorder import listening

MONDAY = date(2026, 11, 23)


def count_all() -> list[date]:
    """The days that the worker counts until nothing is left, in order."""
    found = []
    while (turn := reports.reserve_day(now=clock.now())) is not None:
        counts = counted(turn)
        reports.store_counts(turn, counts, now=clock.now())
        found.append(turn.day)
    return found


def counted(turn: reports.CountingTask) -> daily_counts.Counts:
    """A day, as the worker counts it."""
    with read_snapshot() as session:
        return daily_counts.count(session, turn.day, turn.zone, clock.now())


def requests(first: date, last: date) -> int:
    """How many requests a range says."""
    zone = hours.effective_hours(db.session(), clock.now()).zone
    found = figures.load_sums(db.session(), Days(first, last, zone), [Measure.REQUESTS])
    return found.all_of(Measure.REQUESTS)


def test_today_is_counted_every_minute_and_what_is_settled_never_again(
    app: Flask, at: Clock
) -> None:
    at("2026-11-23 11:00")
    factories.callback(KAVITA)
    assert count_all() == [MONDAY]
    assert (requests(MONDAY, MONDAY), count_all()) == (1, [])
    factories.callback(ARJUN)
    at.later(seconds=61)
    assert count_all() == [MONDAY]
    assert requests(MONDAY, MONDAY) == 2
    at("2026-11-25 10:00")
    days = [MONDAY + timedelta(days=number) for number in range(6)]
    assert count_all() == [days[2], days[1], days[0]]
    at.later(minutes=2)
    assert count_all() == [days[2]]
    at.later(minutes=61)
    assert count_all() == [days[2], days[1], days[0]]
    at("2026-11-28 10:00")
    assert count_all() == days[::-1]
    at.later(hours=3)
    assert count_all() == [days[5], days[4], days[3]]
    assert reports.recount(MONDAY, MONDAY) == 1
    assert count_all() == [MONDAY]
    assert requests(MONDAY, days[5]) == 2


def test_two_workers_take_a_day_each_and_the_later_word_stands(app: Flask, at: Clock) -> None:
    at("2026-11-22 11:00")
    factories.callback(KAVITA)
    at("2026-11-23 11:00")
    first, second = (reports.reserve_day(now=clock.now()) for _ in range(2))
    assert first is not None and second is not None
    assert [first.day, second.day] == [MONDAY, MONDAY - timedelta(days=1)]
    assert reports.reserve_day(now=clock.now()) is None
    # The first worker is slow: another takes the same day meanwhile, and knows it better.
    slow = counted(first)
    factories.callback(ARJUN)
    at.later(seconds=90)
    count_all()
    reports.store_counts(first, slow, now=clock.now())
    assert requests(MONDAY, MONDAY) == 1
    # A worker that died over a day leaves it to the next.
    reports.recount(MONDAY, MONDAY)
    assert reports.reserve_day(now=clock.now()) is not None
    assert count_all() == []
    at.later(seconds=90)
    assert MONDAY in count_all()


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_another_zone_has_other_midnights(app: Flask, at: Clock) -> None:
    at("2026-11-23 02:00")
    factories.callback(KAVITA)
    count_all()
    assert requests(MONDAY, MONDAY) == 1
    week = Week.every_day(Interval.parse("10:00", "18:00"))
    factories.save_week(week, zone="Europe/London")
    sunday = MONDAY - timedelta(days=1)
    assert requests(sunday, MONDAY) == 0
    zone = hours.effective_hours(db.session(), clock.now()).zone
    at.later(days=1)
    found = figures.counting_state(db.session(), Days(sunday, MONDAY, zone), MONDAY)
    assert found.begins is None
    assert count_all() == [MONDAY, sunday]
    assert (requests(sunday, sunday), requests(MONDAY, MONDAY)) == (1, 0)
    rows = db.session.scalar(sa.select(sa.func.count()).select_from(CountedDay))
    sums = db.session.scalar(sa.select(sa.func.count()).select_from(Tally))
    assert rows == 2 and sums


def test_rows_are_read_a_few_at_a_time(
    app: Flask, at: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where many were asked for in the same second, none comes twice and none is missing."""
    begins = at("2026-11-16 00:00")
    advisors = [factories.staff(ASHA).id]
    history = random_history(7, advisors=advisors, lives=45, first=begins, days=5)
    for each in history.callbacks[5:30]:
        each["requested_at"] = history.callbacks[5]["requested_at"]
    history.write(db.session())
    at("2026-11-23 11:00")
    monkeypatch.setattr(tables, "_BATCH", 10)
    zone = hours.effective_hours(db.session(), clock.now()).zone
    days = Days(date(2026, 11, 16), date(2026, 11, 22), zone)
    with listening(db.engine) as asked:
        rows = tables.callbacks(db.session(), days)
        assert len(list(islice(rows, 10))) == 10
        assert len([each for each, _ in asked if "FROM callback" in each]) == 1
        assert len(list(rows)) == 35
    assert all("LIMIT" in each for each, _ in asked if "FROM callback" in each)


def test_the_worker_counts(app: Flask, at: Clock) -> None:
    at("2026-11-23 11:00")
    factories.callback(KAVITA)
    assert count_job.count_day()
    assert not count_job.count_day()
    assert requests(MONDAY, MONDAY) == 1
