"""Several callers, advisors and webhooks at the same moment: the database decides."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from helpline import clock
from helpline.callbacks import claims, queue, requests
from helpline.callbacks.errors import StateChanged
from helpline.callbacks.models import Callback
from helpline.calls.inbound import service as inbound
from helpline.calls.inbound.ivr import IvrSettings
from helpline.calls.inbound.models import InboundCall, InboundReply
from helpline.calls.inbound.replies import Kind, Reply
from helpline.db import db
from helpline.telephony.events import CallerInput
from tests import factories
from tests.cast import ARJUN, ASHA, LEELA, RAVI
from tests.inbound.caller import at_desk, sid
from tests.support.clock import Clock

RULES = IvrSettings(("en",), "IN", ("IN",), 3)
T = TypeVar("T")


@pytest.fixture
def at_once(app: Flask) -> Callable[..., list[object]]:
    """Does several things in threads that begin together; what each gave, or how it failed."""

    def run(*deeds: Callable[[], T]) -> list[object]:
        barrier = Barrier(len(deeds))

        def one(deed: Callable[[], T]) -> object:
            with app.app_context():
                barrier.wait()
                try:
                    return deed()
                except StateChanged as error:
                    return error
                finally:
                    db.session.remove()

        db.session.rollback()  # The test itself reads afresh after they are done.
        with ThreadPoolExecutor(len(deeds)) as pool:
            return [each.result() for each in [pool.submit(one, deed) for deed in deeds]]

    return run


@pytest.fixture(autouse=True)
def _open_now(app: Flask, at: Clock) -> None:
    at("2026-11-23 11:00")


def rings(number: str | None, call: str) -> Callable[[], Reply]:
    return lambda: inbound.call_received(call, number, rules=RULES, now=clock.now())


def test_four_callers_at_once_never_share_an_advisor(at_once: Callable[..., list[object]]) -> None:
    at_desk(ASHA, RAVI)
    replies = at_once(*(rings(f"+91987651000{place}", sid("CA")) for place in range(4)))
    numbers = [each.number for each in replies if isinstance(each, Reply) and each.number]
    assert sorted(numbers) == sorted([ASHA.phone or "", RAVI.phone or ""])


def test_a_webhook_that_comes_four_times_at_once_is_one_call_with_one_answer(
    at_once: Callable[..., list[object]],
) -> None:
    at_desk(ASHA, RAVI)
    call = sid("CA")
    replies = at_once(*[rings(ARJUN.phone, call)] * 4)
    assert [type(each) for each in replies] == [Reply] * 4
    assert len({str(each) for each in replies}) == 1
    db.session.rollback()  # what this session has read before is of before
    assert db.session.scalar(sa.select(sa.func.count(InboundCall.id))) == 1
    assert db.session.scalar(sa.select(sa.func.count(InboundReply.id))) == 1


def test_a_choice_that_comes_four_times_at_once_books_once(
    at_once: Callable[..., list[object]],
) -> None:
    call = sid("CA")
    inbound.call_received(call, ARJUN.phone, rules=RULES, now=clock.now())

    def press() -> Reply:
        now = clock.now()
        return inbound.input_received(call, 1, CallerInput("1"), rules=RULES, now=now)

    replies = at_once(*[press] * 4)
    assert {each.kind for each in replies if isinstance(each, Reply)} == {Kind.BOOKED}
    assert db.session.scalar(sa.select(sa.func.count(Callback.id))) == 1


@pytest.mark.parametrize("time", range(3))
def test_an_advisor_gets_either_the_caller_or_the_callback(
    at_once: Callable[..., list[object]], time: int
) -> None:
    at_desk(ASHA)
    factories.link(LEELA)
    advisor = factories.staff(ASHA).id
    reply, _claim = at_once(
        rings(ARJUN.phone, sid("CA")), lambda: claims.claim_next(advisor, now=clock.now())
    )
    assert isinstance(reply, Reply)
    db.session.rollback()
    holds = queue.current_callback(db.session(), advisor) is not None
    assert holds != (reply.kind == Kind.RING_ADVISOR)


def test_two_callers_from_one_number_at_once_have_one_callback(
    at_once: Callable[..., list[object]],
) -> None:
    calls = [sid("CA"), sid("CA")]
    for call in calls:
        inbound.call_received(call, ARJUN.phone, rules=RULES, now=clock.now())

    def press(call: str) -> Callable[[], Reply]:
        now = clock.now()
        return lambda: inbound.input_received(call, 1, CallerInput("1"), rules=RULES, now=now)

    replies = at_once(*(press(call) for call in calls))
    assert {each.kind for each in replies if isinstance(each, Reply)} == {Kind.BOOKED}
    assert db.session.scalar(sa.select(sa.func.count(Callback.id))) == 1


@pytest.mark.parametrize("database_kind", ["postgresql"])  # On SQLite the other would wait.
def test_who_books_in_a_second_call_just_then_does_not_stand_behind_themselves(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = sid("CA"), sid("CA")
    for call in (first, second):
        inbound.call_received(call, ARJUN.phone, rules=RULES, now=clock.now())

    def press(call: str) -> Reply:
        return inbound.input_received(call, 1, CallerInput("1"), rules=RULES, now=clock.now())

    def other_presses() -> Reply:
        with app.app_context():
            return press(second)

    looked = requests.find_open

    def look(session: Session, number_hash: str) -> Callback | None:
        found = looked(session, number_hash)
        monkeypatch.setattr(requests, "find_open", looked)
        with ThreadPoolExecutor(1) as other:
            assert other.submit(other_presses).result().kind == Kind.BOOKED
        return found

    monkeypatch.setattr(requests, "find_open", look)
    assert press(first).kind == Kind.BOOKED
    only = db.session.scalars(sa.select(Callback)).one()
    assert set(db.session.scalars(sa.select(InboundCall.callback_id))) == {only.id}
