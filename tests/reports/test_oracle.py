"""What is counted day by day and summed is what a slow look at every row finds.

``EXPLORE=200 pytest tests/reports/test_oracle.py`` looks at that many histories.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Mapping
from datetime import date, timedelta
from math import ceil

import sqlalchemy as sa
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as some

from helpline import clock
from helpline.callbacks.models import Callback
from helpline.db import Base, db
from helpline.domain import report_figures as sums_of
from helpline.hours import queries as hours
from helpline.reports import figures
from helpline.reports.daily_counts import Measure, day_bounds
from helpline.reports.figures import Days, Sums, Target
from helpline.worker import count_job
from tests import factories
from tests.cast import ASHA, RAVI
from tests.reports import oracle
from tests.reports.histories import random_history
from tests.support.clock import Clock
from tests.support.database import wipe

FEW = int(os.environ.get("EXPLORE", "2"))
ZONES = ("Asia/Kolkata", "America/New_York", "Australia/Lord_Howe")
PLAYED = settings(
    max_examples=FEW,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],  # the seed tells all; nothing is to be made smaller
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def count_all() -> int:
    """The worker counts until nothing is left; how many days it was."""
    done = 0
    while count_job.count_day():
        done += 1
    return done


def same(found: Mapping[str, int], wanted: Mapping[str, int]) -> None:
    """Equal, whether or not what is nothing is there."""
    assert +Counter(found) == +Counter(wanted)


def lists(found: Sums, times: Measure, seconds: Measure, wanted: Mapping[int, list[int]]) -> None:
    """How often, and how long in all, by advisor."""
    same(found.of(times), {str(who): len(each) for who, each in wanted.items()})
    same(found.of(seconds), {str(who): sum(each) for who, each in wanted.items()})


def compare(first: date, last: date, target: Target) -> None:
    """Everything that a range says, against the oracle."""
    session = db.session()
    zone = hours.effective_hours(session, clock.now()).zone
    days = Days(first, last, zone)
    start, end = day_bounds(first, zone)[0], day_bounds(last, zone)[1]
    opened = hours.open_periods(session, start - timedelta(days=90), min(end, clock.now()))
    wanted = oracle.look(session, first, last, zone, opened, min(end, clock.now()))
    found = figures.load_sums(session, days, Measure)
    same(found.of(Measure.REQUESTS), wanted.channels)
    same(found.of(Measure.PAGES), wanted.pages)
    same(found.of(Measure.ASKED), wanted.asked)
    same(found.of(Measure.REQUESTS_WHILE_CLOSED), wanted.asked_closed)
    same(found.of(Measure.FIRST), wanted.first_tries)
    same(found.of(Measure.LEFT), wanted.left)
    same(found.of(Measure.OUTCOMES), wanted.outcomes)
    same(found.of(Measure.ATTEMPTS), wanted.attempts)
    same(found.of(Measure.DISPOSITIONS), wanted.dispositions)
    same(found.of(Measure.NOT_CALLED), wanted.not_rung)
    same(found.of(Measure.ATTEMPTS_UNTIL_REACHED), Counter(map(str, wanted.tries)))
    same(found.of(Measure.ATTEMPTS_NOT_REACHED), Counter(map(str, wanted.tries_in_vain)))
    same(found.of(Measure.INBOUND_CALLS), wanted.calls_in)
    same(found.of(Measure.REFERRALS), wanted.referrals)
    same(found.of(Measure.INBOUND_WHILE_OPEN), wanted.rang_in)
    same(
        found.of(Measure.REACHED_BY_ADVISOR), {str(who): n for who, n in wanted.reached_by.items()}
    )
    lists(found, Measure.TALKS, Measure.TALK_SECONDS, wanted.talks)
    lists(found, Measure.WRAP_UPS, Measure.WRAP_UP_SECONDS, wanted.wrap_ups)
    lists(found, Measure.ATTEMPTS_BY_ADVISOR, Measure.HANDLED_SECONDS, wanted.handled)
    lists(found, Measure.ANSWERED, Measure.ANSWERED_SECONDS, wanted.answered)
    assert abs(found.all_of(Measure.OPEN) - wanted.open_minutes) <= 4 * days.number
    summary = figures.summarize(found, target)
    part = summary.service_level
    assert (part.part, part.whole) == wanted.service_level(target.within_minutes)
    assert summary.rung == len(wanted.waits)
    assert summary.waiting == len(wanted.still_waiting)
    assert summary.longest_waiting == max(
        (ceil(wait / 60) for wait in wanted.still_waiting), default=None
    )
    assert summary.left.whole == len(wanted.waits) + summary.left.part + summary.waiting
    same(found.of(Measure.FIRST_CALLS_BY_HOUR), wanted.called_by_hour)
    assert summary.median_wait == wanted.percentile(50)
    assert summary.wait_90th_percentile == wanted.percentile(90)
    if wanted.waits:
        assert found.all_of(Measure.FIRST_CALL_WAIT_SECONDS) == sum(map(int, wanted.waits))
        average = sums_of.average(sum(map(int, wanted.waits)), 60 * len(wanted.waits))
        assert summary.average_wait == average
    each_day = figures.by_day(session, days, target)
    assert [each.day for each in each_day] == [
        first + timedelta(days=number) for number in range(days.number)
    ]
    assert sum(each.rung for each in each_day) == summary.rung
    assert sum(each.requests for each in each_day) == summary.requests
    assert sum(each.reached for each in each_day) == summary.reached
    assert sum(each.left for each in each_day) == summary.left.part
    assert sum(each.service_level.part for each in each_day) == part.part
    assert sum(each.service_level.whole for each in each_day) == part.whole


@PLAYED
@given(some.integers(0, 2**32), some.sampled_from(ZONES), some.integers(1, 120))
def test_what_is_counted_is_what_a_slow_look_finds(
    app: Flask, at: Clock, seed: int, zone: str, minutes: int
) -> None:
    """Over a change of the clock, a change of hours, and a day that is still going on; and again
    after late words of the carrier and after erasure."""
    dice = random.Random(seed)
    wipe(db.engine, Base.metadata)
    db.session.remove()
    begins = at("2026-10-30 00:00", zone)
    advisors = [factories.staff(ASHA).id, factories.staff(RAVI).id]
    factories.opening_hours(("10:00", "18:00"), zone=zone)
    at("2026-11-02 12:00", zone)
    factories.opening_hours(("09:15", "13:00"), ("22:00", "02:00"), zone=zone)
    history = random_history(seed, advisors=advisors, lives=40, first=begins, days=6.5)
    history.write(db.session())
    at("2026-11-05 15:07", zone)
    assert count_all() >= 7
    assert count_all() == 0
    first = date(2026, 10, 31) + timedelta(days=dice.randint(0, 5))
    last = first + timedelta(days=dice.randint(0, 7))
    target = Target(minutes, 80)
    compare(first, last, target)
    compare(date(2026, 10, 31), date(2026, 11, 30), target)
    _afterwards(dice)
    at.later(days=3)
    count_all()
    compare(first, last, target)


def _afterwards(dice: random.Random) -> None:
    """A late word of the carrier puts tries of the last two days right, and people are erased."""
    from helpline.calls.models import Attempt

    late = clock.now() - timedelta(days=1)
    for attempt in db.session.scalars(sa.select(Attempt).where(Attempt.created_at > late)):
        if dice.random() < 0.3:
            attempt.counted = not attempt.counted
    db.session.execute(
        sa.update(Callback)
        .where(Callback.ended_at.is_not(None), Callback.erased_at.is_(None))
        .values(phone=None, phone_hash=None, name=None, note=None, erased_at=clock.now())
    )
    db.session.commit()
