"""A further call that the visitor agreed to while they were on the phone. Never commits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from helpline.callbacks import asking
from helpline.callbacks.models import Callback, Channel
from helpline.hours import queries as hours
from helpline.privacy import audit
from helpline.privacy.encryption import link_hash, link_token


@dataclass(frozen=True, slots=True)
class FollowUp:
    """When to ring again, and whether the same advisor shall do it."""

    slot_at: datetime
    with_same_advisor: bool = False


def book(
    session: Session, ended: Callback, wish: FollowUp, *, advisor_id: int, now: datetime
) -> None:
    """Books another callback for the visitor of one that has just ended.

    Raises:
        SlotGone: the time is full or no longer offered.
    """
    actor = f"staff:{advisor_id}"
    made = asking.add(
        session,
        asking.same_again(ended, wish.slot_at, Channel.PHONE),
        link_hash(token_of(ended.id)),
        now,
        actor=actor,
    )
    assert made is not None, "a callback ends once, so it is followed up once"
    made.follow_up_of = ended.id
    if wish.with_same_advisor:
        made.wanted_advisor = advisor_id
        made.wanted_until = wish.slot_at + grace(session)
    audit.record(
        session,
        at=now,
        actor=actor,
        deed="follow_up_booked",
        subject=f"callback:{made.id}",
        of=ended.id,
        with_same_advisor=wish.with_same_advisor,
    )


def grace(session: Session) -> timedelta:
    """How long a callback that is due is left to the advisor it wants."""
    return timedelta(minutes=hours.policy(session).wanted_grace_minutes)


def token_of(ended_id: int) -> str:
    """The secret of the status link of the follow-up of a callback: only the page of that
    callback leads there. No form's key has a colon, so no form can make it."""
    return link_token(f"follow-up:{ended_id}")
