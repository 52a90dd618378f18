"""Attempts and the carrier's events."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from helpline.callbacks.models import Callback
from helpline.db import Base, Instant
from helpline.domain.call_progress import (
    AttemptResult,
    AttemptState,
    CarrierStatus,
    Leg,
    Screening,
)
from helpline.privacy.encryption import EncryptedText

LIVE = sa.text("ended_at IS NULL")
UNFINISHED = sa.text("unfinished_at IS NOT NULL")


class Channel(StrEnum):
    """How the visitor is rung: through the carrier, or from the advisor's own phone. Or not at
    all, since they rang us meanwhile."""

    CARRIER = "carrier"
    OWN_PHONE = "own_phone"
    CALL_IN = "call_in"


class Attempt(Base):
    """One try to ring the visitor.

    ``ref`` is what the carrier sees of it in our addresses. Two partial unique indexes allow one
    live attempt a callback and one call an advisor.

    ``unfinished_at`` is set while the advisor's notes are a draft, or their wrap-up ran out, and
    they have not said what came of the call.
    """

    __tablename__ = "attempt"
    __table_args__ = (
        sa.Index(
            "uq_attempt_live_callback",
            "callback_id",
            unique=True,
            sqlite_where=LIVE,
            postgresql_where=LIVE,
        ),
        sa.Index(
            "uq_attempt_live_advisor",
            "advisor_id",
            unique=True,
            sqlite_where=LIVE,
            postgresql_where=LIVE,
        ),
        sa.Index("ix_attempt_silent", "heard_at", sqlite_where=LIVE, postgresql_where=LIVE),
        sa.Index("ix_attempt_ended_at", "ended_at"),
        sa.Index("ix_attempt_created_at", "created_at"),
        sa.Index(
            "ix_attempt_unfinished",
            "advisor_id",
            "unfinished_at",
            sqlite_where=UNFINISHED,
            postgresql_where=UNFINISHED,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(sa.String(32), unique=True)
    callback_id: Mapped[int] = mapped_column(sa.ForeignKey("callback.id"), index=True)
    advisor_id: Mapped[int] = mapped_column(sa.ForeignKey("staff.id"), index=True)
    channel: Mapped[Channel] = mapped_column(sa.String(20))
    state: Mapped[AttemptState] = mapped_column(sa.String(20))
    result: Mapped[AttemptResult | None] = mapped_column(sa.String(20))
    problem: Mapped[str | None] = mapped_column(sa.String(60))
    created_at: Mapped[datetime] = mapped_column(Instant)
    placing_at: Mapped[datetime | None] = mapped_column(Instant)
    heard_at: Mapped[datetime] = mapped_column(Instant)
    look_at: Mapped[datetime | None] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    advisor_call: Mapped[str | None] = mapped_column(sa.String(34), unique=True)
    visitor_call: Mapped[str | None] = mapped_column(sa.String(34))
    dial_allowed: Mapped[bool | None]
    screening: Mapped[Screening | None] = mapped_column(sa.String(10))
    end_asked_at: Mapped[datetime | None] = mapped_column(Instant)
    counted: Mapped[bool] = mapped_column(default=False)
    disposition: Mapped[str | None] = mapped_column(sa.String(20))
    notes: Mapped[str | None] = mapped_column(EncryptedText)
    unfinished_at: Mapped[datetime | None] = mapped_column(Instant)

    callback: Mapped[Callback] = relationship(viewonly=True)


class NoteDraft(Base):
    """What an advisor has typed about a callback and not saved yet.

    ``version`` counts the saves, so that an older window does not overwrite a newer one.
    """

    __tablename__ = "note_draft"
    __table_args__ = (sa.UniqueConstraint("callback_id", "advisor_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    callback_id: Mapped[int] = mapped_column(sa.ForeignKey("callback.id"))
    advisor_id: Mapped[int] = mapped_column(sa.ForeignKey("staff.id"), index=True)
    notes: Mapped[str | None] = mapped_column(EncryptedText)
    transfer_note: Mapped[str | None] = mapped_column(EncryptedText)
    disposition: Mapped[str | None] = mapped_column(sa.String(20))
    version: Mapped[int]
    saved_at: Mapped[datetime] = mapped_column(Instant)


class EventKind(StrEnum):
    """How we came to know: told by the carrier, or looked up there."""

    STATUS = "status"
    PRESSED_ONE = "pressed_one"
    VISITOR_CONFIRMED = "visitor_confirmed"
    VISITOR_MACHINE = "visitor_machine"
    DIALLED = "dialled"
    LOOKED_UP = "looked_up"


class CallEvent(Base):
    """One thing the carrier said, kept once however often it was said."""

    __tablename__ = "call_event"
    __table_args__ = (sa.UniqueConstraint("attempt_id", "call", "kind", "sequence", "status"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    attempt_id: Mapped[int] = mapped_column(sa.ForeignKey("attempt.id"), index=True)
    call: Mapped[str] = mapped_column(sa.String(34))
    kind: Mapped[EventKind] = mapped_column(sa.String(20))
    leg: Mapped[Leg] = mapped_column(sa.String(10))
    sequence: Mapped[int]
    status: Mapped[CarrierStatus] = mapped_column(sa.String(20))
    error_code: Mapped[int | None]
    received_at: Mapped[datetime] = mapped_column(Instant)


class CarrierFailure(Base):
    """One call that the carrier refused with a code, kept for some days: by these rows the same
    failure of several callbacks is told from that of one (calls/carrier_failures).

    ``ref`` is that of the attempt or offer, or names the inbound call for which an advisor was
    called: that has no ``callback_id``. ``region`` is that of the number called.
    """

    __tablename__ = "carrier_failure"
    __table_args__ = (
        sa.UniqueConstraint("ref", "leg", "code"),
        sa.Index("ix_carrier_failure_code", "code", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(sa.String(32))
    leg: Mapped[Leg] = mapped_column(sa.String(10))
    code: Mapped[int]
    region: Mapped[str | None] = mapped_column(sa.String(2))
    callback_id: Mapped[int | None] = mapped_column(sa.ForeignKey("callback.id"))
    advisor_id: Mapped[int] = mapped_column(sa.ForeignKey("staff.id"))
    at: Mapped[datetime] = mapped_column(Instant)


class OfferState(StrEnum):
    """Where an offer stands; an offer in placing is settled by looking, never by asking again."""

    QUEUED = "queued"
    PLACING = "placing"
    RINGING = "ringing"
    ANSWERED = "answered"
    ENDED = "ended"


class OfferResult(StrEnum):
    """How an offer ended."""

    TAKEN = "taken"
    MISSED = "missed"
    DECLINED = "declined"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    NOT_PLACED = "not_placed"


class Offer(Base):
    """An advisor's phone rung with a callback that is due, by automatic dispatch.

    The callback stays in the queue, in its place, until an advisor presses 1: that claims it and
    makes the attempt, whose ``ref`` and advisor's call are those of the offer. Several offers of
    one callback may ring at once; an advisor is rung with one at a time.
    """

    __tablename__ = "offer"
    __table_args__ = (
        sa.Index(
            "uq_offer_live_advisor",
            "advisor_id",
            unique=True,
            sqlite_where=LIVE,
            postgresql_where=LIVE,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(sa.String(32), unique=True)
    callback_id: Mapped[int] = mapped_column(sa.ForeignKey("callback.id"), index=True)
    advisor_id: Mapped[int] = mapped_column(sa.ForeignKey("staff.id"))
    state: Mapped[OfferState] = mapped_column(sa.String(20))
    result: Mapped[OfferResult | None] = mapped_column(sa.String(20))
    problem: Mapped[str | None] = mapped_column(sa.String(60))
    created_at: Mapped[datetime] = mapped_column(Instant)
    placing_at: Mapped[datetime | None] = mapped_column(Instant)
    heard_at: Mapped[datetime] = mapped_column(Instant)
    look_at: Mapped[datetime | None] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    call: Mapped[str | None] = mapped_column(sa.String(34), unique=True)
    end_asked_at: Mapped[datetime | None] = mapped_column(Instant)


class DispatchRound(Base):
    """Since when a callback that is due waits to be taken; one row while it waits.

    Within a round nobody is asked twice. When its time is over somebody is told, and another
    round begins.
    """

    __tablename__ = "dispatch_round"

    callback_id: Mapped[int] = mapped_column(sa.ForeignKey("callback.id"), primary_key=True)
    started_at: Mapped[datetime] = mapped_column(Instant)
    passed: Mapped[int] = mapped_column(default=0)
