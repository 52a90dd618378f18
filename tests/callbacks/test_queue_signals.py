"""What the queue says of those who wait: danger first, the next five, and 500 in sums."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from helpline import clock
from helpline.callbacks import claims, queue
from helpline.callbacks.follow_up import FollowUp
from helpline.callbacks.models import Callback
from helpline.calls import service as calls
from helpline.db import db
from helpline.domain import references
from helpline.domain.intake_answers import About, Answers, Danger
from helpline.domain.queue_order import Priority
from helpline.domain.retries import Disposition
from tests import factories
from tests.cast import ARJUN, ASHA, KAVITA, LEELA
from tests.support.clock import Clock
from tests.support.sql_recorder import listening
from tests.support.web import Client
from tests.web.page import Element, Page

IN_DANGER = Answers(danger=Danger.YES, about=About.SUICIDE)


@pytest.fixture(autouse=True)
def morning(app: Flask, at: Clock) -> None:
    at("2026-11-23 11:00")


def next_claimed() -> int | None:
    db.session.rollback()
    return claims.claim_next(factories.staff(ASHA).id, now=clock.now())


def rows_of(page: Page) -> list[Element]:
    return [element for element in page.elements if element.has_class("row")]


@pytest.mark.parametrize("said", [Danger.YES, Danger.UNSURE])
def test_danger_goes_first_however_long_others_wait(at: Clock, said: Danger) -> None:
    factories.callback(KAVITA)
    at.later(minutes=30)
    in_danger = factories.callback(ARJUN, answers=Answers(danger=said))
    assert next_claimed() == in_danger.id


def test_danger_waits_its_turn_where_the_policy_says_so(at: Clock) -> None:
    factories.policy(danger_first=False)
    first = factories.callback(KAVITA)
    at.later(minutes=1)
    factories.callback(ARJUN, answers=IN_DANGER)
    assert next_claimed() == first.id


def test_a_follow_up_is_not_for_the_danger_of_the_call_before() -> None:
    held = factories.wrapping_up(answers=IN_DANGER)
    calls.record_disposition(
        held.id,
        factories.staff(ASHA).id,
        Disposition.REACHED,
        "Her sister is with her.",
        now=clock.now(),
        further=FollowUp(factories.slot("2026-11-24 11:00")),
    )
    further = db.session.scalars(sa.select(Callback).where(Callback.follow_up_of == held.id)).one()
    assert further.priority == Priority.BOOKED
    assert Answers.from_text(further.answers) == replace(IN_DANGER, danger=None)


def test_the_next_five_say_what_matters_in_words_and_shape(client: Client, at: Clock) -> None:
    factories.staff(ASHA)
    client.sign_in(ASHA)
    factories.callback(KAVITA, language="hi", answers=Answers(about=About.SUBSTANCES))
    at.later(minutes=12)
    in_danger = factories.callback(ARJUN, answers=IN_DANGER)
    factories.callback(LEELA)
    page = Page(client.get("/desk/queue").text)
    first, second, third = [row.text for row in rows_of(page)]
    assert in_danger.reference and references.shown(in_danger.reference) in first
    assert "⚠ in danger suicide" in first
    assert "no set time" in first and "attempt 1" in first
    assert "12 min" in second and "alcohol or drugs" in second and "danger" not in second
    assert "⚠" not in third
    totals = page.the("div", **{"class": "queue-totals"}).text
    assert totals.startswith("3 waiting longest 12 min")
    assert totals.endswith("under 10 min2 10 to 20 min1 20 min or more0")


def test_500_that_wait_are_summed_up_by_one_statement(client: Client, at: Clock) -> None:
    factories.staff(ASHA)
    client.sign_in(ASHA)
    factories.callback(KAVITA)
    columns = [column for column in Callback.__table__.columns if column.name != "id"]
    one = db.session.execute(sa.select(*columns)).mappings().one()
    rows = [
        dict(one)
        | {
            "token_hash": f"token-{number}",
            "phone_hash": f"phone-{number}",
            "reference": None,
            "reference_hash": None,
            "reference_token_hash": None,
            "language": "hi" if number % 2 else "en",
            "due_at": one["due_at"] - timedelta(minutes=number % 40),
        }
        for number in range(499)
    ]
    db.session.execute(sa.insert(Callback.__table__), rows)
    db.session.commit()
    client.get("/desk/queue")
    with listening(db.engine) as said:
        text = client.get("/desk/queue").text
    assert len([statement for statement, _told in said if "FROM" in statement]) == 1
    page = Page(text)
    assert len(rows_of(page)) == queue.SHOWN_AT_DESK
    totals = page.the("div", **{"class": "queue-totals"}).text
    assert totals == (
        "500 waiting longest 39 min 250 Hindi250 English "
        "under 10 min131 10 to 20 min129 20 min or more240"
    )
