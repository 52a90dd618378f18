"""Offers as carrier jobs: an advisor's phone is called with a due callback.

The row is its own outbox: queued until a worker claims it, then settled by what the carrier reports
or a lookup, never placed again.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline import clock
from helpline.callbacks import dispatch_pause
from helpline.callbacks.models import Callback
from helpline.callbacks.phone_limits import checks
from helpline.calls import advisor_calls, carrier_failures, daily_budget, rate_control
from helpline.calls.advisor_calls import AdvisorCallJobs
from helpline.calls.dispatch import offers
from helpline.calls.models import Offer, OfferResult, OfferState
from helpline.db import ONE, is_missing, transaction
from helpline.domain.call_progress import FINAL, Leg
from helpline.domain.lifecycle import Status
from helpline.hours import queries as hours_queries
from helpline.messaging.carrier_jobs import (
    CarrierContext,
    Request,
    SentJob,
    Stage,
)
from helpline.messaging.job_failures import Job
from helpline.staff import advisor_line
from helpline.telephony import carrier_limits
from helpline.telephony.port import Carrier, Rejected
from helpline.telephony.problems import Problem

_ON = Offer.ended_at.is_(None)
_QUEUED = sa.and_(_ON, Offer.state == OfferState.QUEUED)
_SENT = sa.and_(_ON, Offer.state != OfferState.QUEUED)
_ASKED_AT = sa.func.coalesce(Offer.placing_at, Offer.created_at)


class OfferJobs(AdvisorCallJobs[Offer]):
    """Offers to advisors. One that could not be placed ends; the advisor may be asked again."""

    name = "offer"
    model = Offer
    look_up_job, end_job = Job.LOOK_UP_OFFER, Job.END_OVERDUE_OFFER
    asked_at = _ASKED_AT
    unconfirmed = sa.and_(_SENT, is_missing(Offer.call))
    stages = (
        Stage(_QUEUED, Offer.created_at, lambda limits: limits.queued),
        Stage(unconfirmed, _ASKED_AT, lambda limits: limits.unconfirmed),
        Stage(_ON, _ASKED_AT, lambda limits: limits.ringing),
    )

    def next_to_start(
        self,
        carrier: str,
        *,
        now: datetime,
        lost_after: timedelta,
        legs_at_once: int | None = None,
    ) -> Request | bool:
        """Claim the next offer of a carrier to place; after twice ``lost_after`` it is not placed
        any more.
        """
        with transaction() as session:
            if not rate_control.lock_free_legs(session, carrier, legs_at_once):
                return False
            first = advisor_calls.begin_next(
                session, Offer, _QUEUED, carrier, job=Job.PLACE_OFFER, now=now
            )
            if first is None:
                return False
            offer = offers.lock(session, Offer.id == first)
            assert offer is not None
            phone = advisor_line.phone_of(session, offer.advisor_id)
            if offer.state != OfferState.QUEUED:
                return True
            if not offers.still_needed(session, offer, now):
                offers.end(session, offer, OfferResult.WITHDRAWN, now=now)
            elif daily_budget.is_exhausted(session, now):
                _not_placed(session, offer, Problem.SPENT, now)
            elif offer.created_at + 2 * lost_after <= now or not phone:
                _not_placed(session, offer, Problem.TOO_LATE, now)
            else:
                offer.state, offer.placing_at, offer.heard_at = OfferState.PLACING, now, now
                return Request(offer.id, offer.ref, phone)
            return True

    def ask(self, context: CarrierContext, request: Request) -> str:
        return advisor_calls.create_call(
            context,
            request,
            answer_url=context.urls.offer_answered(request.ref),
            status_url=context.urls.offer_status(request.ref),
        )

    def accepted(self, job_id: int, carrier_id: str, *, now: datetime) -> None:
        advisor_calls.store_id(Offer, job_id, carrier_id, now=now)

    def retry_later(self, job_id: int, problem: str, *, now: datetime) -> None:
        """End it: the next round offers the callback again."""
        _end_unless_over(job_id, OfferResult.NOT_PLACED, problem, now)

    def rejected(self, request: Request, error: Rejected, *, now: datetime) -> None:
        """End it as a miss, so that others are called instead; but not where any advisor's phone
        would get the same answer.
        """
        if error.problem in offers.NOT_ADVISOR_FAULT:
            with transaction() as session:
                offer = session.get_one(Offer, request.job_id)
                carrier_limits.slow_down(session, offer.carrier, now=now)
            _end_unless_over(request.job_id, OfferResult.NOT_PLACED, error.problem, now)
        else:
            _end_unless_over(request.job_id, OfferResult.REFUSED, error.problem, now)
        carrier_failures.call_refused(request.ref, Leg.ADVISOR, error.code, now=now)

    def next_unwanted(self, carrier: str, *, now: datetime) -> str | bool:
        """Claim an offer of a carrier that another advisor took, whose visitor cancelled or
        rescheduled, or that closing or a pause of dispatch left over.
        """
        with transaction() as session:
            is_open = hours_queries.effective_hours(session, now).is_open(now)
            unwanted = sa.or_(
                Callback.status != Status.WAITING, Callback.due_at > now, checks.not_callable(now)
            )
            offer_id = session.scalar(
                sa.select(Offer.id)
                .join(Callback, Callback.id == Offer.callback_id)
                .where(
                    _ON,
                    Offer.carrier == carrier,
                    advisor_calls.can_be_ended(Offer, _QUEUED, now),
                    sa.or_(unwanted, dispatch_pause.is_paused(now)) if is_open else sa.true(),
                )
                .order_by(Offer.created_at)
                .limit(ONE)
            )
            offer = offers.lock(session, Offer.id == offer_id) if offer_id is not None else None
            if offer is None:
                return False
            if offer.ended_at is not None or offers.still_needed(session, offer, now):
                return True
            if offer.state == OfferState.QUEUED or offer.call is None:
                offers.end(session, offer, OfferResult.WITHDRAWN, now=now)
                return True
            offer.end_asked_at = now
            return offer.call

    def is_silent(self, now: datetime, silent_after: timedelta) -> sa.ColumnElement[bool]:
        return sa.and_(_SENT, sa.or_(Offer.heard_at <= now - silent_after, Offer.look_at <= now))

    def sent_job(self, session: Session, row: Offer) -> SentJob:
        phone = advisor_line.phone_of(session, row.advisor_id)
        return SentJob(row.id, row.call, phone, row.placing_at or row.created_at)

    def look_up(self, carrier: Carrier, job: SentJob, carrier_id: str, *, is_late: bool) -> None:
        """Fetch the call. A phone that still rings is hung up."""
        call = carrier.fetch_call(carrier_id)
        if call.status is not None:
            with transaction() as session:
                offer = offers.lock(session, Offer.id == job.job_id)
                # Found by the id of the request, it has its own from now on.
                is_current = offer and offer.call in (None, carrier_id, call.id)
                if offer and is_current and offer.ended_at is None:
                    offers.apply_status(session, offer, call.id, call.status, None, clock.now())
        if is_late and call.status not in FINAL:
            carrier.hang_up(call.id)

    def lock(self, session: Session, job_id: int) -> Offer | None:
        return offers.lock(session, Offer.id == job_id)

    def end(self, session: Session, row: Offer, *, now: datetime) -> None:
        """End it and free its advisor."""
        if row.state == OfferState.QUEUED:
            _not_placed(session, row, Problem.TOO_LATE, now)
        elif row.call is None:
            _not_placed(session, row, Problem.LOST, now)
        else:
            offers.end(session, row, OfferResult.MISSED, now=now)


OFFERS = OfferJobs()


def _end_unless_over(offer_id: int, result: OfferResult, problem: str, now: datetime) -> None:
    with transaction() as session:
        offer = offers.lock(session, Offer.id == offer_id)
        if offer is not None and offer.ended_at is None:
            offers.end(session, offer, result, now=now, problem=problem)


def _not_placed(session: Session, offer: Offer, problem: str, now: datetime) -> None:
    offers.end(session, offer, OfferResult.NOT_PLACED, now=now, problem=problem)
