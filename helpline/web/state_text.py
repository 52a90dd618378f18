"""Texts of visitor states, for pages, API and embed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from helpline.domain.visitor_state import UNSTAFFED, Outlook
from helpline.domain.visitor_state import VisitorState as State
from helpline.web.formatting import about_words, closing_words, moment_words
from helpline.web.language import gettext as _
from helpline.web.language import ngettext


@dataclass(frozen=True, slots=True)
class StateWords:
    heading: str
    sentence: str


def state_words(outlook: Outlook, *, attempts_used: int) -> StateWords:
    """Return heading and sentence of a state, in this page's language.

    Args:
        attempts_used: how often we called, named where the visitor was not reached.
    """
    return StateWords(_heading(outlook), _with_alert(_sentence(outlook, attempts_used), outlook))


def wait_sentence(outlook: Outlook) -> str:
    """Return what a new visitor should know beyond "as soon as we can": closing soon, or no
    advisor.
    """
    match outlook.state:
        case State.QUEUED_CLOSING:
            return _closing(outlook)
        case State.QUEUED_UNSTAFFED:
            sentence = _("No advisor is available right now. We will call you as soon as one is.")
            return _with_alert(sentence, outlook)
        case State.QUEUED_UNSTAFFED_CLOSING:
            return _with_alert(_unstaffed_closing(outlook), outlook)
        case _:
            return ""


def _with_alert(sentence: str, outlook: Outlook) -> str:
    if not outlook.staff_alerted or outlook.state not in UNSTAFFED:
        return sentence
    alerted = _("We have sent our team a text message.")
    return f"{sentence} {alerted}"


def _heading(outlook: Outlook) -> str:
    at = outlook.call_at
    if outlook.cut_off:
        return _("Our call was cut off")
    match outlook.state:
        case State.QUEUED | State.QUEUED_CLOSING:
            return _("We will call you as soon as we can")
        case State.QUEUED_UNSTAFFED | State.QUEUED_UNSTAFFED_CLOSING:
            return _("We have your request")
        case State.QUEUED_CLOSED if at:
            return _("We will call you after we open, %(time)s", time=moment_words(at))
        case State.BOOKED if at:
            return _("We will call you %(time)s", time=about_words(at))
        case State.LATER if at:
            return _("We will call you %(time)s or later", time=moment_words(at))
        case State.CLAIMED:
            return _("An advisor has your request")
        case State.CONNECTING:
            return _("We are about to call you")
        case State.CALLING:
            return _("We are calling you now")
        case State.CALLING_OWN_PHONE:
            return _("An advisor is calling you")
        case State.TALKING:
            return _("You are on a call with us")
        case State.CALL_ENDED:
            return _("The call has ended")
        case State.REACHED:
            return _("We spoke with you")
        case State.UNREACHED:
            return _("We could not reach you")
        case State.CANCELLED:
            return _("Your request is cancelled")
        case State.EXPIRED | State.CLOSED:
            return _("This request is closed")
        case State.ON_HOLD:
            return _("We will not call you for now")
        case State.DO_NOT_CALL:
            return _("We will not call this number again")
        case State.CUT_OFF:
            return _("Our call was cut off")
        case State.WRONG_NUMBER:
            return _("The number may be wrong")
        case State.NO_OPENING:
            return _("Your request is waiting until we open again")
        case _:  # every retry, and a call that was not answered
            return _("We called and did not reach you")


def _sentence(outlook: Outlook, attempts_used: int) -> str:
    match outlook.state:
        case State.QUEUED:
            return _("Please keep your phone near you.")
        case State.QUEUED_CLOSING | State.RETRY_CLOSING:
            return _closing(outlook)
        case State.QUEUED_UNSTAFFED:
            return _("No advisor is available right now. We will call you as soon as one is.")
        case State.QUEUED_UNSTAFFED_CLOSING | State.RETRY_UNSTAFFED_CLOSING:
            return _unstaffed_closing(outlook)
        case State.QUEUED_CLOSED | State.NO_OPENING:
            return _("You can call the numbers on this page until then.")
        case State.BOOKED:
            return _(
                "Please keep your phone near you at that time. If we are late, you keep your place."
            )
        case State.LATER:
            return _("Please keep your phone near you from then on.")
        case State.RETRY_QUEUED:
            return _("That is all right. We will try again as soon as we can.")
        case State.RETRY_UNSTAFFED:
            return _(
                "That is all right. No advisor is available right now. We will try again as soon "
                "as one is."
            )
        case State.RETRY_CLOSED if outlook.call_at:
            return _(
                "That is all right. We will try again after we open, %(time)s.",
                time=moment_words(outlook.call_at),
            )
        case State.RETRY_LATER if outlook.call_at:
            return _(
                "That is all right. We will try again %(time)s.", time=about_words(outlook.call_at)
            )
        case State.CLAIMED:
            return _("They are reading it and will then call you. Please keep your phone near you.")
        case State.CONNECTING:
            return _("Your phone has not rung yet. Please keep the line free.")
        case State.CALLING | State.CALLING_OWN_PHONE:
            return _("Please pick up. The number may be one you do not know.")
        case State.TALKING:
            return _("When the call is over, this page shows what happens next.")
        case State.CALL_ENDED | State.NOT_ANSWERED:
            return _("This page will soon show what happens next.")
        case State.REACHED:
            return _("You can ask for another call whenever you want one.")
        case State.CANCELLED:
            return _("We will not call you. You are welcome back at any time.")
        case State.EXPIRED | State.CLOSED:
            return _(
                "We will not call you about this request. You can ask again whenever you want."
            )
        case State.ON_HOLD:
            return _(
                "Choose a time that is good for you, and we will call then. You do not have to."
            )
        case State.DO_NOT_CALL:
            return _("We were asked not to. You can still call us whenever you want.")
        case State.CUT_OFF:
            return _("We will not call back unless you ask. You can ask whenever you want.")
        case State.WRONG_NUMBER:
            return _("We did not reach you on it. Check it, and ask again if you want a call.")
        case _:
            return _unreached(attempts_used)


def _closing(outlook: Outlook) -> str:
    closes, opens = _times(outlook)
    if opens is None:
        return _(
            "We close at %(closes)s. If we cannot call you before then, you keep your place until "
            "we open again.",
            closes=closes,
        )
    return _(
        "We close at %(closes)s. If we cannot call you before then, we will call you after we "
        "open, %(opens)s.",
        closes=closes,
        opens=opens,
    )


def _unstaffed_closing(outlook: Outlook) -> str:
    closes, opens = _times(outlook)
    if opens is None:
        return _(
            "No advisor is available right now, and we close at %(closes)s. You keep your place "
            "until we open again.",
            closes=closes,
        )
    return _(
        "No advisor is available right now, and we close at %(closes)s. If we cannot call you "
        "before then, we will call you after we open, %(opens)s.",
        closes=closes,
        opens=opens,
    )


def _times(outlook: Outlook) -> tuple[str, str | None]:
    def words(at: datetime | None) -> str | None:
        return moment_words(at) if at is not None else None

    closes = closing_words(outlook.closes_at) if outlook.closes_at is not None else ""
    return closes, words(outlook.call_at)


def _unreached(attempts_used: int) -> str:
    if attempts_used < 1:
        return _("We will not call again unless you ask. You can ask again whenever you want.")
    return ngettext(
        "We called %(num)d time and will not call again unless you ask.",
        "We called %(num)d times and will not call again unless you ask.",
        attempts_used,
    )
