"""The day that is played: its shape, who books, and what is read from it in the end."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from xml.etree import ElementTree

import pytest

from bench.scenarios.national_day import main, read_plan
from bench.scenarios.national_plan import CURVE, NIGHT, OPENS, Plan, patience, visitors_of
from bench.scenarios.national_report import Day, Stay, as_page, as_picture, compare, stays_in
from helpline.domain.lifecycle import Event, Status

PLAN = Plan(callbacks=4000, advisors=40)


def test_a_day_has_its_shape_and_is_the_same_for_the_same_seed() -> None:
    visitors = visitors_of(PLAN)
    assert visitors == visitors_of(PLAN) != visitors_of(replace(PLAN, seed=2))
    assert sum(share for _, _, share in CURVE) == pytest.approx(1)
    asks = [each.asks_at for each in visitors]
    assert asks == sorted(asks) and asks[0] >= OPENS - NIGHT and asks[-1] <= PLAN.closes
    by_night = [each for each in visitors if each.asks_at < OPENS]
    assert len(by_night) / len(visitors) == pytest.approx(0.14, abs=0.02)
    assert not any(each.by_http for each in by_night)
    begin, end = PLAN.steady
    booked = [each for each in visitors if each.slot_at]
    assert booked and all(each.slot_at > each.asks_at for each in booked if each.slot_at)
    assert not any(begin <= each.slot_at < end for each in booked if each.slot_at)
    assert (f"{begin:%H:%M}", f"{end:%H:%M}") == ("12:30", "16:00")


def test_people_talk_as_long_as_keeps_the_advisors_as_busy_as_wanted() -> None:
    assert PLAN.talk_seconds < PLAN.handling_seconds
    assert replace(PLAN, advisors=80).handling_seconds == 2 * PLAN.handling_seconds
    waits = [patience(PLAN, number, OPENS) / timedelta(minutes=1) for number in range(2000)]
    assert sum(waits) / len(waits) == pytest.approx(20, rel=0.1)


@dataclass
class Step:
    """An event of a history."""

    event: Event
    minute: float
    to_status: Status
    due: float | None = None

    @property
    def at(self) -> datetime:
        return OPENS + timedelta(minutes=self.minute)

    @property
    def due_at(self) -> datetime | None:
        return None if self.due is None else OPENS + timedelta(minutes=self.due)


def test_every_time_in_the_queue_is_a_stay() -> None:
    stays = stays_in(
        [
            Step(Event.ASK, -600, Status.WAITING, due=-600),
            Step(Event.CLAIM, 4, Status.CLAIMED, due=-600),
            Step(Event.DIAL, 4, Status.CALLING, due=-600),
            Step(Event.RETRY, 5, Status.WAITING, due=20),
            Step(Event.CANCEL, 26, Status.CANCELLED, due=20),
        ]
    )
    assert [each.rung for each in stays] == [True, False]
    assert [each.wait for each in stays] == [timedelta(minutes=4), timedelta(minutes=6)]
    assert stays[0].back_at == OPENS + timedelta(minutes=5)


def test_a_day_in_which_nobody_waits_is_no_day_of_too_few_advisors() -> None:
    """Theory is given what came and how long it took: 60 an hour for 10 minutes are 10 erlangs."""
    day = Day(PLAN, began=0.0)
    begin, end = PLAN.steady
    minutes = int((end - begin) / timedelta(minutes=1))
    day.stays = [
        Stay(at, at, rung=True, back_at=at + timedelta(minutes=10))
        for at in (begin + timedelta(minutes=each) for each in range(minutes))
    ]
    day.asked_at = [each.due_at for each in day.stays]
    compare(day)
    assert day.model is not None and day.model.load == pytest.approx(10)
    assert day.missed == []
    day.plan = replace(PLAN, advisors=9, speed=1)
    compare(day)
    assert [each.partition(":")[0] for each in day.missed] == [
        "average wait",
        "cancelled while waiting",
        "rung within 20 minutes",
        "rung within 2 minutes",
    ]
    assert "| average wait | 0.0 s |" in as_page(day)
    drawn = ElementTree.fromstring(as_picture(day))
    assert any(each.text == "Average wait, minutes" for each in drawn.iter())


def test_the_command_says_what_it_takes(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 0
    assert "--advisors" in capsys.readouterr().out
    plan, write = read_plan(["--callbacks", "500", "--speed", "50"])
    assert (plan, write) == (Plan(callbacks=500, speed=50), False)
    with pytest.raises(SystemExit):
        read_plan(["--advisors", "0"])
