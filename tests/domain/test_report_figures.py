"""The plain sums of the measures, and what outsiders can work out of what they are told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as some

from helpline.domain import report_figures
from helpline.domain.opening_hours import Period
from helpline.domain.report_figures import SUPPRESSED_BELOW, OpenTime, suppress_small_counts


def at(hour: float) -> datetime:
    return datetime(2026, 11, 23, tzinfo=UTC) + timedelta(hours=hour)


def test_only_time_when_we_were_open_is_waiting() -> None:
    opened = OpenTime([Period(at(10), at(18)), Period(at(34), at(42))])
    assert opened.between(at(17.5), at(34.25)) == timedelta(minutes=45)
    assert opened.between(at(20), at(33)) == timedelta(0)
    assert opened.between(at(12), at(11)) == timedelta(0)
    assert opened.is_open(at(10)) and not opened.is_open(at(18))


def test_minutes_are_rounded_up_and_seconds_down() -> None:
    seconds = [0, 1, 60, 61]
    assert [report_figures.whole_minutes(timedelta(seconds=each)) for each in seconds] == [
        0,
        1,
        1,
        2,
    ]
    assert report_figures.whole_seconds(timedelta(seconds=1.9)) == 1
    assert report_figures.whole_seconds(timedelta(seconds=-3)) == 0


@given(some.lists(some.integers(0, 300), min_size=1, max_size=60), some.integers(1, 100))
def test_a_percentile_is_the_nearest_rank(waits: list[int], percent: int) -> None:
    counted: dict[int, int] = {}
    for each in waits:
        counted[each] = counted.get(each, 0) + 1
    rank = -(-percent * len(waits) // 100)
    assert report_figures.percentile(counted, percent) == sorted(waits)[rank - 1]


def test_whose_target_time_passed_is_missed_and_who_left_sooner_is_not() -> None:
    called, overdue = {5: 8, 20: 1, 21: 1}, {3: 4, 5: 8, 20: 1, 21: 1, 40: 2}
    assert report_figures.within(called, overdue, 20) == (9, 12)
    assert report_figures.within({}, {3: 4}, 20) == (0, 0)
    came_with_30_minutes = {30: -1, 45: 1}
    assert report_figures.within({}, came_with_30_minutes, 20) == (0, 0)
    assert report_figures.within({}, came_with_30_minutes, 40) == (0, 1)
    assert report_figures.share(9, 12) == Fraction(3, 4) and report_figures.share(0, 0) is None
    assert report_figures.percentile({}, 90) is None
    assert report_figures.average(0, 0) is None and report_figures.average(7, 2) == 3.5


@given(some.lists(some.integers(0, 12), max_size=7))
def test_no_total_gives_a_count_under_five_away(counts: list[int]) -> None:
    """Whoever knows the total, and all that is told, finds two answers at least for each."""
    told = suppress_small_counts(counts)
    hidden = [number for number, each in zip(counts, told, strict=True) if each is None]
    assert all(each is None or each >= SUPPRESSED_BELOW for each in told)
    if all(number >= SUPPRESSED_BELOW for number in counts):
        assert not hidden
    elif len(hidden) < len(counts):
        assert len(hidden) >= 2 and sum(hidden) >= 2 * SUPPRESSED_BELOW
        assert sum(hidden) > 0  # so that each of two or more may be none of them, or more
    shown = [each for each in told if each is not None]
    assert sum(shown) + sum(hidden) == sum(counts)
