"""Toll fraud: when what a day may cost is reached nothing more is dialled, and nobody is lost."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa
from flask import Flask

from helpline import clock
from helpline.callbacks import queue
from helpline.callbacks.models import Callback
from helpline.calls import daily_budget
from helpline.calls import service as calls
from helpline.calls.attempt_jobs import ATTEMPTS
from helpline.calls.dispatch import rounds
from helpline.calls.models import Attempt
from helpline.db import db, transaction
from helpline.domain.lifecycle import Status
from helpline.domain.sms_progress import SmsKind, SmsStatus
from helpline.messaging import sms
from helpline.messaging.carrier_jobs import Request
from helpline.messaging.models import Notice, OutboundSms
from helpline.policy import queries as policy_queries
from helpline.policy import service as policy_service
from helpline.policy.change import change_policy
from helpline.policy.models import Dispatch
from helpline.policy.numbers import BUDGET
from helpline.privacy.models import AuditEntry
from helpline.web import metrics
from tests import factories
from tests.cast import ARJUN, ASHA, KAVITA, MEERA
from tests.dispatch import fixtures as dispatch_world
from tests.support import carrier_jobs
from tests.support.clock import Clock
from tests.support.web import Client

LATE = timedelta(minutes=3)


def bound(cents: int | None) -> None:
    policy_service.save(
        BUDGET,
        {"most_cents_a_day": cents, "call_costs": {"IN": "7.5"}, "text_costs": {"IN": "10"}},
        expected_version=policy_queries.current(db.session()).version,
        admin_id=factories.staff(MEERA).id,
        now=clock.now(),
    )


def place(attempt: Attempt) -> Request | bool:
    return carrier_jobs.take_attempt()


@pytest.mark.settings(texts_enabled=True)
def test_a_day_has_a_bound_at_which_nothing_more_is_dialled_or_texted_and_nobody_is_lost(
    app: Flask, client: Client, new_client: Callable[[], Client], at: Clock
) -> None:
    at("2026-11-23 11:00")
    factories.staff(MEERA)
    bound(100)
    attempt = factories.calling(ASHA, KAVITA, may_text=True)
    assert isinstance(place(attempt), Request)
    at.later(minutes=9, seconds=30)
    carrier_jobs.reject(ATTEMPTS, attempt.id)
    assert daily_budget.spent_cents(db.session(), clock.now()) == 75, "ten begun minutes"
    text = carrier_jobs.take_text(budget_exhausted=daily_budget.is_exhausted_now(now=clock.now()))
    assert isinstance(text, Request)
    assert daily_budget.spent_cents(db.session(), clock.now()) == 85
    me = factories.staff(ASHA).id
    calls.start_call(attempt.callback_id, me, now=clock.now())
    at.later(minutes=1)
    assert isinstance(place(attempt), Request)
    at.later(minutes=2)

    # 85 and 15 for two minutes of a call that is still on: the bound is reached.
    other = factories.callback(ARJUN)
    assert daily_budget.is_exhausted_now(now=clock.now())
    second = factories.attempt_of(db.session.get_one(Callback, attempt.callback_id))
    carrier_jobs.reject(ATTEMPTS, second.id)
    calls.start_call(attempt.callback_id, me, now=clock.now())
    assert place(attempt) is True, "dealt with, without a call"
    db.session.expire_all()
    third = factories.attempt_of(db.session.get_one(Callback, attempt.callback_id))
    assert (third.result, third.problem, third.counted) == ("not_placed", "spent", False)
    held = db.session.get_one(Callback, attempt.callback_id)
    assert (held.status, held.claimed_by) == (Status.CLAIMED, me), "back with the advisor"
    client.sign_in(ASHA)
    assert "The daily budget is used up" in client.get("/desk/").text
    assert db.session.get_one(Callback, other.id).status == Status.WAITING, (
        "keeps its queue position"
    )

    with transaction() as session:
        sms.enqueue(session, held, SmsKind.TRIED, now=clock.now())
        sms.enqueue(session, held, SmsKind.CRISIS, now=clock.now(), numbers="112", consent=True)
    sent = []
    while (taken := carrier_jobs.take_text(budget_exhausted=True)) is not False:
        sent += [taken] if isinstance(taken, Request) else []
    rows = db.session.execute(sa.select(OutboundSms.kind, OutboundSms.status)).all()
    kinds = {row.kind: row.status for row in rows}
    assert kinds[SmsKind.TRIED] == SmsStatus.NOT_SENT
    assert kinds[SmsKind.CRISIS] == SmsStatus.ASKED, "a limit never hides crisis numbers"

    notice = db.session.scalars(sa.select(Notice)).one()
    assert (notice.kind, notice.subject) == ("spent", "day:2026-11-23")
    told = metrics.render_metrics().decode()
    assert "helpline_spend_bound 1.0" in told
    admin = new_client()
    admin.sign_in(MEERA)
    assert "The daily budget is used up" in admin.get("/admin/").text

    bound(1000)
    calls.start_call(attempt.callback_id, me, now=clock.now())
    assert isinstance(place(attempt), Request), "an admin raised it"
    bound(100)
    at("2026-11-24 10:05")
    assert daily_budget.spent_cents(db.session(), clock.now()) == 0
    assert not daily_budget.is_exhausted_now(now=clock.now()), "another day"


def test_automatic_dispatch_rings_nobody_once_the_bound_is_reached(app: Flask, at: Clock) -> None:
    at("2026-11-23 11:00")
    dispatch_world.at_desk(ASHA)
    with transaction() as session:
        version = policy_queries.current(session).version
        change_policy(session, expected_version=version, dispatch=Dispatch.PUSH)
    waits = factories.callback(KAVITA)
    bound(0)
    assert rounds.offer_next(now=clock.now()) is False
    assert queue.due_count(db.session(), clock.now()) == 1
    bound(None)
    assert rounds.offer_next(now=clock.now()) is True
    assert db.session.get_one(Callback, waits.id).status == Status.WAITING


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_the_page_of_costs_keeps_what_was_typed_and_no_save_over_a_newer_one(
    client: Client, at: Clock
) -> None:
    at("2026-11-23 11:00")
    factories.staff(MEERA)
    client.sign_in(MEERA)
    page = client.get("/admin/costs")
    for typed in ({"most": "-1"}, {"most": "1e9"}, {"most": "NaN"}, {"most": "12", "call-IN": ""}):
        wrong = client.submit(page, "/costs", **typed)
        assert wrong.status_code == 422
        assert f'value="{typed["most"]}"' in wrong.text
    saved = client.submit(page, "/costs", **{"most": "12.5", "call-IN": "0.0251"}, follow=True)
    assert 'value="12.5"' in saved.text and 'value="0.0251"' in saved.text
    assert Decimal(policy_queries.current(db.session()).call_costs["IN"]) == Decimal("2.51")
    over = client.submit(page, "/costs", **{"most": "1", "call-IN": "1"})
    assert (over.status_code, 'value="1"' in over.text) == (409, True)
    deed = db.session.scalars(sa.select(AuditEntry).where(AuditEntry.deed == "costs_changed")).one()
    assert deed.detail["after"]["most_cents_a_day"] == 1250
