"""The table of text overrides."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from helpline.db import Base, Instant


class TextOverride(Base):
    """An override. ``theirs`` has a text for each plural form; None: the built-in one again."""

    __tablename__ = "rewording"
    __table_args__ = (sa.UniqueConstraint("language", "word_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    language: Mapped[str] = mapped_column(sa.String(12))
    word_id: Mapped[str] = mapped_column(sa.String(32))
    context: Mapped[str] = mapped_column(sa.String(12))
    ours: Mapped[str] = mapped_column(sa.Text)
    theirs: Mapped[list[str] | None] = mapped_column(sa.JSON(none_as_null=True))
    version: Mapped[int]
    saved_at: Mapped[datetime] = mapped_column(Instant)
    saved_by: Mapped[int] = mapped_column(sa.ForeignKey("staff.id"))
