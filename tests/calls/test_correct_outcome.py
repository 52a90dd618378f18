"""An advisor's calls of the shift: outcome and notes change until it ends, on record."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import NoResultFound

from helpline import clock
from helpline.callbacks import claims
from helpline.callbacks import service as callbacks
from helpline.callbacks.follow_up import FollowUp
from helpline.callbacks.models import Callback
from helpline.calls import correct_outcome
from helpline.calls import service as calls
from helpline.calls.correct_outcome import Obstacle
from helpline.calls.errors import CorrectionRefused
from helpline.calls.models import Attempt
from helpline.db import db
from helpline.domain.lifecycle import Status
from helpline.domain.retries import Disposition
from helpline.hours import queries as hours_queries
from helpline.privacy.models import AuditEntry
from helpline.staff.rota import queries as rota_queries
from tests import factories
from tests.cast import ASHA, KAVITA, RAVI
from tests.staff import fixtures
from tests.support.clock import Clock
from tests.support.web import Client


@pytest.fixture(autouse=True)
def morning(at: Clock, app: Flask) -> None:
    at("2026-11-23 11:00")
    factories.staff(RAVI)


def saved(disposition: Disposition, further: FollowUp | None = None) -> tuple[Attempt, str]:
    """Asha's call of a moment ago, and the token of its request."""
    token, asha = factories.link(), factories.staff(ASHA).id
    held = claims.claim_next(asha, now=clock.now())
    calls.start_own_phone_call(held, asha, now=clock.now(), longest_minutes=60)
    calls.record_disposition(
        held, asha, disposition, "Line was bad.", now=clock.now(), further=further
    )
    return factories.attempt_of(factories.by_token(token)), token


def correct(attempt: Attempt, disposition: Disposition, by: int | None = None) -> None:
    asha = factories.staff(ASHA).id
    correct_outcome.correct(attempt.id, by or asha, disposition, "Corrected.", now=clock.now())


def fresh(attempt: Attempt) -> Callback:
    db.session.rollback()
    return db.session.get_one(Callback, attempt.callback_id, populate_existing=True)


def audit_entries(action: str) -> list[AuditEntry]:
    db.session.rollback()
    return list(db.session.scalars(sa.select(AuditEntry).where(AuditEntry.deed == action)))


def test_a_wrong_outcome_is_changed_hours_later_and_both_are_on_record(
    asha: Client, at: Clock
) -> None:
    attempt, _token = saved(Disposition.REACHED)
    at.later(hours=4)
    page = asha.get("/desk/today")
    assert "Line was bad." in page.text
    assert KAVITA.name not in page.text and "98765" not in page.text
    address = f"/desk/today/{attempt.id}"
    page = asha.submit(
        asha.get(address), address, disposition="no_answer", notes="Nobody spoke.", follow=True
    )
    assert "Nobody spoke." in page.text
    again = db.session.scalars(
        sa.select(Callback).where(Callback.again_of == attempt.callback_id)
    ).one()
    assert again.status == Status.WAITING, "as after an undo and another outcome"
    (entry,) = audit_entries("disposition_corrected")
    assert entry.detail == {
        "before": {"disposition": "reached"},
        "after": {"disposition": "no_answer"},
    }


def test_a_planned_retry_is_dropped_when_they_were_reached_after_all(asha: Client) -> None:
    attempt, _token = saved(Disposition.NO_ANSWER)
    address = f"/desk/today/{attempt.id}"
    asha.submit(asha.get(address), address, disposition="reached")
    assert fresh(attempt).status == Status.REACHED


def test_notes_alone_change_though_the_outcome_stands(asha: Client) -> None:
    attempt, token = saved(Disposition.NO_ANSWER)
    address = f"/desk/today/{attempt.id}"
    before = asha.get(address)
    callbacks.cancel(token, now=clock.now())
    refused = asha.submit(before, address, disposition="reached", notes="She answered.")
    assert refused.status_code == 409
    assert "the visitor or a colleague has changed the request since" in refused.text
    assert "She answered." in refused.text, "what was typed is kept"
    asha.submit(refused, address)
    assert fresh(attempt).status == Status.CANCELLED
    assert db.session.scalars(sa.select(Attempt.notes)).one() == "She answered."
    assert len(audit_entries("notes_corrected")) == 1
    assert audit_entries("disposition_corrected") == []


def again_by_ravi(attempt: Attempt, _token: str, at: Clock) -> None:
    at.later(minutes=15)
    ravi = factories.staff(RAVI).id
    held = claims.claim_next(ravi, now=clock.now())
    calls.start_own_phone_call(held, ravi, now=clock.now(), longest_minutes=60)
    calls.record_disposition(held, ravi, Disposition.BUSY, "", now=clock.now())


def claimed_by_ravi(_attempt: Attempt, _token: str, at: Clock) -> None:
    at.later(minutes=15)
    claims.claim_next(factories.staff(RAVI).id, now=clock.now())


def tried_now(_attempt: Attempt, token: str, _at: Clock) -> None:
    callbacks.retry(token, now=clock.now())


def corrected_before(attempt: Attempt, _token: str, _at: Clock) -> None:
    for disposition in (Disposition.REACHED, Disposition.NO_ANSWER):
        correct(attempt, disposition)


@pytest.mark.parametrize(
    ("later_fact", "obstacle"),
    [
        (again_by_ravi, Obstacle.CALLED_SINCE),
        (claimed_by_ravi, Obstacle.CLAIMED),
        (tried_now, Obstacle.CHANGED_SINCE),
        (corrected_before, Obstacle.NEW_REQUEST),
    ],
)
def test_an_outcome_from_which_something_followed_stands(
    at: Clock, later_fact: Callable[[Attempt, str, Clock], None], obstacle: Obstacle
) -> None:
    attempt, token = saved(Disposition.NO_ANSWER)
    later_fact(attempt, token, at)
    status = fresh(attempt).status
    with pytest.raises(CorrectionRefused) as refused:
        correct(attempt, Disposition.DECLINED)
    assert refused.value.reason is obstacle
    assert fresh(attempt).status == status


def test_an_outcome_with_a_follow_up_stands() -> None:
    further = FollowUp(factories.slot("2026-11-24 11:00"))
    attempt, _token = saved(Disposition.REACHED, further=further)
    with pytest.raises(CorrectionRefused) as refused:
        correct(attempt, Disposition.NO_ANSWER)
    assert refused.value.reason is Obstacle.FOLLOW_UP


def test_nothing_changes_after_the_shift_or_by_another(at: Clock) -> None:
    fixtures.shift(ASHA, "10:00", "13:00")
    attempt, _token = saved(Disposition.REACHED)
    with pytest.raises(NoResultFound):
        correct(attempt, Disposition.NO_ANSWER, by=factories.staff(RAVI).id)
    at("2026-11-23 13:00")
    with pytest.raises(CorrectionRefused) as refused:
        correct(attempt, Disposition.REACHED)
    assert refused.value.reason is Obstacle.SHIFT_OVER
    at("2026-11-24 11:00")
    with pytest.raises(CorrectionRefused):
        correct(attempt, Disposition.REACHED)


@pytest.mark.parametrize("database_kind", ["sqlite"])
@pytest.mark.parametrize(
    ("shifts", "now", "starts", "ends"),
    [
        ([], "2026-11-23 11:00", "2026-11-23 00:00", "2026-11-24 00:00"),
        ([("10:00", "13:00"), ("14:00", "18:00")], "2026-11-23 13:30", "2026-11-23 00:00",
         "2026-11-23 18:00"),
        ([("22:00", "06:00")], "2026-11-24 02:00", "2026-11-23 00:00", "2026-11-24 06:00"),
    ],
)  # fmt: skip
def test_the_shift_is_that_of_the_rota_or_the_day(
    at: Clock, shifts: list[tuple[str, str]], now: str, starts: str, ends: str
) -> None:
    at("2026-11-23 09:00")
    for opens, closes in shifts:
        fixtures.shift(ASHA, opens, closes)
    at(now)
    zone = hours_queries.effective_hours(db.session(), clock.now()).zone
    asha = factories.staff(ASHA).id
    period = rota_queries.day_of_work(db.session(), asha, zone, clock.now())
    assert [
        moment.astimezone(zone).strftime("%Y-%m-%d %H:%M")
        for moment in (period.opens_at, period.closes_at)
    ] == [starts, ends]
