"""After any sequence of what admins set and visitors book, no start has more than was let in."""

from __future__ import annotations

import itertools
import random
from collections import Counter
from datetime import datetime

import pytest
import sqlalchemy as sa
from flask import Flask

from helpline import clock
from helpline.callbacks import service as callbacks
from helpline.callbacks import slot_booking
from helpline.callbacks.errors import SlotUnavailable, StateChanged
from helpline.callbacks.models import Callback
from helpline.callbacks.requests import CallbackRequest
from helpline.db import db
from helpline.domain.lifecycle import Status
from helpline.domain.opening_hours import Interval
from helpline.domain.phone_numbers import PhoneNumber
from helpline.domain.rota import ShiftsOverlap
from helpline.staff.rota import queries as rota
from helpline.staff.rota import service as rota_service
from tests import factories
from tests.cast import ASHA, MEERA, RAVI
from tests.staff import fixtures
from tests.stateful.rules import broken_rules
from tests.support.clock import Clock

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"])

STEPS = 50
LANGUAGES = ("en", "hi", "ta")
_numbers = itertools.count(10_000)


class History:
    """Rolls dice; keeps what was booked, and asks the plain truth of the callbacks themselves."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.tokens: list[str] = []
        self.asha, self.ravi = fixtures.shift(ASHA), fixtures.shift(RAVI, "12:00", "18:00")
        self.starts = [factories.slot(f"{hour}:00") for hour in (11, 12, 13)]
        self.outcomes: Counter[str] = Counter()

    def step(self) -> None:
        """One deed of somebody."""
        self.dice.choice(
            (self.book, self.book, self.book, self.cancel, self.move, self.capacity, self.shift)
        )()

    def book(self) -> None:
        """A visitor books: let in exactly if the rota, as it is, has a place for them."""
        start, language = self.dice.choice(self.starts), self.dice.choice(LANGUAGES)
        has_place = self.has_place(start, language)
        wish = CallbackRequest(PhoneNumber(f"+9198765{next(_numbers)}"), start, language=language)
        try:
            token = callbacks.request_callback(
                wish, request_key=f"k{next(_numbers)}", now=clock.now()
            )
        except SlotUnavailable:
            assert not has_place
            self.outcomes["gone"] += 1
        else:
            assert has_place
            self.tokens.append(token)
            self.outcomes["booked"] += 1

    def cancel(self) -> None:
        """A visitor cancels."""
        if self.tokens:
            token = self.tokens.pop(self.dice.randrange(len(self.tokens)))
            callbacks.cancel(token, now=clock.now())

    def move(self) -> None:
        """A visitor moves, where there is a place."""
        if self.tokens:
            try:
                token = self.dice.choice(self.tokens)
                callbacks.reschedule(token, self.dice.choice(self.starts), now=clock.now())
            except (SlotUnavailable, StateChanged):
                self.outcomes["not moved"] += 1

    def capacity(self) -> None:
        """An admin sets it."""
        mode = self.dice.choice(("shifts", "shifts", "fixed"))
        fixtures.capacity(mode, share=self.dice.choice((0, 50, 100)), fixed=self.dice.randrange(4))

    def shift(self) -> None:
        """An admin changes the rota of that day."""
        staff_id = self.dice.choice((self.asha, self.ravi))
        version = rota.version_of(db.session(), staff_id)
        admin_id, now = factories.staff(MEERA).id, clock.now()
        kept = rota.exceptions_of(db.session(), staff_id)
        if kept and self.dice.random() < 0.5:
            exception = self.dice.choice(kept).id
            try:
                rota_service.remove_exception(
                    exception, staff_id, expected_version=version, admin_id=admin_id, now=now
                )
            except ShiftsOverlap:
                self.outcomes["overlap"] += 1
        elif kept:
            hours = Interval.parse("11:00", "12:30")
            try:
                rota_service.add_extra(
                    staff_id,
                    fixtures.MONDAY,
                    hours,
                    expected_version=version,
                    admin_id=admin_id,
                    now=now,
                )
            except ShiftsOverlap:
                self.outcomes["overlap"] += 1
        else:
            fixtures.off(staff_id, fixtures.MONDAY)

    def has_place(self, start: datetime, language: str) -> bool:
        """Counted from the callbacks, one by one."""
        there = slot_booking.capacity_at(db.session(), start, clock.now())
        held = db.session.scalars(
            sa.select(Callback.language).where(
                Callback.slot_at == start, Callback.status == Status.WAITING
            )
        ).all()
        return len(held) < there.total and held.count(language) < there.in_language(language)


@pytest.mark.parametrize("seed", range(2))
def test_nobody_is_booked_beyond_what_there_is(app: Flask, at: Clock, seed: int) -> None:
    at("2026-11-23 09:00")
    history = History(seed)
    fixtures.capacity()
    for _step in range(STEPS):
        history.step()
        assert broken_rules(db.session()) == []
    assert history.outcomes["booked"] > 3
    assert history.outcomes["gone"] > 3
