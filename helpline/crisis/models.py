"""A crisis line, and the way out, as an admin keeps them."""

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
    cost: Mapped[str | None] = mapped_column(sa.String(20))
    hours: Mapped[str | None] = mapped_column(sa.String(120))
    languages: Mapped[list[str]] = mapped_column(sa.JSON)
    website: Mapped[str | None] = mapped_column(sa.String(200))
    notes: Mapped[str] = mapped_column(sa.Text, default="")
    sources: Mapped[list[str]] = mapped_column(sa.JSON)
    found_on: Mapped[date | None]
    last_checked: Mapped[datetime | None] = mapped_column(Instant)
    retired_at: Mapped[datetime | None] = mapped_column(Instant)


class SafetySave(Base):
    """One save of where the way out leads and what our pages call themselves. The newest is in
    force; ``version`` is unique, so that of two admins who began from the same only one can save.
    """

    __tablename__ = "safety_save"

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(unique=True)
    neutral_site: Mapped[str] = mapped_column(sa.String(200))
    page_title: Mapped[str] = mapped_column(sa.String(60))
    page_icon: Mapped[str] = mapped_column(sa.String(20))
    saved_at: Mapped[datetime] = mapped_column(Instant)
    saved_by: Mapped[int | None] = mapped_column(sa.Integer)
