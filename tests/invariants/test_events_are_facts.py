"""The carrier tells everything in any order, twice or late: the result is the same."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
from flask import Flask

from helpline import clock
from helpline.callbacks.models import Callback
from helpline.calls import carrier_events
from helpline.calls import service as calls
from helpline.calls.attempt_jobs import ATTEMPTS
from helpline.calls.models import Attempt
from helpline.db import db
from helpline.domain.call_progress import AttemptResult, CarrierStatus, Leg
from helpline.domain.lifecycle import Status
from helpline.messaging.carrier_jobs import Request
from tests import factories
from tests.cast import ASHA, Member, Visitor
from tests.support import carrier_jobs
from tests.support.clock import Clock

TOO_LATE = timedelta(minutes=3)
Word = Callable[[str, str, datetime], None]


def says(leg: Leg, status: CarrierStatus, sequence: int) -> Word:
    """A status callback."""

    def tell(ref: str, call: str, now: datetime) -> None:
        sid = call if leg == Leg.ADVISOR else f"CB{call[2:]}"
        carrier_events.status_received(
            ref, leg, sid, status, sequence=sequence, error_code=None, problem=None, now=now
        )

    return tell


def dialled(outcome: CarrierStatus) -> Word:
    """The outcome of the dial."""

    def tell(ref: str, call: str, now: datetime) -> None:
        carrier_events.dial_finished(ref, call, outcome, now=now)

    return tell


RANG = says(Leg.VISITOR, CarrierStatus.RINGING, 1)
OVER = says(Leg.ADVISOR, CarrierStatus.COMPLETED, 3)
PRESSED = {
    "talked": (
        (
            RANG,
            says(Leg.VISITOR, CarrierStatus.IN_PROGRESS, 2),
            says(Leg.VISITOR, CarrierStatus.COMPLETED, 3),
            dialled(CarrierStatus.COMPLETED),
            OVER,
        ),
        AttemptResult.TALKED,
    ),
    "no answer": (
        (
            RANG,
            says(Leg.VISITOR, CarrierStatus.NO_ANSWER, 2),
            dialled(CarrierStatus.NO_ANSWER),
            OVER,
        ),
        AttemptResult.NO_ANSWER,
    ),
    "busy": (
        (says(Leg.VISITOR, CarrierStatus.BUSY, 1), dialled(CarrierStatus.BUSY), OVER),
        AttemptResult.BUSY,
    ),
    "failed": (
        (says(Leg.VISITOR, CarrierStatus.FAILED, 1), dialled(CarrierStatus.FAILED), OVER),
        AttemptResult.VISITOR_FAILED,
    ),
    "the advisor hung up while it rang": (
        (
            RANG,
            says(Leg.VISITOR, CarrierStatus.CANCELED, 2),
            dialled(CarrierStatus.NO_ANSWER),
            OVER,
        ),
        AttemptResult.ADVISOR_HUNG_UP,
    ),
}
NOT_PRESSED = {
    "nobody answered": (
        (
            says(Leg.ADVISOR, CarrierStatus.INITIATED, 0),
            says(Leg.ADVISOR, CarrierStatus.RINGING, 1),
            says(Leg.ADVISOR, CarrierStatus.NO_ANSWER, 2),
        ),
        AttemptResult.ADVISOR_NO_ANSWER,
    ),
    "declined": (
        (
            says(Leg.ADVISOR, CarrierStatus.RINGING, 1),
            says(Leg.ADVISOR, CarrierStatus.BUSY, 2),
        ),
        AttemptResult.ADVISOR_DECLINED,
    ),
    "a voicemail box answered": (
        (
            says(Leg.ADVISOR, CarrierStatus.RINGING, 1),
            says(Leg.ADVISOR, CarrierStatus.IN_PROGRESS, 2),
            OVER,
        ),
        AttemptResult.ADVISOR_NO_ANSWER,
    ),
}


class Stage:
    """One attempt after the other, each told the same story in another order."""

    def __init__(self) -> None:
        self._number = 0

    def plays(self, words: Sequence[Word], *, pressed: bool) -> dict[str, Any]:
        """What came of a story told in this order."""
        self._number += 1
        asha = factories.staff(ASHA, email=f"asha{self._number}@helpline.example")
        visitor = Visitor("", f"+9198{self._number:08}", language="hi")
        attempt = factories.calling(_member(asha.email), visitor)
        taken = carrier_jobs.take_attempt()
        assert isinstance(taken, Request)
        call = f"CA{self._number:032}"
        ATTEMPTS.accepted(attempt.id, call, now=clock.now())
        if pressed:
            assert carrier_events.advisor_answered(taken.ref, call, now=clock.now())
            carrier_events.advisor_pressed_one(taken.ref, call, now=clock.now())
        for word in words:
            word(taken.ref, call, clock.now())
        return _rows(attempt.id)


def _member(email: str) -> Member:
    return replace(ASHA, email=email)


def _rows(attempt_id: int) -> dict[str, Any]:
    db.session.rollback()
    attempt = db.session.get_one(Attempt, attempt_id)
    callback = db.session.get_one(Callback, attempt.callback_id)
    of_attempt = ("state", "result", "counted", "ended_at", "heard_at", "problem", "dial_allowed")
    of_callback = ("status", "attempts_used", "due_at", "claim_ends_at", "disposition", "ended_at")
    return {
        **{f"attempt.{name}": getattr(attempt, name) for name in of_attempt},
        "attempt.has_visitor_call": attempt.visitor_call is not None,
        **{f"callback.{name}": getattr(callback, name) for name in of_callback},
    }


@pytest.fixture
def stage(app: Flask, at: Clock) -> Stage:
    at("2026-11-23 12:00")
    return Stage()


@pytest.mark.parametrize("story", PRESSED)
def test_after_the_1_every_order_of_events_comes_to_the_same(stage: Stage, story: str) -> None:
    words, result = PRESSED[story]
    first = stage.plays(words, pressed=True)
    assert first["attempt.result"] == result

    for order in list(permutations(words))[:: 1 if len(words) < 5 else 7]:
        assert stage.plays(order, pressed=True) == first


@pytest.mark.parametrize("story", NOT_PRESSED)
def test_before_the_1_every_order_of_events_comes_to_the_same(stage: Stage, story: str) -> None:
    words, result = NOT_PRESSED[story]
    first = stage.plays(words, pressed=False)
    assert first["attempt.result"] == result
    assert first["callback.status"] == Status.CLAIMED

    for order in permutations(words):
        assert stage.plays(order, pressed=False) == first


@pytest.mark.parametrize("story", [*PRESSED, *NOT_PRESSED])
def test_every_event_twice_comes_to_the_same_as_once(stage: Stage, story: str) -> None:
    words, _ = (PRESSED | NOT_PRESSED)[story]
    pressed = story in PRESSED
    once = stage.plays(words, pressed=pressed)

    assert stage.plays([word for word in words for _ in (1, 2)], pressed=pressed) == once
    assert stage.plays([*words, *words], pressed=pressed) == once
    assert stage.plays([*words, *reversed(words)], pressed=pressed) == once


def test_the_same_question_gets_the_same_answer(stage: Stage, at: Clock) -> None:
    attempt = factories.calling(ASHA)
    carrier_jobs.take_attempt()
    now = clock.now()

    answered = [carrier_events.advisor_answered(attempt.ref, "CA1", now=now) for _ in range(3)]
    pressed = [carrier_events.advisor_pressed_one(attempt.ref, "CA1", now=now) for _ in range(3)]

    assert answered == [True] * 3
    assert len(set(pressed)) == 1


def test_a_word_that_comes_after_the_wrap_up_changes_nothing_that_was_said(
    stage: Stage, at: Clock
) -> None:
    from helpline.domain.retries import Disposition

    attempt = factories.calling(ASHA)
    asha = factories.staff(ASHA).id
    carrier_jobs.take_attempt()
    carrier_events.advisor_answered(attempt.ref, "CA1", now=clock.now())
    carrier_events.advisor_pressed_one(attempt.ref, "CA1", now=clock.now())
    words, _ = PRESSED["no answer"]
    for word in words[1:]:
        word(attempt.ref, "CA1", clock.now())
    calls.record_disposition(attempt.callback_id, asha, Disposition.NO_ANSWER, "", now=clock.now())
    before = _rows(attempt.id)

    at.later(minutes=1)
    for word in (*words, *PRESSED["talked"][0]):
        word(attempt.ref, "CA1", clock.now())

    changed = {"attempt.heard_at"}
    after = _rows(attempt.id)
    assert {k: v for k, v in after.items() if k not in changed} == {
        k: v for k, v in before.items() if k not in changed
    }
