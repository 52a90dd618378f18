"""Staff accounts and roles, changed in the caller's transaction."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from helpline.db import ONE, insert_or_ignore, update_version
from helpline.domain.unreadable import if_readable
from helpline.privacy.encryption import phone_hash
from helpline.staff.errors import EmailTaken, LastAdmin, PhoneTaken, UnknownRole
from helpline.staff.invitations import revocation as invitation_revocation
from helpline.staff.models import Presence, PresenceState, Role, Staff
from helpline.staff.password_links import service as password_links
from helpline.staff.sessions import revocation

ROLES = {
    "advisor": "Works the call queue",
    "supervisor": "Sees the floor and hands out the work",
    "admin": "Sets hours and keeps the directory",
}


@dataclass(frozen=True, slots=True)
class Profile:
    """What an admin edits of a member of staff.

    Args:
        phone: E.164, on which the advisor is called; None if they call from their own phone.
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
    """Create an account.

    Raises:
        UnknownRole, EmailTaken, PhoneTaken: nothing was changed.
    """
    staff = Staff(
        name=name,
        email=email.strip().lower(),
        password=password_hash,
        fs_uniquifier=secrets.token_hex(32),
        phone=phone,
        phone_hash=_hash_phone(phone),
        languages=list(languages),
        roles=_roles(session, roles),
    )
    session.add(staff)
    _flush(session)
    return staff


def change(
    session: Session,
    staff_id: int,
    profile: Profile,
    *,
    expected_version: int,
    actor: str,
    now: datetime,
) -> dict[str, Any]:
    """Save a profile; a change of roles ends all sessions.

    Returns:
        The difference for the audit log, without name and number.

    Raises:
        UnknownRole, LastAdmin, PhoneTaken, StaleVersion: nothing was changed.
    """
    staff = _lock_version(session, staff_id, expected_version)
    before = Profile(staff.name, _role_names(staff), tuple(staff.languages), staff.phone)
    if "admin" in before.roles and "admin" not in profile.roles and staff.active:
        _require_another_admin(session, staff_id)
    # Read before anything is set, or reading would write it.
    staff.roles = _roles(session, profile.roles)
    staff.name, staff.phone, staff.languages = profile.name, profile.phone, list(profile.languages)
    if staff.active and profile.phone != before.phone:
        staff.phone_hash = _hash_phone(profile.phone)
    _flush(session)
    if set(before.roles) != set(profile.roles):
        revocation.revoke_all(session, staff_id, at=now, actor=actor, reason="roles_changed")
    if "advisor" not in profile.roles:
        _go_offline(session, staff_id, now)
    if "admin" not in profile.roles:
        invitation_revocation.revoke_created_by(session, staff_id, actor=actor, at=now)
        password_links.revoke_created_by(session, staff_id)
    return _audit_difference(before, profile)


def deactivate(
    session: Session, staff_id: int, *, expected_version: int, actor: str, now: datetime
) -> None:
    """Deactivate an account and end its sessions.

    Raises:
        LastAdmin, StaleVersion: nothing was changed.
    """
    staff = _lock_version(session, staff_id, expected_version)
    if "admin" in _role_names(staff):
        _require_another_admin(session, staff_id)
    staff.active = False
    staff.phone_hash = None
    staff.fs_uniquifier = secrets.token_hex(32)
    session.flush()
    revocation.revoke_all(session, staff_id, at=now, actor=actor, reason="deactivated")
    invitation_revocation.revoke_created_by(session, staff_id, actor=actor, at=now)
    password_links.revoke_created_by(session, staff_id)
    password_links.revoke_for(session, staff_id)
    _go_offline(session, staff_id, now)


def _go_offline(session: Session, staff_id: int, now: datetime) -> None:
    """Let no call ring the phone of someone who takes none any more."""
    session.execute(
        sa.update(Presence)
        .where(Presence.staff_id == staff_id)
        .values(state=PresenceState.OFFLINE, since=now),
        execution_options={"synchronize_session": False},
    )


def reactivate(session: Session, staff_id: int, *, expected_version: int) -> None:
    """Reactivate an account with its old password, or raise StaleVersion or PhoneTaken."""
    staff = _lock_version(session, staff_id, expected_version)
    staff.active, staff.phone_hash = True, _hash_phone(staff.phone)
    _flush(session)


def index_phones(session: Session) -> list[int]:
    """Fill missing phone hashes of active staff from before phones had to be unique.

    Returns:
        Ids of staff who share a phone with a colleague added earlier.
    """
    rows = session.execute(
        sa.select(Staff.id, Staff.phone, Staff.phone_hash)
        .where(Staff.active, Staff.phone.is_not(None))
        .order_by(Staff.id)
        .with_for_update()
    ).all()
    used_hashes = {stored_hash for _id, _phone, stored_hash in rows if stored_hash is not None}
    shared = []
    for staff_id, phone, stored_hash in rows:
        hashed = _hash_phone(phone)
        if stored_hash is not None or hashed is None:
            continue
        if hashed in used_hashes:
            shared.append(staff_id)
            continue
        used_hashes.add(hashed)
        session.execute(
            sa.update(Staff).where(Staff.id == staff_id).values(phone_hash=hashed),
            execution_options={"synchronize_session": False},
        )
    return shared


def _hash_phone(phone: str | None) -> str | None:
    readable = if_readable(phone)
    return phone_hash(readable) if readable else None


def _flush(session: Session) -> None:
    try:
        session.flush()
    except IntegrityError as error:
        error_class = PhoneTaken if "phone_hash" in str(error.orig) else EmailTaken
        raise error_class from error


def _lock_version(session: Session, staff_id: int, expected_version: int) -> Staff:
    update_version(session, Staff, Staff.id == staff_id, expected_version=expected_version)
    return session.get_one(Staff, staff_id, populate_existing=True)


def _require_another_admin(session: Session, staff_id: int) -> None:
    """Lock the role first, so that of two admins who deactivate each other only one succeeds."""
    session.scalar(sa.select(Role.id).where(Role.name == "admin").with_for_update())
    another = sa.select(Staff.id).where(
        Staff.active, Staff.id != staff_id, Staff.roles.any(Role.name == "admin")
    )
    if session.scalar(another.limit(ONE)) is None:
        raise LastAdmin


def _audit_difference(before: Profile, after: Profile) -> dict[str, Any]:
    difference: dict[str, Any] = {
        name: "changed"
        for name in ("name", "phone")
        if getattr(before, name) != getattr(after, name)
    }
    for name in ("roles", "languages"):
        old, new = sorted(getattr(before, name)), sorted(getattr(after, name))
        if old != new:
            difference[name] = {"before": old, "after": new}
    return difference


def _role_names(staff: Staff) -> tuple[str, ...]:
    return tuple(role.name for role in staff.roles)


def _roles(session: Session, names: Sequence[str]) -> list[Role]:
    if not set(names) <= ROLES.keys():
        raise UnknownRole
    for name in names:
        insert_or_ignore(session, Role, name=name, description=ROLES[name])
    return list(session.scalars(sa.select(Role).where(Role.name.in_(names))))
