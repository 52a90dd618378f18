"""What a request finds here: the crisis directory of this machine, and the hours in force."""

from __future__ import annotations

from collections.abc import Hashable
from datetime import datetime
from typing import cast
from zoneinfo import ZoneInfo

from flask import g

from helpline import clock
from helpline.atomic_files import file_version
from helpline.callbacks.visitor_numbers import NonVisitorNumbers
from helpline.current import settings
from helpline.db import db
from helpline.directory.crisis import quick_exit as published_safety
from helpline.directory.crisis.published_directory import Directory
from helpline.directory.crisis.quick_exit import Safety
from helpline.domain.hours_plan import HoursPlan
from helpline.domain.opening_hours import OpeningHours
from helpline.hours import queries as hours
from helpline.i18n import published_overrides
from helpline.telephony import carrier_limits
from helpline.web import republish


def directory() -> Directory:
    """The crisis directory as published on this machine; needs no database."""
    if "directory" not in g:
        g.directory = republish.shown_directory()
    return cast(Directory, g.directory)


def safety() -> Safety:
    """The way out, and what our pages call themselves, as published on this machine; needs no
    database."""
    if "safety" not in g:
        g.safety = republish.shown_safety()
    return cast(Safety, g.safety)


def published_mark() -> Hashable:
    """Differs whenever other words, another directory or another way out is published."""
    if "published_mark" not in g:
        file = settings().published_crisis_file
        files = file_version(file), file_version(published_safety.path_next_to(file))
        g.published_mark = published_overrides.version(), republish.mark(), files
    return cast(Hashable, g.published_mark)


def hours_plan() -> HoursPlan:
    """All that is decided about the hours; the zone of this page follows from it."""
    found = hours.plan(db.session())
    show_zone(found.zone)
    return found


def opening_hours(now: datetime | None = None) -> OpeningHours:
    """The hours in force; the zone of this page follows from them."""
    return hours_plan().as_of(now or clock.now()).opening_hours()


def own_numbers() -> frozenset[str]:
    """The numbers that the helpline calls from and is called on, in E.164: nobody is called back on
    one of them."""
    shown = (settings().caller_id, settings().helpline_number)
    return frozenset({*shown, *carrier_limits.caller_ids(db.session()).values()} - {""})


def other_numbers() -> NonVisitorNumbers:
    """The numbers that cannot be a visitor's, but for those that the database knows."""
    return NonVisitorNumbers(own_numbers(), directory(), settings().default_region)


def zone() -> ZoneInfo:
    """The zone in which this page tells times: the helpline's own, unless the page shows a draft
    in another. Nothing else decides it."""
    if "zone" not in g:
        show_zone(hours.plan(db.session()).zone)
    return cast(ZoneInfo, g.zone)


def show_zone(zone: ZoneInfo) -> None:
    """Tells times on this page in this zone, where it is known already or is that of a draft."""
    g.zone = zone
