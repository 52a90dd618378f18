"""How many can be booked on one start: by number, or as the rota bears it, and never one more."""

from __future__ import annotations

import runpy
from collections import Counter
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from config import ROOT
from helpline import clock
from helpline.callbacks import requests, slot_booking
from helpline.callbacks import service as callbacks
from helpline.callbacks.errors import SlotUnavailable
from helpline.callbacks.models import Callback, CallbackEvent, Slot, SlotLanguage
from helpline.callbacks.queries import offered_slots
from helpline.callbacks.requests import CallbackRequest
from helpline.db import db, transaction
from helpline.domain.phone_numbers import PhoneNumber
from helpline.domain.slots import Capacity
from helpline.hours import queries as hours
from tests import factories
from tests.cast import ASHA, RAVI, Member, Visitor
from tests.invariants.together import at_once
from tests.staff import fixtures
from tests.stateful.rules import broken_rules
from tests.support.clock import Clock

ONCE = pytest.mark.parametrize("database_kind", ["sqlite"])


@pytest.fixture(autouse=True)
def _morning(app: Flask, at: Clock) -> None:
    at("2026-11-23 09:00")


def ask(number: int, language: str) -> str:
    wish = CallbackRequest(
        PhoneNumber(f"+9198765002{number:02}"), factories.slot("11:00"), language=language
    )
    return callbacks.request_callback(wish, request_key=f"visitor-{number}", now=clock.now())


def booked() -> dict[str, int]:
    """What is booked at 11:00: in all, and by language."""
    db.session.rollback()
    slot = db.session.get(Slot, factories.slot("11:00"))
    rows = db.session.scalars(sa.select(SlotLanguage)).all()
    assert broken_rules(db.session()) == []
    return {"all": slot.booked if slot else 0} | {row.language: row.booked for row in rows}


def advisor(number: int) -> Member:
    return Member(
        f"A{number}", f"a{number}@helpline.example", "rings people", ("advisor",), ("en",)
    )


def outcome(found: list[Any]) -> Counter[str]:
    return Counter("gone" if isinstance(each, SlotUnavailable) else "booked" for each in found)


def test_all_who_book_at_once_get_what_the_rota_bears_and_no_more(app: Flask) -> None:
    fixtures.shift(ASHA)
    fixtures.shift(RAVI)
    fixtures.shift(advisor(3))
    fixtures.capacity(share=100)
    wanted = [("hi", number) for number in range(4)] + [("en", number) for number in range(4, 8)]
    found = at_once(app, [partial(ask, number, language) for language, number in wanted])
    assert outcome(found) == {"booked": 3, "gone": 5}
    there = booked()
    assert there["all"] == 3
    assert there.get("hi", 0) <= 1, "only Asha speaks Hindi"


def test_one_language_is_bounded_by_those_who_speak_it(app: Flask) -> None:
    fixtures.shift(ASHA)
    fixtures.shift(RAVI)
    fixtures.capacity(share=100)
    found = at_once(app, [partial(ask, number, "hi") for number in range(4)])
    assert outcome(found) == {"booked": 1, "gone": 3}
    with pytest.raises(SlotUnavailable) as gone:
        ask(8, "ta")
    assert gone.value.nearest == (), "nobody speaks Tamil on any day"
    ask(9, "en")
    assert booked() == {"all": 2, "hi": 1, "en": 1}
    first = next(each for each in found if isinstance(each, str))
    callbacks.reschedule(first, factories.slot("11:30"), now=clock.now())
    ask(10, "hi")
    assert booked()["hi"] == 1


def test_a_rota_that_shrinks_keeps_what_was_promised_and_books_no_more(app: Flask) -> None:
    asha, ravi = fixtures.shift(ASHA), fixtures.shift(RAVI)
    fixtures.capacity(share=100)
    tokens = [ask(0, "hi"), ask(1, "en")]
    fixtures.off(ravi, fixtures.MONDAY)
    now, eleven = clock.now(), factories.slot("11:00")
    there = slot_booking.capacities(db.session(), [eleven], now)
    assert there[eleven] == Capacity(1, {"hi": 1, "en": 1})
    assert slot_booking.overbooked(db.session(), there) == {eleven: 2}
    assert booked()["all"] == 2
    callbacks.cancel(tokens[0], now=now)
    with pytest.raises(SlotUnavailable):
        ask(2, "hi")
    callbacks.cancel(tokens[1], now=now)
    ask(3, "en")
    fixtures.off(asha, fixtures.MONDAY)
    in_force = hours.effective_hours(db.session(), now)
    offered = {each.starts_at for each in offered_slots(db.session(), in_force, now)}
    assert offered, "other days are"
    assert eleven not in offered, "a time without anybody is not on offer"
    fixtures.capacity("fixed", fixed=4)
    assert ask(4, "ta") and booked()["all"] == 2


def test_who_finds_no_place_leaves_nothing_half_done(app: Flask) -> None:
    fixtures.shift(ASHA)
    fixtures.shift(RAVI)
    fixtures.capacity(share=100)
    ask(0, "hi")

    def is_refused(number: int, language: str) -> None:
        wish = CallbackRequest(
            PhoneNumber(f"+9198765002{number:02}"), factories.slot("11:00"), language=language
        )
        db.session.rollback()
        with transaction() as session, pytest.raises(SlotUnavailable):
            requests.create(session, wish, f"link-{number}", clock.now())

    is_refused(1, "hi")
    assert booked() == {"all": 1, "hi": 1}, "the place of all was given back"
    ask(2, "en")
    is_refused(3, "en")
    assert booked() == {"all": 2, "hi": 1, "en": 1}
    for written in (Callback, CallbackEvent):
        assert db.session.scalar(sa.select(sa.func.count()).select_from(written)) == 2


@ONCE
def test_a_share_is_kept_for_those_who_wait_now(app: Flask) -> None:
    for number in range(4):
        fixtures.shift(advisor(number))
    fixtures.capacity(share=50)
    found = at_once(app, [partial(ask, number, "en") for number in range(5)])
    assert outcome(found) == {"booked": 2, "gone": 3}


@ONCE
def test_a_visitor_who_moves_keeps_the_old_time_when_the_new_one_is_full(app: Flask) -> None:
    fixtures.shift(ASHA)
    fixtures.capacity(share=100)
    token = ask(0, "hi")
    factories.callback(
        Visitor("Other", "+919876500777", language="en"), slot_at=factories.slot("12:00")
    )
    with pytest.raises(SlotUnavailable):
        callbacks.reschedule(token, factories.slot("12:00"), now=clock.now())
    assert booked()["hi"] == 1


def test_an_older_database_learns_what_is_booked_in_each_language(app: Flask) -> None:
    ask(0, "hi")
    callbacks.cancel(ask(2, "en"), now=clock.now())
    ask(1, "en")
    step = runpy.run_path(str(ROOT / "migrations/versions/0018_rota_and_places.py"))
    db.session.execute(sa.delete(SlotLanguage))
    db.session.execute(sa.text(step["_COUNT_WHAT_IS_BOOKED"]))
    db.session.commit()
    assert booked() == {"all": 2, "hi": 1, "en": 1}
    fixtures.shift(ASHA)
    fixtures.capacity(share=100)
    with pytest.raises(SlotUnavailable):
        ask(3, "hi")
