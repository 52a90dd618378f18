"""What may be said on a call: the visitor reads these texts before they choose, and the advisor
says exactly them.
"""

from __future__ import annotations

from helpline.callbacks.consent import Consent
from helpline.current import services
from helpline.db import db
from helpline.domain.intake_answers import Cover
from helpline.i18n import catalogs
from helpline.messaging import sms_templates
from helpline.policy import queries as policy_queries
from helpline.policy.models import ServicePolicy
from helpline.policy.queries import VisitorRules
from helpline.web.language import gettext as _
from helpline.web.language import (
    in_language,
    lazy_gettext,
    page_language,
    site_languages,
    site_name,
)
from helpline.web.request_context import sends_texts

CONSENT = lazy_gettext("Yes, keep this number and call it")
"""The label of the box by which a visitor asks for a call."""

_WITH_A_TIME = ("received_at", "moved_at", "tried_after")
_WITHOUT = ("about_to_ring", "on_page")


def notice_words(days: object = "…", notes: object = "…", proof: object = "…") -> str:
    """Return the notice beside that box.

    Args:
        days: how long the request is kept; ``notes``, ``proof``: likewise.
    """
    return " ".join(
        (
            _(
                "We encrypt the number and what you tell us. We use them only for this call. We "
                "erase them %(days)s days after the call, and our notes of the call after "
                "%(notes)s days. On the next page you can cancel, or erase it all at once.",
                days=days,
                notes=notes,
            ),
            _(
                "As proof that you asked, only a code made from the number, the time and these "
                "words stay for %(proof)s days.",
                proof=proof,
            ),
        )
    )


def listening_words(rules: VisitorRules | ServicePolicy) -> str:
    """Return that a supervisor may listen to the call; empty where none can."""
    if not rules.supervisors_may_listen or not services().has_carrier:
        return ""
    return _("A supervisor may listen to help the advisor.")


def consent_given() -> Consent:
    """Return what a visitor agreed to by ticking the box, in the language of the page."""
    words = f"{CONSENT}. {notice_words()} {_listening_words_now()}"
    return Consent(words.strip(), page_language())


def _listening_words_now() -> str:
    return listening_words(policy_queries.current(db.session()))


def spoken_notice_words(days: object = "…", notes: object = "…", proof: object = "…") -> str:
    """Return what staff read aloud before they make a request for a caller."""
    notice = _(
        "We encrypt the number and what you tell us, and use them only for this call. We erase "
        "them %(days)s days after the call, and our notes of the call after %(notes)s days. As "
        "proof that you asked, a code made from the number stays for %(proof)s days. With your "
        "reference you can cancel, or erase it all at once. May we keep this number and call it?",
        days=days,
        notes=notes,
        proof=proof,
    )
    return f"{_listening_words_now()} {notice}".strip()


def spoken_consent_given(language: str) -> Consent:
    """Return what a caller agreed to, in the language in which it was read to them."""
    code = language if language in site_languages() else catalogs.SOURCE_LANGUAGE
    with in_language(code):
        return Consent(spoken_notice_words(), code)


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


def samples(*, two_way: bool) -> list[str]:
    """Return our text messages, with dots in place of times.

    Args:
        two_way: whether the visitor's phone can answer.
    """
    if not sends_texts():
        return []
    language = page_language()
    timed = [
        sms_templates.render(sms_templates.key_for(key, two_way=two_way), language, time="…")
        for key in _WITH_A_TIME
    ]
    return [*timed, *(sms_templates.render(key, language) for key in _WITHOUT)]
