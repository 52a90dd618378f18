"""Nobody can be pestered through us: a number is rung so often in a day, and not while blocked."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask

from helpline import clock
from helpline.callbacks import claims, queue
from helpline.callbacks import service as callbacks
from helpline.callbacks.errors import NumberNotCallable, StateChanged
from helpline.callbacks.models import Callback, Slot
from helpline.callbacks.phone_limits import service as numbers
from helpline.callbacks.phone_limits.models import NumberLimit, Ring
from helpline.calls import carrier_events
from helpline.calls import service as calls
from helpline.calls.carrier_events import Decline
from helpline.calls.dispatch.offer_jobs import OFFERS
from helpline.calls.models import Attempt
from helpline.db import db, transaction
from helpline.domain.call_progress import AttemptResult
from helpline.domain.lifecycle import Status
from helpline.domain.retries import Disposition
from helpline.erasure import service as erasure
from helpline.messaging.models import OutboundSms
from helpline.policy import queries as policy_queries
from helpline.policy.change import change_policy
from helpline.privacy.models import AuditEntry
from helpline.telephony.adapters import FIRST
from tests import factories
from tests.cast import ARJUN, ASHA, KAVITA, VIKRAM
from tests.support.clock import Clock
from tests.support.web import Client, without_reference

OPEN = "2026-11-23 10:30"
CALL = "CA" + "7" * 32


def bounds(rings: int, requests: int) -> None:
    with transaction() as session:
        change_policy(
            session,
            expected_version=policy_version(),
            most_rings_a_day=rings,
            most_callbacks_a_day=requests,
            max_attempts=2,
            retry_pauses_minutes=[15],
        )


def policy_version() -> int:
    return policy_queries.current(db.session()).version


def rung(disposition: Disposition) -> Callback:
    """Asha takes the next and rings it from her own phone."""
    me = factories.staff(ASHA).id
    held = claims.claim_next(me, now=clock.now())
    calls.start_own_phone_call(held, me, now=clock.now(), longest_minutes=30)
    calls.record_disposition(held, me, disposition, "", now=clock.now())
    return db.session.get_one(Callback, held, populate_existing=True)


def test_a_number_is_rung_so_often_in_a_day_whoever_asks_and_however(app: Flask, at: Clock) -> None:
    at(OPEN)
    bounds(rings=3, requests=2)
    token = factories.link(KAVITA)
    assert rung(Disposition.NO_ANSWER).status == Status.WAITING
    at.later(minutes=20)
    assert rung(Disposition.NO_ANSWER).status == Status.UNREACHED
    # Erasing what one asked for does not begin the count anew.
    erasure.erase_everything(token, now=clock.now())
    at.later(minutes=20)
    second = factories.link(KAVITA)
    assert rung(Disposition.NO_ANSWER).status == Status.WAITING
    at.later(minutes=60)
    third = factories.by_token(second)
    assert (third.status, third.due_at < clock.now()) == (Status.WAITING, True)
    with pytest.raises(claims.QueueEmpty):
        claims.claim_next(factories.staff(ASHA).id, now=clock.now())
    assert queue.due_count(db.session(), clock.now()) == 0
    at("2026-11-24 10:29")
    with pytest.raises(claims.QueueEmpty):
        claims.claim_next(factories.staff(ASHA).id, now=clock.now())
    at("2026-11-24 10:31")
    assert rung(Disposition.REACHED).id == third.id
    assert numbers.erase_expired(now=clock.now())
    kept = db.session.scalars(sa.select(NumberLimit.phone_hash).order_by(NumberLimit.id)).all()
    assert kept == [None, third.phone_hash], "three in the last 24 hours once more"
    at("2026-11-26 10:31")
    while numbers.erase_expired(now=clock.now()):
        pass
    assert db.session.scalars(sa.select(Ring.id)).all() == []
    assert set(db.session.scalars(sa.select(NumberLimit.phone_hash))) == {None}
    at("2026-11-26 10:31")
    while numbers.erase_expired(now=clock.now()):
        pass
    assert db.session.scalars(sa.select(Ring.id)).all() == []
    assert set(db.session.scalars(sa.select(NumberLimit.phone_hash))) == {None}


def test_a_number_is_rung_for_so_many_requests_in_a_day(app: Flask, at: Clock) -> None:
    at(OPEN)
    bounds(rings=20, requests=2)
    for _ in range(2):
        factories.link(KAVITA)
        assert rung(Disposition.REACHED).status == Status.REACHED
        at.later(minutes=10)
    beyond, other = factories.callback(KAVITA), factories.callback(ARJUN)
    assert beyond.status == Status.WAITING, "taken, as ever"
    assert rung(Disposition.REACHED).id == other.id
    with pytest.raises(claims.QueueEmpty):
        claims.claim_next(factories.staff(ASHA).id, now=clock.now())
    at("2026-11-24 10:45")
    assert rung(Disposition.REACHED).id == beyond.id


@pytest.mark.settings(texts_enabled=True)
def test_a_number_is_blocked_unseen_and_nothing_of_it_shows(
    app: Flask, client: Client, new_client: Callable[[], Client], at: Clock
) -> None:
    at(OPEN)
    token = factories.link(KAVITA)
    assert claims.claim_next(factories.staff(ASHA).id, now=clock.now())
    held = factories.by_token(token)
    factories.staff(VIKRAM)
    client.sign_in(VIKRAM)
    page = client.get(f"/floor/callbacks/{held.id}")
    assert f"/floor/blocks?callback={held.id}" in page.text
    form = client.get(f"/floor/blocks?callback={held.id}")
    wrong = client.submit(form, "/floor/blocks", days="5", reason=" ")
    assert wrong.status_code == 422
    assert "Choose a duration." in wrong.text
    nobody = client.submit(form, "/floor/blocks", callback="99999", reason="Rings us")
    assert (nobody.status_code, "Rings us" in nobody.text) == (422, True)
    done = client.submit(
        form, "/floor/blocks", days="30", reason="Laughs and hangs up", follow=True
    )
    assert "Laughs and hangs up" in done.text
    assert "98765" not in done.text and "Kavita" not in done.text

    db.session.expire_all()
    assert held.status == Status.WAITING, "out of the advisor's hand"
    with pytest.raises(claims.QueueEmpty):
        claims.claim_next(factories.staff(ASHA).id, now=clock.now())
    callbacks.cancel(token, now=clock.now())
    visitor, pages = new_client(), []
    for each in (KAVITA, ARJUN):
        wish = {"slot_at": factories.slot("16:00"), "may_text": True, "note": None}
        asked = factories.link(each, **wish)
        text = without_reference(visitor.get(f"/request/{asked}").text)
        assert "To prevent misuse we call any one number at most" in text
        pages.append(re.sub(r'nonce="[^"]*"|•\d{3}', "", text.replace(asked, "TOKEN")))
    assert pages[0] == pages[1], "a stranger sees the same"
    slot = db.session.get_one(Slot, factories.slot("16:00"), populate_existing=True)
    assert slot.booked == 1, "whoever is blocked takes nobody's place"
    at("2026-11-23 16:01")
    assert callbacks.end_one_follower(now=clock.now()), "their time has come"
    assert rung(Disposition.REACHED).phone == ARJUN.phone, "and nobody rings them"
    texted = db.session.scalars(sa.select(OutboundSms.callback_id)).all()
    assert len(set(texted)) == 1, "nor texts them"

    deed = db.session.scalars(
        sa.select(AuditEntry).where(AuditEntry.deed == "number_blocked")
    ).one()
    assert "Laughs" not in str(deed.detail)
    rest = db.session.scalars(sa.select(NumberLimit)).one()
    client.submit(client.get("/floor/blocks"), "/lift")
    db.session.expire_all()
    assert (rest.phone_hash, rest.lifted_by) == (None, factories.staff(VIKRAM).id)
    assert rung(Disposition.REACHED).phone == KAVITA.phone


def test_a_block_holds_at_every_step_to_the_phone(app: Flask, at: Clock) -> None:
    at(OPEN)
    attempt = factories.calling(ASHA, KAVITA)
    vikram = factories.staff(VIKRAM).id
    block = {"days": 1, "reason": "Pesters", "supervisor_id": vikram, "now": clock.now()}
    numbers.block(attempt.callback_id, **block)
    carrier_events.advisor_answered(attempt.ref, CALL, now=clock.now())
    told = carrier_events.advisor_pressed_one(attempt.ref, CALL, now=clock.now())
    assert told == Decline(AttemptResult.RESTS)
    db.session.expire_all()
    callback = db.session.get_one(Callback, attempt.callback_id)
    assert (attempt.result, attempt.counted, callback.status) == ("rests", False, Status.WAITING)
    assert db.session.scalar(sa.select(sa.func.count(Ring.id))) == 0
    again = carrier_events.advisor_pressed_one(attempt.ref, CALL, now=clock.now())
    assert again == told

    held = factories.claimed(ASHA, ARJUN)
    db.session.execute(sa.update(NumberLimit).values(phone_hash=held.phone_hash))
    db.session.commit()
    me = factories.staff(ASHA).id
    with pytest.raises(NumberNotCallable):
        calls.start_call(held.id, me, now=clock.now())
    with pytest.raises(NumberNotCallable):
        calls.start_own_phone_call(held.id, me, now=clock.now(), longest_minutes=30)
    assert db.session.scalar(sa.select(sa.func.count(Attempt.id))) == 1
    assert OFFERS.next_unwanted(FIRST, now=clock.now()) is False

    erased = factories.link(KAVITA)
    callbacks.cancel(erased, now=clock.now())
    erasure.erase_everything(erased, now=clock.now())
    with pytest.raises(StateChanged):
        numbers.block(factories.by_token(erased).id, **block)
