"""What supervisors did with callbacks, and why."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from helpline.db import Base, Instant
from helpline.privacy.encryption import EncryptedText


class Deed(StrEnum):
    """What a supervisor may do with a callback."""

    GIVE = "give"
    TAKE_BACK = "take_back"
    FIRST = "first"
    USUAL = "usual"
    LAST = "last"


class FloorDeed(Base):
    """One deed, and why. ``from_staff`` had the callback in hand, ``to_staff`` is to have it.

    The reason may speak of a person, so it is encrypted, and the audit log only points here.
    """

    __tablename__ = "floor_deed"

    id: Mapped[int] = mapped_column(primary_key=True)
    callback_id: Mapped[int] = mapped_column(sa.ForeignKey("callback.id"), index=True)
    deed: Mapped[Deed] = mapped_column(sa.String(20))
    at: Mapped[datetime] = mapped_column(Instant, index=True)
    by_staff: Mapped[int] = mapped_column(sa.ForeignKey("staff.id"))
    from_staff: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
    to_staff: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
    reason: Mapped[str | None] = mapped_column(EncryptedText)
