"""Table: policy."""

from __future__ import annotations

from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from helpline.db import Base


class Dispatch(StrEnum):
    """Whether advisors claim callbacks, or are called with them."""

    PULL = "pull"
    PUSH = "push"


class CapacityMode(StrEnum):
    """What determines the capacity of a slot."""

    FIXED = "fixed"
    SHIFTS = "shifts"


class ServicePolicy(Base):
    """What an admin decides about callbacks: one row, id 1."""

    __tablename__ = "service_policy"
    __table_args__ = (sa.CheckConstraint("id = 1", name="single"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(default=1)
    slot_minutes: Mapped[int] = mapped_column(default=30)
    slot_capacity: Mapped[int] = mapped_column(default=2)
    capacity_mode: Mapped[CapacityMode] = mapped_column(
        sa.String(10), default=CapacityMode.FIXED, server_default=CapacityMode.FIXED
    )
    shift_share_percent: Mapped[int] = mapped_column(default=50, server_default="50")
    slot_days_ahead: Mapped[int] = mapped_column(default=7)
    slot_lead_minutes: Mapped[int] = mapped_column(default=30)
    last_start_minutes: Mapped[int] = mapped_column(default=30)
    max_attempts: Mapped[int] = mapped_column(default=3)
    retry_pauses_minutes: Mapped[list[int]] = mapped_column(sa.JSON, default=lambda: [15, 60])
    claim_minutes: Mapped[int] = mapped_column(default=5)
    wrap_up_minutes: Mapped[int] = mapped_column(default=10)
    expire_after_days: Mapped[int] = mapped_column(default=7)
    wanted_grace_minutes: Mapped[int] = mapped_column(default=10, server_default="10")
    dispatch: Mapped[Dispatch] = mapped_column(
        sa.String(10), default=Dispatch.PULL, server_default=Dispatch.PULL
    )
    push_ring_at_once: Mapped[int] = mapped_column(default=1, server_default="1")
    misses_until_away: Mapped[int] = mapped_column(default=3, server_default="3")
    hand_deadline_minutes: Mapped[int] = mapped_column(default=15, server_default="15")
    live_calls_per_callback: Mapped[int] = mapped_column(default=0, server_default="0")
    most_rings_a_day: Mapped[int] = mapped_column(default=8, server_default="8")
    most_callbacks_a_day: Mapped[int] = mapped_column(default=3, server_default="3")
    most_cents_a_day: Mapped[int | None]
    call_costs: Mapped[dict[str, str]] = mapped_column(
        sa.JSON, default=dict, server_default=sa.text("'{}'")
    )
    text_costs: Mapped[dict[str, str]] = mapped_column(
        sa.JSON, default=dict, server_default=sa.text("'{}'")
    )
    service_level_minutes: Mapped[int] = mapped_column(default=20, server_default="20")
    service_level_percent: Mapped[int] = mapped_column(default=80, server_default="80")
