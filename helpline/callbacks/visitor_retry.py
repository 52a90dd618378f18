"""A retry that the visitor asks for ("I missed your call"), in the caller's transaction; never
commits.

A retry still to come is brought forward and counts as any other. Once all attempts are used up, one
more request can be made, once: someone who typed another person's number cannot have it called for
ever. A wrong number is never called again.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy.orm import Session

from helpline.callbacks import requests, transitions
from helpline.callbacks.errors import StateChanged
from helpline.callbacks.models import Callback, Channel
from helpline.domain.lifecycle import Status
from helpline.domain.retries import TRY_AGAIN
from helpline.domain.unreadable import is_unreadable
from helpline.domain.visitor_state import CallbackFacts
from helpline.privacy.encryption import link_hash, link_token

_RETRY_WINDOW = timedelta(hours=24)
_MISSED = {*TRY_AGAIN, "unknown"}


class Retryable(CallbackFacts, Protocol):
    """A callback, or the view of it that a page shows."""

    @property
    def again_of(self) -> int | None: ...
    @property
    def disposition(self) -> str | None: ...
    @property
    def ended_at(self) -> datetime | None: ...
    @property
    def erased_at(self) -> datetime | None: ...
    @property
    def call_until(self) -> datetime | None: ...


def can_retry(callback: Retryable, now: datetime) -> bool:
    """Return whether the visitor may ask for a retry."""
    return _awaits_retry(callback, now) or _may_request_again(callback, now)


def retry(session: Session, callback: Callback, token: str, *, now: datetime) -> str:
    """Retry at the visitor's request; return the token of the request that is now called.

    Args:
        token: the token of this callback's own link.

    Raises:
        StateChanged: there is nothing to retry.
    """
    if _awaits_retry(callback, now):
        transitions.retry_now(session, callback, at=now)
        return token
    if not _may_request_again(callback, now):
        raise StateChanged
    request = requests.copy_request(callback, None, Channel(callback.channel))
    new_callback = requests.create(session, request, link_hash(token_of(callback.id)), now)
    if new_callback is not None:
        new_callback.again_of = callback.id
    return token_of(callback.id)


def replace_wrongly_closed(
    session: Session, callback: Callback, *, actor: str, now: datetime
) -> None:
    """Create one further request, due now, for a callback closed by a wrong outcome.

    Does nothing where one was created before, or the number cannot be decrypted.
    """
    if callback.again_of is not None or is_unreadable(callback.phone):
        return
    request = requests.copy_request(callback, None, Channel(callback.channel))
    new_callback = requests.create(
        session, request, link_hash(token_of(callback.id)), now, actor=actor
    )
    if new_callback is not None:
        new_callback.again_of = callback.id


def token_of(ended_id: int) -> str:
    """Return the token of the request created by a retry; only the first request's page links to
    it.

    Form keys have no colon, so no form can produce it.
    """
    return link_token(f"again:{ended_id}")


def _awaits_retry(callback: Retryable, now: datetime) -> bool:
    """After a pause that the retry policy chose; a time that the visitor chose can be
    rescheduled.
    """
    waits = callback.status == Status.WAITING and callback.due_at > now
    chose_time = callback.slot_at is not None and callback.slot_at > now
    return waits and callback.attempts_used > 0 and not chose_time


def _may_request_again(callback: Retryable, now: datetime) -> bool:
    missed = callback.status == Status.UNREACHED and callback.disposition in _MISSED
    safe_time_over = callback.status == Status.EXPIRED and callback.call_until is not None
    return (
        (missed or safe_time_over)
        and callback.again_of is None
        and callback.erased_at is None
        and callback.ended_at is not None
        and callback.ended_at > now - _RETRY_WINDOW
    )
