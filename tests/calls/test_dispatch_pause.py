"""A supervisor pauses dispatch: what stops, what goes on, who is told, and how it ends."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
import sqlalchemy as sa
from flask import Flask

from helpline import clock
from helpline.callbacks import claims, dispatch_pause
from helpline.callbacks.errors import DispatchPaused, StateChanged
from helpline.callbacks.models import DispatchPause
from helpline.calls.dispatch import rounds
from helpline.calls.dispatch.offers import OfferRefused, accept
from helpline.calls.models import Offer, OfferResult
from helpline.db import db
from helpline.messaging.models import Notice, NoticeKind
from helpline.policy.models import Dispatch
from helpline.privacy.models import AuditEntry
from helpline.staff import service as accounts
from tests import factories
from tests.cast import ARJUN, ASHA, KAVITA, MEERA, VIKRAM
from tests.invariants.together import at_once
from tests.support.clock import Clock
from tests.support.web import Client, form_of
from tests.web.page import Page

ONCE = pytest.mark.parametrize("database_kind", ["sqlite"])
NO_ADVISOR = "No advisor is available right now."


@pytest.fixture(autouse=True)
def morning(app: Flask, at: Clock) -> None:
    at("2026-11-23 11:00")
    for member in (ASHA, VIKRAM, MEERA):
        factories.staff(member)
    accounts.record_desk_seen(factories.staff(ASHA).id, now=clock.now())


def pause(minutes: int = 15) -> None:
    dispatch_pause.pause(
        timedelta(minutes=minutes),
        "Fire drill.",
        supervisor_id=factories.staff(VIKRAM).id,
        now=clock.now(),
    )


def claim() -> int:
    return claims.claim_next(factories.staff(ASHA).id, now=clock.now())


@ONCE
def test_it_is_paused_with_a_reason_that_everyone_sees(
    asha: Client, new_client: Callable[[], Client]
) -> None:
    token = factories.link(KAVITA)
    visitor = new_client()
    assert NO_ADVISOR not in visitor.get(f"/request/{token}").text
    client = new_client()
    client.sign_in(VIKRAM)
    form = form_of(client.get("/floor/pause"), "/floor/pause")
    assert client.submit(form, reason="").status_code == 422
    assert client.submit(form, minutes="7", reason="x").status_code == 422
    assert client.submit(form, minutes="30", reason="Fire drill.").status_code == 303
    said = "Vikram paused dispatch until"
    assert said in client.get("/floor/live").text
    line = asha.get("/desk/hand").text
    assert "Vikram paused dispatch until 11:30 AM" in line
    assert "Reason: Fire drill." in line
    assert "Dispatch is paused." in asha.submit(asha.get("/desk/"), "/desk/next", follow=True).text
    assert 'data-can-take="no"' in asha.get("/desk/queue").text
    admin = new_client()
    admin.sign_in(MEERA)
    assert said in admin.get("/admin/").text
    page = Page(visitor.get(f"/request/{token}").text)
    assert NO_ADVISOR in page.text
    assert "tel:112" in page.links("tel:")
    home = Page(visitor.get("/").text)
    assert "tel:112" in home.links("tel:")

    again = client.submit(form, minutes="15", reason="Lunch", follow=True)
    assert "Someone else has paused dispatch already." in again.text
    resume = form_of(client.get("/floor/"), "/floor/resume")
    [since] = db.session.scalars(sa.select(DispatchPause.since))
    assert "That pause is already over." in client.submit(resume, since="x", follow=True).text
    assert "Dispatch resumed." in client.submit(resume, since=since.isoformat(), follow=True).text
    assert said not in client.get("/floor/live").text
    assert NO_ADVISOR not in visitor.get(f"/request/{token}").text
    assert claim()
    actions = db.session.scalars(
        sa.select(AuditEntry.deed).where(AuditEntry.deed.like("dispatch_%"))
    )
    assert list(actions) == ["dispatch_paused", "dispatch_resumed"]


@ONCE
def test_who_has_a_callback_keeps_it_and_the_pause_ends_by_itself(app: Flask, at: Clock) -> None:
    held = factories.claimed(ASHA, KAVITA)
    pause()
    assert claim() == held.id
    claims.release(held.id, factories.staff(ASHA).id, now=clock.now())
    with pytest.raises(DispatchPaused):
        claim()
    at.later(minutes=14)
    with pytest.raises(DispatchPaused):
        claim()
    at.later(minutes=1)
    assert claim() == held.id
    pause()


def test_no_phone_rings_with_a_callback(app: Flask, at: Clock) -> None:
    factories.policy(dispatch=Dispatch.PUSH, hand_deadline_minutes=15)
    factories.callback(ARJUN)
    assert rounds.offer_next(now=clock.now())
    [offer] = db.session.scalars(sa.select(Offer))
    ref = offer.ref
    pause(minutes=60)
    assert accept(ref, "CA1", now=clock.now()) == OfferRefused.GONE
    db.session.rollback()
    assert db.session.scalars(sa.select(Offer.result)).one() == OfferResult.WITHDRAWN
    assert not rounds.offer_next(now=clock.now())
    rounds.alert_waiting(now=clock.now())
    at.later(minutes=16)
    accounts.record_desk_seen(factories.staff(ASHA).id, now=clock.now())
    assert rounds.alert_waiting(now=clock.now())
    assert db.session.scalars(sa.select(Notice.kind)).all() == [NoticeKind.DISPATCH_PAUSED]
    at.later(minutes=60)
    accounts.record_desk_seen(factories.staff(ASHA).id, now=clock.now())
    assert rounds.offer_next(now=clock.now())


@pytest.mark.parametrize("database_kind", ["postgresql"])
def test_of_two_who_pause_or_resume_one_does(app: Flask) -> None:
    pauses = at_once(app, [pause, pause, pause])
    assert sorted(type(each).__name__ for each in pauses) == ["NoneType", *["StateChanged"] * 2]
    since = db.session.scalars(sa.select(DispatchPause.since)).one()
    vikram = factories.staff(VIKRAM).id
    resume = partial(dispatch_pause.resume, since=since, supervisor_id=vikram, now=clock.now())
    resumed = at_once(app, [resume, resume])
    assert sum(isinstance(each, StateChanged) for each in resumed) == 1
