"""Tables: attempts, carrier events, offers, drafts."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from helpline.callbacks.models import Callback
from helpline.db import Base, Code, Instant
from helpline.domain.call_progress import (
    AttemptResult,
    AttemptState,
    CarrierStatus,
    Leg,
    Screening,
)
from helpline.privacy.encryption import EncryptedText
from helpline.telephony.models import CARRIER_ID, carrier_column

LIVE = sa.text("ended_at IS NULL")
UNFINISHED = sa.text("unfinished_at IS NOT NULL")


class Channel(StrEnum):
    """How the visitor is called: by the carrier, from the advisor's own phone, or not at all
    since they called.
    """

    CARRIER = "carrier"
    OWN_PHONE = "own_phone"
    CALL_IN = "call_in"


class Attempt(Base):
    """One attempt to call a visitor.

    ``ref`` identifies it in webhook addresses. Two partial unique indexes allow one live attempt
    for a callback and one for an advisor. ``carrier`` says by which one, where ``channel`` is the
    carrier. ``unfinished_at``: set while the outcome is not recorded. ``move_asked_at``: when the
    carrier was asked to move both legs into a conference; ``moved_at``: when one of them entered.
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
    carrier: Mapped[str] = carrier_column()
    state: Mapped[AttemptState] = mapped_column(Code(20))
    result: Mapped[AttemptResult | None] = mapped_column(Code(20))
    problem: Mapped[str | None] = mapped_column(sa.String(60))
    created_at: Mapped[datetime] = mapped_column(Instant)
    placing_at: Mapped[datetime | None] = mapped_column(Instant)
    heard_at: Mapped[datetime] = mapped_column(Instant)
    look_at: Mapped[datetime | None] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    advisor_call: Mapped[str | None] = mapped_column(CARRIER_ID, unique=True)
    visitor_call: Mapped[str | None] = mapped_column(CARRIER_ID)
    dial_allowed: Mapped[bool | None]
    screening: Mapped[Screening | None] = mapped_column(sa.String(10))
    end_asked_at: Mapped[datetime | None] = mapped_column(Instant)
    move_asked_at: Mapped[datetime | None] = mapped_column(Instant)
    moved_at: Mapped[datetime | None] = mapped_column(Instant)
    counted: Mapped[bool] = mapped_column(default=False)
    disposition: Mapped[str | None] = mapped_column(sa.String(20))
    notes: Mapped[str | None] = mapped_column(EncryptedText)
    risk_note: Mapped[str | None] = mapped_column(EncryptedText)
    unfinished_at: Mapped[datetime | None] = mapped_column(Instant)

    callback: Mapped[Callback] = relationship(viewonly=True)


class NoteDraft(Base):
    """Unsaved notes of an advisor about a callback.

    ``version`` counts saves, so that an older window does not overwrite a newer one. ``outcome``:
    the chosen disposition where the release before, which reads ``disposition``, does not know it.
    """

    __tablename__ = "note_draft"
    __table_args__ = (sa.UniqueConstraint("callback_id", "advisor_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    callback_id: Mapped[int] = mapped_column(sa.ForeignKey("callback.id"))
    advisor_id: Mapped[int] = mapped_column(sa.ForeignKey("staff.id"), index=True)
    notes: Mapped[str | None] = mapped_column(EncryptedText)
    transfer_note: Mapped[str | None] = mapped_column(EncryptedText)
    risk_note: Mapped[str | None] = mapped_column(EncryptedText)
    disposition: Mapped[str | None] = mapped_column(sa.String(20))
    outcome: Mapped[str | None] = mapped_column(sa.String(20))
    version: Mapped[int]
    saved_at: Mapped[datetime] = mapped_column(Instant)


class OutcomeList(Base):
    """A version of the list of outcomes; the newest is in force. ``outcomes``: see domain/outcomes.

    ``version`` is unique, so that of two admins who edit the same version only one can save.
    """

    __tablename__ = "outcome_list"

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(unique=True)
    outcomes: Mapped[list[dict[str, Any]]] = mapped_column(sa.JSON)
    saved_at: Mapped[datetime] = mapped_column(Instant)
    saved_by: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))


class EventKind(StrEnum):
    """How an event became known: reported by the carrier, or looked up."""

    STATUS = "status"
    PRESSED_ONE = "pressed_one"
    VISITOR_CONFIRMED = "visitor_confirmed"
    VISITOR_MACHINE = "visitor_machine"
    DIALLED = "dialled"
    LOOKED_UP = "looked_up"


class CallEvent(Base):
    """An event reported by the carrier, stored once.

    ``occurred_at``: by the carrier's clock; None where it does not say, or cannot be right.
    """

    __tablename__ = "call_event"
    __table_args__ = (sa.UniqueConstraint("attempt_id", "call", "kind", "sequence", "status"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    attempt_id: Mapped[int] = mapped_column(sa.ForeignKey("attempt.id"), index=True)
    call: Mapped[str] = mapped_column(CARRIER_ID)
    kind: Mapped[EventKind] = mapped_column(sa.String(20))
    leg: Mapped[Leg] = mapped_column(sa.String(10))
    sequence: Mapped[int]
    status: Mapped[CarrierStatus] = mapped_column(sa.String(20))
    error_code: Mapped[int | None]
    received_at: Mapped[datetime] = mapped_column(Instant)
    occurred_at: Mapped[datetime | None] = mapped_column(Instant)


class CarrierFailure(Base):
    """A call that the carrier rejected with a code, kept for some days (calls/carrier_failures).

    ``ref``: of the attempt or offer, or the inbound call for which an advisor was called; that has
    no ``callback_id``. ``region``: of the number called.
    """

    __tablename__ = "carrier_failure"
    __table_args__ = (
        sa.UniqueConstraint("ref", "leg", "code"),
        sa.Index("ix_carrier_failure_code", "code", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(sa.String(32))
    leg: Mapped[Leg] = mapped_column(sa.String(10))
    carrier: Mapped[str] = carrier_column()
    code: Mapped[int]
    region: Mapped[str | None] = mapped_column(sa.String(2))
    callback_id: Mapped[int | None] = mapped_column(sa.ForeignKey("callback.id"))
    advisor_id: Mapped[int] = mapped_column(sa.ForeignKey("staff.id"))
    at: Mapped[datetime] = mapped_column(Instant)


class OfferState(StrEnum):
    """State of an offer; one being placed is settled by a lookup, never repeated."""

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
    """A call to an advisor's phone that offers a due callback, under automatic dispatch.

    The callback keeps its queue position until an advisor presses 1: that claims it and creates the
    attempt, which has the ``ref`` and advisor's call of the offer. A callback may have several
    offers at once, an advisor only one.
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
    state: Mapped[OfferState] = mapped_column(Code(20))
    result: Mapped[OfferResult | None] = mapped_column(sa.String(20))
    problem: Mapped[str | None] = mapped_column(sa.String(60))
    created_at: Mapped[datetime] = mapped_column(Instant)
    placing_at: Mapped[datetime | None] = mapped_column(Instant)
    heard_at: Mapped[datetime] = mapped_column(Instant)
    look_at: Mapped[datetime | None] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    carrier: Mapped[str] = carrier_column()
    call: Mapped[str | None] = mapped_column(CARRIER_ID, unique=True)
    end_asked_at: Mapped[datetime | None] = mapped_column(Instant)


class DispatchRound(Base):
    """Since when a due callback waits to be taken; one row while it waits.

    Nobody is asked twice within a round. When its time is over someone is notified, and another
    begins.
    """

    __tablename__ = "dispatch_round"

    callback_id: Mapped[int] = mapped_column(sa.ForeignKey("callback.id"), primary_key=True)
    started_at: Mapped[datetime] = mapped_column(Instant)
    passed: Mapped[int] = mapped_column(default=0)
