"""Tables of services and referrals."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from helpline.db import Base, Instant
from helpline.directory.models import Entry


class ServiceEntry(Entry, Base):
    """A service in one region, or in every region. ``cost`` is free text."""

    __tablename__ = "care_place"

    area: Mapped[str | None] = mapped_column(sa.String(80))
    cost: Mapped[str | None] = mapped_column(sa.String(120))


class Referral(Base):
    """A visitor's referral; kept without ``callback_id`` for statistics once they are erased."""

    __tablename__ = "referral"
    __table_args__ = (sa.UniqueConstraint("callback_id", "place_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    callback_id: Mapped[int | None] = mapped_column(sa.ForeignKey("callback.id"))
    place_id: Mapped[int] = mapped_column(sa.ForeignKey("care_place.id"))
    at: Mapped[datetime] = mapped_column(Instant, index=True)
    by_staff: Mapped[int] = mapped_column(sa.ForeignKey("staff.id"))
