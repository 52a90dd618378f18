"""Which deeds write a text, for whom, and in what words."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from helpline import clock
from helpline.callbacks import service as callbacks
from helpline.callbacks.errors import StateChanged
from helpline.calls import drafts
from helpline.calls import service as calls
from helpline.calls.attempt_jobs import ATTEMPTS
from helpline.calls.models import Attempt
from helpline.db import db, transaction
from helpline.domain.retries import Disposition
from helpline.domain.sms_progress import SmsKind, SmsStatus, When
from helpline.messaging import sms
from helpline.messaging.models import Kind, OutboundSms, OutboxRow
from helpline.policy import queries as policy_queries
from tests import factories
from tests.cast import ARJUN, ASHA, KAVITA, Visitor
from tests.messaging.fixtures import hash_of, texts_out, told
from tests.support import carrier_jobs
from tests.support.clock import Clock

pytestmark = pytest.mark.usefixtures("app")


def fields(text: OutboundSms, *names: str) -> list[object]:
    return [getattr(text, name) for name in names]


def test_a_request_is_confirmed_by_text_where_the_visitor_agreed(at: Clock) -> None:
    at("2026-11-23 11:00")
    asked = factories.callback(ARJUN, may_text=True)
    (text,) = texts_out()
    assert text.words == "We have your request. We will call you as soon as we can."
    assert fields(text, "callback_id", "kind", "phone", "status") == [
        asked.id,
        SmsKind.RECEIVED,
        ARJUN.phone,
        SmsStatus.WAITING,
    ]
    row = db.session.scalars(sa.select(OutboxRow)).one()
    assert (row.kind, row.subject_id) == (Kind.SEND_TEXT, text.id)


def test_nobody_is_texted_without_consent(at: Clock) -> None:
    at("2026-11-23 11:00")
    token = factories.link(ARJUN, slot_at=factories.slot("13:00"))
    callbacks.reschedule(token, factories.slot("14:00"), now=clock.now())
    assert texts_out() == []


@pytest.mark.settings(texts_enabled=False)
def test_nobody_is_texted_where_the_deployment_sends_no_texts(at: Clock) -> None:
    at("2026-11-23 11:00")
    factories.link(ARJUN, may_text=True)
    assert texts_out() == []


def test_a_booked_time_is_told_in_the_helplines_zone_and_the_visitors_language(at: Clock) -> None:
    at("2026-11-23 11:00")
    factories.link(KAVITA, may_text=True, slot_at=factories.slot("13:30"))
    factories.link(ARJUN, may_text=True, slot_at=factories.slot("13:30"))
    hindi, english = (text.words or "" for text in texts_out())
    assert "We will call you around Mon 23 Nov, 1:30 PM." in english
    assert hindi.startswith("आपका अनुरोध मिल गया। हम सोम 23 नवंबर को दोपहर 1:30 बजे के आसपास")
    assert "1:30" in hindi


def test_outside_hours_the_next_opening_is_told(at: Clock) -> None:
    at("2026-11-23 21:00")
    factories.link(ARJUN, may_text=True)
    (text,) = texts_out()
    assert "We will call you after Tue 24 Nov, 10:00 AM." in (text.words or "")


def test_a_second_request_for_the_number_is_told_nothing(at: Clock) -> None:
    at("2026-11-23 11:00")
    factories.link(ARJUN)
    factories.link(ARJUN, may_text=True)
    assert texts_out() == []


def test_one_that_takes_the_place_of_a_cancelled_one_is_told_so(at: Clock) -> None:
    at("2026-11-23 11:00")
    first = factories.link(ARJUN)
    factories.link(ARJUN, may_text=True)
    callbacks.cancel(first, now=clock.now())
    assert [kind for kind, _ in told()] == ["received"]


def test_the_same_form_sent_twice_is_one_text(at: Clock) -> None:
    at("2026-11-23 11:00")
    factories.link(ARJUN, may_text=True, request_key="one form")
    factories.link(ARJUN, may_text=True, request_key="one form")
    assert len(texts_out()) == 1


def test_a_moved_callback_is_told_once_and_the_older_text_is_not_sent(at: Clock) -> None:
    at("2026-11-23 11:00")
    token = factories.link(ARJUN, may_text=True, slot_at=factories.slot("13:00"))
    at.later(minutes=1)
    callbacks.reschedule(token, factories.slot("14:00"), now=clock.now())
    callbacks.reschedule(token, factories.slot("14:00"), now=clock.now())
    assert told() == [
        ("moved", "The time has changed. We will call you around Mon 23 Nov, 2:00 PM.")
    ]
    received, _moved = texts_out()
    assert fields(received, "status", "problem", "phone", "words") == [
        SmsStatus.NOT_SENT,
        "no_longer_true",
        None,
        None,
    ]


def test_each_move_is_told_also_back_to_a_time_told_before(at: Clock) -> None:
    at("2026-11-23 11:00")
    token = factories.link(ARJUN, may_text=True, slot_at=factories.slot("13:00"))
    for wall in ("14:00", "13:00"):
        at.later(minutes=1)
        callbacks.reschedule(token, factories.slot(wall), now=clock.now())
    assert told() == [
        ("moved", "The time has changed. We will call you around Mon 23 Nov, 1:00 PM.")
    ]


def test_what_waits_is_not_sent_once_the_callback_is_cancelled(at: Clock) -> None:
    at("2026-11-23 11:00")
    token = factories.link(ARJUN, may_text=True)
    callbacks.cancel(token, now=clock.now())
    assert told() == []
    assert texts_out()[0].problem == "no_longer_true"


def rung_in_vain(attempt: Attempt) -> None:
    """The visitor did not answer, and the advisor says so."""
    with transaction() as session:
        held = session.get_one(Attempt, attempt.id)
        from helpline.calls import attempts
        from helpline.domain.call_progress import AttemptResult

        attempts.end_attempt(session, held, AttemptResult.NO_ANSWER, rang=True, now=clock.now())
    calls.record_disposition(
        attempt.callback_id, attempt.advisor_id, Disposition.NO_ANSWER, "", now=clock.now()
    )


def test_after_a_try_in_vain_the_next_one_is_told(at: Clock) -> None:
    at("2026-11-23 11:00")
    attempt = factories.calling(ASHA, ARJUN, may_text=True)
    at.later(minutes=1)
    rung_in_vain(attempt)
    assert told() == [
        ("tried", "We called and did not reach you. We will call again after Mon 23 Nov, 11:16 AM.")
    ]


@pytest.mark.parametrize("outcome", [Disposition.UNSAFE, Disposition.DROPPED])
def test_what_waits_is_not_sent_once_it_is_not_safe_or_they_are_called_at_once(
    at: Clock, outcome: Disposition
) -> None:
    at("2026-11-23 11:00")
    attempt = factories.calling(ASHA, ARJUN, may_text=True, may_ring_back=True)
    rung_in_vain(attempt)
    assert [kind for kind, _ in told()] == ["tried"]
    with transaction() as session:
        stored = session.get_one(Attempt, attempt.id)
        drafts.conclude(session, stored, outcome, actor="staff:1", now=clock.now())
    assert told() == []


def test_after_the_last_try_nothing_is_told(at: Clock) -> None:
    at("2026-11-23 11:00")
    attempt = factories.calling(ASHA, ARJUN, may_text=True)
    with transaction() as session:
        policy = policy_queries.default()
        policy.max_attempts = 1
        session.add(policy)
    rung_in_vain(attempt)
    assert told() == []


def test_that_we_are_about_to_ring_is_told_when_the_carrier_has_the_call(at: Clock) -> None:
    at("2026-11-23 11:00")
    attempt = factories.calling(ASHA, ARJUN, may_text=True)
    assert [kind for kind, _ in told()] == ["received"]
    ATTEMPTS.accepted(attempt.id, "CA" + "1" * 32, now=clock.now())
    ATTEMPTS.accepted(attempt.id, "CA" + "1" * 32, now=clock.now())
    assert told() == [("about_to_ring", "We are about to call you.")]


def test_that_we_are_about_to_ring_is_not_told_of_a_call_nobody_wants_any_more(at: Clock) -> None:
    at("2026-11-23 11:00")
    token = factories.link(ARJUN, may_text=True)
    held = factories.by_token(token)
    from helpline.callbacks import claims

    claims.claim_next(factories.staff(ASHA).id, now=clock.now())
    calls.start_call(held.id, factories.staff(ASHA).id, now=clock.now())
    attempt = factories.attempt_of(held)
    callbacks.cancel(token, now=clock.now())
    ATTEMPTS.accepted(attempt.id, "CA" + "1" * 32, now=clock.now())
    assert told() == []


def test_crisis_numbers_go_out_by_consent_on_the_phone_and_survive_the_end_of_the_call(
    at: Clock,
) -> None:
    at("2026-11-23 11:00")
    asked = factories.callback(ARJUN)
    for _ in range(2):
        with transaction() as session:
            assert sms.enqueue(
                session,
                asked,
                SmsKind.CRISIS,
                now=clock.now(),
                numbers="112, 14416",
                consent=True,
                once="attempt:1",
            )
            sms.withdraw(session, asked.id, now=clock.now())
    assert told() == [("crisis", "Numbers you can call now: 112, 14416")]


def test_whoever_asks_again_learns_that_a_text_was_sent_in_vain(at: Clock) -> None:
    at("2026-11-23 11:00")
    asked = factories.callback(ARJUN)

    def put() -> bool:
        with transaction() as session:
            return sms.enqueue(
                session, asked, SmsKind.CRISIS, now=clock.now(), numbers="112", consent=True
            )

    assert put()
    at.later(hours=1)
    carrier_jobs.take_text()
    assert texts_out()[0].status == SmsStatus.NOT_SENT
    assert not put()


def test_crisis_numbers_are_not_sent_without_consent(at: Clock) -> None:
    at("2026-11-23 11:00")
    asked = factories.callback(ARJUN)
    with transaction() as session:
        assert not sms.enqueue(session, asked, SmsKind.CRISIS, now=clock.now(), numbers="112")
    assert texts_out() == []


def test_a_call_that_we_cancel_is_told_by_its_time(at: Clock) -> None:
    at("2026-11-23 11:00")
    token = factories.link(ARJUN, may_text=True, slot_at=factories.slot("13:00"))
    asked = factories.by_token(token)
    when = When(factories.slot("13:00"), exactly=True)
    callbacks.cancel(token, now=clock.now())
    with transaction() as session:
        sms.enqueue(session, asked, SmsKind.CANCELLED_BY_US, now=clock.now(), when=when)
    assert told()[0][1] == (
        "We are sorry. We cannot call you on Mon 23 Nov, 1:00 PM. You can ask for another call."
    )


@pytest.mark.settings(most_texts_a_day=2)
def test_a_number_is_not_pestered(at: Clock) -> None:
    at("2026-11-23 11:00")
    for _ in range(4):
        callbacks.cancel(factories.link(ARJUN, may_text=True), now=clock.now())
    assert len(texts_out()) == 2
    at.later(hours=25)
    factories.link(ARJUN, may_text=True)
    assert len(texts_out()) == 3


def test_a_number_that_said_stop_is_not_written_to(at: Clock) -> None:
    at("2026-11-23 11:00")
    with transaction() as session:
        sms.opt_out(session, hash_of(ARJUN), now=clock.now())
    factories.link(ARJUN, may_text=True)
    assert texts_out() == []


def test_a_text_is_undone_with_the_deed_it_tells_of(at: Clock) -> None:
    at("2026-11-23 11:00")
    asked = factories.callback(ARJUN)

    def tell_and_fail() -> None:
        with transaction() as session:
            sms.enqueue(session, asked, SmsKind.ABOUT_TO_RING, now=clock.now(), consent=True)
            raise StateChanged

    with pytest.raises(StateChanged):
        tell_and_fail()
    assert texts_out() == []


def test_a_text_is_not_good_after_the_time_it_tells(at: Clock) -> None:
    at("2026-11-23 11:00")
    factories.link(ARJUN, may_text=True, slot_at=factories.slot("12:00"))
    (text,) = texts_out()
    assert text.good_until - text.created_at == timedelta(hours=1)


def test_number_and_words_are_encrypted_in_the_database(at: Clock, app: Flask) -> None:
    at("2026-11-23 11:00")
    factories.link(ARJUN, may_text=True)
    stored = db.session.execute(sa.text("SELECT phone, words FROM text_out")).one()
    assert all(value.startswith("gAAAA") for value in stored)


def test_a_minute_before_closing_the_text_says_when_we_call_if_not_before(at: Clock) -> None:
    at("2026-11-23 17:59")
    factories.link(ARJUN, may_text=True)
    (text,) = texts_out()
    assert "If we cannot call you before then, we will call you after Tue 24 Nov, 10:00 AM." in (
        text.words or ""
    )


@pytest.mark.settings(allowed_regions="IN,GB")
@pytest.mark.parametrize(("phone", "answers"), [("+919876500777", False), ("+447400123456", True)])
def test_a_text_asks_for_an_answer_only_where_one_can_be_sent(
    at: Clock, phone: str, answers: bool
) -> None:
    at("2026-11-23 11:00")
    factories.callback(Visitor("Nobody", phone), may_text=True)
    (text,) = texts_out()
    assert text.words is not None
    assert ("Text STOP" in text.words) == answers
