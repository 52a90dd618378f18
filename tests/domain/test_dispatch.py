"""Whose phone rings with a callback."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from helpline.domain.dispatch import FreeAdvisor, advisors_to_call

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
LONG = FreeAdvisor(3, ("en",), NOON - timedelta(hours=1))
LESS = FreeAdvisor(1, ("en", "hi"), NOON - timedelta(minutes=30))
JUST = FreeAdvisor(2, ("hi",), NOON)
ALL = (JUST, LESS, LONG)


def test_the_longest_idle_comes_first() -> None:
    assert advisors_to_call(ALL, language=None, asked=(), at_once=2) == (3, 1)


def test_only_those_who_speak_it() -> None:
    assert advisors_to_call(ALL, language="hi", asked=(), at_once=3) == (1, 2)


def test_nobody_who_was_asked_already() -> None:
    assert advisors_to_call(ALL, language="hi", asked={1}, at_once=1) == (2,)


def test_the_one_who_is_wanted_whatever_they_speak() -> None:
    assert advisors_to_call(ALL, language="hi", asked=(), at_once=2, only=3) == (3,)
    assert advisors_to_call(ALL, language="hi", asked={3}, at_once=2, only=3) == ()


def test_of_two_as_idle_the_first_by_id_so_that_all_workers_agree() -> None:
    other = FreeAdvisor(9, ("en",), LONG.idle_since)
    assert advisors_to_call((other, LONG), language=None, asked=(), at_once=1) == (3,)
