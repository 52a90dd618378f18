"""What a visitor page reads, in one statement: hours, policy, queue and the request itself."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from helpline.callbacks import queue, slot_booking
from helpline.callbacks.errors import NoSuchCallback
from helpline.callbacks.models import Callback, CallbackEvent
from helpline.callbacks.queries import TIMELINE_EVENTS, has_token
from helpline.calls.models import Attempt, Channel
from helpline.db import ONE, DataclassBundle, Instant, inline_literal
from helpline.directory.referrals.models import Referral
from helpline.domain.call_progress import AttemptResult, AttemptState
from helpline.domain.lifecycle import Status
from helpline.domain.queue_order import Priority
from helpline.domain.safe_times import IfMissed
from helpline.domain.visitor_state import AttemptFacts
from helpline.hours import queries as hours_queries
from helpline.hours.queries import OpenState
from helpline.messaging import staff_sms
from helpline.policy import queries as policy_queries
from helpline.policy import retention
from helpline.policy.models import RetentionPolicy, ServicePolicy
from helpline.policy.queries import CallRules, VisitorRules
from helpline.privacy.encryption import link_hash
from helpline.privacy.pii_inventory import Group
from helpline.telephony import carrier_routes
from helpline.telephony.carrier_routes import CarrierRoute


@dataclass(frozen=True, slots=True)
class PageData:
    """The state of the service for one page.

    Args:
        route: the carrier that calls this region, and the number shown there.
        ahead: the queue position.
        wait_minutes: the expected wait; None without an available advisor.
        is_staff_alerted: whether staff were texted because no advisor is available.
        stored_policy: all stored admin decisions it depends on, for quick comparison.
    """

    hours: OpenState
    route: CarrierRoute
    ahead: int
    wait_minutes: int | None
    is_staff_alerted: bool
    stored_policy: Hashable


@dataclass(frozen=True, slots=True)
class FrontPageData(PageData):
    """The state of the service for a new request.

    Args:
        booked: rows for ``slot_booking.bookings_from_text``.
        kept_days: retention of personal data, of notes and of proof of consent, in days.
    """

    booked: str
    rules: VisitorRules
    kept_days: Mapping[Group, int]


@dataclass(frozen=True, slots=True)
class RequestPageData(PageData):
    """The state of the service for a request."""

    rules: CallRules


@dataclass(frozen=True, slots=True)
class CallbackView:
    """A request as its status page shows it.

    Args:
        reference: None once erased, and for a moment after an upgrade.
        phone: in E.164; None once erased.
        answers: answers to the intake questions, as stored.
        held_at: since when it is held after a restore, or was not safe to call.
        claimed_at: when an advisor claimed it.
        has_retry: whether the visitor has retried it by another request.
        follow_up_due_at: when the follow-up agreed during the call is due, while it waits.
        has_history: whether it was attempted or rescheduled.
        has_referrals: whether it has referrals.
        attempt_state: the state of the newest attempt during a call; None otherwise.
        attempt_channel: the phone it was made from.
    """

    id: int
    reference: str | None
    status: Status
    priority: int
    requested_at: datetime
    due_at: datetime
    slot_at: datetime | None
    phone: str | None
    phone_region: str
    phone_extension: str | None
    attempts_used: int
    claimed_at: datetime | None
    ended_at: datetime | None
    erased_at: datetime | None
    disposition: str | None
    follow_up_of: int | None
    again_of: int | None
    answers: str | None
    if_missed: IfMissed | None
    call_until: datetime | None
    held_at: datetime | None
    has_retry: bool
    follow_up_due_at: datetime | None
    has_history: bool
    has_referrals: bool
    attempt_state: AttemptState | None
    attempt_result: AttemptResult | None
    attempt_channel: Channel | None

    @property
    def attempt(self) -> AttemptFacts | None:
        """Return the newest attempt while a call is in progress."""
        if self.attempt_state is None:
            return None
        result = AttemptResult(self.attempt_result) if self.attempt_result else None
        own_phone = self.attempt_channel == Channel.OWN_PHONE
        return AttemptFacts(AttemptState(self.attempt_state), result, own_phone)


@dataclass(frozen=True, slots=True)
class _KeptDays:
    person_days: int
    notes_days: int
    consent_days: int


def load_front_page(session: Session, now: datetime, *, region: str) -> FrontPageData:
    """Return the state for a new request."""
    row = session.execute(_front_query(), {**_params(now), "region": region}).one()
    kept: _KeptDays | None = row.kept_days
    return FrontPageData(
        **_common(row, now, kept, row.visitor_rules),
        booked=row.bookings or "",
        rules=row.visitor_rules or policy_queries.default_rules(VisitorRules),
        kept_days={
            Group.PERSON: kept.person_days,
            Group.NOTES: kept.notes_days,
            Group.CONSENT: kept.consent_days,
        }
        if kept is not None
        else retention.DEFAULT_DAYS,
    )


def load_request_page(
    session: Session, token: str, now: datetime
) -> tuple[CallbackView, RequestPageData]:
    """Return the request of a status link, and the state for it.

    Raises:
        NoSuchCallback: no callback has this link.
    """
    params = {**_params(now), "token_hash": link_hash(token)}
    row = session.execute(_request_query(), params).first()
    if row is None:
        raise NoSuchCallback
    rules = row.call_rules or policy_queries.default_rules(CallRules)
    return row.request, RequestPageData(**_common(row, now, row.call_rules), rules=rules)


def _params(now: datetime) -> dict[str, Any]:
    return {"now": now, "seen_since": now - queue.DESK_OFFLINE_AFTER}


def _common(row: Any, now: datetime, *stored: Hashable) -> dict[str, Any]:
    route = carrier_routes.resolve(row.stored_route, row.stored_rest)
    return {
        "hours": hours_queries.open_state(row.stored_plan, now),
        "route": route,
        "ahead": row.position,
        "wait_minutes": queue.estimate_wait_minutes(row.position, row.advisors),
        "is_staff_alerted": row.is_staff_alerted,
        "stored_policy": (route, row.stored_plan, *stored),
    }


@cache
def _front_query() -> sa.Select[*tuple[Any, ...]]:
    now = sa.bindparam("now", type_=Instant)
    return _page_query(
        sa.select(ONE.label("one")).subquery("one_row"),
        slot_booking.bookings_as_text(now).scalar_subquery().label("bookings"),
        DataclassBundle("kept_days", _KeptDays, RetentionPolicy),
        policy_queries.VISITOR_RULES,
        priority=inline_literal(Priority.ASAP),
        due_at=now,
        region=sa.bindparam("region"),
    ).outerjoin(RetentionPolicy, RetentionPolicy.id == ONE)


@cache
def _request_query() -> sa.Select[*tuple[Any, ...]]:
    callback, other = aliased(Callback), aliased(Callback)
    has_retry = sa.exists().where(other.again_of == callback.id)
    follow_up_due = sa.select(other.due_at).where(
        other.follow_up_of == callback.id, other.status == Status.WAITING
    )
    has_history = sa.exists().where(
        CallbackEvent.callback_id == callback.id,
        CallbackEvent.event.in_(TIMELINE_EVENTS),
    )
    has_referrals = sa.exists().where(Referral.callback_id == callback.id)
    newest = (
        sa.select(sa.func.max(Attempt.id))
        .where(Attempt.callback_id == callback.id, callback.status == Status.CALLING)
        .correlate(callback)
        .scalar_subquery()
    )
    request = DataclassBundle(
        "request",
        CallbackView,
        callback,
        has_retry=has_retry,
        follow_up_due_at=follow_up_due.scalar_subquery(),
        has_history=has_history,
        has_referrals=has_referrals,
        attempt_state=Attempt.state,
        attempt_result=Attempt.result,
        attempt_channel=Attempt.channel,
    )
    return _page_query(
        sa.join(callback, Attempt, Attempt.id == newest, isouter=True),
        request,
        policy_queries.CALL_RULES,
        priority=callback.priority,
        due_at=callback.due_at,
        region=callback.phone_region,
    ).where(has_token(sa.bindparam("token_hash", type_=sa.String), callback))


def _page_query(
    start: Any, *subject: Any, priority: Any, due_at: Any, region: Any
) -> sa.Select[*tuple[Any, ...]]:
    now = sa.bindparam("now", type_=Instant)
    seen_since = sa.bindparam("seen_since", type_=Instant)
    position = queue.queue_position_query(priority, due_at, now)
    advisors = queue.advisors_online_query(seen_since, now)
    return (
        sa.select(
            *subject,
            position.scalar_subquery().label("position"),
            advisors.scalar_subquery().label("advisors"),
            staff_sms.is_staff_alerted().label("is_staff_alerted"),
            carrier_routes.stored_route(region).scalar_subquery().label("stored_route"),
            carrier_routes.stored_route(carrier_routes.REST).scalar_subquery().label("stored_rest"),
            hours_queries.STORED_PLAN,
        )
        .select_from(start)
        .outerjoin(hours_queries.NEWEST_PLAN, sa.true())
        .outerjoin(ServicePolicy, ServicePolicy.id == ONE)
    )
