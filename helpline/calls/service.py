"""Calls: actions of the advisor, and what ends by time."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from helpline.callbacks import follow_up, transitions
from helpline.callbacks.errors import NumberNotCallable, OutsideHours, StateChanged, VisitorOnCall
from helpline.callbacks.follow_up import FollowUp
from helpline.callbacks.models import Callback
from helpline.callbacks.phone_limits import checks
from helpline.callbacks.row_locks import has_open_status, lock_callback
from helpline.calls import attempts, drafts, emergencies, queries
from helpline.calls.errors import (
    AdvisorHasNoPhone,
    CallInProgress,
    NotReached,
    NumberUnreadable,
    PreviousCallActive,
)
from helpline.calls.models import Attempt, Channel
from helpline.db import ONE, Instant, guarded_update, transaction
from helpline.domain.call_progress import (
    AttemptResult,
    AttemptState,
)
from helpline.domain.lifecycle import Status
from helpline.domain.retries import FOLLOW_UP_ALLOWED, Disposition, suggested_disposition
from helpline.domain.unreadable import if_readable, is_unreadable
from helpline.hours import queries as hours_queries
from helpline.messaging import job_failures, outbox
from helpline.messaging.models import Kind
from helpline.privacy import audit
from helpline.staff.models import Staff
from helpline.telephony import carrier_routes

_OWN_PHONE_RESULTS = {
    **dict.fromkeys(Disposition, AttemptResult.TALKED),
    Disposition.NO_ANSWER: AttemptResult.NO_ANSWER,
    Disposition.BUSY: AttemptResult.BUSY,
}


# What the advisor does


def start_call(callback_id: int, advisor_id: int, *, now: datetime) -> None:
    """Queue a call: the worker calls the advisor and, on their 1, the visitor. Idempotent.

    Raises:
        OutsideHours: the helpline is closed.
        NumberUnreadable: the visitor's number cannot be decrypted.
        NumberNotCallable: the number may not be called now.
        VisitorOnCall: the visitor is on an inbound call.
        StateChanged: the advisor no longer has the callback.
        AdvisorHasNoPhone: there is no phone to call the advisor on.
        PreviousCallActive: the advisor's previous call is still ending.
    """
    _start(callback_id, advisor_id, Channel.CARRIER, now)


def start_own_phone_call(
    callback_id: int, advisor_id: int, *, now: datetime, longest_minutes: int
) -> None:
    """Record that the advisor calls from their own phone, without a carrier.

    Args:
        longest_minutes: after which the advisor is assumed to have left.

    Raises:
        OutsideHours, StateChanged: as in ``start_call``.
    """
    _start(callback_id, advisor_id, Channel.OWN_PHONE, now, longest_minutes)


def _start(
    callback_id: int,
    advisor_id: int,
    channel: Channel,
    now: datetime,
    longest_minutes: int = 0,
) -> None:
    try:
        with transaction() as session:
            callback = lock_callback(session, callback_id)
            if callback.claimed_by == advisor_id and callback.status == Status.CALLING:
                return
            params = {"callback": callback_id, "advisor": advisor_id, "now": now}
            facts = session.execute(_facts_query(), params).one()
            open_state = hours_queries.open_state(facts.stored_plan, now)
            if not open_state.is_open:
                raise OutsideHours(open_state.opens_at)
            if is_unreadable(callback.phone):
                raise NumberUnreadable
            by_carrier = channel == Channel.CARRIER
            if by_carrier and not if_readable(facts.phone):
                raise AdvisorHasNoPhone
            ends_at = None if by_carrier else now + timedelta(minutes=longest_minutes)
            transitions.dial(session, callback, advisor_id=advisor_id, at=now, ends_at=ends_at)
            is_callable = (
                not facts.is_not_callable
                if by_carrier
                else checks.record_ring(session, callback, now)
            )
            if not is_callable:
                on_call = checks.is_on_call(session, callback, now)
                raise VisitorOnCall if on_call else NumberNotCallable
            attempt = Attempt(
                ref=secrets.token_hex(16),
                callback_id=callback_id,
                advisor_id=advisor_id,
                channel=channel,
                carrier=carrier_routes.resolve(facts.route, facts.rest_route).carrier,
                state=AttemptState.QUEUED if by_carrier else AttemptState.TALKING,
                created_at=now,
                heard_at=now,
            )
            session.add(attempt)
            session.flush()
            if by_carrier:
                outbox.enqueue(session, Kind.PLACE_CALL, attempt.id, now=now)
            audit.record(
                session,
                at=now,
                actor=transitions.staff_actor(advisor_id),
                action="call_started",
                subject=f"callback:{callback_id}",
                channel=channel,
            )
    except IntegrityError as error:
        raise PreviousCallActive from error


@cache
def _facts_query() -> sa.Select[*tuple[Any, ...]]:
    """What decides whether, and by which carrier, a locked callback may be called."""
    now = sa.bindparam("now", type_=Instant)
    of_region, of_rest = (
        carrier_routes.stored_route(each).scalar_subquery()
        for each in (Callback.phone_region, carrier_routes.REST)
    )
    return (
        sa.select(
            Staff.phone,
            checks.not_callable(now).label("is_not_callable"),
            of_region.label("route"),
            of_rest.label("rest_route"),
            hours_queries.STORED_PLAN,
        )
        .select_from(Callback)
        .join(Staff, Staff.id == sa.bindparam("advisor", type_=sa.Integer))
        .outerjoin(hours_queries.NEWEST_PLAN, sa.true())
        .where(Callback.id == sa.bindparam("callback", type_=sa.Integer))
    )


def stop_call(callback_id: int, advisor_id: int, *, now: datetime) -> None:
    """Cancel a call not yet sent to the carrier; the advisor keeps the callback.

    Raises:
        StateChanged: it was sent, or the advisor no longer has the callback.
    """
    with transaction() as session:
        callback = lock_callback(session, callback_id)
        attempt = attempts.live_of(session, callback_id)
        if (
            attempt is None
            or callback.claimed_by != advisor_id
            or not guarded_update(session, attempt, {"state": AttemptState.QUEUED}, heard_at=now)
        ):
            raise StateChanged
        attempts.end_attempt(session, attempt, AttemptResult.NOT_PLACED, rang=False, now=now)


def record_disposition(
    callback_id: int,
    advisor_id: int,
    disposition: Disposition,
    notes: str,
    *,
    now: datetime,
    further: FollowUp | None = None,
    has_carrier: bool = True,
    draft_version: int | None = None,
    risk_note: str = "",
) -> None:
    """Record the outcome of the call and end the wrap-up.

    Args:
        has_carrier: whether a carrier reports on the call; if its account was removed, the
            advisor's word ends the call.
        further: another call that the visitor agreed to; only where they were reached.
        draft_version: of the draft that the form began from; None for none.

    Raises:
        DraftChanged: newer notes were saved in another window; nothing was written.
        EmergencyNotDescribed: an emergency was marked or chosen, and the notes are empty.
        CallInProgress: the call has not ended.
        NotReached: a further call with a visitor who was not reached.
        SlotUnavailable: the slot of the further call is not available; nothing was written.
        StateChanged: the advisor no longer has the callback; nothing was written.
    """
    with transaction() as session:
        callback = lock_callback(session, callback_id)
        newest = attempts.newest_query(callback_id)
        unfinished = drafts.has_unfinished(callback_id, advisor_id)
        found = session.execute(newest.add_columns(unfinished)).one_or_none()
        if found is None or callback.claimed_by != advisor_id or callback.status != Status.CALLING:
            raise StateChanged
        attempt, has_unfinished = found
        drafts.take(session, callback_id, advisor_id, draft_version)
        emergencies.require_description(
            callback, callback.claimed_at, notes, disposition=disposition
        )
        if attempt.ended_at is None:
            _end_by_disposition(session, attempt, disposition, now, has_carrier)
        if has_unfinished:
            drafts.mark_finished(session, callback_id, advisor_id)
        attempt.notes = notes or None
        attempt.risk_note = risk_note or None
        attempts.apply_disposition(
            session,
            callback,
            attempt,
            disposition,
            now=now,
            actor=transitions.staff_actor(advisor_id),
        )
        audit.record(
            session,
            at=now,
            actor=transitions.staff_actor(advisor_id),
            action="disposition_recorded",
            subject=f"callback:{callback_id}",
            disposition=disposition,
        )
        if further is not None:
            if disposition not in FOLLOW_UP_ALLOWED:
                raise NotReached
            follow_up.book(session, callback, further, advisor_id=advisor_id, now=now)


def _end_by_disposition(
    session: Session,
    attempt: Attempt,
    disposition: Disposition,
    now: datetime,
    has_carrier: bool,
) -> None:
    if attempt.channel == Channel.OWN_PHONE or not has_carrier:
        result = _OWN_PHONE_RESULTS[disposition]
        attempts.end_attempt(session, attempt, result, rang=True, now=now)
    else:
        attempts.advance_attempt(session, attempt, now=now, complete=True)
    if attempt.ended_at is None:
        raise CallInProgress
    if session.get_one(Callback, attempt.callback_id).status != Status.CALLING:
        raise StateChanged


# What the worker does


def close_one_wrap_up(*, now: datetime) -> bool:
    """End one wrap-up whose time is over, with the chosen outcome, else with what the carrier
    reported; return whether there was one. A short conversation without an outcome leads to a
    retry.
    """
    with transaction() as session:
        callback = job_failures.take_next(
            session,
            job_failures.Job.CLOSE_WRAP_UP,
            Callback,
            has_open_status(Status.CALLING),
            Callback.claim_ends_at <= now,
            now=now,
            order_by=Callback.claim_ends_at,
        )
        if callback is None:
            return False
        attempt = attempts.newest_of(session, callback.id)
        assert attempt is not None
        chosen = drafts.draft_of(session, callback.id, attempt.advisor_id).disposition
        if attempt.ended_at is None:
            result = _OWN_PHONE_RESULTS[chosen] if chosen else AttemptResult.NO_ANSWER
            attempts.end_attempt(session, attempt, result, rang=True, now=now)
        drafts.save_as_notes(session, attempt, now=now)
        result = AttemptResult(attempt.result) if attempt.result else AttemptResult.NO_ANSWER
        disposition = chosen or suggested_disposition(result, queries.talk_time(session, attempt))
        attempts.apply_disposition(session, callback, attempt, disposition, now=now, actor="worker")
        return True


def end_one_cancelled(*, now: datetime) -> bool:
    """End one own-phone call whose callback was cancelled; return whether there was one. Nobody
    reports its end, and until then the advisor could start no other.
    """
    with transaction() as session:
        withdrawn = session.scalar(
            sa.select(Attempt.id)
            .join(Callback, Callback.id == Attempt.callback_id)
            .where(
                Attempt.ended_at.is_(None),
                Attempt.channel == Channel.OWN_PHONE,
                Callback.status != Status.CALLING,
                job_failures.may_run(job_failures.Job.END_WITHDRAWN, Attempt.id, now),
            )
            .limit(ONE)
        )
        if withdrawn is None:
            return False
        job_failures.begin(job_failures.Job.END_WITHDRAWN, withdrawn)
        attempt = attempts.lock_attempt(session, withdrawn)
        assert attempt is not None
        attempts.end_attempt(session, attempt, AttemptResult.CANCELLED, rang=False, now=now)
        return True
