"""Counts of wrong passwords."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from helpline.db import Base, Instant


class LoginAttempts(Base):
    """Consecutive wrong attempts and the time of the last one.

    The key is a keyed hash that reveals neither address nor account, and exists for unknown
    accounts too.
    """

    __tablename__ = "sign_in_tries"

    key: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    wrong: Mapped[int]
    last_at: Mapped[datetime] = mapped_column(Instant, index=True)
