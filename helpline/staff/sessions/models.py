"""Sessions of staff."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from helpline.db import Base, Instant
from helpline.privacy.encryption import EncryptedText


class StaffSession(Base):
    """A browser in which a member of staff is signed in; deleted when the session is over.

    ``key_hash`` is a hash of the cookie's key. Until ``proven_at`` is set, only the second factor
    can be given. ``confirmed_at``: last authentication. ``last_used_at`` is exact to a few minutes,
    and the browser known by two words, on purpose.
    """

    __tablename__ = "staff_session"

    id: Mapped[int] = mapped_column(primary_key=True)
    key_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff.id"), index=True)
    browser: Mapped[str] = mapped_column(sa.String(40))
    created_at: Mapped[datetime] = mapped_column(Instant)
    last_used_at: Mapped[datetime] = mapped_column(Instant)
    ends_at: Mapped[datetime] = mapped_column(Instant)
    proven_at: Mapped[datetime | None] = mapped_column(Instant)
    confirmed_at: Mapped[datetime] = mapped_column(Instant)
    wrong_codes: Mapped[int] = mapped_column(default=0, server_default="0")
    app_secret: Mapped[str | None] = mapped_column(EncryptedText)  # of an app being set up
    challenge: Mapped[str | None] = mapped_column(sa.String(120))  # to a passkey, used once
