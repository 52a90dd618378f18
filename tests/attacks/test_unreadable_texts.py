"""Replay: a text that no key opens, at the head of the outbox."""

from __future__ import annotations

import sqlalchemy as sa
from flask import Flask

from helpline import clock
from helpline.db import db
from helpline.messaging import job_failures
from helpline.messaging import service as messages
from helpline.messaging.models import JobFailure, NoticeKind, OutboundSms
from helpline.worker import runner
from helpline.worker.schedule import run_until_idle
from tests import factories
from tests.attacks.test_unreadable_values import notices, repair, spoil
from tests.cast import ARJUN, KAVITA, LEELA, VIKRAM
from tests.messaging.conftest import settings, sim
from tests.messaging.fixtures import comes, texting, texts_out
from tests.phonesim.fixtures import Sim
from tests.support.clock import Clock

__all__ = ("settings", "sim")  # fixtures


def test_at_the_head_of_the_outbox_it_is_set_aside_and_the_next_texts_go(
    app: Flask, at: Clock, sim: Sim
) -> None:
    at("2026-11-23 11:00")
    asking = (KAVITA, ARJUN, LEELA)
    for visitor in asking:
        factories.link(visitor, may_text=True)
    first = texts_out()[0]
    before = spoil("text_out", first.id)
    _rounds(app, at, 1)
    for visitor in asking[1:]:
        assert len(comes(sim, 1, visitor)) == 1, "the others do not wait"
    assert notices(NoticeKind.SET_ASIDE) == []
    _rounds(app, at, job_failures.MAX_FAILURES - 1)
    [told] = notices(NoticeKind.SET_ASIDE)
    assert told.subject == f"send_text:{first.id}"
    [failure] = db.session.scalars(sa.select(JobFailure))
    assert (failure.failures, failure.problem) == (job_failures.MAX_FAILURES, "UnreadableError")
    _rounds(app, at, 3)
    assert db.session.scalars(sa.select(JobFailure.failures)).one() == job_failures.MAX_FAILURES

    repair("text_out", first.id, before)
    messages.dismiss_notice(told.id, staff_id=factories.staff(VIKRAM).id, now=clock.now())
    _rounds(app, at, 1)
    assert len(comes(sim, 1, KAVITA)) == 1
    assert db.session.get_one(OutboundSms, first.id).status == "accepted"


def _rounds(app: Flask, at: Clock, count: int) -> None:
    ticks = runner.build_jobs(
        "one", [texting(app)], app.extensions["helpline"].settings.published_crisis_file
    )
    for _ in range(count):
        run_until_idle(ticks["send_text"], app.app_context)
        at.later(seconds=40)
    db.session.rollback()
    db.session.expire_all()
