"""Versions of the list of websites."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from helpline.db import Base, Instant


class WebsiteListVersion(Base):
    """One save of the list; the newest is in force.

    ``version`` is unique, so that of two concurrent saves one fails.
    """

    __tablename__ = "website_save"

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(unique=True)
    websites: Mapped[list[dict[str, Any]]] = mapped_column(sa.JSON)
    saved_at: Mapped[datetime] = mapped_column(Instant)
    saved_by: Mapped[int | None] = mapped_column(sa.Integer)
