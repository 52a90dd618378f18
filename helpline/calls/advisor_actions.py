"""Actions on the current callback besides calling: urgent, emergency, transfer."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.callbacks import follow_up, transitions
from helpline.callbacks.errors import StateChanged
from helpline.callbacks.models import Callback, Transfer
from helpline.callbacks.row_locks import lock_callback
from helpline.calls import attempts, drafts, emergencies
from helpline.calls.errors import CallInProgress, NoSuchColleague
from helpline.calls.models import Attempt, Channel
from helpline.db import transaction, updated_one_row
from helpline.domain.call_progress import AttemptResult
from helpline.domain.lifecycle import Status
from helpline.domain.queue_order import Priority
from helpline.domain.sms_progress import SmsKind
from helpline.domain.unreadable import is_unreadable
from helpline.messaging import sms, staff_notices
from helpline.messaging.models import NoticeKind
from helpline.privacy import audit
from helpline.staff import queries as staff_queries

_UNREADABLE_PAUSE = timedelta(minutes=30)


def mark_urgent(callback_id: int, advisor_id: int, *, urgent: bool, now: datetime) -> None:
    """Give a callback the highest priority, or take that priority away.

    Raises:
        StateChanged: the advisor no longer has it.
    """
    with transaction() as session:
        callback = lock_callback(session, callback_id)
        default = transitions.default_priority(callback.slot_at)
        _change(session, callback, advisor_id, priority=Priority.URGENT if urgent else default)
        record(
            session, callback.id, advisor_id, "marked_urgent" if urgent else "urgent_undone", now
        )


def mark_emergency(callback_id: int, advisor_id: int, *, now: datetime) -> None:
    """Record that life may be in danger; the desk then shows emergency numbers and steps.

    Raises:
        StateChanged: the advisor no longer has it.
    """
    with transaction() as session:
        callback = lock_callback(session, callback_id)
        _change(session, callback, advisor_id, emergency_at=callback.emergency_at or now)
        record(session, callback.id, advisor_id, "emergency_pressed", now)


def record_location(callback_id: int, advisor_id: int, state: str | None, *, now: datetime) -> None:
    """Record in which state the visitor is, for this callback alone.

    Args:
        state: its ISO 3166-2 code; None for unknown.

    Raises:
        StateChanged: the advisor no longer has it.
    """
    with transaction() as session:
        callback = lock_callback(session, callback_id)
        _change(session, callback, advisor_id, located_in=state)
        record(session, callback.id, advisor_id, "location_recorded", now)


def agree_to_earlier_calls(callback_id: int, advisor_id: int, *, now: datetime) -> None:
    """Record that the visitor lets the advisor see the notes of their earlier calls.

    Raises:
        StateChanged: the advisor is not, or no longer, on a call or in wrap-up with it.
    """
    with transaction() as session:
        callback = lock_callback(session, callback_id)
        if callback.status != Status.CALLING:
            raise StateChanged
        _change(session, callback, advisor_id, earlier_calls_agreed_at=now)
        record(session, callback.id, advisor_id, "earlier_calls_agreed", now)


def send_crisis_numbers(callback_id: int, advisor_id: int, numbers: str, *, now: datetime) -> bool:
    """Text the emergency and crisis numbers to the visitor, once.

    Args:
        numbers: those that the message names.

    Returns:
        False without consent, after a STOP, or where text messages are off.

    Raises:
        StateChanged: the advisor no longer has it.
    """
    with transaction() as session:
        callback = lock_callback(session, callback_id)
        if callback.claimed_by != advisor_id:
            raise StateChanged
        sent = sms.enqueue(
            session, callback, SmsKind.CRISIS, now=now, numbers=numbers, sent_by=advisor_id
        )
        if sent:
            record(session, callback.id, advisor_id, "crisis_numbers_texted", now)
        return sent


def report_unreadable(callback_id: int, advisor_id: int, *, end: bool, now: datetime) -> None:
    """Report a callback whose number cannot be decrypted; supervisors are notified.

    Args:
        end: end the request; else it returns to the queue and is due after a pause, which leaves
            time to install the missing key.

    Raises:
        StateChanged: the advisor does not have it, a call is in progress, or the number is
            readable.
    """
    with transaction() as session:
        callback = lock_callback(session, callback_id)
        if not is_unreadable(callback.phone):
            raise StateChanged
        due_at = max(now, callback.due_at) + _UNREADABLE_PAUSE
        transitions.release(session, callback, advisor_id=advisor_id, at=now, due_at=due_at)
        if end:
            transitions.expire(session, callback, at=now, actor=transitions.staff_actor(advisor_id))
        staff_notices.notify_staff(
            session, NoticeKind.UNREADABLE, f"callback:{callback_id}", now=now
        )
        action = "unreadable_ended" if end else "unreadable_reported"
        record(session, callback_id, advisor_id, action, now)


def transfer(
    callback_id: int,
    advisor_id: int,
    to_id: int,
    note: str,
    *,
    now: datetime,
    call_notes: str = "",
    call_risk_note: str = "",
    has_carrier: bool = True,
    draft_version: int | None = None,
) -> None:
    """Transfer a callback to a colleague.

    It keeps its queue position and is reserved for the colleague for a time set by policy; then
    anyone may claim it, so that no visitor is left waiting.

    Args:
        note: for the colleague.
        call_notes: notes of the call just made, if any; ``call_risk_note`` likewise.
        has_carrier: whether a carrier reports on the call; if not, the transfer ends it.
        draft_version: of the draft that the form began from; None for none.

    Raises:
        DraftChanged: newer notes were saved in another window; nothing was written.
        EmergencyNotDescribed: an emergency was marked, and neither text says what was done.
        CallInProgress: the call has not ended.
        NoSuchColleague: there is no such advisor.
        StateChanged: the advisor no longer has it.
    """
    with transaction() as session:
        callback = lock_callback(session, callback_id)
        if callback.claimed_by != advisor_id:
            raise StateChanged
        if to_id not in {
            colleague.id for colleague in staff_queries.colleagues_of(session, advisor_id)
        }:
            raise NoSuchColleague
        drafts.take(session, callback_id, advisor_id, draft_version)
        emergencies.require_description(callback, callback.claimed_at, note, call_notes)
        drafts.mark_finished(session, callback_id, advisor_id)
        if callback.status == Status.CALLING:
            texts = {"notes": call_notes, "risk_note": call_risk_note}
            _end_call(session, callback, texts, now, has_carrier=has_carrier)
        transitions.transfer(
            session,
            callback,
            advisor_id=advisor_id,
            to_id=to_id,
            at=now,
            reserved_until=now + follow_up.grace(session),
        )
        session.add(
            Transfer(
                callback_id=callback_id,
                from_staff=advisor_id,
                to_staff=to_id,
                note=note or None,
                at=now,
            )
        )
        record(
            session, callback.id, advisor_id, "handed_over", now, to=transitions.staff_actor(to_id)
        )


def _end_call(
    session: Session,
    callback: Callback,
    texts: dict[str, str],
    now: datetime,
    *,
    has_carrier: bool,
) -> None:
    """Check that no call is in progress, and store the notes of the last one."""
    attempt = attempts.newest_of(session, callback.id)
    if attempt is None:
        return
    advisor_ends_it = attempt.channel == Channel.OWN_PHONE or not has_carrier
    if attempt.ended_at is None and advisor_ends_it:
        attempts.end_attempt(session, attempt, AttemptResult.TALKED, rang=True, now=now)
    elif attempt.ended_at is None:
        attempts.advance_attempt(session, attempt, now=now, complete=True)
    if attempt.ended_at is None:
        raise CallInProgress
    if typed := {name: text for name, text in texts.items() if text}:
        session.execute(sa.update(Attempt).where(Attempt.id == attempt.id).values(typed))


def _change(session: Session, callback: Callback, advisor_id: int, **values: object) -> None:
    if not updated_one_row(
        session,
        sa.update(Callback)
        .where(
            Callback.id == callback.id,
            Callback.claimed_by == advisor_id,
            Callback.status.in_((Status.CLAIMED, Status.CALLING)),
        )
        .values(**values),
    ):
        raise StateChanged
    session.refresh(callback)


def record(
    session: Session,
    callback_id: int,
    advisor_id: int,
    action: str,
    now: datetime,
    **detail: str | int,
) -> None:
    """Record an advisor's action on their current callback in the audit log."""
    audit.record(
        session,
        at=now,
        actor=transitions.staff_actor(advisor_id),
        action=action,
        subject=f"callback:{callback_id}",
        **detail,
    )
