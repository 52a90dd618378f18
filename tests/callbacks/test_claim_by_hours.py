"""A claim goes by the hours that are in force, whatever this process saw last."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask

from helpline import clock
from helpline.callbacks import claims
from helpline.callbacks.errors import OutsideHours
from helpline.db import db
from helpline.hours.models import HoursVersion
from tests import factories
from tests.cast import ARJUN, ASHA, KAVITA, RAVI
from tests.support.clock import Clock


def test_hours_that_were_just_saved_hold_for_the_very_next_claim(app: Flask, at: Clock) -> None:
    at("2026-11-23 11:00")
    first, second = factories.callback(KAVITA).id, factories.callback(ARJUN).id
    asha, ravi = factories.staff(ASHA).id, factories.staff(RAVI).id
    assert claims.claim_next(asha, now=clock.now()) == first
    factories.opening_hours(("14:00", "18:00"))
    with pytest.raises(OutsideHours) as closed:
        claims.claim_next(ravi, now=clock.now())
    assert closed.value.opens_at == factories.slot("14:00")
    factories.opening_hours(("10:00", "18:00"))
    assert claims.claim_next(ravi, now=clock.now()) == second
    assert claims.claim_next(asha, now=clock.now()) == first, "who has one has it also then"


def test_the_opening_and_the_closing_minute_need_no_save(app: Flask, at: Clock) -> None:
    at("2026-11-23 17:59:59")
    callback, asha = factories.callback(KAVITA).id, factories.staff(ASHA).id
    claims.release(claims.claim_next(asha, now=clock.now()), asha, now=clock.now())
    for closed in ("2026-11-23 18:00", "2026-11-24 09:59:59"):
        at(closed)
        with pytest.raises(OutsideHours):
            claims.claim_next(asha, now=clock.now())
    at("2026-11-24 10:00")
    assert claims.claim_next(asha, now=clock.now()) == callback


def test_a_save_that_was_lost_is_not_taken_for_another_of_the_same_number(
    app: Flask, at: Clock
) -> None:
    """A database that was put back to before a save counts to its number again."""
    at("2026-11-23 11:00")
    callback, asha = factories.callback(KAVITA).id, factories.staff(ASHA).id
    lost = factories.opening_hours(("10:00", "18:00"))
    claims.release(claims.claim_next(asha, now=clock.now()), asha, now=clock.now())
    db.session.execute(sa.delete(HoursVersion))
    db.session.commit()
    at.later(minutes=1)
    assert factories.opening_hours(("14:00", "18:00")) == lost
    with pytest.raises(OutsideHours):
        claims.claim_next(asha, now=clock.now())
    at("2026-11-23 14:00")
    assert claims.claim_next(asha, now=clock.now()) == callback
