"""Tables of requests set aside."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from helpline.db import Base, Instant
from helpline.privacy.encryption import EncryptedText


class SetAside(Base):
    """One action of a supervisor: all requests between two times that match an example.

    ``alike`` names the attributes that match ("network", "page"), never their values.
    """

    __tablename__ = "set_aside"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(Instant)
    by_staff: Mapped[int] = mapped_column(sa.ForeignKey("staff.id"))
    example_id: Mapped[int] = mapped_column(sa.ForeignKey("callback.id"))
    alike: Mapped[list[str]] = mapped_column(sa.JSON)
    since: Mapped[datetime] = mapped_column(Instant)
    until: Mapped[datetime] = mapped_column(Instant)
    reason: Mapped[str | None] = mapped_column(EncryptedText)


class SetAsideMember(Base):
    """A callback that is set aside; the row is deleted when it is restored."""

    __tablename__ = "set_aside_member"

    callback_id: Mapped[int] = mapped_column(sa.ForeignKey("callback.id"), primary_key=True)
    set_aside_id: Mapped[int] = mapped_column(sa.ForeignKey("set_aside.id"), index=True)

    @classmethod
    def holds(cls, callback_id: Any) -> sa.ColumnElement[bool]:
        """Return a condition: the callback is set aside."""
        return sa.exists().where(cls.callback_id == callback_id)
