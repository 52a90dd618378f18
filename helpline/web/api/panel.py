"""Data of the contact panel: whether we are open, and the crisis numbers."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import url_for

from helpline import clock
from helpline.callbacks import queue
from helpline.current import settings
from helpline.db import db
from helpline.domain.hours_plan import HoursPlan
from helpline.domain.opening_hours import OpeningHours
from helpline.domain.queue_order import Priority
from helpline.domain.visitor_state import HoursNow, Outlook, state_of_new_request
from helpline.web import crisis_text, formatting, hours_text
from helpline.web.api.blueprint import endpoint
from helpline.web.api.schemas import AvailabilitySchema
from helpline.web.language import gettext as _
from helpline.web.language import locale, page_language
from helpline.web.request_context import directory, hours_plan
from helpline.web.state_text import wait_sentence
from helpline.web.visitor_context import visitor_page


@endpoint("/availability", AvailabilitySchema, operation_id="getAvailability")
def availability(_locale: dict[str, str]) -> dict[str, Any]:
    """Get availability.

    Whether the helpline is open now, by the clock of the server, and the crisis numbers to show.
    There is no rate limit.
    """
    now, session = clock.now(), db.session()
    plan = hours_plan()
    hours = plan.without_past(now).opening_hours()
    page = visitor_page()
    wait = queue.load_wait_estimate(
        session, queue.queue_position(session, Priority.ASAP, now, now), now
    )
    outlook = state_of_new_request(HoursNow.of(hours, now), wait, now)
    number = formatting.shown_number(settings().helpline_number, settings().default_region)
    return {
        "open": hours.is_open(now),
        "state": outlook.state,
        "accepting": hours.first_open_instant(now) is not None,
        "now": now,
        "closes_at": hours.closes_at(now),
        "opens_at": hours.next_opening(now),
        "region": page["region"],
        "lang": page_language(),
        "direction": locale().text_direction,
        "number": {"tel": settings().helpline_number, "shown": number},
        "ask_url": _page_url("visitor.home", page["region"]),
        "from_page_url": _page_url("visitor.start", page["region"]),
        "crisis_url": _page_url("visitor.crisis", page["region"]),
        "words": _panel_words(plan, hours, outlook, now, number),
        "notes": hours_text.notes(plan, now),
        "emergency": crisis_text.lines_as_data([page["emergency"]])[0],
        "crisis_numbers": crisis_text.lines_as_data(page["lines"]),
        "other_crisis_numbers": crisis_text.lines_as_data(
            [*(line for line, _opens_at in page["later_lines"]), *page["unknown_lines"]]
        ),
        "home_crisis_numbers": crisis_text.lines_as_data(page["home_lines"]),
        "ask_again_at": _changes_at(hours, page["region"], now),
        "find_a_helpline": page["find_a_helpline"],
    }


def _changes_at(hours: OpeningHours, region: str, now: datetime) -> datetime | None:
    """When we or a crisis line of the region open or close next."""
    moments = (
        hours.closes_at(now),
        hours.next_opening(now),
        directory().at(region, now).changes_at(now),
    )
    return min((moment for moment in moments if moment is not None), default=None)


def _page_url(endpoint: str, region: str) -> str:
    elsewhere = None if region == settings().default_region else region
    return settings().public_url + url_for(endpoint, region=elsewhere)


def _panel_words(
    plan: HoursPlan, hours: OpeningHours, outlook: Outlook, now: datetime, number: str
) -> dict[str, str]:
    week = plan.week_on(now.astimezone(plan.zone).date())
    return {
        "heading": _("We are here to assist you"),
        "advisor": _("Health Advisor"),
        "state": formatting.state_words(hours, now),
        "wait": wait_sentence(outlook),
        "hours": formatting.week_words(week),
        "zone": formatting.zone_words(),
        "call": _("Call"),
        "call_us": _("Call %(number)s", number=number),
        "text": _("Text"),
        "ask": _("Ask for a call"),
        "nameless": _("You do not have to give your name."),
        "danger": _("Life in danger?"),
        "numbers": _("You can call these numbers now"),
        "more": _("More about these numbers"),
        "notes": _("Good to know"),
        "elsewhere": "findahelpline.com",
    }
