"""Messages to visitors about a closure, in each language of the site."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from helpline.domain.hours_plan import MAX_REASON_LENGTH
from helpline.web.language import gettext as _
from helpline.web.language import own_name, site_languages


@dataclass(frozen=True, slots=True)
class ReasonField:
    name: str
    language: str
    language_name: str
    value: str


def read(posted: Mapping[str, str]) -> dict[str, str]:
    typed = {code: " ".join(posted.get(f"reason-{code}", "").split()) for code in site_languages()}
    return {code: text for code, text in typed.items() if text}


def wrong(reasons: Mapping[str, str]) -> dict[str, str]:
    return {
        f"reason-{code}": _("Shorten this to %(most)s characters or fewer.", most=MAX_REASON_LENGTH)
        for code, text in reasons.items()
        if len(text) > MAX_REASON_LENGTH
    }


def fields(reasons: Mapping[str, str]) -> list[ReasonField]:
    return [
        ReasonField(f"reason-{code}", code, own_name(code), reasons.get(code, ""))
        for code in site_languages()
    ]
