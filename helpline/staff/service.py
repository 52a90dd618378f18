"""Staff accounts and presence."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.db import insert_or_ignore, transaction
from helpline.domain.shortcuts import Shortcuts
from helpline.privacy import audit
from helpline.staff import members
from helpline.staff.errors import EmailTaken, PhoneTaken, UnknownRole
from helpline.staff.members import ROLES
from helpline.staff.models import Presence, PresenceState, Staff

__all__ = (
    "ROLES",
    "EmailTaken",
    "PhoneTaken",
    "UnknownRole",
    "add_staff",
    "index_phones",
    "record_desk_seen",
    "replace_password_hash",
    "set_page_language",
    "set_presence",
    "set_shortcuts",
    "set_text_choices",
)

DESK_SEEN_INTERVAL = timedelta(seconds=15)
"""Far less than the silence after which a desk counts as offline."""


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
    """Create an account and return its id.

    Args:
        password_hash: from the sign-in library; never a plain password.
        phone: E.164, on which the advisor is called; None if they call from their own phone.

    Raises:
        EmailTaken, PhoneTaken, UnknownRole: nothing was added.
    """
    with transaction() as session:
        staff = members.add(
            session,
            name=name,
            email=email,
            password_hash=password_hash,
            roles=roles,
            phone=phone,
            languages=languages,
        )
        audit.record(
            session,
            at=now,
            actor=actor,
            action="staff_added",
            subject=f"staff:{staff.id}",
            roles=list(roles),
        )
        return staff.id


def index_phones() -> list[int]:
    """Fill missing phone hashes; return the ids of staff who share a phone."""
    with transaction() as session:
        return members.index_phones(session)


def replace_password_hash(staff_id: int, before: str, after: str) -> None:
    """Keep a password that was hashed anew at today's cost, unless it was changed meanwhile."""
    with transaction() as session:
        session.execute(
            sa.update(Staff)
            .where(Staff.id == staff_id, Staff.password == before)
            .values(password=after),
            execution_options={"synchronize_session": False},
        )


def set_page_language(staff_id: int, code: str) -> None:
    """Set the language in which a member of staff reads staff pages."""
    with transaction() as session:
        session.execute(sa.update(Staff).where(Staff.id == staff_id).values(page_language=code))


def set_shortcuts(staff_id: int, shortcuts: Shortcuts) -> None:
    """Keep the keys that an advisor uses at the desk."""
    with transaction() as session:
        stored = shortcuts.to_stored()
        session.execute(sa.update(Staff).where(Staff.id == staff_id).values(shortcuts=stored))


def set_text_choices(staff_id: int, *, alerts: bool, reminders: bool) -> None:
    """Keep which text messages a member of staff wants."""
    with transaction() as session:
        session.execute(
            sa.update(Staff)
            .where(Staff.id == staff_id)
            .values(alert_texts=alerts, reminder_texts=reminders)
        )


def set_presence(staff_id: int, state: PresenceState, *, now: datetime) -> None:
    """Set an advisor's presence."""
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


def record_desk_seen(staff_id: int, *, now: datetime, last_seen_at: datetime | None = None) -> None:
    """Record a poll of an advisor's desk, at most a few times a minute.

    Args:
        last_seen_at: when one was last recorded, where known.
    """
    if last_seen_at is not None and last_seen_at <= now < last_seen_at + DESK_SEEN_INTERVAL:
        return
    with transaction() as session:
        _ensure_presence(session, staff_id, now)
        session.execute(
            sa.update(Presence).where(Presence.staff_id == staff_id).values(last_seen_at=now)
        )


def _ensure_presence(session: Session, staff_id: int, now: datetime) -> None:
    insert_or_ignore(
        session,
        Presence,
        staff_id=staff_id,
        state=PresenceState.AVAILABLE,
        since=now,
        last_seen_at=now,
    )
