"""The carrier's error codes for admins: what happened, and what to do."""

from __future__ import annotations

from helpline.current import carrier_label, services
from helpline.domain.sms_progress import SmsKind
from helpline.telephony.adapters import ADAPTERS
from helpline.telephony.codes import meaning_of
from helpline.telephony.problems import Fault, Remedy, SmsProblem
from helpline.web.language import gettext as _


def alarm(carrier: str, code: int) -> tuple[str, str]:
    meaning = meaning_of(carrier, code)
    texts = {
        Fault.CALLED_NUMBER: _(
            "The phone company says that several numbers are not valid (code %(code)s).",
            code=code,
        ),
        Fault.CALLER_ID: _(
            "The phone company refuses the helpline's number (code %(code)s).", code=code
        ),
        Fault.DESTINATION: _(
            "Calls to several people were not connected (code %(code)s).", code=code
        ),
        Fault.REGION: _(
            "The phone company refuses calls to a whole country (code %(code)s).", code=code
        ),
        Fault.ACCOUNT: _(
            "The phone company refuses requests from the helpline's account (code %(code)s).",
            code=code,
        ),
        Fault.CARRIER_NOW: _(
            "The phone company was too busy for several calls (code %(code)s).", code=code
        ),
        Fault.SERVICE: _(
            "The phone company ended calls because this service did not answer it (code %(code)s).",
            code=code,
        ),
        Fault.UNKNOWN: _("Several calls failed with the same code (%(code)s).", code=code),
    }[meaning.fault]
    if len(services().carriers) > 1:
        texts = f"{carrier_label(carrier)}: {texts}"
    return texts, f"{remedy_words(meaning.remedy, carrier)} {meaning.source}"


def remedy_words(remedy: Remedy, carrier: str) -> str:
    return {
        Remedy.CORRECT_NUMBER: _(
            "Compare these numbers with those the visitors gave. If they are right, ask the "
            "phone company."
        ),
        Remedy.CHANGE_CALLER_ID: _(
            "Set a number that the account owns: in the settings, or for a region on the "
            "Calls page. The visitors' numbers are not at fault, and their callbacks stay open."
        ),
        Remedy.TRY_LATER: _(
            "The calls are retried automatically. If this continues, check the phone company's "
            "status page and ask its support."
        ),
        Remedy.ASK_CARRIER: _(
            "Ask the phone company's support why it blocks these calls. Until then, advisors can "
            "call from their own phones."
        ),
        Remedy.ALLOW_REGION: _(
            "Allow the country in the phone company's console, under the geographic permissions."
        ),
        Remedy.CORRECT_CREDENTIALS: _(
            "Copy the account's id and token from its console again into %(settings)s, then "
            "restart web and worker.",
            settings=ADAPTERS[carrier].account_settings,
        ),
        Remedy.REACTIVATE_ACCOUNT: _(
            "Sign in to the phone company's console, pay what is due and have the account "
            "reactivated."
        ),
        Remedy.UPGRADE_ACCOUNT: _(
            "Upgrade the account in the phone company's console. A trial account can call only "
            "numbers that are verified there."
        ),
        Remedy.CHECK_SERVICE: _(
            "Check that HELPLINE_PUBLIC_URL can be reached from the internet, and look for errors "
            "and slow requests in the log of the web process at that time."
        ),
    }[remedy]


def text_reason(problem: str) -> str:
    return {
        SmsProblem.LOST: _("the phone company never received it."),
        SmsProblem.NUMBER: _("this number cannot receive text messages. It may be a landline."),
        SmsProblem.SENDER: _("the helpline's number cannot send text messages there."),
        SmsProblem.UNREGISTERED: _(
            "this country delivers registered wordings only, and this one is not registered. An "
            "admin enters it on the Text registration page."
        ),
        SmsProblem.REGION: _("the account is not allowed to send text messages to this country."),
        SmsProblem.CREDENTIALS: _("the phone company does not accept the helpline's account."),
        SmsProblem.ACCOUNT: _("the account is on trial, suspended or out of credit."),
        SmsProblem.NO_ROUTE: _("the helpline's number cannot send text messages to this number."),
        SmsProblem.UNREACHABLE: _("the phone is switched off or out of coverage."),
        SmsProblem.FILTERED: _(
            "the phone company or the network filtered it. Ask its support about sender "
            "registration."
        ),
        SmsProblem.UNDELIVERED: _("the network did not say why."),
        SmsProblem.TOO_LATE: _("it could not be sent in time."),
        SmsProblem.OFF: _("an admin turned text messages off."),
        SmsProblem.STOPPED: _("this number sent STOP."),
        SmsProblem.SPENT: _("the daily budget is used up."),
    }.get(
        SmsProblem(problem) if problem in set(SmsProblem) else SmsProblem.REFUSED,
        _("the phone company refused it."),
    )


def text_kind(kind: str) -> str:
    return {
        SmsKind.RECEIVED: _("Request received"),
        SmsKind.MOVED: _("Time changed"),
        SmsKind.TRIED: _("Not reached"),
        SmsKind.ABOUT_TO_RING: _("About to call"),
        SmsKind.CANCELLED_BY_US: _("Cancelled by the helpline"),
        SmsKind.CRISIS: _("Crisis numbers"),
        SmsKind.ON_PAGE: _("Update on their page"),
        SmsKind.STAFF_WAITING: _("Alert to staff"),
        SmsKind.STAFF_NEEDED: _("Emergency alert to staff"),
        SmsKind.SHIFT_STARTS: _("Shift reminder"),
    }.get(SmsKind(kind), kind)
