"""Brings the cast to life, through the verbs that the doors call.

All of it happens now, by the service's clock: put it with ``at`` first, where the time matters.
"""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import datetime
from functools import cache, partial
from typing import Any

import sqlalchemy as sa
from flask_security.utils import hash_password

from helpline import clock
from helpline.callbacks import change_hours, claims
from helpline.callbacks import service as callbacks
from helpline.callbacks.models import Callback
from helpline.callbacks.rescheduling import Approval, NeedsApproval
from helpline.calls import service as calls
from helpline.calls.models import Attempt
from helpline.db import db
from helpline.domain.hours_plan import HoursPlan
from helpline.domain.opening_hours import Interval, Week
from helpline.domain.phone_numbers import PhoneNumber
from helpline.hours import queries as hours_queries
from helpline.policy import queries as policy_queries
from helpline.policy.models import ServicePolicy
from helpline.privacy.encryption import link_hash
from helpline.staff import service as accounts
from helpline.staff.models import Staff
from tests.cast import ASHA, KAVITA, Member, Visitor

_request_keys = itertools.count(1)
_other_phones = itertools.count(1)


def staff(member: Member = ASHA, **changes: Any) -> Staff:
    """A member of staff who can sign in; the same row when asked for again.

    Args:
        changes: name, email, roles, phone, languages otherwise than the cast has them.
    """
    email = changes.get("email", member.email)
    found = db.session.scalar(sa.select(Staff).where(Staff.email == email))
    if found is not None:
        return found
    # Phones are unique: who is like somebody of the cast, with another address, has another.
    other = member.phone and email != member.email
    told: dict[str, Any] = {
        "name": member.name,
        "email": member.email,
        "roles": member.roles,
        "phone": f"+9198124{next(_other_phones):05}" if other else member.phone,
        "languages": member.languages,
    }
    made = accounts.add_staff(
        **(told | changes),
        password_hash=_hash(member.password),
        now=clock.now(),
        actor="operator",
    )
    return db.session.get_one(Staff, made)


@cache
def _hash(password: str) -> str:
    """Every test application has the same salt, so a password is hashed once."""
    return str(hash_password(password))


def link(visitor: Visitor = KAVITA, **wish: Any) -> str:
    """A visitor asks to be rung; the token of their status link comes back.

    Args:
        wish: fields of callbacks.service.Wish, such as ``slot_at``, ``name`` or ``may_text``;
            ``request_key`` for the key of the form.
    """
    request_key = wish.pop("request_key", f"form-{next(_request_keys)}")
    told = {"name": visitor.name, "language": visitor.language, "note": visitor.note or None}
    wished = callbacks.CallbackRequest(phone=PhoneNumber(visitor.phone), **(told | wish))
    return callbacks.request_callback(wished, request_key=request_key, now=clock.now())


def callback(visitor: Visitor = KAVITA, **wish: Any) -> Callback:
    """A callback that was asked for: see ``link``."""
    return by_token(link(visitor, **wish))


def by_token(token: str) -> Callback:
    """The callback of a status link."""
    return db.session.scalars(
        sa.select(Callback).where(Callback.token_hash == link_hash(token))
    ).one()


def claimed(advisor: Member = ASHA, visitor: Visitor = KAVITA, **wish: Any) -> Callback:
    """A callback in an advisor's hands. The helpline must be open now."""
    asked = callback(visitor, **wish)
    got = claims.claim_next(staff(advisor).id, now=clock.now())
    assert got == asked.id, f"callback {got} was due before this one, {asked.id}"
    return db.session.get_one(Callback, got)


def calling(advisor: Member = ASHA, visitor: Visitor = KAVITA, **wish: Any) -> Attempt:
    """The advisor pressed Call: a live attempt, which the worker has yet to place."""
    held = claimed(advisor, visitor, **wish)
    calls.start_call(held.id, staff(advisor).id, now=clock.now())
    return attempt_of(held)


def wrapping_up(advisor: Member = ASHA, visitor: Visitor = KAVITA, **wish: Any) -> Callback:
    """The advisor called from their own phone, and is to save the outcome."""
    held = claimed(advisor, visitor, **wish)
    calls.start_own_phone_call(held.id, staff(advisor).id, now=clock.now(), longest_minutes=60)
    return held


def attempt_of(callback: Callback) -> Attempt:
    """The newest attempt to ring for a callback."""
    return db.session.scalars(
        sa.select(Attempt)
        .where(Attempt.callback_id == callback.id)
        .order_by(Attempt.id.desc())
        .limit(1)
    ).one()


def opening_hours(
    *intervals: tuple[str, str], zone: str = "Asia/Kolkata", admin: Member | None = None
) -> int:
    """The same hours on every day, in force at once; none at all for a helpline that is shut.

    Args:
        intervals: such as ("10:00", "13:00"), ("14:00", "18:00").
    """
    return save_week(
        Week.every_day(*(Interval.parse(*each) for each in intervals)), zone=zone, admin=admin
    )


def save_week(week: Week, *, zone: str = "Asia/Kolkata", admin: Member | None = None) -> int:
    """A week as an admin saves it; its version comes back. Who is booked outside is moved."""
    plan = hours_queries.plan(db.session()).with_week(week, today=clock.now().date())
    return save_plan(replace(plan, zone_name=zone), admin=admin)


def save_plan(plan: HoursPlan, *, admin: Member | None = None) -> int:
    """A plan of hours as an admin saves it; its version comes back. Who is booked outside is
    moved, and who is booked inside keeps their time."""
    before = hours_queries.newest_version(db.session())
    expected_version = before.version if before else 0
    save = partial(
        change_hours.change_opening_hours,
        plan,
        expected_version=expected_version,
        action="hours_changed",
        staff_id=staff(admin).id if admin else 0,
        now=clock.now(),
    )
    try:
        save()
    except NeedsApproval as shown:
        save(agreed=Approval(shown.settled.digest))
    return expected_version + 1


def slot(wall: str) -> datetime:
    """The instant of a wall time of today or another day: "10:30" or "2026-11-24 10:30"."""
    zone = hours_queries.effective_hours(db.session(), clock.now()).zone
    if len(wall) == len("10:30"):
        wall = f"{clock.now().astimezone(zone):%Y-%m-%d} {wall}"
    return datetime.fromisoformat(wall).replace(tzinfo=zone)


def policy(**values: Any) -> None:
    """The policy as an admin saved it, with these values."""
    session = db.session()
    stored = session.get(ServicePolicy, 1)
    if stored is None:
        stored = policy_queries.default()
        session.add(stored)
    for name, value in values.items():
        setattr(stored, name, value)
    session.commit()
