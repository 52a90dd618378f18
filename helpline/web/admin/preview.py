"""What visitors see of the hours just now, shown to admins."""

from __future__ import annotations

from typing import Any

from helpline import clock
from helpline.db import db
from helpline.domain.opening_hours import OpeningHours, Week
from helpline.hours import queries
from helpline.hours.models import WeekSave
from helpline.web import words


def saved_week() -> WeekSave:
    """The week as last saved; that of a new deployment until then."""
    saved = queries.newest_save(db.session())
    return saved if saved is not None else queries.default_save()


def preview_of(found: OpeningHours) -> dict[str, Any]:
    """The context of the visitor's contact card."""
    now = clock.now()
    return {
        "is_open": found.is_open(now),
        "closes_at": found.closes_at(now),
        "opens_at": found.next_opening(now),
        "week_words": words.week_words(Week.from_data(saved_week().week)),
        "zone_words": words.zone_words(),
    }
