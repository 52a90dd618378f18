"""One state from callback, attempt, hours and presence: the whole table."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import product
from zoneinfo import ZoneInfo

import pytest

from helpline.domain.call_progress import AttemptResult, AttemptState
from helpline.domain.lifecycle import Status
from helpline.domain.opening_hours import Interval, OpeningHours, Week, WeekVersion
from helpline.domain.visitor_state import (
    AttemptFacts,
    HoursNow,
    Outlook,
    VisitorState,
    state_of_new_request,
    visitor_state,
)

ZONE = ZoneInfo("Asia/Kolkata")
TEN_TO_SIX = OpeningHours(
    ZONE, (WeekVersion(None, Week.every_day(Interval.parse("10:00", "18:00"))),)
)
NEVER_OPEN = OpeningHours(ZONE, (WeekVersion(None, Week.every_day()),))
ALWAYS_OPEN = OpeningHours(
    ZONE, (WeekVersion(None, Week.every_day(Interval.parse("00:00", "24:00"))),)
)
OPENS_TOMORROW = datetime(2026, 11, 24, 10, tzinfo=ZONE)
CLOSES = datetime(2026, 11, 23, 18, tzinfo=ZONE)
MOMENTS = {
    "open": datetime(2026, 11, 23, 11, tzinfo=ZONE),
    "closing": datetime(2026, 11, 23, 17, 59, tzinfo=ZONE),
    "closed": datetime(2026, 11, 23, 20, 30, tzinfo=ZONE),
}
STAFFED, NOBODY = 0, None


@dataclass(frozen=True)
class Asked:
    """A callback, as far as its state depends on it."""

    status: Status
    due_at: datetime
    slot_at: datetime | None = None
    attempts_used: int = 0
    disposition: str | None = None


QUEUED = {
    ("open", STAFFED): "queued",
    ("open", NOBODY): "queued_unstaffed",
    ("closing", STAFFED): "queued_closing",
    ("closing", NOBODY): "queued_unstaffed_closing",
    ("closed", STAFFED): "queued_closed",
    ("closed", NOBODY): "queued_closed",
}
RETRY = {
    key: state.replace("queued_", "retry_").replace("queued", "retry_queued")
    for key, state in QUEUED.items()
}
S, R = AttemptState, AttemptResult
ROWS: dict[str, tuple[Status, AttemptFacts | None, object]] = {
    # What happens to the callback: its status, its attempt, and the state told; a dict where the
    # state depends on hours and presence, a pair where it depends on whether we are open.
    "waiting": (Status.WAITING, None, QUEUED),
    "behind another": (Status.JOINED, None, QUEUED),
    "claimed": (Status.CLAIMED, None, "claimed"),
    "call asked for": (Status.CALLING, AttemptFacts(S.QUEUED, None), "connecting"),
    "no attempt yet": (Status.CALLING, None, "connecting"),
    "call placed": (Status.CALLING, AttemptFacts(S.PLACING, None), "connecting"),
    "advisor rings": (Status.CALLING, AttemptFacts(S.ADVISOR_RINGING, None), "connecting"),
    "advisor answered": (Status.CALLING, AttemptFacts(S.ADVISOR_ANSWERED, None), "connecting"),
    "visitor rings": (Status.CALLING, AttemptFacts(S.VISITOR_RINGING, None), "calling!"),
    "talking": (Status.CALLING, AttemptFacts(S.TALKING, None), "talking!"),
    "own phone": (
        Status.CALLING,
        AttemptFacts(S.VISITOR_RINGING, None, own_phone=True),
        "calling_own_phone!",
    ),
    "wrap-up": (Status.CALLING, AttemptFacts(S.ENDED, R.TALKED), "call_ended!"),
    "wrap-up, no answer": (Status.CALLING, AttemptFacts(S.ENDED, R.NO_ANSWER), "not_answered!"),
    "reached": (Status.REACHED, None, "reached!"),
    "unreached": (Status.UNREACHED, None, "unreached!"),
    "cancelled": (Status.CANCELLED, None, "cancelled!"),
    "expired": (Status.EXPIRED, None, "expired!"),
}


@pytest.mark.parametrize(("row", "moment", "wait"), list(product(ROWS, MOMENTS, (STAFFED, NOBODY))))
@pytest.mark.parametrize("attempts_used", [0, 1])
def test_every_state_while_open_closing_soon_closed_staffed_and_not(
    row: str, moment: str, wait: int | None, attempts_used: int
) -> None:
    status, attempt, expected = ROWS[row]
    now = MOMENTS[moment]
    asked = Asked(status, now - timedelta(minutes=1), attempts_used=attempts_used)
    told = visitor_state(asked, attempt, HoursNow.of(TEN_TO_SIX, now), wait, now)
    waiting = (RETRY if attempts_used else QUEUED)[moment, wait]
    if isinstance(expected, dict):
        assert told.state == waiting
    elif str(expected).endswith("!"):  # Nothing that the clock or presence changes.
        assert told == Outlook(VisitorState(str(expected)[:-1]))
    else:  # A claim, and a call that has not reached the visitor's phone, end at closing.
        assert told.state == (waiting if moment == "closed" else expected)
    if told.state.endswith("closing"):
        assert (told.closes_at, told.call_at) == (CLOSES, OPENS_TOMORROW)
    elif told.state.endswith("closed"):
        assert (told.closes_at, told.call_at) == (None, OPENS_TOMORROW)
    else:
        assert told == Outlook(told.state)


@pytest.mark.parametrize("wait", [STAFFED, NOBODY])
@pytest.mark.parametrize("moment", MOMENTS)
def test_what_is_not_due_yet_depends_on_its_own_time(moment: str, wait: int | None) -> None:
    now = MOMENTS[moment]
    found = HoursNow.of(TEN_TO_SIX, now)
    noon = datetime(2026, 11, 24, 12, tzinfo=ZONE)
    night = datetime(2026, 11, 24, 3, tzinfo=ZONE)
    booked = Asked(Status.WAITING, noon, noon)
    assert visitor_state(booked, None, found, wait, now) == Outlook(VisitorState.BOOKED, noon)
    later = visitor_state(Asked(Status.WAITING, night), None, found, wait, now)
    assert later == Outlook(VisitorState.LATER, OPENS_TOMORROW)
    retry = visitor_state(Asked(Status.WAITING, noon, now, 1), None, found, wait, now)
    assert retry == Outlook(VisitorState.RETRY_LATER, noon)


@pytest.mark.parametrize("due_in", [-1, 60])
def test_where_no_opening_is_planned_no_time_is_told(due_in: int) -> None:
    now = MOMENTS["open"]
    asked = Asked(Status.WAITING, now + timedelta(minutes=due_in))
    told = visitor_state(asked, None, HoursNow.of(NEVER_OPEN, now), STAFFED, now)
    assert told == Outlook(VisitorState.NO_OPENING)


def test_closing_is_soon_when_half_an_hour_is_left_or_the_wait_is_longer_than_what_is_left() -> (
    None
):
    def state(wall: str, wait: int | None) -> VisitorState:
        now = datetime.fromisoformat(f"2026-11-23 {wall}").replace(tzinfo=ZONE)
        return state_of_new_request(HoursNow.of(TEN_TO_SIX, now), wait, now).state

    assert state("17:29", 0) == VisitorState.QUEUED
    assert state("17:30", 0) == VisitorState.QUEUED_CLOSING
    assert state("17:59:59", 0) == VisitorState.QUEUED_CLOSING
    assert state("18:00", 0) == VisitorState.QUEUED_CLOSED
    assert state("16:00", 119) == VisitorState.QUEUED
    assert state("16:00", 120) == VisitorState.QUEUED_CLOSING


def test_hours_that_never_close_are_never_closing_soon() -> None:
    now = MOMENTS["closing"].astimezone(UTC)
    found = HoursNow.of(ALWAYS_OPEN, now)
    assert state_of_new_request(found, 5000, now) == Outlook(VisitorState.QUEUED)
    assert state_of_new_request(found, None, now) == Outlook(VisitorState.QUEUED_UNSTAFFED)
