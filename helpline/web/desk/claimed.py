"""The current callback as the desk shows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from helpline import clock
from helpline.callbacks.models import Callback, Transfer
from helpline.callbacks.queries import (
    events_of,
    follower_count,
    other_extensions,
    time_before_reschedule,
    transfers_of,
)
from helpline.calls import queries as call_queries
from helpline.calls.inbound.recordings import Voicemail, messages_of
from helpline.calls.models import Attempt, Channel
from helpline.domain.call_progress import AttemptResult, AttemptState
from helpline.domain.intake_answers import About, Answers, Danger, ForWhom
from helpline.domain.lifecycle import Status
from helpline.domain.phone_numbers import PhoneNumber
from helpline.domain.queue_order import Priority
from helpline.domain.retries import Disposition, suggested_disposition
from helpline.domain.safe_times import IfMissed
from helpline.domain.unreadable import is_unreadable
from helpline.messaging import sms
from helpline.staff.models import Staff
from helpline.staff.queries import staff_name
from helpline.telephony.problems import Problem
from helpline.web.formatting import language_name
from helpline.web.language import gettext as _

_CALL_SETUP_TIME = timedelta(seconds=15)
ENDS_SOON = timedelta(minutes=2)
"""Remaining time of a wrap-up or claim from which a countdown is shown."""


@dataclass(frozen=True, slots=True)
class AttemptRow:
    """An earlier attempt, as text."""

    at: datetime
    result_words: str
    notes: str | None
    advisor: str


@dataclass(frozen=True, slots=True)
class TransferRow:
    """Who transferred the callback, and their note."""

    at: datetime
    by: str
    to: str
    note: str | None


@dataclass(frozen=True, slots=True)
class ClaimedView:
    """Template data of the current callback."""

    id: int
    name: str | None
    phone: str | None
    tel: str | None
    extension: str | None
    other_extensions: Sequence[str]
    language: str
    language_name: str
    asked_at: datetime
    slot_at: datetime | None
    moved_from: datetime | None
    note: str | None
    may_leave_voicemail: bool
    may_say_who: bool
    may_text: bool
    may_ring_back: bool
    if_missed: IfMissed | None
    call_until: datetime | None
    answers: Answers
    answer_words: Sequence[str]
    attempts: Sequence[AttemptRow]
    asked_again: int
    claim_ends_at: datetime | None
    stage: str
    live_words: str
    problem_words: str | None
    has_carrier: bool
    is_open: bool
    can_stop: bool
    ends_soon: bool
    short_talk: bool
    suggested_disposition: Disposition | None
    region: str
    urgent: bool
    emergency_at: datetime | None
    can_text_numbers: bool
    transfers: Sequence[TransferRow]
    messages: Sequence[Voicemail]
    came_from: str | None

    @property
    def stage_key(self) -> str:
        """Changes when the desk has to be fetched again."""
        closed = "-closed" if self.stage == "claimed" and not self.is_open else ""
        return f"{self.id}-{self.stage}{'-waits' if self.can_stop else ''}{closed}"


def claimed_view(
    session: Session, callback: Callback, *, has_carrier: bool, is_open: bool
) -> ClaimedView:
    attempts = call_queries.attempts_of(session, callback.id)
    newest = attempts[-1] if attempts else None
    before = (
        call_queries.attempts_of(session, callback.follow_up_of) if callback.follow_up_of else ()
    )
    stage = _stage(callback, newest, has_carrier=has_carrier)
    number = None if is_unreadable(callback.phone) else PhoneNumber(callback.phone)
    answers = Answers.from_text(callback.answers)
    return ClaimedView(
        id=callback.id,
        name=callback.name,
        phone=number.international if number else None,
        tel=number.e164 if number else None,
        extension=callback.phone_extension,
        other_extensions=other_extensions(session, callback),
        language=callback.language,
        language_name=language_name(callback.language),
        asked_at=callback.requested_at,
        slot_at=callback.slot_at,
        moved_from=time_before_reschedule(events_of(session, callback.id)),
        note=callback.note,
        may_leave_voicemail=callback.may_leave_voicemail,
        may_say_who=callback.may_say_who,
        may_text=callback.may_text,
        may_ring_back=callback.may_ring_back,
        if_missed=callback.if_missed,
        call_until=callback.call_until,
        answers=answers,
        answer_words=_answer_words(answers),
        attempts=[
            _attempt_row(session, item) for item in (*before, *_earlier_attempts(attempts, stage))
        ],
        asked_again=follower_count(session, callback),
        claim_ends_at=callback.claim_ends_at,
        stage=stage,
        live_words=_live_words(stage, newest, is_open=is_open, has_carrier=has_carrier)
        if number or stage != "claimed"
        else "",
        problem_words=_problem_words(newest),
        has_carrier=has_carrier,
        is_open=is_open,
        can_stop=newest is not None and _is_queued(newest),
        ends_soon=_ends_soon(callback, stage),
        short_talk=newest is not None and newest.result == AttemptResult.TALKED,
        suggested_disposition=_suggested_disposition(session, stage, newest),
        region=callback.phone_region,
        urgent=callback.priority == Priority.URGENT,
        emergency_at=callback.emergency_at,
        can_text_numbers=callback.may_text and sms.enabled(),
        transfers=[_transfer_row(session, item) for item in transfers_of(session, callback)],
        messages=messages_of(session, callback),
        came_from=callback.source_title or callback.source_page,
    )


def _transfer_row(session: Session, transfer: Transfer) -> TransferRow:
    by, to = staff_name(session, transfer.from_staff), staff_name(session, transfer.to_staff)
    return TransferRow(transfer.at, by, to, transfer.note)


def _answer_words(answers: Answers) -> list[str]:
    about = {
        About.MOOD: _("It is about mood, worry or stress."),
        About.SUICIDE: _("It is about thoughts of suicide."),
        About.SUBSTANCES: _("It is about alcohol or drugs."),
        About.VIOLENCE: _("It is about violence or abuse."),
        About.OTHER: _("It is about something else."),
    }
    danger = {
        Danger.UNSURE: _("They are not sure whether anyone is in danger."),
        Danger.NO: _("No one was in danger when they asked."),
    }
    for_whom = {ForWhom.SELF: _("It is for themselves.")}
    sentences = (
        danger.get(answers.danger) if answers.danger else None,
        about.get(answers.about) if answers.about else None,
        for_whom.get(answers.for_whom) if answers.for_whom else None,
    )
    return [sentence for sentence in sentences if sentence]


def _stage(callback: Callback, newest: Attempt | None, *, has_carrier: bool) -> str:
    if callback.status == Status.CLAIMED:
        return "claimed"
    own_phone = newest is not None and newest.channel == Channel.OWN_PHONE
    live = newest is not None and newest.ended_at is None
    # Without a carrier only the advisor knows when a call ended.
    return "calling" if live and has_carrier and not own_phone else "wrap_up"


def _earlier_attempts(attempts: Sequence[Attempt], stage: str) -> Sequence[Attempt]:
    ended = [attempt for attempt in attempts if attempt.ended_at]
    return ended[:-1] if stage == "wrap_up" else ended


def _is_queued(attempt: Attempt) -> bool:
    return attempt.ended_at is None and attempt.state == AttemptState.QUEUED


def _ends_soon(callback: Callback, stage: str) -> bool:
    ends_at = callback.claim_ends_at
    return stage != "calling" and ends_at is not None and ends_at - clock.now() <= ENDS_SOON


def _suggested_disposition(
    session: Session, stage: str, newest: Attempt | None
) -> Disposition | None:
    if stage != "wrap_up" or newest is None or newest.result is None:
        return None
    if _is_unrelated_to_number(newest):
        return Disposition.NO_ANSWER
    return suggested_disposition(
        AttemptResult(newest.result), call_queries.talk_time(session, newest)
    )


def _is_unrelated_to_number(attempt: Attempt) -> bool:
    failed = attempt.result == AttemptResult.VISITOR_FAILED
    return failed and attempt.problem not in (None, Problem.VISITOR_NUMBER)


def _problem_words(newest: Attempt | None) -> str | None:
    if newest is None or not newest.problem:
        return None
    text = problem_words(newest.problem)
    if not _is_unrelated_to_number(newest):
        return text
    return _(
        "%(problem)s Their number may still be right. Choose No answer and they are called again.",
        problem=text,
    )


def _attempt_row(session: Session, attempt: Attempt) -> AttemptRow:
    result = attempt.disposition or attempt.result or ""
    return AttemptRow(
        at=attempt.created_at,
        result_words=result_words(result),
        notes=attempt.notes,
        advisor=session.get_one(Staff, attempt.advisor_id).name,
    )


def _live_words(stage: str, newest: Attempt | None, *, is_open: bool, has_carrier: bool) -> str:
    if stage == "claimed" and not is_open:
        return _(
            "The helpline has closed. This callback returns to the queue and keeps its position."
        )
    if newest is None:
        return _("Ready to call.")
    if stage == "claimed":
        return result_words(newest.result or "")
    if newest.channel == Channel.OWN_PHONE:
        return _("Call them from your own phone, then choose the outcome below.")
    if newest.ended_at is not None:
        return result_words(newest.result or "")
    if not has_carrier:
        return _(
            "The phone company is no longer set up, so this call cannot be followed. Choose its "
            "outcome below."
        )
    if _is_queued(newest) and clock.now() - newest.created_at > _CALL_SETUP_TIME:
        return _(
            "The call has not started: the worker may be down. Tell an admin, or stop the call "
            "and call from your own phone."
        )
    if newest.state == AttemptState.VISITOR_RINGING and newest.screening:
        return _("Their phone is ringing. You will be connected when a person answers.")
    return {
        AttemptState.QUEUED: _("Your call is being set up."),
        AttemptState.PLACING: _("Your phone is about to ring."),
        AttemptState.ADVISOR_RINGING: _("Your phone is ringing. Answer it and press 1."),
        AttemptState.ADVISOR_ANSWERED: _("Press 1 on your phone to be connected."),
        AttemptState.VISITOR_RINGING: _("Their phone is ringing."),
        AttemptState.TALKING: _("You are connected."),
    }.get(AttemptState(newest.state), _("The call is ending."))


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
        "reached": _("Reached."),
        "voicemail": _("Voicemail."),
        "wrong_number": _("Wrong number."),
        "declined": _("They did not want to talk."),
    }.get(result, _("The result of this attempt is not known."))


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
