"""A further callback agreed during a call; never commits."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from helpline.callbacks import requests
from helpline.callbacks.models import Callback, Channel
from helpline.callbacks.requests import CallbackRequest
from helpline.policy import queries as policy_queries
from helpline.privacy import audit
from helpline.privacy.encryption import link_hash, link_token


@dataclass(frozen=True, slots=True)
class FollowUp:
    """When to call again, and whether by the same advisor."""

    slot_at: datetime
    with_same_advisor: bool = False


def book(
    session: Session, ended: Callback, follow_up: FollowUp, *, advisor_id: int, now: datetime
) -> None:
    """Book another callback for the visitor of one that just ended.

    Raises:
        SlotUnavailable: the slot is full or no longer offered.
    """
    actor = f"staff:{advisor_id}"
    callback = requests.create(
        session,
        _without_danger(requests.copy_request(ended, follow_up.slot_at, Channel.PHONE)),
        link_hash(token_of(ended.id)),
        now,
        actor=actor,
    )
    assert callback is not None, "a callback ends once, so it is followed up once"
    callback.follow_up_of = ended.id
    if follow_up.with_same_advisor:
        callback.wanted_advisor = advisor_id
        callback.wanted_until = follow_up.slot_at + grace(session)
    audit.record(
        session,
        at=now,
        actor=actor,
        action="follow_up_booked",
        subject=f"callback:{callback.id}",
        of=ended.id,
        with_same_advisor=follow_up.with_same_advisor,
    )


def _without_danger(request: CallbackRequest) -> CallbackRequest:
    """The danger was that of the request which has just been answered."""
    return replace(request, answers=replace(request.answers, danger=None))


def grace(session: Session) -> timedelta:
    """Return how long a due callback is reserved for its preferred advisor."""
    return timedelta(minutes=policy_queries.current(session).wanted_grace_minutes)


def token_of(ended_id: int) -> str:
    """Return the token of a follow-up's link. It has a colon, so that no form key can equal it."""
    return link_token(f"follow-up:{ended_id}")
