"""Data of the front page."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from helpline.callbacks import queries, slot_booking
from helpline.callbacks.queries import OfferedSlot
from helpline.current import settings
from helpline.db import db
from helpline.domain.hours_plan import HoursPlan
from helpline.domain.visitor_state import of_new_request
from helpline.hours.models import CapacityMode
from helpline.privacy.pii_inventory import Group
from helpline.reports.page_data import PageData, load_front_page
from helpline.web import formatting, hours_text
from helpline.web.request_context import show_zone
from helpline.web.state_text import wait_sentence
from helpline.web.visitor_context import short_region_names, visitor_page

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class HomeFacts:
    """What the front page loads from the database.

    Args:
        look: opening hours, policy and queue.
        booked: bookings by start, as ``booking.booked_read`` returns them.
        by_the_rota: the slots, where capacity depends on the rota.
    """

    now: datetime
    look: PageData
    booked: str
    by_the_rota: tuple[OfferedSlot, ...] | None = None


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


def load_home_facts(now: datetime) -> HomeFacts:
    """Load the front page's data and set the page's time zone."""
    booked, seen = load_front_page(db.session(), now, region=settings().default_region)
    show_zone(seen.hours.plan.zone)
    found = HomeFacts(now, seen, booked)
    if seen.rules.capacity_mode == CapacityMode.SHIFTS:
        return replace(found, by_the_rota=_offered(found))
    return found


def home_page(seen: HomeFacts) -> HomePage:
    """Build the front page from its data."""
    look, now = seen.look, seen.now
    plan, is_open, opens_at = look.hours.plan, look.hours.is_open, look.hours.opens_at
    today = now.astimezone(plan.zone).date()
    page = visitor_page() | {
        "regions": tuple(short_region_names()),
        "is_open": is_open,
        "closes_at": look.hours.closes_at,
        "opens_at": opens_at,
        "accepting": is_open or opens_at is not None,
        "kept_days": look.kept_days[Group.PERSON],
        "kept_notes_days": look.kept_days[Group.NOTES],
        "caller_id": formatting.caller_id_shown(look.caller_id),
        "wait_words": formatting.wait_words(look.wait_minutes),
        "wait_sentence": wait_sentence(of_new_request(look.hours, look.wait_minutes, now)),
        "week_words": formatting.week_words(plan.week_on(today)),
        "hours_notes": tuple(hours_text.notes(plan, now)),
    }
    return HomePage(now, plan, seen.by_the_rota or _offered(seen), page)


def _offered(seen: HomeFacts) -> tuple[OfferedSlot, ...]:
    return queries.offered_slots_from(
        db.session(),
        seen.look.hours.hours,
        seen.now,
        seen.look.rules,
        slot_booking.bookings_from_text(seen.booked),
    )
