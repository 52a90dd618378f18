"""Notices in words, for the admin's home and the floor."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from helpline.accounts.models import Staff
from helpline.messages.models import Notice, NoticeKind
from helpline.messages.queries import open_notices
from helpline.web import carrier_words
from helpline.web.carrier_words import text_reason
from helpline.web.language import gettext as _


@dataclass(frozen=True, slots=True)
class ShownNotice:
    """A notice as the home shows it."""

    id: int
    words: str
    todo: str
    times: int
    last_at: datetime


def shown_notices(session: Session) -> list[ShownNotice]:
    """Every notice that nobody has dismissed yet."""
    return [_shown(session, each) for each in open_notices(session)]


def _shown(session: Session, notice: Notice) -> ShownNotice:
    words, todo = _words(session, notice)
    return ShownNotice(notice.id, words, todo, notice.times, notice.last_at)


def _words(session: Session, notice: Notice) -> tuple[str, str]:
    number = notice.subject.partition(":")[2]
    match notice.kind:
        case NoticeKind.NOBODY_ON_SHIFT:
            return (
                _("Somebody waits, and no advisor is at a desk."),
                _("Ask an advisor to sign in and be available. Whoever waits keeps their place."),
            )
        case NoticeKind.EVERYONE_BUSY:
            return (
                _("Somebody waits longer than you want, and every advisor is busy."),
                _("Ask for another advisor if you can. Whoever waits keeps their place."),
            )
        case NoticeKind.NOBODY_ANSWERED:
            return (
                _("No advisor's phone took callback %(number)s.", number=number),
                _("It keeps its place and is offered again. Ask the advisors who are there."),
            )
        case NoticeKind.NOBODY_TOOK:
            return (
                _("Callback %(number)s waits, and no advisor took it.", number=number),
                _("It keeps its place. Ask an advisor to take the next."),
            )
        case NoticeKind.HAND_OVERDUE:
            return (
                _("Callback %(number)s was in one advisor's hands for too long.", number=number),
                _("It is in the queue again, in its old place."),
            )
        case NoticeKind.SET_ASIDE:
            return (
                _(
                    "A job of the worker failed again and again and was set aside: %(job)s.",
                    job=notice.subject.replace("_", " ").replace(":", " "),
                ),
                _(
                    "The worker's log says why. Other jobs go on. Once the cause is mended, mark "
                    "this as done: the job then runs again."
                ),
            )
        case NoticeKind.AUDIT_REFUSED:
            return (
                _("The audit log is no longer chained: its end in the database is wrong."),
                _(
                    "Either a backup was restored, or somebody changed the database. Ask whoever "
                    "runs the service for: flask helpline verify-audit."
                ),
            )
        case NoticeKind.AUDIT_FLAWED:
            return (
                _("The daily check found that the audit log is not as it was written."),
                _(
                    "Somebody may have changed the database. Ask whoever runs the service for: "
                    "flask helpline verify-audit. It names the entries."
                ),
            )
        case NoticeKind.UNREADABLE:
            return (
                _("The number of callback %(number)s cannot be decrypted.", number=number),
                _(
                    "A secret key is missing, or what is stored is damaged. Ask whoever runs the "
                    "service for: flask helpline check-keys, and rotate-keys --check."
                ),
            )
        case NoticeKind.BOOKINGS_BOUNDED:
            return (
                _("One network books more times than it may in an hour."),
                _(
                    "Further times are refused it. If its requests look made up, set them aside: "
                    "Live view, Set requests aside."
                ),
            )
        case NoticeKind.SPENT:
            return (
                _("What a day may cost is reached: no more calls are made and no texts sent."),
                _("It ends at midnight. An admin can raise it on the page Costs."),
            )
        case NoticeKind.GUESSING | NoticeKind.CODES_GUESSED | NoticeKind.SIGN_IN_STOPPED:
            return _words_of_guesses(session, notice.kind, int(number))
        case NoticeKind.TEXTS_FAIL:
            return (
                _("Texts to several people did not arrive: %(reason)s", reason=text_reason(number)),
                _("See Undelivered texts, in the live view."),
            )
        case NoticeKind.CRISIS_TEXT_FAILED:
            return (
                _("A text with crisis numbers did not arrive: callback %(number)s.", number=number),
                _("The advisor who sent it is told too. See Undelivered texts, in the live view."),
            )
        case NoticeKind.CALLS_FAIL:
            return carrier_words.alarm(int(number))
        case NoticeKind.ADVISOR_AWAY:
            staff = session.get(Staff, int(number))
            return (
                _(
                    "%(name)s was set to away, after missing several callbacks in a row.",
                    name=staff.name if staff else _("An advisor"),
                ),
                _("They say that they are available again at their desk."),
            )
    return notice.kind, ""


def _words_of_guesses(session: Session, kind: NoticeKind, staff_id: int) -> tuple[str, str]:
    staff = session.get(Staff, staff_id)
    name = staff.name if staff else _("A member of staff")
    if kind == NoticeKind.GUESSING:
        return (
            _("Somebody is guessing the password of %(name)s.", name=name),
            _(
                "Guesses are slowed down. Browsers in which they signed in before still work. In "
                "a new one they may have to wait: make them a link for a new password."
            ),
        )
    if kind == NoticeKind.CODES_GUESSED:
        return (
            _("Somebody who knows the password of %(name)s entered wrong codes.", name=name),
            _("Ask whether it was them. If not, they change their password."),
        )
    return (
        _("The password of %(name)s can no longer be used.", name=name),
        _(
            "Somebody who knows it entered too many wrong codes. Speak with them, then make them a "
            "link for a new password on the page Staff."
        ),
    )
