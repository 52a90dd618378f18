"""The way back to a request without its link: its reference and the last digits of the number.

The reference is stored as it is: staff read it in the queue, and alone it opens nothing. The two
together are looked up by one keyed hash, so that an unknown reference and wrong digits are the same
row that is not there: the same answer in the same time. See docs/threat-model.md.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.callbacks.models import REFERENCE_TO_DO, Callback
from helpline.callbacks.row_locks import lock_unlocked
from helpline.db import ONE, transaction
from helpline.domain import references
from helpline.domain.errors import HelplineError
from helpline.domain.login_backoff import REFERENCE, Backoff
from helpline.privacy.encryption import keyed_hash, link_hash, reference_hash, reference_token
from helpline.staff.login_throttle import service as throttle

OPENS_FOR = timedelta(days=14)
"""How long a reference opens a request that is over."""
_BATCH_SIZE = 100


class TooManyGuesses(HelplineError):
    """There were too many wrong references, or too many wrong digits for this one.

    Args:
        wait: until the next one may be checked.
    """

    def __init__(self, wait: timedelta) -> None:
        super().__init__("too many wrong references")
        self.wait = wait


def columns(session: Session, e164: str, token_hash: str) -> dict[str, Any]:
    """Return the columns of a new callback by which its visitor comes back.

    Args:
        e164: its number; no digits that anyone types match one that cannot be read.
        token_hash: of its first link.
    """
    reference = _unused_reference(session)
    digits = e164[-references.LAST_DIGITS :]
    return {
        "reference": reference,
        "reference_hash": reference_hash(reference, digits),
        "reference_token_hash": link_hash(reference_token(token_hash)),
    }


def find(
    session: Session,
    candidates: Collection[str],
    last_digits: str,
    guessers: Mapping[str, Backoff],
    *,
    now: datetime,
) -> Callback | None:
    """Return the callback of a reference and the last digits of its number; None where there is
    none. Every attempt is counted, in the caller's transaction.

    Args:
        candidates: the reference; several where it was typed on the keys of a phone.
        guessers: where it comes from, and how often a wrong one may come from there.

    Raises:
        TooManyGuesses: nothing was looked up.
    """
    typed = " ".join(sorted(candidates))
    backoffs = {_key(f"reference {typed}"): REFERENCE}
    backoffs |= {_key(f"references from {who}"): backoff for who, backoff in guessers.items()}
    backoffs = dict(sorted(backoffs.items()))
    if wait := throttle.count(session, backoffs, now=now):
        raise TooManyGuesses(wait)
    hashes = [reference_hash(candidate, last_digits) for candidate in candidates]
    found = session.scalars(
        sa.select(Callback).where(
            Callback.reference_hash.in_(hashes),
            sa.or_(Callback.ended_at.is_(None), Callback.ended_at > now - OPENS_FOR),
        )
    ).all()
    if len(found) != 1:
        return None
    throttle.take_back(session, backoffs)
    return found[0]


def find_link(
    reference: str, last_digits: str, guessers: Mapping[str, Backoff], *, now: datetime
) -> str | None:
    """Return the token of the second link of a request; None where ``find`` finds none.

    Raises:
        TooManyGuesses: nothing was looked up.
    """
    with transaction() as session:
        callback = find(session, [reference], last_digits, guessers, now=now)
        return None if callback is None else reference_token(callback.token_hash)


def complete_some(*, now: datetime) -> bool:
    """Give a reference to callbacks that have none, and take it from erased ones, as the release
    before leaves them; return whether there were any.
    """
    with transaction() as session:
        callbacks = lock_unlocked(session, REFERENCE_TO_DO, limit=_BATCH_SIZE)
        for callback in callbacks:
            if callback.erased_at is not None:
                callback.reference = callback.reference_hash = None
            else:
                values = columns(session, callback.phone, callback.token_hash)
                for name, value in values.items():
                    setattr(callback, name, value)
                session.flush()
        return bool(callbacks)


def _key(purpose: str) -> str:
    return keyed_hash("tries", purpose)


def _unused_reference(session: Session) -> str:
    while True:
        reference = references.generate()
        if session.scalar(sa.select(ONE).where(Callback.reference == reference)) is None:
            return reference
