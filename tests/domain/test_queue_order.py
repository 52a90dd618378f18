"""Who goes first, and how long the others wait."""

from __future__ import annotations

import pytest

from helpline.domain.queue_order import Priority, WaitBand, expected_wait_minutes, wait_band


def test_urgent_goes_before_booked_then_as_soon_as_possible_then_later() -> None:
    assert sorted(Priority) == [Priority.URGENT, Priority.BOOKED, Priority.ASAP, Priority.LATER]
    assert [int(each) for each in Priority] == [1, 4, 5, 9]


@pytest.mark.parametrize(
    ("ahead", "advisors", "handling", "minutes"),
    [
        (0, 1, 15.0, 0),
        (1, 1, 15.0, 15),
        (4, 2, 15.0, 30),
        (1, 3, 10.0, 4),
        (5, 0, 15.0, None),
        (0, 0, 15.0, None),
        (-1, 1, 15.0, 0),
    ],
)
def test_the_wait_is_the_work_ahead_shared_by_the_advisors(
    ahead: int, advisors: int, handling: float, minutes: int | None
) -> None:
    assert expected_wait_minutes(ahead, advisors, handling) == minutes


@pytest.mark.parametrize(
    ("minutes", "band"),
    [
        (0, WaitBand.UNDER_5),
        (4, WaitBand.UNDER_5),
        (5, WaitBand.UNDER_15),
        (15, WaitBand.UNDER_30),
        (30, WaitBand.UNDER_60),
        (59, WaitBand.UNDER_60),
        (60, WaitBand.OVER_HOUR),
        (None, WaitBand.UNKNOWN),
    ],
)
def test_a_wait_is_said_as_a_band(minutes: int | None, band: WaitBand) -> None:
    assert wait_band(minutes) is band
