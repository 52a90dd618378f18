"""Shifts and the page's deeds, for these tests."""

from __future__ import annotations

from datetime import date
from functools import partial

from helpline import clock
from helpline.callbacks import change_capacity
from helpline.callbacks.rescheduling import Approval, NeedsApproval
from helpline.db import db
from helpline.domain.opening_hours import Interval
from helpline.domain.rota import Shift
from helpline.policy import queries as policy_queries
from helpline.policy.models import CapacityMode
from helpline.staff.rota import queries as rota_queries
from helpline.staff.rota import service as rota
from tests import factories
from tests.cast import MEERA, Member

MONDAY = date(2026, 11, 23)


def shift(
    member: Member,
    opens: str = "10:00",
    closes: str = "18:00",
    days: tuple[int, ...] = tuple(range(7)),
    first: date = MONDAY,
) -> int:
    """Puts somebody of the cast on shift every week; their id comes back."""
    staff_id = factories.staff(member).id
    rota.add_shifts(
        staff_id,
        [Shift(day, Interval.parse(opens, closes), first) for day in days],
        expected_version=rota_queries.version_of(db.session(), staff_id),
        admin_id=factories.staff(MEERA).id,
        now=clock.now(),
    )
    return staff_id


def capacity(mode: str = "shifts", *, share: int = 100, fixed: int = 2, minutes: int = 30) -> None:
    """How many can be booked, from now on. Who is on no slot any more keeps their time."""
    save = partial(
        change_capacity.save_capacity,
        {
            "slot_minutes": minutes,
            "capacity_mode": CapacityMode(mode),
            "slot_capacity": fixed,
            "shift_share_percent": share,
        },
        expected_version=policy_queries.current(db.session()).version,
        admin_id=factories.staff(MEERA).id,
        now=clock.now(),
    )
    try:
        save()
    except NeedsApproval as shown:
        save(agreed=Approval(shown.settled.digest))


def off(staff_id: int, day: date) -> None:
    """A day off."""
    rota.add_day_off(
        staff_id,
        day,
        day,
        expected_version=rota_queries.version_of(db.session(), staff_id),
        admin_id=factories.staff(MEERA).id,
        now=clock.now(),
    )
