"""Referrals to a visitor from their advisor."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.callbacks.errors import StateChanged
from helpline.callbacks.models import Callback
from helpline.callbacks.row_locks import lock_callback
from helpline.calls.advisor_actions import record
from helpline.db import insert_or_ignore, transaction
from helpline.directory.errors import NoSuchEntry
from helpline.directory.referrals.models import Referral, ServiceEntry
from helpline.domain.lifecycle import Status
from helpline.domain.sms_progress import SmsKind
from helpline.messaging import sms


def refer(callback_id: int, advisor_id: int, place_id: int, *, now: datetime) -> None:
    """Add a referral, shown on the visitor's page. Idempotent.

    Raises:
        StateChanged: the advisor no longer has the callback.
        NoSuchEntry: the service is no longer in the directory.
    """
    with transaction() as session:
        _lock_current(session, callback_id, advisor_id)
        place = session.get(ServiceEntry, place_id)
        if place is None or place.retired_at is not None:
            raise NoSuchEntry
        if insert_or_ignore(
            session,
            Referral,
            callback_id=callback_id,
            place_id=place_id,
            at=now,
            by_staff=advisor_id,
        ):
            record(session, callback_id, advisor_id, "place_named", now, place=place_id)


def withdraw(callback_id: int, advisor_id: int, place_id: int, *, now: datetime) -> None:
    """Remove a referral made by mistake.

    Raises:
        StateChanged: the advisor no longer has the callback.
    """
    with transaction() as session:
        _lock_current(session, callback_id, advisor_id)
        deleted = session.execute(
            sa.delete(Referral).where(
                Referral.callback_id == callback_id, Referral.place_id == place_id
            )
        )
        if deleted.rowcount:  # type: ignore[attr-defined]
            record(session, callback_id, advisor_id, "place_taken_back", now, place=place_id)


def send_referral_sms(callback_id: int, advisor_id: int, *, now: datetime) -> bool:
    """Text the visitor that their page has an update; it names nobody and no service, since others
    may see it. One message for the same referrals.

    Returns:
        Whether it is sent: not without a referral or consent, or after STOP.

    Raises:
        StateChanged: the advisor no longer has the callback.
    """
    with transaction() as session:
        callback = _lock_current(session, callback_id, advisor_id)
        newest = session.scalar(
            sa.select(sa.func.max(Referral.id)).where(Referral.callback_id == callback_id)
        )
        if newest is None:
            return False
        sent = sms.enqueue(session, callback, SmsKind.ON_PAGE, now=now, once=str(newest))
        if sent:
            record(session, callback_id, advisor_id, "places_texted", now)
        return sent


def _lock_current(session: Session, callback_id: int, advisor_id: int) -> Callback:
    callback = lock_callback(session, callback_id)
    is_claimed = callback.status in (Status.CLAIMED, Status.CALLING)
    if not is_claimed or callback.claimed_by != advisor_id:
        raise StateChanged
    return callback
