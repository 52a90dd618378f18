"""Sessions of staff."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from helpline.db import Base, Instant
from helpline.privacy.encryption import EncryptedText


class StaffSession(Base):
    """One browser in which a member of staff is signed in. A row that is gone is a session that
    is over.

    ``key_hash`` knows the key in the browser's cookie again, and cannot make it. Until
    ``proven_at`` is set, only the password was given, and only the second step is open.
    ``confirmed_at`` is when they last showed that it is still they. ``last_used_at`` is kept to
    a few minutes only, and so is what is known of the browser to two words.
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
