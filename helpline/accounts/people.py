"""Who belongs to the staff and what they may do, changed in the caller's transaction."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.accounts.errors import LastAdmin, SavedMeanwhile, UnknownRole
from helpline.accounts.invitations import voiding as inviting
from helpline.accounts.models import Presence, PresenceState, Role, Staff
from helpline.accounts.password_links import service as password_links
from helpline.accounts.sessions import ending
from helpline.db import ONE, changed_one
from helpline.rows import add_if_absent

ROLES = {
    "advisor": "Works the call queue",
    "supervisor": "Sees the floor and hands out the work",
    "admin": "Sets hours and keeps the directory",
}


@dataclass(frozen=True, slots=True)
class Profile:
    """What an admin sets of a member of staff.

    Args:
        phone: E.164, the phone on which an advisor is rung; None if they ring from their own.
    """

    name: str
    roles: tuple[str, ...]
    languages: tuple[str, ...]
    phone: str | None


def add(
    session: Session,
    *,
    name: str,
    email: str,
    password_hash: str,
    roles: Sequence[str],
    phone: str | None,
    languages: Sequence[str],
) -> Staff:
    """Adds a member of staff.

    Raises:
        UnknownRole: there is no such role.
        IntegrityError: somebody signs in with this address already.
    """
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
    return staff


def change(
    session: Session, staff_id: int, wanted: Profile, *, based_on: int, actor: str, now: datetime
) -> dict[str, Any]:
    """Puts a new profile in place of the old one. Who may do other things than before signs in
    anew.

    Returns:
        What changed, as the audit log may keep it: no name and no number.

    Raises:
        UnknownRole, LastAdmin: nothing was changed.
        SavedMeanwhile: a newer save is there; nothing was changed.
    """
    staff = _take(session, staff_id, based_on)
    before = Profile(staff.name, _names(staff), tuple(staff.languages), staff.phone)
    if "admin" in before.roles and "admin" not in wanted.roles and staff.active:
        _need_another_admin(session, staff_id)
    staff.name, staff.phone = wanted.name, wanted.phone
    staff.languages, staff.roles = list(wanted.languages), _roles(session, wanted.roles)
    session.flush()
    if set(before.roles) != set(wanted.roles):
        ending.end_all(session, staff_id, at=now, actor=actor, why="roles_changed")
    if "admin" not in wanted.roles:
        inviting.void_those_by(session, staff_id, actor=actor, at=now)
        password_links.void_made_by(session, staff_id)
    return _difference(before, wanted)


def leave(session: Session, staff_id: int, *, based_on: int, actor: str, now: datetime) -> None:
    """Nobody comes in with this account any more, and whoever is in is out.

    Raises:
        LastAdmin, SavedMeanwhile: nothing was changed.
    """
    staff = _take(session, staff_id, based_on)
    if "admin" in _names(staff):
        _need_another_admin(session, staff_id)
    staff.active = False
    staff.fs_uniquifier = secrets.token_hex(32)
    session.flush()
    ending.end_all(session, staff_id, at=now, actor=actor, why="deactivated")
    inviting.void_those_by(session, staff_id, actor=actor, at=now)
    password_links.void_made_by(session, staff_id)
    password_links.void_of(session, staff_id)
    session.execute(
        sa.update(Presence)
        .where(Presence.staff_id == staff_id)
        .values(state=PresenceState.OFFLINE, since=now),
        execution_options={"synchronize_session": False},
    )


def come_back(session: Session, staff_id: int, *, based_on: int) -> None:
    """Lets somebody who had left in again, with the password they had.

    Raises:
        SavedMeanwhile: nothing was changed.
    """
    _take(session, staff_id, based_on).active = True
    session.flush()


def _take(session: Session, staff_id: int, based_on: int) -> Staff:
    """The row, locked, its version one higher."""
    if not changed_one(
        session,
        sa.update(Staff)
        .where(Staff.id == staff_id, Staff.version == based_on)
        .values(version=based_on + 1),
    ):
        raise SavedMeanwhile
    return session.get_one(Staff, staff_id, populate_existing=True)


def _need_another_admin(session: Session, staff_id: int) -> None:
    """Of two admins who put each other out at once only one does: both lock the role first."""
    session.scalar(sa.select(Role.id).where(Role.name == "admin").with_for_update())
    another = sa.select(Staff.id).where(
        Staff.active, Staff.id != staff_id, Staff.roles.any(Role.name == "admin")
    )
    if session.scalar(another.limit(ONE)) is None:
        raise LastAdmin


def _difference(before: Profile, after: Profile) -> dict[str, Any]:
    told: dict[str, Any] = {
        name: "changed"
        for name in ("name", "phone")
        if getattr(before, name) != getattr(after, name)
    }
    for name in ("roles", "languages"):
        old, new = sorted(getattr(before, name)), sorted(getattr(after, name))
        if old != new:
            told[name] = {"before": old, "after": new}
    return told


def _names(staff: Staff) -> tuple[str, ...]:
    return tuple(role.name for role in staff.roles)


def _roles(session: Session, names: Sequence[str]) -> list[Role]:
    if not set(names) <= ROLES.keys():
        raise UnknownRole
    for name in names:
        add_if_absent(session, Role, name=name, description=ROLES[name])
    return list(session.scalars(sa.select(Role).where(Role.name.in_(names))))
