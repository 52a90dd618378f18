"""Tables: staff, roles, presence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from flask_login import UserMixin
from sqlalchemy.orm import Mapped, mapped_column, relationship

from helpline.db import Base, Code, Instant
from helpline.privacy.encryption import EncryptedText
from helpline.telephony.models import CARRIER_ID

staff_role = sa.Table(
    "staff_role",
    Base.metadata,
    sa.Column("staff_id", sa.ForeignKey("staff.id"), primary_key=True),
    sa.Column("role_id", sa.ForeignKey("role.id"), primary_key=True),
)


class Role(Base):
    """A role: advisor, supervisor or admin. None implies another."""

    __tablename__ = "role"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(40), unique=True)
    description: Mapped[str] = mapped_column(sa.String(200), default="")


class Staff(Base):
    """A member of staff.

    ``wrong_codes``: consecutive wrong codes after the right password, from any address.
    ``guessed_at``: when a sign-in was ended because of them, until the owner acknowledges it.
    ``password_void_at``: from then on the password must be replaced.
    ``alert_texts``, ``reminder_texts``: whether they want text messages when someone waits and no
    advisor is available, and before their shifts.
    ``shortcuts``: keys of the desk that they changed (domain/shortcuts).
    ``page_language``: in which they read staff pages; ``languages`` are those they speak.
    ``phone_hash`` keeps phones of active staff unique. NULL without a phone, when deactivated, or
    for a phone shared since before phones had to be unique.
    """

    __tablename__ = "staff"
    __table_args__ = (sa.Index("uq_staff_phone_hash", "phone_hash", unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(sa.String(255), unique=True)
    password: Mapped[str | None] = mapped_column(sa.String(255))
    active: Mapped[bool] = mapped_column(default=True)
    fs_uniquifier: Mapped[str] = mapped_column(sa.String(64), unique=True)
    name: Mapped[str] = mapped_column(sa.String(120))
    phone: Mapped[str | None] = mapped_column(EncryptedText)
    phone_hash: Mapped[str | None] = mapped_column(sa.String(64))
    languages: Mapped[list[str]] = mapped_column(sa.JSON, default=list)
    page_language: Mapped[str] = mapped_column(sa.String(35), default="en", server_default="en")
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    wrong_codes: Mapped[int] = mapped_column(default=0, server_default="0")
    guessed_at: Mapped[datetime | None] = mapped_column(Instant)
    password_void_at: Mapped[datetime | None] = mapped_column(Instant)
    shortcuts: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON(none_as_null=True))
    alert_texts: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    reminder_texts: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    roles: Mapped[list[Role]] = relationship(secondary=staff_role, lazy="selectin")

    def has_role(self, name: str) -> bool:
        return any(role.name == name for role in self.roles)


@dataclass(frozen=True, slots=True)
class StaffRole:
    """A role of the signed-in member of staff."""

    name: str

    def get_permissions(self) -> set[str]:
        """Return none: Flask-Security asks with every request, and access goes by roles."""
        return set()


@dataclass(frozen=True, slots=True)
class SignedInStaff(UserMixin):  # type: ignore[misc]
    """The signed-in member of staff and their session, as the request began.

    Args:
        proven: whether two-factor authentication, where required, is complete.
        fresh: whether they authenticated a short time ago.
        page_language: in which they read staff pages.
        guessed_at: when too many wrong codes were last entered after the right password; None once
            acknowledged.
    """

    id: int
    fs_uniquifier: str
    email: str
    name: str
    roles: Sequence[StaffRole]
    session_id: int
    proven: bool
    fresh: bool
    last_used_at: datetime
    page_language: str
    guessed_at: datetime | None = None

    def get_id(self) -> str:
        """Return what Flask-Login keeps in the cookie."""
        return self.fs_uniquifier

    def has_role(self, name: str) -> bool:
        return any(role.name == name for role in self.roles)


class PresenceState(StrEnum):
    """The presence that an advisor sets. On a call and wrap-up follow from the callback."""

    AVAILABLE = "available"
    AWAY = "away"
    OFFLINE = "offline"


class Presence(Base):
    """An advisor's presence, since when, and the last poll of their desk.

    ``call_in``: the inbound call that occupies their line, written by staff/advisor_line.py.
    """

    __tablename__ = "presence"

    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff.id"), primary_key=True)
    state: Mapped[PresenceState] = mapped_column(Code(20))
    since: Mapped[datetime] = mapped_column(Instant)
    last_seen_at: Mapped[datetime] = mapped_column(Instant)
    call_in: Mapped[str | None] = mapped_column(CARRIER_ID)
    call_in_ended_at: Mapped[datetime | None] = mapped_column(Instant)
    missed_offers: Mapped[int] = mapped_column(default=0, server_default="0")
    away_by_misses: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
