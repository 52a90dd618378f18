"""Crisis numbers as JSON, as the pages show them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import get_template_attribute

from helpline import clock
from helpline.directory.crisis.published_directory import CrisisLine
from helpline.web.language import gettext as _
from helpline.web.language import line_words, notes_words
from helpline.web.request_context import directory
from helpline.web.visitor_context import chosen_region

_WORDS = "components/words.html"


def lines_here() -> list[dict[str, Any]]:
    """Return the open crisis lines of the requested region; needs no database."""
    return lines_as_data(directory().at(chosen_region(), clock.now()).open_now)


def _action(line: CrisisLine) -> str:
    if line.phone:
        return _("Call %(number)s", number=line.phone)
    if line.sms_keyword:
        return _("Text %(word)s to %(number)s", word=line.sms_keyword, number=line.sms_number)
    return _("Text %(number)s", number=line.sms_number)


def lines_as_data(lines: Iterable[CrisisLine]) -> list[dict[str, Any]]:
    about = get_template_attribute(_WORDS, "kind_words")
    hours = get_template_attribute(_WORDS, "line_hours")
    now = clock.now()
    return [
        {
            "name": line_words(line.name),
            "action": _action(line),
            "kind": line.kind,
            "about": str(about(line.kind)),
            "phone": line.phone,
            "tel": line.tel,
            "text_to": line.sms_number,
            "text_word": line.sms_keyword,
            "whatsapp": line.whatsapp,
            "chat": f"https://{line.chat}" if line.chat else None,
            "from_abroad": line.number_from_abroad,
            "only_inside": line.answers_only_inside,
            "hours": str(hours(line)).strip(),
            "open_now": line.is_open(now),
            "opens_at": line.opens_at(now),
            "closes_at": line.closes_at(now),
            "notes": notes_words(line),
            "languages": list(line.languages),
            "website": f"https://{line.website}" if line.website else None,
        }
        for line in lines
    ]
