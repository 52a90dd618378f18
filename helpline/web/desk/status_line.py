"""The status line of the current callback, which the desk polls every few seconds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import g
from sqlalchemy.orm import Session

from helpline import clock
from helpline.calls.models import Attempt, Channel
from helpline.current import services
from helpline.db import db
from helpline.domain.call_progress import AttemptResult, AttemptState
from helpline.domain.lifecycle import Status
from helpline.domain.unreadable import is_unreadable
from helpline.messaging import undelivered_sms
from helpline.reports import desk_data
from helpline.reports.desk_data import DeskStatus, HelpStatus, NewestAttempt
from helpline.staff.models import SignedInStaff
from helpline.telephony.problems import Problem
from helpline.web.carrier_text import text_reason
from helpline.web.desk.attempt_text import problem_words, result_words
from helpline.web.desk.dispatch_text import dispatch_words
from helpline.web.desk.inbound_banner import inbound_banner
from helpline.web.language import gettext as _
from helpline.web.request_context import show_zone
from helpline.web.supervisor.live_view_text import listener_words, live_view_words, pause_words

_CALL_SETUP_TIME = timedelta(seconds=15)
ENDS_SOON = timedelta(minutes=2)
"""Remaining time of a wrap-up or claim from which a countdown is shown."""


@dataclass(frozen=True, slots=True)
class CallStatus:
    """Where the current callback stands.

    Args:
        stage: claimed, calling or wrap_up.
        words: what happens on the call now.
        problem_words: why the last attempt failed.
        can_stop: whether the call can be stopped before anyone is called.
        on_call_since: when the visitor answered, or the call from an own phone began; None where
            no one is on a call.
        ends_soon: whether the claim or wrap-up ends within ``ENDS_SOON``.
    """

    callback_id: int
    stage: str
    words: str
    problem_words: str | None
    can_stop: bool
    on_call_since: datetime | None
    ends_soon: bool
    is_open: bool
    claim_ends_at: datetime | None

    @property
    def stage_key(self) -> str:
        """Changes when the desk has to be fetched again."""
        closed = "-closed" if self.stage == "claimed" and not self.is_open else ""
        return f"{self.callback_id}-{self.stage}{'-waits' if self.can_stop else ''}{closed}"


@dataclass(frozen=True, slots=True)
class StatusLine:
    """All that the status line shows. Equal values render the same."""

    call: CallStatus | None
    messages: tuple[str, ...]
    failed_texts: tuple[str, ...]
    help: HelpStatus | None


def load_session_and_status(key: str, /, *, now: datetime, idle: timedelta) -> SignedInStaff | None:
    """Load the signed-in user and what ``load_status_line`` needs, in one statement."""
    state = desk_data.desk_status_of_session(key, now=now, idle=idle)
    if state is None:
        return None
    signed_in, g.desk_status = state
    return signed_in


def load_status_line(advisor_id: int) -> StatusLine:
    """Load the status line, and set the page's time zone."""
    session, now = db.session(), clock.now()
    status: DeskStatus = g.pop("desk_status", None) or desk_data.desk_status(
        session, advisor_id, now
    )
    show_zone(status.hours.plan.zone)
    return StatusLine(
        call=_call_status(status, now),
        messages=tuple(_messages(session, status, advisor_id, now)),
        failed_texts=tuple(_failed_texts(session, status, advisor_id, now)),
        help=status.help,
    )


def _messages(
    session: Session, status: DeskStatus, advisor_id: int, now: datetime
) -> Iterator[str]:
    if status.listener:
        yield listener_words(status.listener.name, joined=status.listener.joined)
    yield from inbound_banner(status.inbound)
    if status.pause and status.callback is None:
        yield pause_words(status.pause)
    yield from dispatch_words(status)
    if status.has_actions:
        claimed_at = status.callback.claimed_at if status.callback else None
        yield from live_view_words(session, advisor_id, claimed_at, now)


def _failed_texts(
    session: Session, status: DeskStatus, advisor_id: int, now: datetime
) -> Iterator[str]:
    if not status.has_failed_texts:
        return
    current_id = status.callback.id if status.callback else None
    for sms in undelivered_sms.crisis_texts_of(session, advisor_id, now=now):
        reason = text_reason(sms.problem or "")
        if sms.callback_id == current_id:
            yield _(
                "The text message with crisis numbers was not delivered: %(reason)s Read the "
                "numbers to them.",
                reason=reason,
            )
        else:
            yield _(
                "The text message with crisis numbers that you sent for callback %(number)s was "
                "not delivered: %(reason)s Tell a supervisor.",
                number=sms.callback_id,
                reason=reason,
            )


def _call_status(status: DeskStatus, now: datetime) -> CallStatus | None:
    callback, newest = status.callback, status.attempt
    if callback is None:
        return None
    has_carrier, is_open = services().has_carrier, status.hours.is_open
    stage = _stage(callback.status, newest, has_carrier=has_carrier)
    is_callable = stage != "claimed" or not is_unreadable(callback.phone)
    ends_at = callback.claim_ends_at
    return CallStatus(
        callback_id=callback.id,
        stage=stage,
        words=_call_words(stage, newest, now, is_open=is_open, has_carrier=has_carrier)
        if is_callable
        else "",
        problem_words=_problem_words(newest),
        can_stop=newest is not None and _is_queued(newest),
        on_call_since=_on_call_since(newest, status.answered_at),
        ends_soon=stage != "calling" and ends_at is not None and ends_at - now <= ENDS_SOON,
        is_open=is_open,
        claim_ends_at=ends_at,
    )


def _stage(status: Status, newest: NewestAttempt | None, *, has_carrier: bool) -> str:
    if status == Status.CLAIMED:
        return "claimed"
    own_phone = newest is not None and newest.channel == Channel.OWN_PHONE
    live = newest is not None and newest.ended_at is None
    # Without a carrier only the advisor knows when a call ended.
    return "calling" if live and has_carrier and not own_phone else "wrap_up"


def _on_call_since(newest: NewestAttempt | None, answered_at: datetime | None) -> datetime | None:
    if newest is None or newest.ended_at is not None:
        return None
    if newest.channel != Channel.CARRIER:
        return newest.created_at
    return answered_at if newest.state == AttemptState.TALKING else None


def _is_queued(attempt: NewestAttempt) -> bool:
    return attempt.ended_at is None and attempt.state == AttemptState.QUEUED


def is_unrelated_to_number(attempt: Attempt | NewestAttempt) -> bool:
    """Return whether a call failed for another reason than the visitor's number."""
    failed = attempt.result == AttemptResult.VISITOR_FAILED
    return failed and attempt.problem not in (None, Problem.VISITOR_NUMBER)


def _problem_words(newest: NewestAttempt | None) -> str | None:
    if newest is None or not newest.problem:
        return None
    text = problem_words(newest.problem)
    if not is_unrelated_to_number(newest):
        return text
    return _(
        "%(problem)s Their number may still be right. Choose No answer and they are called again.",
        problem=text,
    )


def _call_words(
    stage: str, newest: NewestAttempt | None, now: datetime, *, is_open: bool, has_carrier: bool
) -> str:
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
    if _is_queued(newest) and now - newest.created_at > _CALL_SETUP_TIME:
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
