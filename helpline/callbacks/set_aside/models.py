"""What was set aside together, by whom and why."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from helpline.db import Base, Instant
from helpline.privacy.encryption import EncryptedText


class SetAside(Base):
    """One deed of a supervisor: everything that came between two times and is like an example.

    ``alike`` names in what it is alike ("network", "page"), never the network or the page itself.
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
    """A callback that is set aside. A row that is gone is a callback that was brought back."""

    __tablename__ = "set_aside_member"

    callback_id: Mapped[int] = mapped_column(sa.ForeignKey("callback.id"), primary_key=True)
    set_aside_id: Mapped[int] = mapped_column(sa.ForeignKey("set_aside.id"), index=True)

    @classmethod
    def holds(cls, callback_id: Any) -> sa.ColumnElement[bool]:
        """Whether a callback is set aside, for a query on callbacks."""
        return sa.exists().where(cls.callback_id == callback_id)
