"""The current callback as the desk shows it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

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
from helpline.calls.models import Attempt
from helpline.domain import references
from helpline.domain.call_progress import AttemptResult
from helpline.domain.intake_answers import About, Answers, Danger, ForWhom
from helpline.domain.phone_numbers import PhoneNumber
from helpline.domain.queue_order import Priority
from helpline.domain.retries import Disposition, suggested_disposition
from helpline.domain.safe_times import IfMissed
from helpline.domain.unreadable import if_readable, is_unreadable
from helpline.i18n.states import states_of
from helpline.messaging import sms
from helpline.staff.models import Staff
from helpline.staff.queries import staff_name
from helpline.web.desk.attempt_text import result_words
from helpline.web.desk.status_line import CallStatus, is_unrelated_to_number
from helpline.web.formatting import language_name, moment_words
from helpline.web.language import gettext as _
from helpline.web.language import locale


@dataclass(frozen=True, slots=True)
class AttemptRow:
    """An earlier attempt, as text."""

    at: datetime
    result_words: str
    notes: str | None
    risk_note: str | None
    advisor: str


@dataclass(frozen=True, slots=True)
class TransferRow:
    """Who transferred the callback, and their note."""

    at: datetime
    by: str
    to: str
    note: str | None


@dataclass(frozen=True, slots=True)
class ContactRule:
    """What the visitor allows or forbids.

    Args:
        is_usual: whether it is so for visitors who chose nothing.
    """

    text: str
    is_allowed: bool
    is_usual: bool


@dataclass(frozen=True, slots=True)
class ClaimedView:
    """Template data of the current callback."""

    id: int
    reference: str | None
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
    rules: Sequence[ContactRule]
    answers: Answers
    answer_words: Sequence[str]
    attempts: Sequence[AttemptRow]
    earlier_calls: Sequence[AttemptRow]
    may_ask_for_earlier_calls: bool
    asked_again: int
    call: CallStatus
    has_carrier: bool
    short_talk: bool
    suggested_disposition: Disposition | None
    region: str
    urgent: bool
    emergency_at: datetime | None
    states: Mapping[str, str]
    located_in: str | None
    can_text_numbers: bool
    transfers: Sequence[TransferRow]
    messages: Sequence[Voicemail]
    came_from: str | None


def claimed_view(
    session: Session, callback: Callback, call: CallStatus, *, has_carrier: bool
) -> ClaimedView:
    attempts = call_queries.attempts_of(session, callback.id)
    newest = attempts[-1] if attempts else None
    follows = callback.follow_up_of or callback.again_of
    before = call_queries.attempts_of(session, follows) if follows else ()
    earlier = call_queries.earlier_calls(session, callback)
    has_agreed = _agreed_in_this_claim(callback)
    number = None if is_unreadable(callback.phone) else PhoneNumber(callback.phone)
    answers = Answers.from_text(callback.answers)
    return ClaimedView(
        id=callback.id,
        reference=references.shown(callback.reference) if callback.reference else None,
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
        rules=list(_contact_rules(callback, answers)),
        answers=answers,
        answer_words=_answer_words(answers),
        attempts=[
            _attempt_row(session, item)
            for item in (*before, *_earlier_attempts(attempts, call.stage))
        ],
        earlier_calls=[_attempt_row(session, item) for item in earlier] if has_agreed else [],
        may_ask_for_earlier_calls=bool(earlier) and not has_agreed and call.stage != "claimed",
        asked_again=follower_count(session, callback),
        call=call,
        has_carrier=has_carrier,
        short_talk=newest is not None and newest.result == AttemptResult.TALKED,
        suggested_disposition=_suggested_disposition(session, call.stage, newest),
        region=callback.phone_region,
        urgent=callback.priority == Priority.URGENT,
        emergency_at=callback.emergency_at,
        states=states_of(callback.phone_region, str(locale())),
        located_in=if_readable(callback.located_in),
        can_text_numbers=callback.may_text and sms.enabled(session),
        transfers=[_transfer_row(session, item) for item in transfers_of(session, callback)],
        messages=messages_of(session, callback),
        came_from=callback.source_title or callback.source_page,
    )


def _agreed_in_this_claim(callback: Callback) -> bool:
    agreed_at, claimed_at = callback.earlier_calls_agreed_at, callback.claimed_at
    return agreed_at is not None and claimed_at is not None and agreed_at >= claimed_at


def _transfer_row(session: Session, transfer: Transfer) -> TransferRow:
    by, to = staff_name(session, transfer.from_staff), staff_name(session, transfer.to_staff)
    return TransferRow(transfer.at, by, to, transfer.note)


def _contact_rules(callback: Callback, answers: Answers) -> Iterator[ContactRule]:
    if answers.for_whom == ForWhom.OTHER:
        may_say = answers.may_say_who_asked
        text = (
            _("You may say who asked")
            if may_say
            else _("Do NOT say who asked, or that anyone asked")
        )
        yield ContactRule(text, may_say, is_usual=False)
    for is_allowed, yes, no in (
        (
            callback.may_leave_voicemail,
            _("You may leave a voicemail"),
            _("Do NOT leave a voicemail"),
        ),
        (
            callback.may_say_who,
            _("You may say who is calling if someone else answers"),
            _("Do NOT say who is calling if someone else answers"),
        ),
        (callback.may_text, _("You may send a text message"), _("Do NOT send a text message")),
        (
            callback.may_ring_back,
            _("If the call drops, call back at once"),
            _("If the call drops, do NOT call back"),
        ),
    ):
        yield ContactRule(yes if is_allowed else no, is_allowed, is_usual=not is_allowed)
    yield _retry_rule(callback)


def _retry_rule(callback: Callback) -> ContactRule:
    if callback.if_missed == IfMissed.NEVER:
        text = _("If they do not answer, do NOT call again")
        return ContactRule(text, is_allowed=False, is_usual=False)
    if callback.call_until is not None:
        until = moment_words(callback.call_until)
        text = _("If they do not answer, they may be called again until %(time)s", time=until)
    elif callback.if_missed == IfMissed.TODAY:
        text = _("If they do not answer, they may be called again on the same day")
    elif callback.slot_at is not None:
        text = _(
            "If they do not answer, they may be called again within 15 minutes of the time they "
            "chose"
        )
    else:
        text = _("If they do not answer, they may be called again")
    is_usual = callback.call_until is None and callback.if_missed is None
    return ContactRule(text, is_allowed=True, is_usual=is_usual)


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


def _earlier_attempts(attempts: Sequence[Attempt], stage: str) -> Sequence[Attempt]:
    ended = [attempt for attempt in attempts if attempt.ended_at]
    return ended[:-1] if stage == "wrap_up" else ended


def _suggested_disposition(
    session: Session, stage: str, newest: Attempt | None
) -> Disposition | None:
    if stage != "wrap_up" or newest is None or newest.result is None:
        return None
    if is_unrelated_to_number(newest):
        return Disposition.NO_ANSWER
    return suggested_disposition(
        AttemptResult(newest.result), call_queries.talk_time(session, newest)
    )


def _attempt_row(session: Session, attempt: Attempt) -> AttemptRow:
    result = attempt.disposition or attempt.result or ""
    return AttemptRow(
        at=attempt.created_at,
        result_words=result_words(result),
        notes=attempt.notes,
        risk_note=attempt.risk_note,
        advisor=session.get_one(Staff, attempt.advisor_id).name,
    )
