"""JSON-LD of the front page for search engines.

Source: https://schema.org/ContactPoint
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from helpline.current import settings
from helpline.domain import hours_formats, schema_org_hours
from helpline.domain.hours_plan import HoursPlan
from helpline.web.formatting import zone_words
from helpline.web.language import gettext as _
from helpline.web.language import page_language, site_name
from helpline.web.request_context import profile


def organization(plan: HoursPlan, now: datetime) -> dict[str, Any]:
    """Return the helpline with its weekly and dated hours.

    Their zone is said in words, and by the offset of each time unless it changes during the year.
    """
    today = now.astimezone(plan.zone).date()
    hours = hours_formats.timetable_of(plan, today, page_language())
    offset = schema_org_hours.fixed_offset(plan.zone, today.year) or ""
    entries = schema_org_hours.to_schema_org(hours)
    return {
        "@context": "https://schema.org",
        "@type": "Organization",
        "name": site_name(),
        "url": f"{settings().public_url}/",
        "contactPoint": {
            "@type": "ContactPoint",
            "contactType": _("Health Advisor"),
            "telephone": settings().helpline_number,
            "areaServed": list(settings().allowed_regions),
            "availableLanguage": list(profile().spoken_languages),
            "description": f"{zone_words()} ({plan.zone.key})",
            "hoursAvailable": [
                entry | {name: entry[name] + offset for name in ("opens", "closes")}
                for entry in entries
            ],
        },
    }
