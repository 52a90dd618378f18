"""Counts of wrong tries."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from helpline.db import Base, Instant


class SignInTries(Base):
    """How often in a row something was tried, and when last. The key is a keyed hash: neither
    an address nor who was tried can be read from it, and it is there for unknown names too."""

    __tablename__ = "sign_in_tries"

    key: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    wrong: Mapped[int]
    last_at: Mapped[datetime] = mapped_column(Instant, index=True)
