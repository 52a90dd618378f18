"""Admins change hours and slots, visitors book, in any order: nobody is ever stranded unannounced.

``EXAMPLES=2000 make test ARGS="tests/hours/test_bookings_survive_changes.py"`` plays more of them.
"""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from unittest import mock

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from helpline import clock
from helpline.callbacks import service as callbacks
from helpline.callbacks.errors import SlotUnavailable, StateChanged
from helpline.callbacks.models import Callback, CallbackEvent
from helpline.callbacks.queries import offered_slots
from helpline.callbacks.rescheduling import Approval
from helpline.db import db
from helpline.domain.hours_plan import (
    DateTaken,
    EmergencyClosure,
    ExceptionKind,
    HoursException,
    HoursPlan,
)
from helpline.domain.lifecycle import Event, Status
from helpline.domain.opening_hours import Interval
from helpline.domain.phone_numbers import PhoneNumber
from helpline.hours import queries
from helpline.hours import service as hours_service
from tests.hours.fixtures import change, daily, outside_now, shown
from tests.stateful.rules import broken_rules
from tests.support.database import wipe

BEGIN = datetime(2026, 3, 27, 6, tzinfo=UTC)  # two days before London's clock goes forward
ZONES = ("Asia/Kolkata", "Europe/London", "America/New_York")
HOURS = (("10:00-18:00",), ("09:45-13:00", "14:00-20:00"), ("20:00-02:00",), ("00:30-03:30",), ())

BOOKED_ALREADY = (("ask", 0, 20), ("ask", 0, 33), ("ask", 1, 45))
"""The second of them stands behind another of its number."""

_visits = st.tuples(
    st.sampled_from(("ask", "ask", "ask", "move", "cancel")), st.integers(0, 3), st.integers(0, 60)
)
_edits = st.tuples(
    st.sampled_from(("week", "later", "closed", "part", "other", "zone", "shut", "open")),
    st.integers(0, 4),
    st.integers(0, 4),
)
_steps = st.lists(
    _visits | _edits | st.tuples(st.just("pass"), st.integers(1, 600), st.just(0)),
    min_size=2,
    max_size=7,
)


class Play:
    """A few days of a helpline, and its clock."""

    def __init__(self) -> None:
        self.now = BEGIN
        self.tokens: list[str] = []

    def does(self, step: tuple[str, int, int]) -> None:
        what, first, second = step
        if what == "pass":
            self.now += timedelta(minutes=first)
        elif what in ("ask", "move", "cancel"):
            with suppress(SlotUnavailable, StateChanged):
                self._visits(what, first, second)
        else:
            self._saves(what, first, second)
        db.session.rollback()

    def _visits(self, what: str, who: int, slot: int) -> None:
        if what == "cancel" and self.tokens:
            callbacks.cancel(self.tokens[who % len(self.tokens)], now=self.now)
            return
        session = db.session()
        offered = offered_slots(session, queries.effective_hours(session, self.now), self.now)
        at = offered[slot % len(offered)].starts_at if offered else None
        if what == "move" and self.tokens:
            callbacks.reschedule(self.tokens[who % len(self.tokens)], at, now=self.now)
        elif what == "ask":
            wish = callbacks.CallbackRequest(PhoneNumber(f"+91987650000{who}"), slot_at=at)
            key = f"visit-{len(self.tokens)}"
            self.tokens.append(callbacks.request_callback(wish, request_key=key, now=self.now))

    def _saves(self, what: str, days: int, kind: int) -> None:
        def edit(plan: HoursPlan) -> HoursPlan:
            today = self.now.astimezone(plan.zone).date()
            return self._edited(plan, what, today + timedelta(days=days), kind)

        before = self._promises()
        try:
            seen = shown(edit)
        except AssertionError:
            self._told_of(before)
            return
        except DateTaken:
            return
        assert self._promises() == before, "what was shown is not done"
        change(edit, Approval(seen.digest, off_slots_too=bool(kind % 2)))
        self._told_of(before)

    def _edited(self, plan: HoursPlan, what: str, day: date, kind: int) -> HoursPlan:
        times = tuple(Interval.parse(*each.split("-")) for each in HOURS[kind])
        match what:
            case "week":
                return daily(*HOURS[kind])(plan)
            case "later":
                week = daily(*HOURS[kind])(plan).week
                return plan.with_later_week(week, day + timedelta(days=1))
            case "closed":
                return plan.with_exception(HoursException(ExceptionKind.CLOSED, day, day))
            case "part" if times:
                return plan.with_exception(HoursException(ExceptionKind.PART, day, day, times))
            case "other" if times:
                return plan.with_exception(HoursException(ExceptionKind.HOURS, day, day, times))
            case "zone":
                return replace(plan, zone_name=ZONES[kind % 3])
            case "shut":
                return replace(
                    plan, shut=EmergencyClosure(self.now, self.now + timedelta(hours=1 + kind))
                )
            case _:
                return replace(plan, shut=None)

    def _promises(self) -> dict[int, datetime]:
        """The time of everybody who was promised one that is to come."""
        db.session.rollback()
        return {
            each.id: each.due_at
            for each in db.session.scalars(
                sa.select(Callback).where(
                    Callback.status.in_((Status.WAITING, Status.JOINED)),
                    Callback.slot_at.is_not(None),
                )
            )
        }

    def _told_of(self, before: dict[int, datetime]) -> None:
        """Whoever has another time than before finds on their page that we changed it."""
        after = self._promises()
        for callback_id, time in before.items():
            if after.get(callback_id) != time:
                newest = db.session.scalars(
                    sa.select(CallbackEvent)
                    .where(CallbackEvent.callback_id == callback_id)
                    .order_by(CallbackEvent.id.desc())
                ).first()
                assert newest is not None
                assert newest.event in (Event.MOVE, Event.MOVE_JOINED)
                assert newest.actor.startswith("staff:")
                callback = db.session.get_one(Callback, callback_id)
                assert callback.slot_at or callback.due_at == time, "not before its own time"


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_whatever_admins_and_visitors_do(app: Flask) -> None:
    @settings(
        max_examples=int(os.environ.get("EXAMPLES", "24")),
        deadline=None,
        database=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    @given(_steps)
    def play(steps: list[tuple[str, int, int]]) -> None:
        wipe(db.engine, db.metadata)
        world = Play()
        with mock.patch.object(clock, "now", side_effect=lambda: world.now):
            hours_service.create_first_hours("Asia/Kolkata", now=BEGIN)
            for step in (*BOOKED_ALREADY, *steps):
                world.does(step)
                assert outside_now(world.now) == []
                assert broken_rules(db.session()) == []

    play()
