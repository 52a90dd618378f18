"""Lock callbacks in the caller's transaction; never commits.

Every other row is locked after its callback, so that no two transactions deadlock. Rows may still
refer to a locked one. Workers skip locked rows: ``lock_unlocked``, and where a failure is counted
``messaging/job_failures.take_next``.

See docs/decisions/0004-one-writer-of-callback-status.md
"""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.callbacks.models import Callback
from helpline.db import NO_KEY_UPDATE, inline_literal
from helpline.domain.lifecycle import Status


def has_open_status(status: Status) -> sa.ColumnElement[bool]:
    """Return the condition of a status that is not final.

    Few callbacks have not ended, and the index of their end finds them on both databases.
    """
    return sa.and_(Callback.ended_at.is_(None), Callback.status == status)


def lock_callback(session: Session, callback_id: int) -> Callback:
    """Lock a callback until the end of the transaction and return it as it is then.

    Raises:
        NoResultFound: there is no such callback.
    """
    callback = lock_first(session, Callback.id == callback_id)
    if callback is None:
        raise sa.exc.NoResultFound
    return callback


def lock_first(session: Session, *conditions: sa.ColumnElement[bool]) -> Callback | None:
    """Lock the oldest callback that meets the conditions, and return it as it is then."""
    return session.scalar(_query(*conditions).limit(1))


def lock_callbacks(session: Session, *conditions: sa.ColumnElement[bool]) -> Sequence[Callback]:
    """Lock all callbacks that meet the conditions, and return them as they are then."""
    return session.scalars(_query(*conditions)).all()


def lock_unlocked(
    session: Session, *conditions: sa.ColumnElement[bool] | sa.TextClause, limit: int
) -> Sequence[Callback]:
    """Lock the oldest callbacks that meet the conditions and that nobody else has locked."""
    return session.scalars(_query(*conditions, skip_locked=True).limit(inline_literal(limit))).all()


def _query(
    *conditions: sa.ColumnElement[bool] | sa.TextClause, skip_locked: bool = False
) -> sa.Select[Callback]:
    return (
        sa.select(Callback)
        .where(*conditions)
        .order_by(Callback.id)
        .with_for_update(skip_locked=skip_locked, **NO_KEY_UPDATE)
        .execution_options(populate_existing=True)
    )
