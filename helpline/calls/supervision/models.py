"""Actions of supervisors on callbacks."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from helpline.db import Base, Instant
from helpline.privacy.encryption import EncryptedText


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
