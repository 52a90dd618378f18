"""Tables: crisis lines, quick exit, sign-offs."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from helpline.db import Base, Instant
from helpline.directory.models import Entry


class CrisisLineRow(Entry, Base):
    """A crisis line of a region, or of one ``state`` of it."""

    __tablename__ = "crisis_line"

    sms_number: Mapped[str | None] = mapped_column(sa.String(40))
    sms_keyword: Mapped[str | None] = mapped_column(sa.String(40))
    cost: Mapped[str | None] = mapped_column(sa.String(20))
    time_zone: Mapped[str | None] = mapped_column(sa.String(64))
    confidence: Mapped[str | None] = mapped_column(sa.String(200))
    whatsapp: Mapped[str | None] = mapped_column(sa.String(40))
    chat: Mapped[str | None] = mapped_column(sa.String(200))
    state: Mapped[str | None] = mapped_column(sa.String(6))


class SafetyVersion(Base):
    """A version of the quick exit and page titles; the newest is in force.

    ``version`` is unique, so that of two admins who edit the same version only one can save.
    """

    __tablename__ = "safety_save"

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(unique=True)
    neutral_site: Mapped[str] = mapped_column(sa.String(200))
    page_title: Mapped[str] = mapped_column(sa.String(60))
    page_icon: Mapped[str] = mapped_column(sa.String(20))
    saved_at: Mapped[datetime] = mapped_column(Instant)
    saved_by: Mapped[int | None] = mapped_column(sa.Integer)


class SafetySignature(Base):
    """An admin's sign-off of a safety fact.

    ``digest`` is of the exact text that visitors read, and its sources: a change voids the
    sign-off.
    """

    __tablename__ = "safety_signature"
    __table_args__ = (sa.UniqueConstraint("fact", "digest", name="uq_safety_signature_words"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    fact: Mapped[str] = mapped_column(sa.String(40))
    digest: Mapped[str] = mapped_column(sa.String(64))
    signed_by: Mapped[int] = mapped_column(sa.ForeignKey("staff.id"))
    signed_at: Mapped[datetime] = mapped_column(Instant)
