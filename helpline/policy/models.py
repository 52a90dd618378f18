"""Tables: policy, retention periods. Each number is one row with its bounds, unit and words."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, MappedColumn, mapped_column

from helpline.db import Base, Instant
from helpline.domain import retries, slots
from helpline.policy.numbers import (
    ALERTS,
    BUDGET,
    CALLBACKS,
    CALLS,
    CAPACITY,
    RETENTION,
    TARGET,
    Kind,
    number,
)
from helpline.privacy.encryption import EncryptedText


class Dispatch(StrEnum):
    """Whether advisors claim callbacks, or are called with them."""

    PULL = "pull"
    PUSH = "push"


class CapacityMode(StrEnum):
    """What determines the capacity of a slot."""

    FIXED = "fixed"
    SHIFTS = "shifts"


class SalesHours(StrEnum):
    """Whether callbacks keep the hours that a country's law sets for sales calls.

    Such laws do not bind a call that the person asked for (telephony/regions.json), and most people
    in need ask in the evening, so an admin decides.
    """

    IGNORE = "ignore"
    KEEP = "keep"


class ServicePolicy(Base):
    """What an admin decides about callbacks: one row, id 1.

    ``duty_phone``: texted where no advisor on shift reacts to an alert. E.164.
    """

    __tablename__ = "service_policy"
    __table_args__ = (sa.CheckConstraint("id = 1", name="single"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(default=1)
    capacity_mode: Mapped[CapacityMode] = mapped_column(
        sa.String(10), default=CapacityMode.FIXED, server_default=CapacityMode.FIXED
    )
    dispatch: Mapped[Dispatch] = mapped_column(
        sa.String(10), default=Dispatch.PULL, server_default=Dispatch.PULL
    )
    sales_hours: Mapped[SalesHours] = mapped_column(
        sa.String(10), default=SalesHours.IGNORE, server_default=SalesHours.IGNORE
    )
    checklist_dismissed_at: Mapped[datetime | None] = mapped_column(Instant)

    slot_capacity: Mapped[int] = number(
        CAPACITY,
        "Callbacks per slot",
        (0, 1000),
        2,
        help="Used with a fixed number.",
        in_schema=False,
    )
    shift_share_percent: Mapped[int] = number(
        CAPACITY,
        "Share of advisors",
        (0, 100),
        50,
        unit="%",
        help="Used with the rota. The remaining advisors take requests to be called as soon as "
        "possible. One advisor is one callback.",
    )
    slot_minutes: Mapped[int] = number(
        CAPACITY,
        "Slot length",
        slots.BOUNDS["length_minutes"],
        30,
        unit="minutes",
        help="Existing bookings keep their time.",
        in_schema=False,
    )
    slot_days_ahead: Mapped[int] = number(
        CAPACITY, "Booking window", slots.BOUNDS["days_ahead"], 7, unit="days", in_schema=False
    )
    slot_lead_minutes: Mapped[int] = number(
        CAPACITY, "Lead time", slots.BOUNDS["lead_minutes"], 30, unit="minutes", in_schema=False
    )
    last_start_minutes: Mapped[int] = number(
        CAPACITY,
        "Last slot before closing",
        slots.BOUNDS["last_start_before_close_minutes"],
        30,
        unit="minutes",
        in_schema=False,
    )

    max_attempts: Mapped[int] = number(
        CALLBACKS,
        "Maximum call attempts per request",
        (1, retries.MAX_ATTEMPTS),
        3,
        help="An attempt counts only if the visitor's phone rang. After the last one the callback "
        "ends as not reached.",
        in_schema=False,
    )
    retry_pauses_minutes: Mapped[list[int]] = number(
        CALLBACKS,
        "Time between attempts",
        (1, retries.MAX_PAUSE_MINUTES),
        (15, 60),
        unit="minutes",
        help="Separate with commas, for example 15, 60. The last value repeats. Attempts are made "
        "only during opening hours.",
        error="Enter whole minutes separated by commas, such as 15, 60. Each value can be from 1 "
        "to 10080 (one week).",
        kind=Kind.WHOLE_LIST,
    )
    claim_minutes: Mapped[int] = number(
        CALLBACKS,
        "Time from claim to call",
        (1, 60),
        5,
        unit="minutes",
        help="After that the callback returns to its position in the queue.",
        in_schema=False,
    )
    wrap_up_minutes: Mapped[int] = number(
        CALLBACKS,
        "Wrap-up time",
        (1, 60),
        10,
        unit="minutes",
        help="After that the call result reported by the phone company is recorded as the outcome.",
        in_schema=False,
    )
    wanted_grace_minutes: Mapped[int] = number(
        CALLBACKS,
        "Time reserved for the preferred advisor",
        (0, 24 * 60),
        10,
        unit="minutes",
        help="After that any advisor may claim it.",
    )
    expire_after_days: Mapped[int] = number(
        CALLBACKS,
        "Waiting requests expire after",
        (1, 60),
        7,
        unit="open days",
        help="The visitor's page then says that the request has expired.",
        in_schema=False,
    )
    most_rings_a_day: Mapped[int] = number(
        CALLBACKS,
        "Maximum calls to one number in 24 hours",
        (1, 50),
        8,
        help="Counts calls for all requests of the number, so that no one can be harassed through "
        "the helpline. Further calls wait until the oldest is 24 hours ago. The visitor's page "
        "does not change.",
    )
    most_callbacks_a_day: Mapped[int] = number(
        CALLBACKS,
        "Maximum requests per number in 24 hours",
        (1, 20),
        3,
        help="Further requests from the number are called the next day.",
    )

    danger_first: Mapped[bool] = number(
        CALLBACKS,
        "Danger goes first",
        (0, 1),
        True,
        help="A request goes before all others if the visitor says that someone is or may be in "
        "danger. Anyone can say so, also to be called sooner.",
        kind=Kind.YES_NO,
    )

    push_ring_at_once: Mapped[int] = number(
        CALLS,
        "Phones that ring at the same time",
        (1, 10),
        1,
        help="If more than one, the first advisor to press 1 gets the callback.",
    )
    misses_until_away: Mapped[int] = number(
        CALLS,
        "Missed callbacks before a break",
        (1, 20),
        3,
        help="After this many in a row, the advisor is set to “On a break” and sees this at the "
        "desk.",
    )
    hand_deadline_minutes: Mapped[int] = number(
        CALLS,
        "Longest time without a call",
        (5, 240),
        15,
        unit="minutes",
        help="If no advisor claims a due callback in this time, a notice appears on the Overview "
        "page. If an advisor has claimed one but not called in this time, it returns to the queue.",
    )
    live_calls_per_callback: Mapped[int] = number(
        CALLS,
        "Inbound calls before a waiting callback",
        (0, 20),
        0,
        help="After this many inbound calls in a row, the next available advisor gets a due "
        "callback. Enter 0 to always answer inbound calls first. Applies only when phones ring "
        "automatically.",
    )

    supervisors_may_listen: Mapped[bool] = number(
        CALLS,
        "Supervisors may listen in to calls",
        (0, 1),
        False,
        help="Visitors then read before they ask that a supervisor may listen, and both hear it "
        "said when one does. Only in calls by the phone company.",
        kind=Kind.YES_NO,
    )

    duty_phone: Mapped[str | None] = mapped_column(EncryptedText)
    alert_after_minutes: Mapped[int] = number(
        ALERTS,
        "Text advisors on shift after",
        (1, 60),
        1,
        unit="minutes",
        help="Counted from when someone is waiting and no advisor is available.",
    )
    duty_after_minutes: Mapped[int] = number(
        ALERTS,
        "Text the duty phone after",
        (1, 120),
        5,
        unit="minutes",
        help="Counted from the text messages to advisors on shift. If none of them gets alerts, "
        "the duty phone is texted at once.",
    )
    shift_reminder_minutes: Mapped[int] = number(
        ALERTS,
        "Remind advisors before a shift",
        (0, 24 * 60),
        30,
        unit="minutes",
        help="Only those who asked for it on their account page. Enter 0 for no reminders.",
    )
    emergency_texts: Mapped[bool] = number(
        ALERTS,
        "Text the duty phone about emergencies",
        (0, 1),
        True,
        help="When an advisor marks an emergency or asks for help, and no supervisor or admin has "
        "used these pages for 15 minutes.",
        kind=Kind.YES_NO,
    )

    most_cents_a_day: Mapped[int | None] = number(
        BUDGET,
        "Budget per day",
        (0, 1_000_000),
        help="In the currency of your phone bill. Leave empty for no limit.",
        kind=Kind.AMOUNT,
    )
    call_costs: Mapped[dict[str, str]] = number(
        BUDGET,
        "Price of a call per minute",
        (0, 100),
        help="For both phones together. Each started minute counts.",
        kind=Kind.AMOUNT_BY_REGION,
    )
    text_costs: Mapped[dict[str, str]] = number(
        BUDGET, "Price of a text message", (0, 100), kind=Kind.AMOUNT_BY_REGION
    )

    service_level_minutes: Mapped[int] = number(
        TARGET,
        "Call within",
        (1, 1440),
        20,
        unit="minutes",
        help="Counts only minutes during opening hours.",
    )
    service_level_percent: Mapped[int] = number(
        TARGET,
        "Share of requests",
        (1, 100),
        80,
        unit="%",
        help="A common target is 80% within 20 minutes.",
    )


def _days(
    label: str,
    default: int,
    help: str,  # noqa: A002
    *,
    in_schema: bool = False,
) -> MappedColumn[int]:
    return number(
        RETENTION,
        label,
        (1, 3650),
        default,
        unit="days",
        help=help,
        error="Enter a whole number of days from 1 to 3650.",
        in_schema=in_schema,
    )


class ServiceProfileVersion(Base):
    """A version of what visitors see of the service; the newest is in force.

    ``sends_texts``: None where no admin has decided it; then the setting holds.

    ``version`` is unique, so that of two admins who edit the same version only one can save.
    """

    __tablename__ = "service_profile"

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(unique=True)
    names: Mapped[dict[str, str]] = mapped_column(sa.JSON)
    phone_shows_name: Mapped[str] = mapped_column(sa.String(80))
    spoken_languages: Mapped[list[str]] = mapped_column(sa.JSON)
    sends_texts: Mapped[bool | None]
    saved_at: Mapped[datetime] = mapped_column(Instant)
    saved_by: Mapped[int | None] = mapped_column(sa.Integer)


class RetentionPolicy(Base):
    """Retention periods in days after the end: one row, id 1, with a column for each group.

    ``next_at``: when a worker next erases.
    """

    __tablename__ = "retention_policy"
    __table_args__ = (sa.CheckConstraint("id = 1", name="single"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(default=0)
    person_days: Mapped[int] = _days(
        "Names, numbers and visitors' messages",
        90,
        "After this, only an anonymous row remains for reports.",
    )
    notes_days: Mapped[int] = _days(
        "Advisors' notes", 365, "Notes about a call or for a colleague."
    )
    recording_days: Mapped[int] = _days(
        "Recorded messages", 30, "Erased with names and numbers at the latest."
    )
    caller_days: Mapped[int] = _days(
        "Numbers of inbound calls and text messages",
        90,
        "From inbound calls and text messages that did not lead to a request.",
    )
    # A carrier in India asks operators to keep evidence of consent for at least a year.
    consent_days: Mapped[int] = _days(
        "Proof of consent",
        365,
        "When and in which words someone asked for a call, with a keyed hash of the number. It is "
        "kept after an erasure, to answer a complaint. Phone companies in India ask for a year.",
        in_schema=True,
    )
    next_at: Mapped[datetime] = mapped_column(Instant)
