"""The carrier's error codes in words for admins: what happened, and what to do."""

from __future__ import annotations

from helpline.telephony.carrier_codes import Fault, Remedy, meaning_of
from helpline.web.language import gettext as _


def alarm(code: int) -> tuple[str, str]:
    """What a code says of our calls, and what to do about it."""
    meaning = meaning_of(code)
    words = {
        Fault.CALLED_NUMBER: _(
            "The phone company says of several numbers that they are not valid (code %(code)s).",
            code=code,
        ),
        Fault.CALLER_ID: _(
            "The phone company refuses the number we call from (code %(code)s).", code=code
        ),
        Fault.DESTINATION: _(
            "Calls to several people were not put through (code %(code)s).", code=code
        ),
        Fault.REGION: _(
            "The phone company refuses calls to a whole country (code %(code)s).", code=code
        ),
        Fault.ACCOUNT: _(
            "The phone company refuses requests of our account (code %(code)s).", code=code
        ),
        Fault.CARRIER_NOW: _(
            "The phone company was too busy for several calls (code %(code)s).", code=code
        ),
        Fault.UNKNOWN: _("Several calls failed with the same code (%(code)s).", code=code),
    }[meaning.fault]
    return words, f"{remedy_words(meaning.remedy)} {meaning.source}"


def remedy_words(remedy: Remedy) -> str:
    """What to do."""
    return {
        Remedy.CORRECT_NUMBER: _(
            "Compare these numbers with what the visitors gave. If they are right, ask the phone "
            "company."
        ),
        Remedy.CHANGE_CALLER_ID: _(
            "Set a number that the account owns: HELPLINE_CALLER_ID, or on the page Calls for a "
            "region. No visitor's number is at fault; their callbacks stay open."
        ),
        Remedy.TRY_LATER: _(
            "It is tried again by itself. If it goes on, look at the phone company's status page "
            "and ask its support."
        ),
        Remedy.ASK_CARRIER: _(
            "Ask the phone company's support why it blocks these calls. Until then, advisors can "
            "call from their own phones."
        ),
        Remedy.ALLOW_REGION: _(
            "Allow the country in the phone company's console, under the geographic permissions."
        ),
        Remedy.CORRECT_CREDENTIALS: _(
            "Copy account and token from its console again, into HELPLINE_TWILIO_ACCOUNT_SID and "
            "HELPLINE_TWILIO_AUTH_TOKEN, and restart web and worker."
        ),
        Remedy.REACTIVATE_ACCOUNT: _(
            "Sign in to the phone company's console: pay what is due, and have the account "
            "reactivated."
        ),
        Remedy.UPGRADE_ACCOUNT: _(
            "Upgrade the account in the phone company's console: a trial account reaches only "
            "numbers that were verified there."
        ),
    }[remedy]
