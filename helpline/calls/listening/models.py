"""Table: supervisors who listen in to calls."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from helpline.calls.models import LIVE
from helpline.db import Base, Code, Instant
from helpline.telephony.models import CARRIER_ID, carrier_column


class ListenerState(StrEnum):
    """How far a supervisor has come, in order."""

    QUEUED = "queued"
    PLACING = "placing"
    RINGING = "ringing"
    ANSWERED = "answered"
    WAITING = "waiting"
    """They pressed 1, and the call is being moved into a conference."""
    LISTENING = "listening"
    JOINED = "joined"
    ENDED = "ended"


class ListenerRequest(StrEnum):
    """What a worker is to ask the carrier for, once."""

    MOVE = "move"
    """Move the call into a conference."""
    JOIN = "join"
    """Let the others hear the supervisor."""


class ListenerProblem(StrEnum):
    """Why it did not come to it; else a ``Problem`` of the call to the supervisor's phone."""

    NO_ANSWER = "no_answer"
    NOT_MOVED = "not_moved"
    MOVE_UNSURE = "move_unsure"
    NOT_JOINED = "not_joined"


class Listener(Base):
    """A supervisor's phone in an advisor's call.

    ``ref`` identifies it in webhook addresses. Two partial unique indexes allow one live listener
    of an attempt and one for a supervisor. ``request``: None once a worker has taken it;
    ``requested_at``: when.
    """

    __tablename__ = "listener"
    __table_args__ = (
        sa.Index(
            "uq_listener_live_attempt",
            "attempt_id",
            unique=True,
            sqlite_where=LIVE,
            postgresql_where=LIVE,
        ),
        sa.Index(
            "uq_listener_live_supervisor",
            "supervisor_id",
            unique=True,
            sqlite_where=LIVE,
            postgresql_where=LIVE,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(sa.String(32), unique=True)
    attempt_id: Mapped[int] = mapped_column(sa.ForeignKey("attempt.id"), index=True)
    supervisor_id: Mapped[int] = mapped_column(sa.ForeignKey("staff.id"))
    carrier: Mapped[str] = carrier_column()
    state: Mapped[ListenerState] = mapped_column(Code(20))
    problem: Mapped[str | None] = mapped_column(sa.String(60))
    request: Mapped[ListenerRequest | None] = mapped_column(sa.String(10))
    requested_at: Mapped[datetime | None] = mapped_column(Instant)
    created_at: Mapped[datetime] = mapped_column(Instant)
    placing_at: Mapped[datetime | None] = mapped_column(Instant)
    heard_at: Mapped[datetime] = mapped_column(Instant)
    look_at: Mapped[datetime | None] = mapped_column(Instant)
    listening_at: Mapped[datetime | None] = mapped_column(Instant)
    joined_at: Mapped[datetime | None] = mapped_column(Instant)
    leave_at: Mapped[datetime | None] = mapped_column(Instant)
    end_asked_at: Mapped[datetime | None] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    call: Mapped[str | None] = mapped_column(CARRIER_ID, unique=True)
