"""Why a password is refused, and what to do."""

from __future__ import annotations

from helpline.staff.passwords import MAX_LENGTH, MIN_LENGTH, Weakness
from helpline.web.language import gettext as _


def weakness_words(reason: Weakness) -> str:
    return {
        Weakness.SHORT: _(
            "Use at least %(least)d characters. Four unrelated words are easy to remember.",
            least=MIN_LENGTH,
        ),
        Weakness.LONG: _("Use %(most)d characters or fewer.", most=MAX_LENGTH),
        Weakness.COMMON: _("This password is too common. Choose another password."),
        Weakness.ABOUT_YOU: _(
            "Choose a password without your name, your email address or the service's name."
        ),
    }[reason]
