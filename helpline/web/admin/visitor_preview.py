"""The visitor's contact card, shown on the overview."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from helpline.domain.hours_plan import HoursPlan
from helpline.web import formatting, hours_text


def preview_of(plan: HoursPlan, now: datetime) -> dict[str, Any]:
    hours = plan.without_past(now).opening_hours()
    return {
        "is_open": hours.is_open(now),
        "closes_at": hours.closes_at(now),
        "opens_at": hours.next_opening(now),
        "week_words": formatting.week_words(plan.week_on(now.astimezone(plan.zone).date())),
        "zone_words": formatting.zone_words(),
        "hours_notes": hours_text.notes(plan, now),
        "shut": plan.shut if plan.shut and plan.shut.ends_at > now else None,
    }
