"""Data of the front page."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from helpline.callbacks import queries, slot_booking
from helpline.callbacks.queries import OfferedSlot
from helpline.db import db
from helpline.domain.hours_plan import HoursPlan
from helpline.domain.visitor_state import state_of_new_request
from helpline.messaging.sms_templates import can_answer
from helpline.policy.models import CapacityMode
from helpline.privacy.pii_inventory import Group
from helpline.reports.page_data import FrontPageData, load_front_page
from helpline.web import formatting, hours_text
from helpline.web.caller_text import calling_region, shown_caller
from helpline.web.consent_text import listening_words
from helpline.web.request_context import show_zone
from helpline.web.state_text import wait_sentence
from helpline.web.visitor_context import short_region_names, visitor_page

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class HomeData:
    """What the front page loads from the database.

    Args:
        page_data: opening hours, policy, queue and bookings.
        rota_slots: the slots, where capacity depends on the rota.
    """

    now: datetime
    page_data: FrontPageData
    rota_slots: tuple[OfferedSlot, ...] | None = None


@dataclass(frozen=True, slots=True)
class HomePage:
    """The front page except its form.

    Args:
        plan: all settings of the opening hours.
        offered: the slots on offer.
        page: the template's variables.
    """

    now: datetime
    plan: HoursPlan
    offered: tuple[OfferedSlot, ...]
    page: dict[str, Any]


def load_home_data(now: datetime) -> HomeData:
    """Load the front page's data and set the page's time zone."""
    page_data = load_front_page(db.session(), now, region=calling_region())
    show_zone(page_data.hours.plan.zone)
    home_data = HomeData(now, page_data)
    if page_data.rules.capacity_mode == CapacityMode.SHIFTS:
        return replace(home_data, rota_slots=_offered_slots(home_data))
    return home_data


def home_page(home_data: HomeData) -> HomePage:
    """Build the front page from its data."""
    page_data, now = home_data.page_data, home_data.now
    plan, is_open, opens_at = (
        page_data.hours.plan,
        page_data.hours.is_open,
        page_data.hours.opens_at,
    )
    today = now.astimezone(plan.zone).date()
    page = visitor_page() | {
        "regions": tuple(short_region_names()),
        "is_open": is_open,
        "closes_at": page_data.hours.closes_at,
        "opens_at": opens_at,
        "accepting": is_open or opens_at is not None,
        "kept_days": page_data.kept_days[Group.PERSON],
        "kept_notes_days": page_data.kept_days[Group.NOTES],
        "kept_proof_days": page_data.kept_days[Group.CONSENT],
        "listening_words": listening_words(page_data.rules),
        "two_way": can_answer(page_data.route.carrier, calling_region()),
        "caller": shown_caller(page_data.route, calling_region()),
        "wait_words": formatting.wait_words(page_data.wait_minutes),
        "wait_sentence": wait_sentence(
            replace(
                state_of_new_request(page_data.hours, page_data.wait_minutes, now),
                staff_alerted=page_data.is_staff_alerted,
            )
        ),
        "week_words": formatting.week_words(plan.week_on(today)),
        "hours_notes": tuple(hours_text.notes(plan, now)),
    }
    return HomePage(now, plan, home_data.rota_slots or _offered_slots(home_data), page)


def _offered_slots(home_data: HomeData) -> tuple[OfferedSlot, ...]:
    return queries.offered_slots_from(
        db.session(),
        home_data.page_data.hours.hours,
        home_data.now,
        home_data.page_data.rules,
        slot_booking.bookings_from_text(home_data.page_data.booked),
    )
