"""The worker sends texts by the carrier; every way that can go."""

from __future__ import annotations

import logging

import pytest
import sqlalchemy as sa
from flask import Flask

from helpline import clock
from helpline.callbacks import transitions
from helpline.callbacks.models import Callback
from helpline.db import db, transaction
from helpline.domain.sms_progress import SmsStatus
from helpline.messaging import sms
from helpline.messaging.carrier_jobs import Request
from helpline.messaging.models import OutboundSms, OutboxRow, OutboxState
from tests import factories
from tests.cast import ARJUN
from tests.messaging.fixtures import comes, hash_of, look, on_phone, texts_out, work
from tests.phonesim.fixtures import Sim
from tests.support import carrier_jobs
from tests.support.clock import Clock

RECEIVED = "We have your request. We will call you as soon as we can."


@pytest.fixture(autouse=True)
def _asked(app: Flask, at: Clock) -> None:
    at("2026-11-23 11:00")
    factories.link(ARJUN, may_text=True)


def one() -> OutboundSms:
    (text,) = texts_out()
    return text


def state() -> tuple[str, str | None]:
    text = one()
    return str(text.status), text.problem


def effect() -> OutboxRow:
    return db.session.scalars(sa.select(OutboxRow)).one()


def fault(sim: Sim, **told: object) -> None:
    sim.do("POST", "/faults", {"about": "message", **told}).raise_for_status()


def test_a_text_is_sent_and_then_its_number_and_words_are_forgotten(app: Flask, sim: Sim) -> None:
    assert work(app) == 1
    assert comes(sim, 1, ARJUN) == [RECEIVED]
    text = one()
    assert (text.status, text.phone, text.words) == (SmsStatus.ACCEPTED, None, None)
    assert text.carrier_id == sim.get("/messages")["messages"][0]["sid"]
    assert effect().state == OutboxState.DONE
    assert work(app) == 0


def test_a_text_that_the_carrier_is_too_busy_for_is_sent_later(
    app: Flask, sim: Sim, at: Clock
) -> None:
    fault(sim, kind="http_429", times=2)
    for pause in (2, 4):
        assert work(app) == 1
        assert state() == ("waiting", "carrier_busy")
        assert effect().not_before == clock.now() + clock_seconds(pause)
        at.later(seconds=pause - 1)
        assert work(app) == 0
        at.later(seconds=1)
    assert work(app) == 1
    assert comes(sim, 1, ARJUN) == [RECEIVED]


def test_a_text_that_is_untrue_by_then_is_not_sent_later(app: Flask, sim: Sim, at: Clock) -> None:
    """The visitor cancels while the carrier is being asked."""
    request = carrier_jobs.take_text()
    assert isinstance(request, Request)
    with transaction() as session:
        waiting = session.scalars(sa.select(Callback)).one()
        transitions.cancel(session, waiting, at=clock.now(), actor="visitor")
    carrier_jobs.SMS.retry_later(request.job_id, "carrier_busy", now=clock.now())
    at.later(seconds=10)
    work(app)
    assert on_phone(sim, ARJUN) == []
    assert state() == ("not_sent", "too_late")


def clock_seconds(seconds: int) -> object:
    from datetime import timedelta

    return timedelta(seconds=seconds)


def test_a_text_is_not_tried_for_ever(app: Flask, sim: Sim, at: Clock) -> None:
    fault(sim, kind="http_429", times=None)
    for _ in range(14):
        work(app)
        at.later(minutes=10)
    assert state() == ("not_sent", "too_late")
    assert one().phone is None
    assert effect().state == OutboxState.GIVEN_UP
    assert on_phone(sim, ARJUN) == []


def test_a_carrier_that_cannot_be_reached_is_asked_again(app: Flask, sim: Sim) -> None:
    sim.server.stop()
    assert work(app) == 1
    assert state() == ("waiting", "carrier_unreachable")


def test_a_number_that_the_carrier_says_has_stopped_is_remembered(
    app: Flask, sim: Sim, caplog: pytest.LogCaptureFixture
) -> None:
    fault(sim, kind="error", code=21610)
    with caplog.at_level(logging.WARNING):
        assert work(app) == 1
    assert state() == ("not_sent", "stopped")
    assert one().error_code == 21610
    assert sms.has_opted_out(db.session(), hash_of(ARJUN))
    assert ARJUN.phone not in caplog.text
    assert ARJUN.phone[3:] not in caplog.text


@pytest.mark.parametrize(
    ("code", "problem"),
    [
        (21211, "number_takes_no_texts"),
        (21614, "number_takes_no_texts"),
        (21408, "region_refused"),
        (21606, "sender_refused"),
        (20003, "credentials_refused"),
        (99999, "carrier_refused"),
    ],
)
def test_a_text_that_the_carrier_refuses_is_never_tried_again(
    app: Flask, sim: Sim, at: Clock, code: int, problem: str
) -> None:
    fault(sim, kind="error", code=code)
    assert work(app) == 1
    at.later(hours=1)
    assert work(app) == 0
    assert not look(app)
    assert state() == ("not_sent", problem)
    assert not sms.has_opted_out(db.session(), hash_of(ARJUN))


@pytest.mark.parametrize("kind", ["cut_after", "timeout"])
def test_a_text_that_was_sent_while_we_could_not_hear_it_is_found(
    app: Flask, sim: Sim, at: Clock, kind: str
) -> None:
    fault(sim, kind=kind, seconds=1.5)
    assert work(app) == 1
    assert comes(sim, 1, ARJUN) == [RECEIVED]
    text = one()
    assert text.carrier_id == sim.get("/messages")["messages"][0]["sid"]
    assert text.status in (SmsStatus.ACCEPTED, SmsStatus.SENT, SmsStatus.DELIVERED)
    assert effect().state == OutboxState.DONE
    at.later(hours=1)
    assert work(app) == 0
    assert len(on_phone(sim, ARJUN)) == 1


@pytest.mark.parametrize("kind", ["http_500", "http_503", "cut_before"])
def test_a_text_of_which_we_are_unsure_is_never_sent_again(
    app: Flask, sim: Sim, at: Clock, kind: str
) -> None:
    fault(sim, kind=kind)
    assert work(app) == 1
    assert state() == ("asked", None)
    at.later(seconds=46)
    assert look(app)
    assert state() == ("asked", None)
    assert not look(app), "it is asked about now and then, not all the time"
    at.later(seconds=46)
    assert look(app)
    assert state() == ("not_sent", "text_lost")
    assert one().phone is None
    assert (work(app), look(app)) == (0, False)
    assert on_phone(sim, ARJUN) == []


def test_a_worker_that_died_after_taking_a_text_is_settled_by_looking(
    app: Flask, sim: Sim, at: Clock
) -> None:
    assert isinstance(carrier_jobs.take_text(), Request)
    assert work(app) == 0
    at.later(seconds=100)
    assert look(app)
    assert state() == ("not_sent", "text_lost")


def test_a_failing_look_up_changes_nothing(app: Flask, sim: Sim, at: Clock) -> None:
    carrier_jobs.take_text()
    sim.server.stop()
    at.later(seconds=100)
    assert look(app)
    assert state() == ("asked", None)


def test_two_texts_in_the_same_words_are_found_each_for_itself(
    app: Flask, sim: Sim, at: Clock
) -> None:
    asked = factories.callback(ARJUN)
    from helpline.domain.sms_progress import SmsKind

    with transaction() as session:
        for once in ("1", "2"):
            sms.enqueue(
                session,
                asked,
                SmsKind.CRISIS,
                now=clock.now(),
                numbers="112",
                consent=True,
                once=once,
            )
    fault(sim, kind="cut_after", times=3)
    assert work(app) == 3
    comes(sim, 3, ARJUN)
    at.later(seconds=46)
    while look(app):
        pass
    assert len({text.carrier_id for text in texts_out()} - {None}) == 3


def test_stop_between_writing_and_sending_is_heeded(app: Flask, sim: Sim) -> None:
    with transaction() as session:
        sms.opt_out(session, hash_of(ARJUN), now=clock.now())
        sms.opt_in(session, hash_of(ARJUN), now=clock.now())
    assert work(app) == 0
    assert state() == ("not_sent", "stopped")


def test_stop_is_looked_at_again_as_the_text_is_taken(app: Flask, sim: Sim) -> None:
    from helpline.messaging.models import SmsOptOut

    with transaction() as session:
        session.add(SmsOptOut(phone_hash=hash_of(ARJUN), since=clock.now()))
    assert work(app) == 1
    assert state() == ("not_sent", "stopped")
    assert sim.get("/messages")["messages"] == []


def test_a_text_that_was_kept_too_long_is_not_sent(app: Flask, sim: Sim, at: Clock) -> None:
    at.later(hours=3)
    assert work(app) == 1
    assert state() == ("not_sent", "too_late")


def test_the_worker_that_places_calls_leaves_texts_alone(app: Flask, at: Clock) -> None:

    assert carrier_jobs.take_attempt() is False
    assert state() == ("waiting", None)
