"""Tables: actions of supervisors on callbacks, and advisors who ask them for help."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from helpline.db import Base, Instant
from helpline.privacy.encryption import EncryptedText

OPEN_REQUEST = sa.text("ended_at IS NULL")


class SupervisorAction(StrEnum):
    """What a supervisor may do with a callback."""

    GIVE = "give"
    TAKE_BACK = "take_back"
    FIRST = "first"
    USUAL = "usual"
    LAST = "last"
    FINISH = "finish"
    """Record what came of an advisor's call whose wrap-up ran out."""


class SupervisorEvent(Base):
    """An action and its reason. ``from_staff``: who had the callback; ``to_staff``: who gets it.

    The reason may contain personal data, so it is encrypted, and the audit log only references it.
    """

    __tablename__ = "floor_deed"

    id: Mapped[int] = mapped_column(primary_key=True)
    callback_id: Mapped[int] = mapped_column(sa.ForeignKey("callback.id"), index=True)
    deed: Mapped[SupervisorAction] = mapped_column(sa.String(20))
    at: Mapped[datetime] = mapped_column(Instant, index=True)
    by_staff: Mapped[int] = mapped_column(sa.ForeignKey("staff.id"))
    from_staff: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
    to_staff: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
    reason: Mapped[str | None] = mapped_column(EncryptedText)


class HelpRequest(Base):
    """An advisor's call for help with a caller, until the advisor or a supervisor ends it.

    A partial unique index allows one open request for an advisor. ``callback_id``: their current
    callback, if any; on an inbound call they may have none.
    """

    __tablename__ = "help_request"
    __table_args__ = (
        sa.Index(
            "uq_help_request_open",
            "advisor_id",
            unique=True,
            sqlite_where=OPEN_REQUEST,
            postgresql_where=OPEN_REQUEST,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    advisor_id: Mapped[int] = mapped_column(sa.ForeignKey("staff.id"))
    callback_id: Mapped[int | None] = mapped_column(sa.ForeignKey("callback.id"))
    asked_at: Mapped[datetime] = mapped_column(Instant)
    acknowledged_at: Mapped[datetime | None] = mapped_column(Instant)
    acknowledged_by: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    ended_by: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
