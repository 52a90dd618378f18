"""When we ring again, and when we stop."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from helpline.domain.call_progress import AttemptResult
from helpline.domain.errors import InvalidPolicy
from helpline.domain.lifecycle import Event
from helpline.domain.opening_hours import Interval, OpeningHours, Week
from helpline.domain.retries import (
    Disposition,
    RetryPolicy,
    consequence,
    next_attempt_at,
    suggested_disposition,
)

HOURS = OpeningHours.weekly("Asia/Kolkata", Week.every_day(Interval.parse("10:00", "18:00")))
CLOSED = OpeningHours.weekly("Asia/Kolkata", Week.closed())
POLICY = RetryPolicy()


def at(clock: str, day: int = 23) -> datetime:
    hour, minute = clock.split(":")
    return datetime(2026, 11, day, int(hour), int(minute), tzinfo=ZoneInfo("Asia/Kolkata"))


def test_the_pause_grows_and_the_last_one_repeats() -> None:
    patient = RetryPolicy(max_attempts=5, pauses_minutes=(15, 60))
    tries = [next_attempt_at(patient, used, at("11:00"), HOURS) for used in range(1, 6)]
    assert tries == [at("11:15"), at("12:00"), at("12:00"), at("12:00"), None]


def test_attempts_are_used_up_at_the_policys_number() -> None:
    assert next_attempt_at(POLICY, 2, at("11:00"), HOURS) is not None
    assert next_attempt_at(POLICY, 3, at("11:00"), HOURS) is None
    assert next_attempt_at(POLICY, 4, at("11:00"), HOURS) is None


def test_a_call_missed_just_before_closing_is_tried_at_the_next_opening() -> None:
    assert next_attempt_at(POLICY, 1, at("17:59"), HOURS) == at("10:00", day=24)
    assert next_attempt_at(POLICY, 1, at("17:45"), HOURS) == at("10:00", day=24)
    assert next_attempt_at(POLICY, 1, at("17:44"), HOURS) == at("17:59")


def test_without_any_opening_the_callback_waits_at_the_end_of_its_pause() -> None:
    assert next_attempt_at(POLICY, 1, at("11:00"), CLOSED) == at("11:15")


def test_an_attempt_that_did_not_count_pauses_like_the_first() -> None:
    assert next_attempt_at(POLICY, 0, at("11:00"), HOURS) == at("11:15")
    assert POLICY.pause_after(0) == timedelta(minutes=15)


def test_a_naive_instant_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        next_attempt_at(POLICY, 1, datetime.now(UTC).replace(tzinfo=None), HOURS)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"max_attempts": 0}, "max_attempts"),
        ({"max_attempts": 11}, "max_attempts"),
        ({"pauses_minutes": ()}, "pauses_minutes"),
        ({"pauses_minutes": (15, 0)}, "pauses_minutes"),
        ({"pauses_minutes": (10081,)}, "pauses_minutes"),
    ],
)
def test_a_policy_that_makes_no_sense_names_its_field(
    changes: dict[str, object], field: str
) -> None:
    with pytest.raises(InvalidPolicy) as refused:
        RetryPolicy(**changes)  # type: ignore[arg-type]
    assert refused.value.field == field
    assert field in str(refused.value)


@pytest.mark.parametrize(
    ("disposition", "with_tries_left", "with_none"),
    [
        (Disposition.REACHED, Event.REACHED, Event.REACHED),
        (Disposition.DECLINED, Event.REACHED, Event.REACHED),
        (Disposition.NO_ANSWER, Event.RETRY, Event.GIVE_UP),
        (Disposition.BUSY, Event.RETRY, Event.GIVE_UP),
        (Disposition.VOICEMAIL, Event.RETRY, Event.GIVE_UP),
        (Disposition.WRONG_NUMBER, Event.GIVE_UP, Event.GIVE_UP),
    ],
)
def test_what_the_advisor_says_decides_what_follows(
    disposition: Disposition, with_tries_left: Event, with_none: Event
) -> None:
    assert consequence(disposition) is with_tries_left
    assert consequence(disposition, may_retry=False) is with_none


def test_what_the_carrier_said_is_offered_to_the_advisor_first() -> None:
    talk = timedelta(minutes=4)
    offered = {result: suggested_disposition(result, talk) for result in AttemptResult}
    assert {result: each for result, each in offered.items() if each is not None} == {
        AttemptResult.TALKED: Disposition.REACHED,
        AttemptResult.NO_ANSWER: Disposition.NO_ANSWER,
        AttemptResult.BUSY: Disposition.BUSY,
    }


@pytest.mark.parametrize("talk", [None, timedelta(seconds=3), timedelta(seconds=29)])
def test_a_short_talk_alone_does_not_mean_that_anybody_was_reached(talk: timedelta | None) -> None:
    assert suggested_disposition(AttemptResult.TALKED, talk) is None
    assert suggested_disposition(AttemptResult.BUSY, talk) is Disposition.BUSY
    assert suggested_disposition(AttemptResult.TALKED, timedelta(seconds=30)) is Disposition.REACHED
