"""Table: opening hours by version."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from helpline.db import Base, Instant


class HoursVersion(Base):
    """A version of the opening hours: weeks, exceptions, emergency closure.

    The newest is in force; each older one was in force until the next. ``version`` is unique, so
    that of two admins who edit the same version only one can save. domain/hours_plan defines the
    contents.
    """

    __tablename__ = "week_save"

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(unique=True)
    time_zone: Mapped[str] = mapped_column(sa.String(64))
    week: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    later: Mapped[list[Any] | None] = mapped_column(sa.JSON(none_as_null=True))
    exceptions: Mapped[list[Any] | None] = mapped_column(sa.JSON(none_as_null=True))
    shut: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON(none_as_null=True))
    saved_at: Mapped[datetime] = mapped_column(Instant)
    saved_by: Mapped[int | None] = mapped_column(sa.Integer)
