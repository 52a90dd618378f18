"""Queries on sessions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.db import Instant, db
from helpline.privacy.encryption import keyed_hash
from helpline.staff.models import Role, SignedInStaff, Staff, StaffRole, staff_role
from helpline.staff.sessions.models import StaffSession

_SESSION, _STAFF = cast(sa.Table, StaffSession.__table__), cast(sa.Table, Staff.__table__)

SESSION_STAFF_ID = _SESSION.c.staff_id
"""The staff id in ``session_query``, for statements that extend it."""
FRESH_FOR = timedelta(minutes=15)
"""How long after authentication the sign-in methods may be changed."""


def key_hash(key: str) -> str:
    """Return the hash under which a session key is stored."""
    return keyed_hash("staff-session", key)


def find_signed_in(key: str, *, now: datetime, idle: timedelta) -> SignedInStaff | None:
    """Return the owner of a session key; None if the session is over or was unused for ``idle``."""
    row = db.session.execute(session_query(), session_params(key, now=now, idle=idle)).first()
    return read_signed_in(row, now) if row is not None else None


def session_params(key: str, *, now: datetime, idle: timedelta) -> dict[str, Any]:
    """Return the parameters of ``session_query``."""
    return {"key_hash": key_hash(key), "now": now, "used_after": now - idle}


def read_signed_in(row: Any, now: datetime) -> SignedInStaff:
    """Return the owner from a row of ``session_query``."""
    return SignedInStaff(
        id=row.staff_id,
        fs_uniquifier=row.fs_uniquifier,
        email=row.email,
        name=row.name,
        roles=list(_roles(row.roles or "")),
        session_id=row.session_id,
        proven=row.proven_at is not None,
        fresh=now - row.confirmed_at < FRESH_FOR,
        last_used_at=row.last_used_at,
        page_language=row.page_language,
        guessed_at=row.guessed_at,
    )


@cache
def session_query() -> sa.Select[*tuple[Any, ...]]:
    """Return the query for a session's owner.

    It runs most of all, so it reads only what every page needs.
    """
    roles = (
        sa.select(sa.func.aggregate_strings(Role.name, " "))
        .join(staff_role, staff_role.c.role_id == Role.id)
        .where(staff_role.c.staff_id == _STAFF.c.id)
        .scalar_subquery()
    )
    is_valid = _is_valid(
        sa.bindparam("now", type_=Instant), sa.bindparam("used_after", type_=Instant)
    )
    return (
        sa.select(
            _SESSION.c.id.label("session_id"),
            SESSION_STAFF_ID,
            _SESSION.c.proven_at,
            _SESSION.c.confirmed_at,
            _SESSION.c.last_used_at,
            _STAFF.c.fs_uniquifier,
            _STAFF.c.email,
            _STAFF.c.name,
            _STAFF.c.page_language,
            _STAFF.c.guessed_at,
            roles.label("roles"),
        )
        .join(_STAFF, _STAFF.c.id == SESSION_STAFF_ID)
        .where(_SESSION.c.key_hash == sa.bindparam("key_hash"), _STAFF.c.active, *is_valid)
    )


@cache
def _roles(names: str) -> tuple[StaffRole, ...]:
    return tuple(StaffRole(name) for name in sorted(names.split()))


def sessions_of(
    session: Session, staff_id: int, *, now: datetime, idle: timedelta
) -> Sequence[StaffSession]:
    """Return the sessions of a member of staff, last used first."""
    return session.scalars(
        sa.select(StaffSession)
        .where(
            StaffSession.staff_id == staff_id,
            StaffSession.proven_at.is_not(None),
            *_is_valid(now, now - idle),
        )
        .order_by(StaffSession.last_used_at.desc(), StaffSession.id.desc())
    ).all()


def supervisors_seen(session: Session, *, now: datetime, since: datetime) -> set[int]:
    """Return the supervisors and admins who have used a page since then and are still signed in.
    What a page polls by itself does not count.
    """
    signed_in = (
        sa.select(StaffSession.staff_id)
        .join(staff_role, staff_role.c.staff_id == StaffSession.staff_id)
        .join(Role, Role.id == staff_role.c.role_id)
        .where(
            Role.name.in_(("supervisor", "admin")),
            StaffSession.proven_at.is_not(None),
            *_is_valid(now, since),
        )
    )
    return set(session.scalars(signed_in))


def _is_valid(now: Any, used_after: Any) -> tuple[sa.ColumnElement[bool], ...]:
    return _SESSION.c.ends_at > now, _SESSION.c.last_used_at > used_after
