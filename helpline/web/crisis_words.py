"""Crisis numbers for programs: the same lines and words as on the pages."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import get_template_attribute

from helpline.crisis.published import CrisisLine
from helpline.web.here import directory
from helpline.web.language import line_words
from helpline.web.page import chosen_region

_WORDS = "components/words.html"


def lines_here() -> list[dict[str, Any]]:
    """The crisis lines of the region that was asked for. Needs no database."""
    return told(directory().lines(chosen_region()))


def told(lines: Iterable[CrisisLine]) -> list[dict[str, Any]]:
    """Crisis lines as JSON can hold them, with what they are for in words."""
    about = get_template_attribute(_WORDS, "kind_words")
    hours = get_template_attribute(_WORDS, "hours_words")
    return [
        {
            "name": line_words(line.name),
            "kind": line.kind,
            "about": str(about(line.kind)),
            "phone": line.phone,
            "tel": line.tel,
            "text_to": line.sms_number,
            "text_word": line.sms_keyword,
            "hours": str(hours(line.hours)),
            "languages": list(line.languages),
            "website": f"https://{line.website}" if line.website else None,
        }
        for line in lines
    ]
