"""Columns that the entries of every directory share."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from helpline.db import Instant


class Entry:
    """An entry of one region. ``notes`` is shown where a language has no notes of its own."""

    id: Mapped[int] = mapped_column(primary_key=True)
    region: Mapped[str] = mapped_column(sa.String(2), index=True)
    position: Mapped[int]
    name: Mapped[str] = mapped_column(sa.String(120))
    kind: Mapped[str] = mapped_column(sa.String(40))
    phone: Mapped[str | None] = mapped_column(sa.String(40))
    tel: Mapped[str | None] = mapped_column(sa.String(40))
    hours: Mapped[str | None] = mapped_column(sa.String(120))
    languages: Mapped[list[str]] = mapped_column(sa.JSON)
    website: Mapped[str | None] = mapped_column(sa.String(200))
    notes: Mapped[str] = mapped_column(sa.Text, default="")
    notes_by_language: Mapped[dict[str, str] | None] = mapped_column(sa.JSON)
    sources: Mapped[list[str]] = mapped_column(sa.JSON)
    found_on: Mapped[date | None]
    last_checked: Mapped[datetime | None] = mapped_column(Instant)
    retired_at: Mapped[datetime | None] = mapped_column(Instant)
    version: Mapped[int] = mapped_column(default=1, server_default="1")
