"""Tables: callback, history, slots."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from helpline.db import Base, Code, Instant
from helpline.domain.lifecycle import Event, Status
from helpline.domain.safe_times import IfMissed
from helpline.privacy.encryption import EncryptedText

IS_OPEN = sa.text("status IN ('waiting', 'claimed', 'calling')")
IS_CURRENT = sa.text("status IN ('claimed', 'calling')")
HOLDS_SLOT = sa.text("status IN ('waiting', 'claimed', 'calling') AND slot_at IS NOT NULL")
WAITING = sa.text("status = 'waiting'")
HAS_CALL_DEADLINE = sa.text("status = 'waiting' AND call_until IS NOT NULL")
HAS_PREFERRED_ADVISOR = sa.text("status = 'waiting' AND wanted_advisor IS NOT NULL")
HELD = sa.text("held_at IS NOT NULL")
REFERENCE_TO_DO = sa.text("(reference IS NULL) = (erased_at IS NULL)")
"""Has none yet, or is erased by the release before, which knew none."""
NOT_ERASED = sa.text("erased_at IS NULL AND ended_at IS NOT NULL")


class Channel(StrEnum):
    """How a request came."""

    WEB = "web"
    EMBED = "embed"
    API = "api"
    TEXT = "text"
    PHONE = "phone"
    STAFF = "staff"


class ConsentProof(Base):
    """That a visitor asked for calls to a number; see callbacks/consent.py.

    ``number_hash``: privacy.encryption.consent_hash. ``at``: to the minute, so that it does not
    name a request. ``words``: what they read or heard when they agreed, in ``language``.
    """

    __tablename__ = "consent_proof"
    __table_args__ = (
        sa.Index("ix_consent_proof_number_hash", "number_hash", "at"),
        sa.Index("ix_consent_proof_at", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number_hash: Mapped[str] = mapped_column(sa.String(64))
    at: Mapped[datetime] = mapped_column(Instant)
    channel: Mapped[Channel] = mapped_column(sa.String(10))
    language: Mapped[str] = mapped_column(sa.String(12))
    words: Mapped[str] = mapped_column(sa.Text)
    texts: Mapped[bool]
    voicemail: Mapped[bool]


class Slot(Base):
    """A bookable start time. The row appears with the first booking.

    ``capacity`` is that of the newest booking: when the rota shrinks, existing bookings stay, and
    no more are made until they fit again.
    """

    __tablename__ = "slot"
    __table_args__ = (sa.CheckConstraint("booked >= 0 AND booked <= capacity", name="capacity"),)

    starts_at: Mapped[datetime] = mapped_column(Instant, primary_key=True)
    capacity: Mapped[int]
    booked: Mapped[int] = mapped_column(default=0)


class SlotLanguage(Base):
    """The bookings of a slot in one language. Locked after its slot."""

    __tablename__ = "slot_language"
    __table_args__ = (sa.CheckConstraint("booked >= 0 AND booked <= capacity", name="capacity"),)

    starts_at: Mapped[datetime] = mapped_column(Instant, primary_key=True)
    language: Mapped[str] = mapped_column(sa.String(12), primary_key=True)
    capacity: Mapped[int]
    booked: Mapped[int] = mapped_column(default=0)


class Callback(Base):
    """A callback request.

    Two partial unique indexes keep one open callback for a number and one current callback for an
    advisor. ``status`` is written by callbacks/transitions.py alone.

    ``reference``, ``reference_hash`` and ``reference_token_hash``: the way back without the link
    (callbacks/references.py).

    ``call_until``: no call after this; ``if_missed``: the visitor's choice if they do not answer.
    ``located_in``: ISO 3166-2 code of the state where the visitor is, as they said in an emergency.
    ``earlier_calls_agreed_at``: when the visitor let the advisor see notes of earlier requests.
    ``held_at``: set after a restore, until a supervisor has reviewed it. ``booked_at``: when the
    slot was chosen. ``network_hash``: keyed hash of the IPv4 address or IPv6 /64 it came from, with
    the /56 and /48 beside it.

    Only ended callbacks can be erased; then ``phone`` and ``phone_hash`` are None, and the row
    remains for counting.
    """

    __tablename__ = "callback"
    __table_args__ = (
        sa.Index(
            "uq_callback_open_number",
            "phone_hash",
            unique=True,
            sqlite_where=IS_OPEN,
            postgresql_where=IS_OPEN,
        ),
        sa.Index(
            "uq_callback_in_hand",
            "claimed_by",
            unique=True,
            sqlite_where=IS_CURRENT,
            postgresql_where=IS_CURRENT,
        ),
        sa.Index(
            "ix_callback_queue",
            "priority",
            "due_at",
            "id",
            sqlite_where=WAITING,
            postgresql_where=WAITING,
        ),
        sa.Index(
            "ix_callback_wanted",
            "wanted_advisor",
            sqlite_where=HAS_PREFERRED_ADVISOR,
            postgresql_where=HAS_PREFERRED_ADVISOR,
        ),
        sa.Index(
            "ix_callback_call_until",
            "call_until",
            sqlite_where=HAS_CALL_DEADLINE,
            postgresql_where=HAS_CALL_DEADLINE,
        ),
        sa.Index("ix_callback_held", "held_at", sqlite_where=HELD, postgresql_where=HELD),
        sa.Index("ix_callback_phone_hash", "phone_hash"),
        *(
            sa.Index(
                f"ix_callback_{prefix}",
                f"{prefix}_hash",
                "booked_at",
                sqlite_where=HOLDS_SLOT,
                postgresql_where=HOLDS_SLOT,
            )
            for prefix in ("network", "network_56", "network_48")
        ),
        sa.Index("ix_callback_requested_at", "requested_at", "id"),
        sa.Index("ix_callback_ended_at", "ended_at"),
        sa.Index(
            "ix_callback_kept", "ended_at", sqlite_where=NOT_ERASED, postgresql_where=NOT_ERASED
        ),
        sa.Index("uq_callback_reference", "reference", unique=True),
        sa.Index("uq_callback_reference_hash", "reference_hash", unique=True),
        sa.Index("uq_callback_reference_token_hash", "reference_token_hash", unique=True),
        sa.Index(
            "ix_callback_reference_to_do",
            "id",
            sqlite_where=REFERENCE_TO_DO,
            postgresql_where=REFERENCE_TO_DO,
        ),
        sa.CheckConstraint(
            "erased_at IS NOT NULL OR (phone IS NOT NULL AND phone_hash IS NOT NULL)",
            name="has_number",
        ),
        sa.CheckConstraint(
            "erased_at IS NULL OR (ended_at IS NOT NULL AND name IS NULL AND phone IS NULL "
            "AND phone_hash IS NULL AND note IS NULL)",
            name="erased",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    reference: Mapped[str | None] = mapped_column(sa.String(6))
    reference_hash: Mapped[str | None] = mapped_column(sa.String(64))
    reference_token_hash: Mapped[str | None] = mapped_column(sa.String(64))
    status: Mapped[Status] = mapped_column(Code(20))
    priority: Mapped[int]
    requested_at: Mapped[datetime] = mapped_column(Instant)
    due_at: Mapped[datetime] = mapped_column(Instant)
    slot_at: Mapped[datetime | None] = mapped_column(Instant)

    name: Mapped[str | None] = mapped_column(EncryptedText)
    phone: Mapped[str] = mapped_column(EncryptedText, nullable=True)
    phone_hash: Mapped[str] = mapped_column(sa.String(64), nullable=True)
    phone_extension: Mapped[str | None] = mapped_column(EncryptedText)
    phone_region: Mapped[str] = mapped_column(sa.String(2))
    note: Mapped[str | None] = mapped_column(EncryptedText)
    language: Mapped[str] = mapped_column(sa.String(12))
    reads: Mapped[str | None] = mapped_column(sa.String(12))
    may_leave_voicemail: Mapped[bool] = mapped_column(default=False)
    may_say_who: Mapped[bool] = mapped_column(default=False)
    may_text: Mapped[bool] = mapped_column(default=False)
    may_ring_back: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    phone_as_typed: Mapped[str | None] = mapped_column(EncryptedText)
    answers: Mapped[str | None] = mapped_column(EncryptedText)

    channel: Mapped[Channel] = mapped_column(
        sa.String(20), default=Channel.WEB, server_default=Channel.WEB
    )
    source_page: Mapped[str | None] = mapped_column(sa.String(300))
    source_title: Mapped[str | None] = mapped_column(EncryptedText)
    request_hash: Mapped[str | None] = mapped_column(sa.String(64))

    network_hash: Mapped[str | None] = mapped_column(sa.String(64))
    network_56_hash: Mapped[str | None] = mapped_column(sa.String(64))
    network_48_hash: Mapped[str | None] = mapped_column(sa.String(64))
    booked_at: Mapped[datetime | None] = mapped_column(Instant)

    claimed_by: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
    claimed_at: Mapped[datetime | None] = mapped_column(Instant)
    claim_ends_at: Mapped[datetime | None] = mapped_column(Instant)
    attempts_used: Mapped[int] = mapped_column(default=0)

    wanted_advisor: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
    wanted_until: Mapped[datetime | None] = mapped_column(Instant)
    follow_up_of: Mapped[int | None] = mapped_column(sa.ForeignKey("callback.id"), unique=True)
    again_of: Mapped[int | None] = mapped_column(sa.ForeignKey("callback.id"), unique=True)
    emergency_at: Mapped[datetime | None] = mapped_column(Instant)
    located_in: Mapped[str | None] = mapped_column(EncryptedText)
    earlier_calls_agreed_at: Mapped[datetime | None] = mapped_column(Instant)

    if_missed: Mapped[IfMissed | None] = mapped_column(sa.String(10))
    call_until: Mapped[datetime | None] = mapped_column(Instant)

    held_at: Mapped[datetime | None] = mapped_column(Instant)

    disposition: Mapped[str | None] = mapped_column(sa.String(20))
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    erased_at: Mapped[datetime | None] = mapped_column(Instant)

    @property
    def text_language(self) -> str:
        """The language of text messages: that of the page, else the spoken one."""
        return self.reads or self.language


class Transfer(Base):
    """A transfer from one member of staff to another, with a note."""

    __tablename__ = "hand_over"

    id: Mapped[int] = mapped_column(primary_key=True)
    callback_id: Mapped[int] = mapped_column(sa.ForeignKey("callback.id"), index=True)
    from_staff: Mapped[int] = mapped_column(sa.ForeignKey("staff.id"))
    to_staff: Mapped[int] = mapped_column(sa.ForeignKey("staff.id"))
    note: Mapped[str | None] = mapped_column(EncryptedText)
    at: Mapped[datetime] = mapped_column(Instant)


class CallbackEvent(Base):
    """One event in the history of a callback, also the visitor's timeline.

    ``due_at`` is when the callback was due after the event; events before it was recorded have
    none.
    """

    __tablename__ = "callback_event"
    __table_args__ = (sa.Index("ix_callback_event_actor", "actor", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    callback_id: Mapped[int] = mapped_column(sa.ForeignKey("callback.id"), index=True)
    at: Mapped[datetime] = mapped_column(Instant)
    event: Mapped[Event] = mapped_column(Code(30))
    from_status: Mapped[str | None] = mapped_column(sa.String(20))
    to_status: Mapped[str] = mapped_column(sa.String(20))
    due_at: Mapped[datetime | None] = mapped_column(Instant)
    actor: Mapped[str] = mapped_column(sa.String(40))


class DispatchPause(Base):
    """The newest pause of dispatch: one row, id 1. It is over at ``until``.

    The reason is for all staff and about no visitor; it is cleared when dispatch resumes.
    """

    __tablename__ = "dispatch_pause"
    __table_args__ = (sa.CheckConstraint("id = 1", name="single"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    since: Mapped[datetime] = mapped_column(Instant)
    until: Mapped[datetime] = mapped_column(Instant)
    by_staff: Mapped[int] = mapped_column(sa.ForeignKey("staff.id"))
    reason: Mapped[str | None] = mapped_column(sa.String(500))
