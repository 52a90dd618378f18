"""The findings of the last run."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from helpline.db import Base, Instant


class PreflightReport(Base):
    """The latest findings: one row, id 1, which a worker reserves, then updates.

    ``forwarded_at`` is when a web process last saw X-Forwarded-For while no proxy is trusted.
    """

    __tablename__ = "preflight_report"
    __table_args__ = (sa.CheckConstraint("id = 1", name="single"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    next_at: Mapped[datetime] = mapped_column(Instant)
    found_at: Mapped[datetime | None] = mapped_column(Instant)
    forwarded_at: Mapped[datetime | None] = mapped_column(Instant)
    findings: Mapped[list[Any]] = mapped_column(sa.JSON, default=list)
