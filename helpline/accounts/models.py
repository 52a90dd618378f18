"""Staff, roles and presence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from flask_security.core import RoleMixin, UserMixin
from sqlalchemy.orm import Mapped, mapped_column, relationship

from helpline.db import Base, Instant
from helpline.privacy.encryption import EncryptedText

staff_role = sa.Table(
    "staff_role",
    Base.metadata,
    sa.Column("staff_id", sa.ForeignKey("staff.id"), primary_key=True),
    sa.Column("role_id", sa.ForeignKey("role.id"), primary_key=True),
)


class Role(Base, RoleMixin):
    """What a member of staff may do: advisor, supervisor, admin. Nobody has one by another."""

    __tablename__ = "role"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(40), unique=True)
    description: Mapped[str] = mapped_column(sa.String(200), default="")


class Staff(Base, UserMixin):
    """A member of staff, who signs in.

    ``wrong_codes`` counts the wrong codes given in a row after the right password, from any
    address. ``guessed_at`` is set when a sign-in was ended because of them, until its owner says
    that they have read it. From ``password_void_at`` on the password lets nobody in: it has to be
    replaced.

    ``phone_hash`` makes the phones of active staff unique. It is NULL for whoever has none, is
    deactivated, or shared a phone with a colleague before phones had to be unique.
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
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    wrong_codes: Mapped[int] = mapped_column(default=0, server_default="0")
    guessed_at: Mapped[datetime | None] = mapped_column(Instant)
    password_void_at: Mapped[datetime | None] = mapped_column(Instant)
    roles: Mapped[list[Role]] = relationship(secondary=staff_role, lazy="selectin")  # type: ignore[assignment]


@dataclass(frozen=True, slots=True)
class HeldRole(RoleMixin):
    """A role that somebody has."""

    name: str


@dataclass(frozen=True, slots=True)
class SignedIn(UserMixin):
    """Who is signed in, and the session of their request as it stood when the request began.

    Args:
        id: of the member of staff.
        proven: whether they have shown all that we ask of them.
        fresh: whether they showed only a while ago that it is they.
        guessed_at: when somebody who knows their password last entered too many wrong codes; None
            once they have read that.
    """

    id: int
    fs_uniquifier: str
    email: str
    name: str
    roles: list[HeldRole]  # type: ignore[assignment]
    session_id: int
    proven: bool
    fresh: bool
    last_used_at: datetime
    guessed_at: datetime | None = None
    active: bool = True


class PresenceState(StrEnum):
    """What an advisor has said of themselves. On a call and wrap-up follow from the callback."""

    AVAILABLE = "available"
    AWAY = "away"
    OFFLINE = "offline"


class Presence(Base):
    """An advisor's state, since when, and when their desk was last heard of.

    ``call_in`` is the call of somebody who rang us and for whom this advisor's line is taken;
    accounts/lines.py writes it.
    """

    __tablename__ = "presence"

    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff.id"), primary_key=True)
    state: Mapped[PresenceState] = mapped_column(sa.String(20))
    since: Mapped[datetime] = mapped_column(Instant)
    last_seen_at: Mapped[datetime] = mapped_column(Instant)
    call_in: Mapped[str | None] = mapped_column(sa.String(34))
    call_in_ended_at: Mapped[datetime | None] = mapped_column(Instant)
    missed_offers: Mapped[int] = mapped_column(default=0, server_default="0")
    away_by_misses: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
