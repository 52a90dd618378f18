"""Rejected calls: whose fault each is decides who is notified.

One rejection says little about a visitor's number or a destination. So each is kept for some days;
only the same code on several callbacks raises an alert, and only several different numbers of one
region mark the region as rejected. What surely concerns the whole service (account, caller id)
raises one at once.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.callbacks.models import Callback
from helpline.calls.models import Attempt, CarrierFailure, Offer
from helpline.db import ONE, insert_or_ignore, transaction
from helpline.domain.call_progress import Leg
from helpline.domain.errors import InvalidPhoneNumber
from helpline.domain.phone_numbers import PhoneNumber
from helpline.domain.unreadable import is_unreadable
from helpline.messaging import carrier_alerts
from helpline.staff.models import Staff
from helpline.telephony import carrier_limits
from helpline.telephony.codes import meaning_of, region_codes
from helpline.telephony.problems import Fault

ALERT_THRESHOLD = 2
_ALERT_WINDOW = timedelta(hours=24)
_REGION_WINDOW = timedelta(days=7)
_ALERT_AT_ONCE = frozenset({Fault.ACCOUNT, Fault.CALLER_ID, Fault.SERVICE})


def call_refused(ref: str, leg: Leg, code: int | None, *, now: datetime) -> None:
    """Store the rejection of one leg, and notify admins where it is not this one call's alone.

    Reported twice, or by status callback and Dial action, it is one rejection.

    Args:
        ref: the reference of the attempt or offer.
        code: the carrier's; without one nothing is done.
    """
    if code is None:
        return
    with transaction() as session:
        job = _attempt_or_offer(session, ref)
        if job is None:
            return
        carrier, callback_id, advisor_id = job
        region = _region(session, leg, callback_id, advisor_id)
        failure = CarrierFailure(
            ref=ref,
            leg=leg,
            carrier=carrier,
            code=code,
            region=region,
            callback_id=callback_id,
            advisor_id=advisor_id,
            at=now,
        )
        _store(session, failure)


def advisor_call_refused(
    carrier: str, inbound_call_id: int, advisor_id: int, code: int, *, now: datetime
) -> None:
    """Store the rejection of a call to an advisor's phone for an inbound call, as one of our own
    calls. Each advisor counts once for an inbound call.

    Args:
        code: the carrier's.
    """
    with transaction() as session:
        failure = CarrierFailure(
            ref=f"inbound:{inbound_call_id}:{advisor_id}",
            leg=Leg.ADVISOR,
            carrier=carrier,
            code=code,
            region=_region(session, Leg.ADVISOR, None, advisor_id),
            callback_id=None,
            advisor_id=advisor_id,
            at=now,
        )
        _store(session, failure)


def _store(session: Session, failure: CarrierFailure) -> None:
    carrier, code, region, now = failure.carrier, failure.code, failure.region, failure.at
    columns = ("ref", "leg", "carrier", "code", "region", "callback_id", "advisor_id", "at")
    if not insert_or_ignore(
        session, CarrierFailure, **{name: getattr(failure, name) for name in columns}
    ):
        return
    session.execute(
        sa.delete(CarrierFailure).where(CarrierFailure.at < now - _REGION_WINDOW),
        execution_options={"synchronize_session": False},
    )
    _alert_if_repeated(session, carrier, code, now)
    if code in region_codes(carrier) and region is not None:
        _reject_region_if_repeated(session, carrier, region, code, now)


def resolve_region(session: Session, carrier: str, region: str) -> bool:
    """Mark the rejection of a region as resolved and delete the calls that led to it; return
    whether there was one.
    """
    if not carrier_limits.resolve_rejected_region(session, carrier, region):
        return False
    session.execute(
        sa.delete(CarrierFailure).where(
            CarrierFailure.carrier == carrier,
            CarrierFailure.region == region,
            CarrierFailure.code.in_(region_codes(carrier)),
        )
    )
    return True


def _alert_if_repeated(session: Session, carrier: str, code: int, now: datetime) -> None:
    if meaning_of(carrier, code).fault not in _ALERT_AT_ONCE:
        # One callback is one, however many legs it had; a call for an inbound caller has none.
        callbacks, inbound = session.execute(
            sa.select(
                sa.func.count(sa.distinct(CarrierFailure.callback_id)),
                sa.func.count().filter(CarrierFailure.callback_id.is_(None)),
            ).where(
                CarrierFailure.carrier == carrier,
                CarrierFailure.code == code,
                CarrierFailure.at > now - _ALERT_WINDOW,
            )
        ).one()
        if callbacks + inbound < ALERT_THRESHOLD:
            return
    carrier_alerts.alert(session, carrier, code, now=now)


def _reject_region_if_repeated(
    session: Session, carrier: str, region: str, code: int, now: datetime
) -> None:
    of_region = sa.and_(
        CarrierFailure.carrier == carrier,
        CarrierFailure.region == region,
        CarrierFailure.code.in_(region_codes(carrier)),
        CarrierFailure.at > now - _REGION_WINDOW,
    )
    visitors = session.scalar(
        sa.select(sa.func.count(sa.distinct(Callback.phone_hash)))
        .select_from(CarrierFailure)
        .join(Callback, Callback.id == CarrierFailure.callback_id)
        .where(of_region, CarrierFailure.leg == Leg.VISITOR)
    )
    advisors = session.scalar(
        sa.select(sa.func.count(sa.distinct(CarrierFailure.advisor_id))).where(
            of_region, CarrierFailure.leg == Leg.ADVISOR
        )
    )
    if (visitors or 0) + (advisors or 0) >= ALERT_THRESHOLD:
        carrier_limits.record_rejected_region(session, carrier, region, code, now=now)


def _attempt_or_offer(session: Session, ref: str) -> tuple[str, int, int] | None:
    for model in (Attempt, Offer):
        row = session.execute(
            sa.select(model.carrier, model.callback_id, model.advisor_id)
            .where(model.ref == ref)
            .limit(ONE)
        ).first()
        if row is not None:
            return row.carrier, row.callback_id, row.advisor_id
    return None


def _region(session: Session, leg: Leg, callback_id: int | None, advisor_id: int) -> str | None:
    if leg == Leg.VISITOR:
        return session.scalar(sa.select(Callback.phone_region).where(Callback.id == callback_id))
    phone = session.scalar(sa.select(Staff.phone).where(Staff.id == advisor_id))
    if not phone or is_unreadable(phone):
        return None
    try:
        return PhoneNumber(phone).region
    except InvalidPhoneNumber:
        return None
