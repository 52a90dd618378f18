"""The list of websites, kept as it was at every save."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from helpline.db import Base, Instant


class WebsiteListVersion(Base):
    """One save of the list. The newest is in force; the older ones are history.

    ``version`` is unique, so that of two admins who began from the same list only one can save.
    """

    __tablename__ = "website_save"

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(unique=True)
    websites: Mapped[list[dict[str, Any]]] = mapped_column(sa.JSON)
    saved_at: Mapped[datetime] = mapped_column(Instant)
    saved_by: Mapped[int | None] = mapped_column(sa.Integer)
