"""What may be said on a call: the visitor reads these texts before they choose, and the advisor
says exactly them.
"""

from __future__ import annotations

from helpline.current import settings
from helpline.domain.intake_answers import Cover
from helpline.messaging import sms_templates
from helpline.web.language import gettext as _
from helpline.web.language import in_language, page_language, site_name

_WITH_A_TIME = ("received_at", "moved_at", "tried_after")
_WITHOUT = ("about_to_ring", "on_page")


def voicemail_words(language: str = "") -> str:
    """Return all that a voicemail says.

    Args:
        language: the visitor's, for the advisor; empty for that of the page.
    """
    with in_language(language or page_language()):
        return _("Hello. I called and did not reach you. You do not have to do anything.")


def who_words(language: str = "") -> str:
    """Return what is said to someone else who answers, where the caller may be named. It reveals
    neither that someone asked for a call nor that there will be another.
    """
    with in_language(language or page_language()):
        return _("This is %(site)s. It can wait. Goodbye.", site=site_name())


def no_who_words(language: str = "", cover: Cover | None = None) -> str:
    """Return what is said to someone else who answers, where the caller may not be named; empty to
    hang up.

    Args:
        cover: the visitor's choice; None for a wrong number.
    """
    with in_language(language or page_language()):
        match cover:
            case Cover.HANG_UP:
                return ""
            case Cover.FRIEND:
                return _("Hello, it is a friend. It can wait. Goodbye.")
            case _:
                return _("Sorry to trouble you. I have a wrong number. Goodbye.")


def samples() -> list[str]:
    """Return our text messages, with dots in place of times."""
    if not settings().texts_enabled:
        return []
    language = page_language()
    timed = [sms_templates.render(key, language, time="…") for key in _WITH_A_TIME]
    return [*timed, *(sms_templates.render(key, language) for key in _WITHOUT)]
