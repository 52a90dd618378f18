"""Note drafts, and wrap-ups that ended before they were saved.

A draft is copied to the notes of the newest attempt each time it is saved, so the text is on record
whatever happens to the callback. The attempt stays *unfinished* until the advisor records an
outcome.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.callbacks import notifications, queries, transitions, visitor_retry
from helpline.callbacks.errors import StateChanged
from helpline.callbacks.models import Callback
from helpline.callbacks.row_locks import lock_callback
from helpline.calls import attempts, emergencies
from helpline.calls.errors import DraftChanged
from helpline.calls.models import Attempt, NoteDraft
from helpline.db import ONE, guarded_update, transaction
from helpline.domain import retries
from helpline.domain.lifecycle import ENDED, Event, Status
from helpline.domain.retries import Disposition
from helpline.domain.webhooks import WebhookEvent
from helpline.privacy import audit
from helpline.staff.models import Staff

MAX_CHARACTERS = 20_000
"""More than notes may have, so that nothing is lost while they are shortened."""
_KNOWN_TO_THE_RELEASE_BEFORE = frozenset(
    {"reached", "no_answer", "busy", "voicemail", "wrong_number", "declined"}
)
_CURRENT = (Status.CLAIMED, Status.CALLING)


@dataclass(frozen=True, slots=True)
class Draft:
    """The unsaved contents of a wrap-up or transfer form.

    Args:
        notes: of the call; None when the form has no such field.
        transfer_note: for the colleague.
        disposition: the chosen outcome.
        version: number of saves; 0 for none.
        risk_note: None when the form has no such field.
    """

    notes: str | None = None
    transfer_note: str = ""
    disposition: Disposition | None = None
    version: int = 0
    risk_note: str | None = None


@dataclass(frozen=True, slots=True)
class Saved:
    """The result of saving a draft.

    Args:
        version: the new version.
        changed: whether anything changed.
        in_hand: whether the callback is still the advisor's current one; else the call is
            unfinished.
    """

    version: int
    changed: bool
    in_hand: bool


def save(
    callback_id: int, advisor_id: int, draft: Draft, *, expected_version: int, now: datetime
) -> Saved:
    """Save a draft; after the wrap-up it becomes the notes of an unfinished call.

    Args:
        expected_version: the version that the form began from.

    Raises:
        DraftChanged: a newer draft was saved in another window; nothing was changed.
        StateChanged: the callback is neither theirs nor theirs to finish, or is erased.
    """
    with transaction() as session:
        callback = lock_callback(session, callback_id)
        attempt = _newest_of(session, callback_id, advisor_id)
        in_hand = callback.claimed_by == advisor_id and callback.status in _CURRENT
        if not in_hand and not _may_be_finished(callback, attempt):
            raise StateChanged
        stored = draft_of(session, callback_id, advisor_id)
        has_notes = draft.notes is not None
        draft = replace(
            draft,
            notes=stored.notes if draft.notes is None else draft.notes,
            risk_note=stored.risk_note if draft.risk_note is None else draft.risk_note,
            disposition=draft.disposition if in_hand else None,  # Not that of their next call.
            version=stored.version,
        )
        if draft == stored:
            return Saved(stored.version, changed=False, in_hand=in_hand)
        _require_version(stored, expected_version)
        _write(session, callback_id, advisor_id, draft, now)
        if attempt is not None and has_notes:
            attempt.notes = draft.notes or None
            attempt.risk_note = draft.risk_note or None
            attempt.unfinished_at = attempt.unfinished_at or now
        return Saved(stored.version + 1, changed=True, in_hand=in_hand)


def draft_of(session: Session, callback_id: int, advisor_id: int) -> Draft:
    """Return an advisor's draft for a callback; empty if there is none."""
    row = _row(session, callback_id, advisor_id)
    return Draft() if row is None else _read(row)


def _read(row: NoteDraft) -> Draft:
    stored = row.disposition or row.outcome
    chosen = Disposition(stored) if stored else None
    return Draft(row.notes, row.transfer_note or "", chosen, row.version, row.risk_note or "")


def _require_version(stored: Draft, expected: int | None) -> None:
    if expected is not None and stored.version != expected:
        raise DraftChanged(
            stored.version, stored.notes or "", stored.transfer_note, stored.risk_note or ""
        )


def take(session: Session, callback_id: int, advisor_id: int, expected_version: int | None) -> None:
    """Delete the draft as the advisor saves the form that began from it.

    Args:
        expected_version: its version; None for a form without one.

    Raises:
        DraftChanged: there is a newer one. Leave the transaction.
    """
    stored = session.execute(
        sa.delete(NoteDraft)
        .where(NoteDraft.callback_id == callback_id, NoteDraft.advisor_id == advisor_id)
        .returning(NoteDraft),
        execution_options={"synchronize_session": False},
    ).scalar_one_or_none()
    _require_version(Draft() if stored is None else _read(stored), expected_version)


def has_unfinished(callback_id: int, advisor_id: int) -> sa.ColumnElement[bool]:
    """Return the condition that ``mark_finished`` has something to do."""
    return sa.exists().where(
        Attempt.callback_id == callback_id,
        Attempt.advisor_id == advisor_id,
        Attempt.unfinished_at.is_not(None),
    )


def mark_finished(session: Session, callback_id: int, advisor_id: int) -> None:
    """Record that the outcome of an advisor's calls is recorded."""
    mine = (Attempt.callback_id == callback_id, Attempt.advisor_id == advisor_id)
    unfinished = Attempt.unfinished_at.is_not(None)
    newest = sa.select(sa.func.max(Attempt.id)).where(*mine).scalar_subquery()
    # Of a call that was not placed: the same words are in the notes of the one that was.
    kept = sa.or_(Attempt.id == newest, Attempt.disposition.is_not(None))
    session.execute(
        sa.update(Attempt)
        .where(*mine, unfinished)
        .values(
            notes=sa.case((kept, Attempt.notes)),
            risk_note=sa.case((kept, Attempt.risk_note)),
            unfinished_at=None,
        )
    )


def save_as_notes(session: Session, attempt: Attempt, *, now: datetime) -> Draft:
    """Turn the draft into notes after the wrap-up ended by itself, and mark the call as unfinished.

    The outcome chosen in it is that of this call, and of no later one.

    Returns:
        The draft.
    """
    draft = draft_of(session, attempt.callback_id, attempt.advisor_id)
    texts = (draft.notes or attempt.notes, draft.transfer_note)
    attempt.notes = "\n\n".join(text for text in texts if text) or None
    attempt.risk_note = draft.risk_note or attempt.risk_note
    attempt.unfinished_at = now
    # Its version stays, so that what is typed after this can still be saved.
    row = _row(session, attempt.callback_id, attempt.advisor_id)
    if row is not None:
        row.transfer_note = row.disposition = row.outcome = None
    return draft


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A call without a recorded outcome, or a draft without a call.

    Args:
        draft_id: of the draft, where there was no call.
    """

    callback_id: int
    at: datetime
    words: str
    attempt: Attempt | None = None
    draft_id: int | None = None


@dataclass(frozen=True, slots=True)
class UnfinishedCall:
    """A call of any advisor that is to be finished, without its notes.

    Args:
        since: when its wrap-up ran out, or its first draft was saved.
        status: of its callback now.
    """

    attempt: Attempt
    advisor: str
    since: datetime
    status: Status


def list_unfinished(session: Session) -> Sequence[UnfinishedCall]:
    """List the calls that any advisor has to finish, the oldest first. Those that are still in
    progress or in wrap-up are not among them.
    """
    rows = session.execute(
        sa.select(Attempt, Staff.name, Attempt.unfinished_at, Callback.status)
        .join(Callback, Callback.id == Attempt.callback_id)
        .join(Staff, Staff.id == Attempt.advisor_id)
        .where(*_unfinished_conditions())
        .order_by(Attempt.unfinished_at, Attempt.id)
    )
    return [
        UnfinishedCall(attempt, name, since, status)
        for attempt, name, since, status in rows
        if since is not None
    ]


def count_unfinished(session: Session) -> int:
    """Count the calls that any advisor has to finish."""
    return session.scalars(
        sa.select(sa.func.count())
        .select_from(Attempt)
        .join(Callback, Callback.id == Attempt.callback_id)
        .where(*_unfinished_conditions())
    ).one()


def _unfinished_conditions() -> Sequence[sa.ColumnElement[bool]]:
    in_hand = sa.and_(Callback.claimed_by == Attempt.advisor_id, Callback.status.in_(_CURRENT))
    return (
        Attempt.unfinished_at.is_not(None),
        Callback.erased_at.is_(None),
        sa.or_(Callback.claimed_by.is_(None), ~in_hand),
    )


def unfinished_of(session: Session, advisor_id: int) -> Sequence[Unfinished]:
    """Return an advisor's unfinished calls, oldest first, without the current callback."""
    calls = session.scalars(
        sa.select(Attempt)
        .join(Callback, Callback.id == Attempt.callback_id)
        .where(
            Attempt.advisor_id == advisor_id,
            Attempt.unfinished_at.is_not(None),
            *_not_current(advisor_id),
        )
    )
    drafts = session.scalars(
        sa.select(NoteDraft)
        .join(Callback, Callback.id == NoteDraft.callback_id)
        .where(NoteDraft.advisor_id == advisor_id, *_not_current(advisor_id))
    )
    unfinished = [
        Unfinished(call.callback_id, call.created_at, call.notes or "", call) for call in calls
    ]
    of_calls = {call.callback_id for call in unfinished}
    for draft in drafts:
        parts = [] if draft.callback_id in of_calls else [draft.notes]
        text = "\n\n".join(part for part in (*parts, draft.transfer_note) if part)
        if text:
            unfinished.append(
                Unfinished(draft.callback_id, draft.saved_at, text, draft_id=draft.id)
            )
    return sorted(unfinished, key=lambda entry: entry.at)


def unfinished_count(session: Session, advisor_id: int) -> int:
    return len(unfinished_of(session, advisor_id))


def finish(
    attempt_id: int,
    advisor_id: int,
    disposition: Disposition,
    notes: str,
    *,
    now: datetime,
    risk_note: str | None = None,
) -> None:
    """Record the outcome of a call whose wrap-up ended by itself, as its advisor says.

    Args:
        risk_note: None keeps the stored one.

    Raises:
        EmergencyNotDescribed: an emergency was marked or chosen, and the notes are empty.
        StateChanged: it is not this advisor's to finish, or is erased.
    """
    with transaction() as session:
        attempt = lock_unfinished(session, attempt_id)
        if attempt.advisor_id != advisor_id:
            raise StateChanged
        callback = session.get_one(Callback, attempt.callback_id)
        emergencies.require_description(
            callback, attempt.created_at, notes, disposition=disposition
        )
        attempt.notes = notes or None
        if risk_note is not None:
            attempt.risk_note = risk_note or None
        conclude(session, attempt, disposition, actor=transitions.staff_actor(advisor_id), now=now)


def lock_unfinished(session: Session, attempt_id: int) -> Attempt:
    """Lock a call that is to be finished, and its callback.

    Raises:
        StateChanged: it was finished already, is in progress, or is erased.
        NoResultFound: there is no such call.
    """
    unlocked = session.get_one(Attempt, attempt_id)
    callback = lock_callback(session, unlocked.callback_id)
    attempt = session.get_one(Attempt, attempt_id, with_for_update=True, populate_existing=True)
    if (
        attempt.unfinished_at is None
        or callback.erased_at is not None
        or (callback.claimed_by == attempt.advisor_id and callback.status in _CURRENT)
    ):
        raise StateChanged
    return attempt


def conclude(
    session: Session, attempt: Attempt, disposition: Disposition, *, actor: str, now: datetime
) -> None:
    """Record what came of a call that was to be finished, inside the caller's transaction.

    A callback that waits for its next try ends if the number is wrong, or if they were reached and
    have not chosen another time since: that call is still wanted. One that an outcome closed is
    called again if that was a mistake. A block or a hold goes with the outcome that caused it.

    Args:
        attempt: locked by ``lock_unfinished``.
        actor: who says so, as the audit log names them.
    """
    callback = session.get_one(Callback, attempt.callback_id)
    attempts.set_disposition(session, callback, attempt, disposition, now=now)
    attempt.unfinished_at = None
    draft = draft_of(session, callback.id, attempt.advisor_id)
    if not draft.transfer_note:
        _delete(session, callback.id, attempt.advisor_id)
    if attempt.id == _newest_id(session, callback.id):
        _apply_to_callback(session, callback, attempt, disposition, actor=actor, now=now)
    audit.record(
        session,
        at=now,
        actor=actor,
        action="disposition_recorded",
        subject=f"callback:{callback.id}",
        disposition=disposition,
    )


def discard(draft_id: int, advisor_id: int) -> None:
    """Delete a draft without a call.

    Raises:
        StateChanged: this advisor has no such draft.
    """
    with transaction() as session:
        draft = session.get(NoteDraft, draft_id)
        if draft is None or draft.advisor_id != advisor_id:
            raise StateChanged
        session.delete(draft)


def _apply_to_callback(
    session: Session,
    callback: Callback,
    attempt: Attempt,
    disposition: Disposition,
    *,
    actor: str,
    now: datetime,
) -> None:
    event = retries.consequence(disposition, may_call_back=callback.may_ring_back)
    session.flush()
    step: dict[str, Any] = {"at": now, "actor": actor, "disposition": disposition}
    if (
        callback.status == Status.WAITING
        and event == Event.REACHED
        and not queries.is_rescheduled_since(session, callback.id, attempt.created_at)
    ):
        transitions.reached(session, callback, **step)
    elif callback.status == Status.WAITING and event == Event.GIVE_UP:
        transitions.give_up(session, callback, **step)
    elif callback.status == Status.WAITING and event == Event.HOLD:
        transitions.hold(session, callback, **step)
    elif callback.status == Status.WAITING and event == Event.CALL_BACK:
        attempts.call_back(session, callback, attempt, **step)
    else:
        if _was_closed_by_outcome(callback) and event in (Event.RETRY, Event.CALL_BACK):
            visitor_retry.replace_wrongly_closed(session, callback, actor=actor, now=now)
        transitions.lift_hold(session, callback)
        if callback.status in ENDED and callback.disposition != disposition:
            notifications.notify_webhooks(session, callback, WebhookEvent.CORRECTED, at=now)
        if callback.status in (Status.WAITING, Status.REACHED, Status.UNREACHED):
            guarded_update(session, callback, {"status": callback.status}, disposition=disposition)


def _was_closed_by_outcome(callback: Callback) -> bool:
    """Whether one outcome has closed it, and not the last of its attempts."""
    return callback.status == Status.REACHED or (
        callback.status == Status.UNREACHED
        and retries.CONSEQUENCES.get(callback.disposition or "") == Event.GIVE_UP  # type: ignore[call-overload]
    )


def _not_current(advisor_id: int) -> tuple[sa.ColumnElement[bool], ...]:
    in_hand = sa.and_(Callback.claimed_by == advisor_id, Callback.status.in_(_CURRENT))
    return (Callback.erased_at.is_(None), sa.or_(Callback.claimed_by.is_(None), ~in_hand))


def _may_be_finished(callback: Callback, attempt: Attempt | None) -> bool:
    if attempt is None or callback.erased_at is not None:
        return False
    return attempt.unfinished_at is not None or attempt.disposition is None


def _newest_of(session: Session, callback_id: int, advisor_id: int) -> Attempt | None:
    return session.scalar(
        sa.select(Attempt)
        .where(Attempt.callback_id == callback_id, Attempt.advisor_id == advisor_id)
        .order_by(Attempt.id.desc())
        .limit(ONE)
    )


def _newest_id(session: Session, callback_id: int) -> int | None:
    return session.scalar(
        sa.select(sa.func.max(Attempt.id)).where(Attempt.callback_id == callback_id)
    )


def _row(session: Session, callback_id: int, advisor_id: int) -> NoteDraft | None:
    return session.scalar(
        sa.select(NoteDraft).where(
            NoteDraft.callback_id == callback_id, NoteDraft.advisor_id == advisor_id
        )
    )


def _write(
    session: Session, callback_id: int, advisor_id: int, draft: Draft, now: datetime
) -> None:
    row = _row(session, callback_id, advisor_id)
    if row is None:
        row = NoteDraft(callback_id=callback_id, advisor_id=advisor_id, version=0, saved_at=now)
        session.add(row)
    is_known = draft.disposition in _KNOWN_TO_THE_RELEASE_BEFORE
    row.notes = draft.notes
    row.transfer_note = draft.transfer_note or None
    row.risk_note = draft.risk_note or None
    row.disposition = draft.disposition if is_known else None
    row.outcome = None if is_known else draft.disposition
    row.version = draft.version + 1
    row.saved_at = now


def _delete(session: Session, callback_id: int, advisor_id: int) -> None:
    session.execute(
        sa.delete(NoteDraft).where(
            NoteDraft.callback_id == callback_id, NoteDraft.advisor_id == advisor_id
        )
    )
