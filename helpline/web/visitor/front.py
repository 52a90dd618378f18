"""What the front page tells of, as it stands at this moment."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import request

from helpline.callbacks import queries
from helpline.callbacks.queries import OfferedSlot
from helpline.db import db
from helpline.domain.hours_plan import HoursPlan
from helpline.domain.queue_order import Priority
from helpline.house import settings
from helpline.languages import rewordings
from helpline.privacy.personal import Group
from helpline.reports.look import look
from helpline.web import hours_words, words
from helpline.web.here import show_zone
from helpline.web.page import short_region_names, visitor_page


@dataclass(frozen=True, slots=True)
class Front:
    """The front page, but for its form.

    Args:
        now: the moment.
        plan: all that is decided about the hours.
        offered: the times to choose from.
        page: what its template is rendered from.
        facts: all of that, to tell it from another moment's.
    """

    now: datetime
    plan: HoursPlan
    offered: tuple[OfferedSlot, ...]
    page: dict[str, Any]
    facts: Hashable


def front_of(now: datetime) -> Front:
    """How the front page stands. The zone of this page follows from it."""
    session, region = db.session(), settings().default_region
    seen = look(session, now, priority=Priority.ASAP, due_at=now, region=region)
    show_zone(seen.plan.zone)
    today = now.astimezone(seen.plan.zone).date()
    hours = seen.plan.as_of(now).opening_hours()
    offered = queries.offered_slots(session, hours, now, policy=seen.policy)
    is_open, opens_at = hours.is_open(now), hours.next_opening(now)
    page = visitor_page() | {
        "regions": tuple(short_region_names()),
        "is_open": is_open,
        "closes_at": hours.closes_at(now),
        "opens_at": opens_at,
        "accepting": is_open or opens_at is not None,
        "kept_days": seen.kept.days[Group.PERSON],
        "kept_notes_days": seen.kept.days[Group.NOTES],
        "shown_number": words.shown_number(words.number_shown(seen.caller_id)),
        "wait_words": words.wait_words(seen.wait_minutes),
        "week_words": words.week_words(seen.plan.week_on(today)),
        "hours_notes": tuple(hours_words.notes(seen.plan, now)),
    }
    address = (request.script_root, request.path, request.query_string)
    facts = (address, today, seen.plan_words, offered, rewordings.mark(), *page.values())
    return Front(now, seen.plan, offered, page, facts)
