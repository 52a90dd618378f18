"""A crisis line as an admin keeps it."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from helpline.db import Base, Instant


class CrisisLineRow(Base):
    """One line of one region. ``hours`` is empty when no source names them."""

    __tablename__ = "crisis_line"

    id: Mapped[int] = mapped_column(primary_key=True)
    region: Mapped[str] = mapped_column(sa.String(2), index=True)
    position: Mapped[int]
    name: Mapped[str] = mapped_column(sa.String(120))
    kind: Mapped[str] = mapped_column(sa.String(40))
    phone: Mapped[str | None] = mapped_column(sa.String(40))
    tel: Mapped[str | None] = mapped_column(sa.String(40))
    sms_number: Mapped[str | None] = mapped_column(sa.String(40))
    sms_keyword: Mapped[str | None] = mapped_column(sa.String(40))
    hours: Mapped[str | None] = mapped_column(sa.String(120))
    languages: Mapped[list[str]] = mapped_column(sa.JSON)
    website: Mapped[str | None] = mapped_column(sa.String(200))
    notes: Mapped[str] = mapped_column(sa.Text, default="")
    sources: Mapped[list[str]] = mapped_column(sa.JSON)
    found_on: Mapped[date | None]
    last_checked: Mapped[datetime | None] = mapped_column(Instant)
    retired_at: Mapped[datetime | None] = mapped_column(Instant)
