"""Tables: call pace, caller ids, rejected regions; columns of what a carrier was asked for."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from helpline.db import Base, Instant
from helpline.telephony.adapters import FIRST

CARRIER_ID = sa.String(64)
"""A carrier's id of a call, text message or recording."""


def carrier_column() -> Mapped[str]:
    """Return the column with the name of the carrier that does, or did, a job."""
    return mapped_column(sa.String(16), server_default=FIRST)


class CarrierPace(Base):
    """The next instant for a call start at a carrier, for all workers.

    ``refusals``: consecutive times that the carrier was too busy (429) or unreachable.
    """

    __tablename__ = "carrier_pace"

    carrier: Mapped[str] = mapped_column(sa.String(16), primary_key=True)
    next_at: Mapped[datetime] = mapped_column(Instant)
    refusals: Mapped[int] = mapped_column(default=0)


class CallerId(Base):
    """The carrier that calls a region, and the number that phones there show; empty for the
    carrier's default one. See carrier_routes.
    """

    __tablename__ = "caller_id"

    region: Mapped[str] = mapped_column(sa.String(2), primary_key=True)
    carrier: Mapped[str] = carrier_column()
    number: Mapped[str] = mapped_column(sa.String(20))


class RefusedRegion(Base):
    """A region rejected by a carrier for calls or text messages, when last, and the code."""

    __tablename__ = "refused_region"

    region: Mapped[str] = mapped_column(sa.String(2), primary_key=True)
    carrier: Mapped[str] = mapped_column(sa.String(16), primary_key=True, server_default=FIRST)
    code: Mapped[int]
    refused_at: Mapped[datetime] = mapped_column(Instant)
