"""Why a password is refused, in words."""

from __future__ import annotations

from helpline.domain.passwords import LEAST, MOST, Weakness
from helpline.web.language import gettext as _


def weakness_words(found: Weakness) -> str:
    """What to do instead."""
    return {
        Weakness.SHORT: _(
            "Use at least %(least)d characters. Four words that do not belong together are easy to "
            "keep in mind.",
            least=LEAST,
        ),
        Weakness.LONG: _("Use %(most)d characters or fewer.", most=MOST),
        Weakness.COMMON: _("This is one of the passwords that are tried first. Choose another."),
        Weakness.ABOUT_YOU: _("Choose one without your name, your address or the service's name."),
    }[found]
