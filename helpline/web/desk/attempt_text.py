"""Results and problems of attempts as text, for advisors."""

from __future__ import annotations

from helpline.telephony.problems import Problem
from helpline.web.disposition_text import disposition_labels
from helpline.web.language import gettext as _


def result_words(result: str) -> str:
    return {
        "talked": _("The call was answered and has ended."),
        "no_answer": _("They did not answer."),
        "busy": _("Their line was busy."),
        "visitor_failed": _("Their phone could not be reached."),
        "advisor_no_answer": _("You were not connected, because 1 was not pressed on your phone."),
        "advisor_declined": _("Your phone declined the call."),
        "advisor_hung_up": _("Your phone hung up before they answered."),
        "not_placed": _("The call was not made."),
        "refused": _("The phone company refused the call."),
        "closed": _("The helpline had closed, so no one was called."),
        "cancelled": _("The call was stopped before anyone was called."),
        "rests": _("This number is blocked or has reached its call limit, so no one was called."),
        "visitor_on_line": _(
            "They were calling the helpline at that moment, so no one called them."
        ),
    }.get(result) or disposition_labels().get(result, _("The result of this attempt is not known."))


def problem_words(problem: str) -> str:
    return {
        Problem.BUSY: _("The phone company is busy. Wait a minute and press Call again."),
        Problem.UNREACHABLE: _(
            "The phone company cannot be reached. Wait a minute and press Call again. If this "
            "continues, tell an admin."
        ),
        Problem.LOST: _("The phone company did not make this call. Press Call again."),
        Problem.TOO_LATE: _(
            "The call could not be made in time. Press Call again. If this continues, tell an "
            "admin."
        ),
        Problem.CLOSED: _(
            "The helpline has closed. The callback stays in the queue until the helpline opens."
        ),
        Problem.SPENT: _(
            "The daily budget is used up. Call from your own phone, or release the callback: it "
            "keeps its queue position. An admin can raise the budget."
        ),
        Problem.ADVISOR_NUMBER: _(
            "The phone company does not accept your own phone number. Ask an admin to correct it."
        ),
        Problem.VISITOR_NUMBER: _(
            "The phone company cannot call the visitor's number. Check the number. If it is "
            "wrong, choose Wrong number."
        ),
        Problem.DESTINATION: _(
            "The phone company did not connect the call. The network there may have a fault, or "
            "this number may be blocked. Admins are notified if it happens to several people."
        ),
        Problem.CALLER_ID: _(
            "The phone company refuses the helpline's number. Admins have been notified. If it "
            "is urgent, tell an admin too."
        ),
        Problem.ACCOUNT: _(
            "The phone company does not allow calls from the helpline's account. It may be on "
            "trial, suspended or out of credit. Admins have been notified."
        ),
        Problem.REGION: _(
            "The phone company does not allow calls to this country from the helpline's "
            "account. Tell an admin."
        ),
        Problem.MACHINE: _("A machine answered, so you were not connected."),
        Problem.NOT_CONFIRMED: _(
            "Their phone was answered but no one pressed 1, so you were not connected. It may "
            "have been a machine."
        ),
        Problem.VISITOR_ON_LINE: _(
            "They were on a call with the helpline, so this does not count as an attempt."
        ),
        Problem.CREDENTIALS: _(
            "The phone company does not accept the helpline's account. Tell an admin."
        ),
    }.get(
        Problem(problem) if problem in set(Problem) else Problem.REFUSED,
        _("The phone company refused the call. Tell an admin if it happens again."),
    )
