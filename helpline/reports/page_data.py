"""What a visitor's page asks of the database, in one statement: the hours, the rules, the queue;
and that request, where it is the page of one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from helpline.callbacks import slot_booking
from helpline.callbacks.errors import NoSuchCallback
from helpline.callbacks.models import Callback, CallbackEvent
from helpline.callbacks.queries import STEPS_SHOWN
from helpline.calls.models import Attempt, Channel
from helpline.db import ONE, ONE_ROW, Instant, inline_literal
from helpline.directory.referrals.models import Referral
from helpline.domain.call_progress import AttemptResult, AttemptState
from helpline.domain.lifecycle import Status
from helpline.domain.queue_order import Priority
from helpline.domain.safe_times import IfMissed
from helpline.domain.visitor_state import AttemptFacts
from helpline.hours import queries as hours
from helpline.hours.models import ServicePolicy
from helpline.hours.queries import OpenState, VisitorRules
from helpline.privacy import retention
from helpline.privacy.encryption import link_hash
from helpline.privacy.models import RetentionPolicy
from helpline.privacy.pii_inventory import Group
from helpline.queue import queries as queue
from helpline.raw_sql import fetch_first, fetch_rows
from helpline.telephony.models import CallerId

_KEPT = (Group.PERSON, Group.NOTES)
_PLAN = len(hours.newest_plan().selected_columns)
_RULES = _PLAN + len(_KEPT)
_ASKED_BESIDE = (
    "made_again",
    "further_at",
    "has_steps",
    "has_places",
    "attempt_state",
    "attempt_result",
    "attempt_channel",
)
"""The last of Request's fields, which are no columns of a callback."""


@dataclass(frozen=True, slots=True)
class PageData:
    """How things stood at one look.

    Args:
        hours: whether we are open, and until when.
        rules: how callbacks are treated.
        kept_days: how long what is known of a person, and their notes, are kept.
        caller_id: the number that this region sees; None: the usual one.
        ahead: how many come before.
        wait_minutes: how long the wait will likely be; None when no advisor is there.
        decided: all that admins decided of it, as it is written: quickly compared.
    """

    hours: OpenState
    rules: VisitorRules
    kept_days: Mapping[Group, int]
    caller_id: str | None
    ahead: int
    wait_minutes: int | None
    decided: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class CallbackView:
    """A request as its own page shows it, and no more of it.

    Args:
        phone: in E.164; None once it is erased.
        phone_extension: the digits of its extension, if it has one.
        answers: to the quiet questions, as they are stored.
        claimed_at: since when an advisor has it.
        made_again: whether another was made when this one was to be tried again.
        further_at: when the call is due that was agreed on the phone, while it waits.
        has_steps: whether it was tried, or moved.
        has_places: whether places to go on to were named.
        attempt_state: how far the newest attempt has come, while a call is being made; None else.
        attempt_result: what came of it, once it is over.
        attempt_channel: by which phone.
    """

    id: int
    status: Status
    priority: int
    requested_at: datetime
    due_at: datetime
    slot_at: datetime | None
    phone: str | None
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
    made_again: bool
    further_at: datetime | None
    has_steps: bool
    has_places: bool
    attempt_state: AttemptState | None
    attempt_result: AttemptResult | None
    attempt_channel: Channel | None

    @property
    def attempt(self) -> AttemptFacts | None:
        """The newest attempt, while a call is being made."""
        if self.attempt_state is None:
            return None
        result = AttemptResult(self.attempt_result) if self.attempt_result else None
        own_phone = self.attempt_channel == Channel.OWN_PHONE
        return AttemptFacts(AttemptState(self.attempt_state), result, own_phone)


def load_front_page(session: Session, now: datetime, *, region: str) -> tuple[str, PageData]:
    """What is booked from now on, as ``booking.booked_read`` reads it, and how things stand for
    somebody who asks now for a number of this region."""
    [row] = fetch_rows(session, _of_front(), {**_told(now), "region": region})
    return row[0] or "", _read(row[1:], now)


def load_request_page(session: Session, token: str, now: datetime) -> tuple[CallbackView, PageData]:
    """The request whose link this is, and how things stand for it.

    Raises:
        NoSuchCallback: there is none.
    """
    told = {**_told(now), "token_hash": link_hash(token)}
    row = fetch_first(session, _of_request(), told)
    if row is None:
        raise NoSuchCallback
    return CallbackView(*row[:_REQUEST]), _read(row[_REQUEST:], now)


_REQUEST = len(fields(CallbackView))


def _told(now: datetime) -> dict[str, Any]:
    return {"now": now, "seen_since": now - queue.DESK_OFFLINE_AFTER}


def _read(row: Sequence[Any], now: datetime) -> PageData:
    ahead, there, *decided = row
    caller_id, *saved = decided
    plan, kept, rules = saved[:_PLAN], saved[_PLAN:_RULES], saved[_RULES:]
    return PageData(
        hours=hours.open_state(plan, now),
        rules=hours.read_rules(rules),
        kept_days=dict(zip(_KEPT, kept, strict=True)) if kept[0] is not None else retention.USUAL,
        caller_id=caller_id,
        ahead=ahead,
        wait_minutes=queue.wait_minutes(ahead, there),
        decided=tuple(decided),
    )


@cache
def _of_front() -> sa.Select[*tuple[Any, ...]]:
    now = sa.bindparam("now", type_=Instant)
    return _looking(
        ONE_ROW,
        slot_booking.booked_from(now).scalar_subquery(),
        priority=inline_literal(Priority.ASAP),
        due_at=now,
        region=sa.bindparam("region"),
    )


@cache
def _of_request() -> sa.Select[*tuple[Any, ...]]:
    whose, other = aliased(Callback), aliased(Callback)
    again = sa.exists().where(other.again_of == whose.id)
    further = sa.select(other.due_at).where(
        other.follow_up_of == whose.id, other.status == inline_literal(Status.WAITING)
    )
    steps = sa.exists().where(
        CallbackEvent.callback_id == whose.id,
        CallbackEvent.event.in_([inline_literal(each) for each in STEPS_SHOWN]),
    )
    places = sa.exists().where(Referral.callback_id == whose.id)
    own = [getattr(whose, each.name) for each in fields(CallbackView)[: -len(_ASKED_BESIDE)]]
    newest = (
        sa.select(sa.func.max(Attempt.id))
        .where(Attempt.callback_id == whose.id, whose.status == inline_literal(Status.CALLING))
        .correlate(whose)
        .scalar_subquery()
    )
    attempt = (Attempt.state, Attempt.result, Attempt.channel)
    return _looking(
        sa.join(whose, Attempt, Attempt.id == newest, isouter=True),
        *(*own, again, further.scalar_subquery(), steps, places, *attempt),
        priority=whose.priority,
        due_at=whose.due_at,
        region=whose.phone_region,
    ).where(whose.token_hash == sa.bindparam("token_hash"))


def _looking(
    start: Any, *first: Any, priority: Any, due_at: Any, region: Any
) -> sa.Select[*tuple[Any, ...]]:
    """These columns of where it starts from, and then those that ``_read`` reads."""
    now = sa.bindparam("now", type_=Instant)
    seen_since = sa.bindparam("seen_since", type_=Instant)
    plan = hours.newest_plan().subquery("plan")
    return (
        sa.select(
            *first,
            queue.queue_position_query(priority, due_at, now).scalar_subquery(),
            queue.advisors_online_query(seen_since).scalar_subquery(),
            sa.select(CallerId.number).where(CallerId.region == region).scalar_subquery(),
            *plan.c,
            *(getattr(RetentionPolicy, f"{group}_days") for group in _KEPT),
            *hours.VISITOR_RULES,
        )
        .select_from(start)
        .outerjoin(plan, sa.true())
        .outerjoin(ServicePolicy, ServicePolicy.id == ONE)
        .outerjoin(RetentionPolicy, RetentionPolicy.id == ONE)
    )
