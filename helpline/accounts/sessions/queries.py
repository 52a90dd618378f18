"""Reading sessions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.accounts.models import HeldRole, Role, SignedIn, Staff, staff_role
from helpline.accounts.sessions.models import StaffSession
from helpline.db import Instant, in_one_text
from helpline.privacy.encryption import keyed_hash
from helpline.statements import first_row

_SESSION, _STAFF = cast(sa.Table, StaffSession.__table__), cast(sa.Table, Staff.__table__)

WHO = _SESSION.c.staff_id
"""In ``asking_who``, for those who ask more of them in the same statement."""
FRESH_FOR = timedelta(minutes=15)
"""So long after showing that it is still they, somebody may change how they sign in."""


def key_hash(key: str) -> str:
    """Under what the key of a browser's cookie is kept."""
    return keyed_hash("staff-session", key)


def signed_in(key: str, *, now: datetime, idle: timedelta) -> SignedIn | None:
    """Whose session belongs to a key; None if it is over.

    Args:
        idle: a session that nobody used for so long is over.
    """
    row = first_row(None, asking_who(), to_be_told(key, now=now, idle=idle))
    return read_who(row, now) if row is not None else None


def to_be_told(key: str, *, now: datetime, idle: timedelta) -> dict[str, Any]:
    """What ``asking_who`` is to be told."""
    return {"key_hash": key_hash(key), "now": now, "used_after": now - idle}


def read_who(row: Any, now: datetime) -> SignedIn:
    """Who it is, of a row that has the columns of ``asking_who``."""
    return SignedIn(
        id=row.staff_id,
        fs_uniquifier=row.fs_uniquifier,
        email=row.email,
        name=row.name,
        roles=list(_roles(row.roles or "")),
        session_id=row.session_id,
        proven=row.proven_at is not None,
        fresh=now - row.confirmed_at < FRESH_FOR,
        last_used_at=row.last_used_at,
        guessed_at=row.guessed_at,
    )


@cache
def asking_who() -> sa.Select[*tuple[Any, ...]]:
    """No more of a person than every page needs: it is asked most of all."""
    roles = (
        sa.select(in_one_text(Role.name))
        .join(staff_role, staff_role.c.role_id == Role.id)
        .where(staff_role.c.staff_id == _STAFF.c.id)
        .scalar_subquery()
    )
    goes_on = _goes_on(
        sa.bindparam("now", type_=Instant), sa.bindparam("used_after", type_=Instant)
    )
    return (
        sa.select(
            _SESSION.c.id.label("session_id"),
            WHO,
            _SESSION.c.proven_at,
            _SESSION.c.confirmed_at,
            _SESSION.c.last_used_at,
            _STAFF.c.fs_uniquifier,
            _STAFF.c.email,
            _STAFF.c.name,
            _STAFF.c.guessed_at,
            roles.label("roles"),
        )
        .join(_STAFF, _STAFF.c.id == WHO)
        .where(_SESSION.c.key_hash == sa.bindparam("key_hash"), _STAFF.c.active, *goes_on)
    )


@cache
def _roles(names: str) -> tuple[HeldRole, ...]:
    return tuple(HeldRole(name) for name in sorted(names.split()))


def sessions_of(
    session: Session, staff_id: int, *, now: datetime, idle: timedelta
) -> Sequence[StaffSession]:
    """Where somebody is signed in, the last used first."""
    return session.scalars(
        sa.select(StaffSession)
        .where(
            StaffSession.staff_id == staff_id,
            StaffSession.proven_at.is_not(None),
            *_goes_on(now, now - idle),
        )
        .order_by(StaffSession.last_used_at.desc(), StaffSession.id.desc())
    ).all()


def _goes_on(now: Any, used_after: Any) -> tuple[sa.ColumnElement[bool], ...]:
    return _SESSION.c.ends_at > now, _SESSION.c.last_used_at > used_after
