"""Values of the current request: crisis directory, hours, zone."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import datetime
from typing import cast
from zoneinfo import ZoneInfo

from flask import g, request

from helpline import clock
from helpline.app_state import AppState
from helpline.atomic_files import file_version
from helpline.callbacks.visitor_numbers import NonVisitorNumbers
from helpline.current import settings
from helpline.db import db
from helpline.directory.crisis import published_directory
from helpline.directory.crisis import quick_exit as published_safety
from helpline.directory.crisis.published_directory import Directory
from helpline.directory.crisis.quick_exit import Safety
from helpline.domain import phone_numbers
from helpline.domain.hours_plan import HoursPlan
from helpline.domain.opening_hours import OpeningHours
from helpline.domain.phone_numbers import PhoneNumber
from helpline.hours import queries as hours
from helpline.i18n import published_overrides
from helpline.policy import service_profile
from helpline.policy.service_profile import ServiceProfile
from helpline.telephony import carrier_routes


@dataclass(slots=True)
class UnwrittenFiles:
    """What could not be written to this machine's files, and is shown in their place.

    Args:
        version: differs whenever anything changes.
    """

    directory: Directory | None = None
    safety: Safety | None = None
    profile: ServiceProfile | None = None
    version: int = 0


UNWRITTEN = AppState[UnwrittenFiles]("unwritten-files")


def shown_directory() -> Directory:
    """Return the crisis directory. Never fails, and needs no database."""
    file = settings().published_crisis_file
    return UNWRITTEN.get().directory or published_directory.load(file)


def shown_safety() -> Safety:
    """Return quick exit and page titles, likewise."""
    file = published_safety.published_path(settings().published_crisis_file)
    return UNWRITTEN.get().safety or published_safety.load(file, settings().safe_exit_url)


def shown_profile() -> ServiceProfile:
    """Return the service profile, likewise."""
    file = service_profile.published_path(settings().published_crisis_file)
    published = UNWRITTEN.get().profile or service_profile.load(file)
    return published or ServiceProfile({}, settings().phone_shows_name, settings().spoken_languages)


def directory() -> Directory:
    """Return the published crisis directory; needs no database."""
    if "directory" not in g:
        g.directory = shown_directory()
    return cast(Directory, g.directory)


def safety() -> Safety:
    """Return published quick exit and page titles; needs no database."""
    if "safety" not in g:
        g.safety = shown_safety()
    return cast(Safety, g.safety)


def profile() -> ServiceProfile:
    """Return the published service profile; needs no database."""
    if "profile" not in g:
        g.profile = shown_profile()
    return cast(ServiceProfile, g.profile)


def sends_texts() -> bool:
    """Return whether text messages are on, as published; needs no database."""
    decided = profile().sends_texts
    is_on = settings().texts_enabled if decided is None else decided
    return is_on and settings().has_carrier


def published_mark() -> Hashable:
    """Return a cache key of everything that is published."""
    if "published_mark" not in g:
        file = settings().published_crisis_file
        beside = published_safety.published_path(file), service_profile.published_path(file)
        files = tuple(file_version(each) for each in (file, *beside))
        g.published_mark = published_overrides.version(), UNWRITTEN.get().version, files
    return cast(Hashable, g.published_mark)


def hours_plan() -> HoursPlan:
    """Return the opening hours plan, which also determines the zone of this page.

    Read once for a page; a form may change it.
    """
    plan: HoursPlan | None = g.get("hours_plan")
    if plan is None or not request or request.method not in ("GET", "HEAD"):
        plan = g.hours_plan = hours.plan(db.session())
        show_zone(plan.zone)
    return plan


def opening_hours(now: datetime | None = None) -> OpeningHours:
    """Return the opening hours in force."""
    return hours_plan().without_past(now or clock.now()).opening_hours()


def own_numbers() -> frozenset[str]:
    """Return the helpline's own numbers (E.164), which are never called back."""
    numbers = carrier_routes.numbers_by_carrier(db.session())
    return frozenset({settings().helpline_number, *numbers} - {""})


def other_numbers() -> NonVisitorNumbers:
    """Return the numbers that cannot be a visitor's, besides those in the database."""
    return NonVisitorNumbers(own_numbers(), directory(), settings().default_region)


def parse_known_number(typed: str) -> PhoneNumber:
    """Parse a number whose records staff look for; it need not be one that may be called.

    Raises:
        InvalidPhoneNumber: it is no phone number.
    """
    return phone_numbers.parse(
        typed, settings().default_region, settings().allowed_regions, is_to_be_called=False
    )


def zone() -> ZoneInfo:
    """Return the zone of this page: the helpline's, or that of a draft. Nothing else decides it."""
    if "zone" not in g:
        show_zone(hours.plan(db.session()).zone)
    return cast(ZoneInfo, g.zone)


def show_zone(zone: ZoneInfo) -> None:
    """Set the zone of this page, where it is known or that of a draft."""
    g.zone = zone
