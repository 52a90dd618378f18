"""Tables: inbound calls, replies, voicemail."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, deferred, mapped_column

from helpline.db import Base, Code, Instant
from helpline.privacy.encryption import EncryptedBytes, EncryptedText
from helpline.telephony.models import CARRIER_ID, carrier_column

LIVE = sa.text("ended_at IS NULL")
AT_CARRIER = sa.text("state = 'at_carrier'")


class Asked(StrEnum):
    """What the caller was last asked, by which the next input is interpreted."""

    LANGUAGE = "language"
    CHOICE = "choice"
    NUMBER = "number"
    READ_BACK = "read_back"
    MESSAGE = "message"
    ADVISOR = "advisor"
    HOLD = "hold"
    REFERENCE = "reference"
    REFERENCE_CHOICE = "reference_choice"
    NOTHING = "nothing"


class Outcome(StrEnum):
    """The outcome of an inbound call."""

    TALKED = "talked"
    BOOKED = "booked"
    MESSAGE = "message"
    HELD = "held"
    LEFT = "left"


class InboundCall(Base):
    """An inbound call.

    ``turn`` counts our replies; the next input belongs to it. ``advisor_id``: the advisor whose
    line it occupies, unique, so that no two callers have the same. ``found_id``: the request whose
    reference was entered.
    """

    __tablename__ = "inbound_call"
    __table_args__ = (
        sa.Index("ix_inbound_call_began_at", "began_at"),
        sa.Index("ix_inbound_call_silent", "heard_at", sqlite_where=LIVE, postgresql_where=LIVE),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    carrier: Mapped[str] = carrier_column()
    sid: Mapped[str] = mapped_column(CARRIER_ID, unique=True)
    phone: Mapped[str | None] = mapped_column(EncryptedText)
    phone_hash: Mapped[str | None] = mapped_column(sa.String(64), index=True)
    region: Mapped[str] = mapped_column(sa.String(2))
    language: Mapped[str | None] = mapped_column(sa.String(12))

    asked: Mapped[Asked] = mapped_column(sa.String(20))
    turn: Mapped[int] = mapped_column(default=0)
    asked_times: Mapped[int] = mapped_column(default=0)
    for_message: Mapped[bool] = mapped_column(default=False)
    typed_phone: Mapped[str | None] = mapped_column(EncryptedText)

    began_at: Mapped[datetime] = mapped_column(Instant)
    hold_began_at: Mapped[datetime | None] = mapped_column(Instant)
    heard_at: Mapped[datetime] = mapped_column(Instant)
    looked_at: Mapped[datetime | None] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    outcome: Mapped[Outcome | None] = mapped_column(sa.String(20))

    advisor_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"), unique=True)
    advisor_call: Mapped[str | None] = mapped_column(CARRIER_ID)
    rung: Mapped[list[Any]] = mapped_column(sa.JSON, default=list)
    talked_with: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
    talked_at: Mapped[datetime | None] = mapped_column(Instant)
    callback_id: Mapped[int | None] = mapped_column(sa.ForeignKey("callback.id"), index=True)
    attempt_id: Mapped[int | None] = mapped_column(sa.ForeignKey("attempt.id"), unique=True)
    found_id: Mapped[int | None] = mapped_column(sa.ForeignKey("callback.id"))


class InboundReply(Base):
    """The reply of one turn, stored so that a repeated webhook gets the same one.

    Encrypted: it can hold a number that was typed, or the advisor's.
    """

    __tablename__ = "inbound_reply"
    __table_args__ = (sa.UniqueConstraint("call_id", "turn"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[int] = mapped_column(sa.ForeignKey("inbound_call.id"))
    turn: Mapped[int]
    reply: Mapped[str] = mapped_column(EncryptedText)
    at: Mapped[datetime] = mapped_column(Instant)


class MessageState(StrEnum):
    """Where a voicemail is."""

    AT_CARRIER = "at_carrier"
    KEPT = "kept"
    LOST = "lost"
    ERASED = "erased"


class VoiceMessage(Base):
    """A voicemail, fetched by the worker and encrypted."""

    __tablename__ = "voice_message"
    __table_args__ = (
        sa.Index(
            "ix_voice_message_at_carrier",
            "left_at",
            sqlite_where=AT_CARRIER,
            postgresql_where=AT_CARRIER,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    recording: Mapped[str] = mapped_column(CARRIER_ID, unique=True)
    call_id: Mapped[int] = mapped_column(sa.ForeignKey("inbound_call.id"), index=True)
    callback_id: Mapped[int] = mapped_column(sa.ForeignKey("callback.id"), index=True)
    left_at: Mapped[datetime] = mapped_column(Instant)
    seconds: Mapped[int]
    state: Mapped[MessageState] = mapped_column(Code(20))
    kept_at: Mapped[datetime | None] = mapped_column(Instant)
    sound: Mapped[bytes | None] = deferred(mapped_column(EncryptedBytes))
