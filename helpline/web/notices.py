"""Texts of notices, for the overview and the live view."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from helpline.messaging.models import Notice, NoticeKind
from helpline.messaging.queries import open_notices
from helpline.staff.models import Staff
from helpline.telephony.adapters import FIRST
from helpline.web import carrier_text
from helpline.web.carrier_text import text_reason
from helpline.web.language import gettext as _


@dataclass(frozen=True, slots=True)
class ShownNotice:
    """A notice as it is shown."""

    id: int
    words: str
    todo: str
    times: int
    last_at: datetime


def shown_notices(session: Session) -> list[ShownNotice]:
    return [_shown(session, notice) for notice in open_notices(session)]


def _shown(session: Session, notice: Notice) -> ShownNotice:
    sentence, todo = _words(session, notice)
    return ShownNotice(notice.id, sentence, todo, notice.times, notice.last_at)


def _words(session: Session, notice: Notice) -> tuple[str, str]:
    number = notice.subject.partition(":")[2]
    match notice.kind:
        case NoticeKind.NOBODY_ON_SHIFT:
            return (
                _("Someone is waiting and no advisor is available."),
                _(
                    "Ask an advisor to sign in and go available. Everyone who is waiting keeps "
                    "their queue position."
                ),
            )
        case NoticeKind.EVERYONE_BUSY:
            return (
                _("Someone has waited longer than the limit you set, and every advisor is busy."),
                _(
                    "Ask for another advisor if you can. Everyone who is waiting keeps their "
                    "queue position."
                ),
            )
        case NoticeKind.NOBODY_ANSWERED:
            return (
                _("No advisor answered callback %(number)s.", number=number),
                _(
                    "It keeps its queue position and is offered again. Ask the advisors who are "
                    "signed in."
                ),
            )
        case NoticeKind.NOBODY_TOOK:
            return (
                _("Callback %(number)s is waiting and no advisor has claimed it.", number=number),
                _("It keeps its queue position. Ask an advisor to claim the next callback."),
            )
        case NoticeKind.DISPATCH_PAUSED:
            return (
                _("Someone is waiting while dispatch is paused."),
                _("Resume dispatch on the live view as soon as you can."),
            )
        case NoticeKind.HAND_OVERDUE:
            return (
                _("An advisor held callback %(number)s for too long.", number=number),
                _("It is back in the queue at its old position."),
            )
        case NoticeKind.SET_ASIDE:
            return (
                _(
                    "A worker job failed repeatedly and was set aside: %(job)s.",
                    job=notice.subject.replace("_", " ").replace(":", " "),
                ),
                _(
                    "The worker's log says why. Other jobs continue. When the cause is fixed, "
                    "mark this as done: the job then runs again."
                ),
            )
        case NoticeKind.AUDIT_REFUSED:
            return (
                _(
                    "The audit log is no longer chained: the end of the chain in the database "
                    "is wrong."
                ),
                _(
                    "A backup was restored, or someone changed the database. Ask the person who "
                    "runs the service to run: flask helpline verify-audit."
                ),
            )
        case NoticeKind.AUDIT_FLAWED:
            return (
                _("The daily check found that the audit log does not match its chain."),
                _(
                    "Someone may have changed the database. Ask the person who runs the service "
                    "to run: flask helpline verify-audit. It lists the entries."
                ),
            )
        case NoticeKind.UNREADABLE:
            return (
                _("The number of callback %(number)s cannot be decrypted.", number=number),
                _(
                    "A secret key is missing or the stored number is damaged. Ask the person "
                    "who runs the service to run: flask helpline check-keys, and rotate-keys "
                    "--check."
                ),
            )
        case NoticeKind.BOOKINGS_BOUNDED:
            return (
                _("One network has reached its hourly limit of booked times."),
                _(
                    "Its further bookings are refused. If its requests look fake, set them "
                    "aside: Live view, Set requests aside."
                ),
            )
        case NoticeKind.SPENT:
            return (
                _(
                    "The daily budget is used up: no more calls are made and no more text "
                    "messages are sent."
                ),
                _("The budget resets at midnight. An admin can raise it on the Daily budget page."),
            )
        case NoticeKind.GUESSING | NoticeKind.CODES_GUESSED | NoticeKind.SIGN_IN_STOPPED:
            return _words_of_guesses(session, notice.kind, int(number))
        case NoticeKind.TEXTS_FAIL:
            return (
                _(
                    "Text messages to several people were not delivered: %(reason)s",
                    reason=text_reason(number),
                ),
                _("See Undelivered text messages in the live view."),
            )
        case NoticeKind.CRISIS_TEXT_FAILED:
            return (
                _(
                    "A text message with crisis numbers was not delivered: callback %(number)s.",
                    number=number,
                ),
                _(
                    "The advisor who sent it is notified too. See Undelivered text messages in "
                    "the live view."
                ),
            )
        case NoticeKind.CALLS_FAIL:
            code, _colon, carrier = number.partition(":")
            return carrier_text.alarm(carrier or FIRST, int(code))
        case NoticeKind.ADVISOR_AWAY:
            staff = session.get(Staff, int(number))
            return (
                _(
                    "%(name)s was set to break after missing several callbacks in a row.",
                    name=staff.name if staff else _("An advisor"),
                ),
                _("When they are back, they press Go available on their desk."),
            )
    return notice.kind, ""


def _words_of_guesses(session: Session, kind: NoticeKind, staff_id: int) -> tuple[str, str]:
    staff = session.get(Staff, staff_id)
    name = staff.name if staff else _("A staff member")
    if kind == NoticeKind.GUESSING:
        return (
            _("Someone is guessing the password of %(name)s.", name=name),
            _(
                "Guesses are slowed down. They can still sign in on browsers they used before, "
                "but may have to wait on a new one. If so, create a password reset link for "
                "them."
            ),
        )
    if kind == NoticeKind.CODES_GUESSED:
        return (
            _("Someone who knows the password of %(name)s entered wrong codes.", name=name),
            _("Ask whether it was them. If not, ask them to change their password."),
        )
    return (
        _("The password of %(name)s can no longer be used.", name=name),
        _(
            "Someone who knows it entered too many wrong codes. Speak to the account owner, "
            "then create a password reset link for them on the Staff page."
        ),
    )
