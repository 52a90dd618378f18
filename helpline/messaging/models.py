"""Tables: outbox, heartbeats, notices, text messages."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from helpline.db import Base, Code, Instant
from helpline.domain.sms_commands import Command
from helpline.domain.sms_progress import SmsKind, SmsStatus
from helpline.privacy.encryption import EncryptedText
from helpline.telephony.models import CARRIER_ID, carrier_column

UNREAD = sa.text("words IS NOT NULL")
IN_HAND = sa.text("state = 'in_hand'")
ASKED = sa.text("status = 'asked'")
UNSENT = sa.text("status = 'waiting'")
UNDER_WAY = sa.text("status IN ('accepted', 'sent')")
BY_ADVISOR = sa.text("sent_by IS NOT NULL")
TO_STAFF = sa.text("callback_id IS NULL")


class Kind(StrEnum):
    """Kind of an outbox row."""

    PLACE_CALL = "place_call"
    SEND_TEXT = "send_text"
    FETCH_RECORDING = "fetch_recording"
    SEND_WEBHOOK = "send_webhook"


class OutboxState(StrEnum):
    """State of an outbox row. One in progress is settled by a lookup, never repeated."""

    PENDING = "pending"
    IN_HAND = "in_hand"
    DONE = "done"
    GIVEN_UP = "given_up"


class OutboxRow(Base):
    """One effect outside the database. ``subject_id``: the attempt, voicemail or so on, by kind."""

    __tablename__ = "outbox"
    __table_args__ = (
        sa.UniqueConstraint("kind", "subject_id"),
        sa.Index(
            "ix_outbox_pending",
            "not_before",
            sqlite_where=sa.text("state = 'pending'"),
            postgresql_where=sa.text("state = 'pending'"),
        ),
        sa.Index("ix_outbox_in_hand", "taken_at", sqlite_where=IN_HAND, postgresql_where=IN_HAND),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[Kind] = mapped_column(sa.String(20))
    subject_id: Mapped[int]
    state: Mapped[OutboxState] = mapped_column(Code(20))
    created_at: Mapped[datetime] = mapped_column(Instant)
    not_before: Mapped[datetime] = mapped_column(Instant)
    tries: Mapped[int] = mapped_column(default=0)
    taken_at: Mapped[datetime | None] = mapped_column(Instant)
    done_at: Mapped[datetime | None] = mapped_column(Instant)
    problem: Mapped[str | None] = mapped_column(sa.String(60))


class Heartbeat(Base):
    """When a worker last began a round, and how late."""

    __tablename__ = "worker_heartbeat"

    worker: Mapped[str] = mapped_column(sa.String(80), primary_key=True)
    started_at: Mapped[datetime] = mapped_column(Instant)
    at: Mapped[datetime] = mapped_column(Instant)
    late_ms: Mapped[int] = mapped_column(default=0, server_default="0")


class NoticeKind(StrEnum):
    """What supervisors and admins are notified of."""

    NOBODY_ON_SHIFT = "nobody_on_shift"
    EVERYONE_BUSY = "everyone_busy"
    NOBODY_ANSWERED = "nobody_answered"
    NOBODY_TOOK = "nobody_took"
    DISPATCH_PAUSED = "dispatch_paused"
    HAND_OVERDUE = "hand_overdue"
    ADVISOR_AWAY = "advisor_away"
    SPENT = "spent"
    BOOKINGS_BOUNDED = "bookings_bounded"
    GUESSING = "guessing"
    CODES_GUESSED = "codes_guessed"
    SIGN_IN_STOPPED = "sign_in_stopped"
    SET_ASIDE = "set_aside"
    UNREADABLE = "unreadable"
    AUDIT_REFUSED = "audit_refused"
    AUDIT_FLAWED = "audit_flawed"
    CALLS_FAIL = "calls_fail"
    TEXTS_FAIL = "texts_fail"
    CRISIS_TEXT_FAILED = "crisis_text_failed"


class Notice(Base):
    """A notice to staff until it is dismissed.

    ``subject``: "callback:12", "staff:3", "queue"; never a name or number.
    """

    __tablename__ = "notice"
    __table_args__ = (
        sa.Index(
            "uq_notice_open",
            "kind",
            "subject",
            unique=True,
            sqlite_where=sa.text("dismissed_at IS NULL"),
            postgresql_where=sa.text("dismissed_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[NoticeKind] = mapped_column(sa.String(30))
    subject: Mapped[str] = mapped_column(sa.String(40))
    at: Mapped[datetime] = mapped_column(Instant)
    times: Mapped[int] = mapped_column(default=1)
    last_at: Mapped[datetime] = mapped_column(Instant)
    dismissed_at: Mapped[datetime | None] = mapped_column(Instant)
    dismissed_by: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))


class JobFailure(Base):
    """Failures of a job for one subject, and whether it is set aside (job_failures)."""

    __tablename__ = "job_failure"

    job: Mapped[str] = mapped_column(sa.String(30), primary_key=True)
    subject_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    failures: Mapped[int]
    problem: Mapped[str] = mapped_column(sa.String(60))
    failed_at: Mapped[datetime] = mapped_column(Instant)
    not_before: Mapped[datetime] = mapped_column(Instant)
    set_aside_at: Mapped[datetime | None] = mapped_column(Instant)


class OutboundSms(Base):
    """An outbound text message. Number and text are erased once the carrier has them.

    ``once`` makes a message unique for a callback and kind; one to staff has no callback and no
    ``phone_hash``. ``template``: language and key of its
    template, and the hash of that one's wording. ``sent_by``: the advisor who sent it, if any.
    """

    __tablename__ = "text_out"
    __table_args__ = (
        sa.UniqueConstraint("callback_id", "kind", "once"),
        sa.Index("ix_text_out_phone_hash", "phone_hash", "created_at"),
        sa.Index("ix_text_out_created_at", "created_at"),
        sa.Index("ix_text_out_asked", "looked_at", sqlite_where=ASKED, postgresql_where=ASKED),
        sa.Index("ix_text_out_waiting", "good_until", sqlite_where=UNSENT, postgresql_where=UNSENT),
        sa.Index(
            "ix_text_out_under_way",
            "heard_at",
            sqlite_where=UNDER_WAY,
            postgresql_where=UNDER_WAY,
        ),
        sa.Index(
            "ix_text_out_sent_by",
            "sent_by",
            "created_at",
            sqlite_where=BY_ADVISOR,
            postgresql_where=BY_ADVISOR,
        ),
        sa.Index(
            "uq_text_out_to_staff",
            "kind",
            "once",
            unique=True,
            sqlite_where=TO_STAFF,
            postgresql_where=TO_STAFF,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(sa.String(32), unique=True)
    callback_id: Mapped[int | None] = mapped_column(sa.ForeignKey("callback.id"))
    kind: Mapped[SmsKind] = mapped_column(Code(20))
    once: Mapped[str] = mapped_column(sa.String(40))
    phone_hash: Mapped[str | None] = mapped_column(sa.String(64))
    phone: Mapped[str | None] = mapped_column(EncryptedText)
    words: Mapped[str | None] = mapped_column(EncryptedText)
    status: Mapped[SmsStatus] = mapped_column(Code(20))
    created_at: Mapped[datetime] = mapped_column(Instant)
    good_until: Mapped[datetime] = mapped_column(Instant)
    asked_at: Mapped[datetime | None] = mapped_column(Instant)
    looked_at: Mapped[datetime | None] = mapped_column(Instant)
    look_at: Mapped[datetime | None] = mapped_column(Instant)
    heard_at: Mapped[datetime | None] = mapped_column(Instant)
    carrier: Mapped[str] = carrier_column()
    carrier_id: Mapped[str | None] = mapped_column(CARRIER_ID, unique=True)
    template: Mapped[str | None] = mapped_column(sa.String(40))
    wording_hash: Mapped[str | None] = mapped_column(sa.String(64))
    error_code: Mapped[int | None]
    problem: Mapped[str | None] = mapped_column(sa.String(60))
    sent_by: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))


class StaffAlert(Base):
    """Someone is due and no advisor is available: one row, id 1.

    ``since``: when that was first seen; NULL while it is not so. ``shift_alerted_at``,
    ``duty_alerted_at``: when the staff on shift and the duty phone were texted for it.
    """

    __tablename__ = "staff_alert"
    __table_args__ = (sa.CheckConstraint("id = 1", name="single"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    since: Mapped[datetime | None] = mapped_column(Instant)
    shift_alerted_at: Mapped[datetime | None] = mapped_column(Instant)
    duty_alerted_at: Mapped[datetime | None] = mapped_column(Instant)


class TextRegistration(Base):
    """How our text messages are registered in a region that requires it (sms_registration).

    ``templates``: by language and key the ``id``, and the hash of the ``wording`` it was entered
    for.
    """

    __tablename__ = "text_registration"

    region: Mapped[str] = mapped_column(sa.String(2), primary_key=True)
    version: Mapped[int]
    entity_id: Mapped[str] = mapped_column(sa.String(40))
    header: Mapped[str] = mapped_column(sa.String(20))
    templates: Mapped[dict[str, Any]] = mapped_column(sa.JSON)


class SmsOptOut(Base):
    """A number that sent STOP, until START."""

    __tablename__ = "text_stop"

    phone_hash: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    since: Mapped[datetime] = mapped_column(Instant)


class SmsHint(Base):
    """When a number last got the list of commands."""

    __tablename__ = "text_hint"

    phone_hash: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    at: Mapped[datetime] = mapped_column(Instant)


class InboundSms(Base):
    """An inbound text message by the carrier's id, and its answer.

    The text is stored only where it is no command, until a supervisor has read it.
    """

    __tablename__ = "text_in"
    __table_args__ = (
        sa.Index("ix_text_in_unread", "received_at", sqlite_where=UNREAD, postgresql_where=UNREAD),
    )

    carrier_id: Mapped[str] = mapped_column(CARRIER_ID, primary_key=True)
    phone_hash: Mapped[str | None] = mapped_column(sa.String(64), index=True)
    command: Mapped[Command] = mapped_column(sa.String(20))
    received_at: Mapped[datetime] = mapped_column(Instant)
    answer: Mapped[str | None] = mapped_column(EncryptedText)
    words: Mapped[str | None] = mapped_column(EncryptedText)
