"""What is done to staff and by staff about themselves."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from helpline.accounts.models import Presence, PresenceState, Role, Staff
from helpline.db import add_if_absent, transaction
from helpline.domain.errors import HelplineError
from helpline.privacy import audit

ROLES = {
    "advisor": "Works the call queue",
    "supervisor": "Sees the floor and hands out the work",
    "admin": "Sets hours and keeps the directory",
}


class EmailTaken(HelplineError):
    """Somebody signs in with this address already."""


class UnknownRole(HelplineError):
    """There is no such role."""


def add_staff(
    *,
    name: str,
    email: str,
    password_hash: str,
    roles: Sequence[str],
    phone: str | None,
    languages: Sequence[str],
    now: datetime,
    actor: str,
) -> int:
    """Adds a member of staff, who can sign in from then on.

    Args:
        password_hash: made by the door with the sign-in library; never a plain password.
        phone: E.164, the phone on which an advisor is rung; None if they ring from their own.

    Returns:
        Their id.

    Raises:
        EmailTaken, UnknownRole: nothing was added.
    """
    if not set(roles) <= ROLES.keys():
        raise UnknownRole
    try:
        with transaction() as session:
            staff = Staff(
                name=name,
                email=email.strip().lower(),
                password=password_hash,
                fs_uniquifier=secrets.token_hex(32),
                phone=phone,
                languages=list(languages),
                roles=_roles(session, roles),
            )
            session.add(staff)
            session.flush()
            audit.record(
                session,
                at=now,
                actor=actor,
                deed="staff_added",
                subject=f"staff:{staff.id}",
                roles=list(roles),
            )
            return staff.id
    except IntegrityError as error:
        raise EmailTaken from error


def _roles(session: Session, names: Sequence[str]) -> list[Role]:
    for name in names:
        add_if_absent(session, Role, name=name, description=ROLES[name])
    return list(session.scalars(sa.select(Role).where(Role.name.in_(names))))


def set_presence(staff_id: int, state: PresenceState, *, now: datetime) -> None:
    """An advisor says that they are available or away."""
    with transaction() as session:
        _ensure_presence(session, staff_id, now)
        session.execute(
            sa.update(Presence)
            .where(Presence.staff_id == staff_id)
            .values(
                state=state,
                since=sa.case((Presence.state == state, Presence.since), else_=now),
                last_seen_at=now,
                missed_offers=0,
                away_by_misses=False,
            )
        )


def seen_at_desk(staff_id: int, *, now: datetime) -> None:
    """The desk of an advisor was heard of."""
    with transaction() as session:
        _ensure_presence(session, staff_id, now)
        session.execute(
            sa.update(Presence).where(Presence.staff_id == staff_id).values(last_seen_at=now)
        )


def _ensure_presence(session: Session, staff_id: int, now: datetime) -> None:
    add_if_absent(
        session,
        Presence,
        staff_id=staff_id,
        state=PresenceState.AVAILABLE,
        since=now,
        last_seen_at=now,
    )
