"""Text messages to staff, in the caller's transaction; never commits.

They name no visitor, no member of staff and no helpline: anyone may see the screen of a phone.
"""

from __future__ import annotations

import secrets
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.db import insert_or_ignore
from helpline.domain.phone_numbers import PhoneNumber
from helpline.domain.sms_progress import SmsKind, SmsStatus, When
from helpline.domain.unreadable import if_readable
from helpline.i18n.catalogs import SOURCE_LANGUAGE
from helpline.messaging import outbox, sms, sms_registration, sms_templates
from helpline.messaging.models import Kind, OutboundSms, StaffAlert
from helpline.privacy.encryption import phone_hash
from helpline.telephony import carrier_routes
from helpline.telephony.problems import SmsProblem

_TO_STAFF = OutboundSms.callback_id.is_(None)


def enqueue(
    session: Session,
    phone: str | None,
    kind: SmsKind,
    *,
    once: str,
    good_until: datetime,
    now: datetime,
    when: When | None = None,
    language: str = SOURCE_LANGUAGE,
) -> bool:
    """Queue a message to a phone of the staff; return whether it is a new one.

    It is none without a phone, after STOP, and where text messages are off.

    Args:
        once: names the event and the recipient; a repeated event sends one message.
        good_until: when it is dropped, if it was not sent by then.
        when: the time it names, in the helpline's zone.
        language: in which they read staff pages.
    """
    number = if_readable(phone)
    if number is None or not sms.enabled(session):
        return False
    if sms.has_opted_out(session, phone_hash(number)):
        return False
    region = PhoneNumber(number).region
    key = sms_templates.key_of(kind, when)
    ref = secrets.token_hex(16)
    if not insert_or_ignore(
        session,
        OutboundSms,
        ref=ref,
        kind=kind,
        once=once,
        phone=number,
        words=sms_templates.render_kind(kind, when, language, region),
        template=sms_registration.name_of(key, language),
        wording_hash=sms_registration.hash_of(sms_registration.wording_of(key, language)),
        carrier=carrier_routes.route_for(session, region).carrier,
        status=SmsStatus.WAITING,
        created_at=now,
        good_until=good_until,
    ):
        return False
    text_id = session.scalars(sa.select(OutboundSms.id).where(OutboundSms.ref == ref)).one()
    outbox.enqueue(session, Kind.SEND_TEXT, text_id, now=now)
    return True


def withdraw(session: Session, kind: SmsKind, *, now: datetime) -> None:
    """Withdraw the unsent messages of a kind."""
    unsent = sa.and_(_TO_STAFF, OutboundSms.kind == kind)
    sms.close_waiting(session, unsent, SmsProblem.NO_LONGER_TRUE, now)


def are_sent(session: Session, kind: SmsKind, names: set[str]) -> set[str]:
    """Return which of these ``once`` have a message."""
    return set(
        session.scalars(
            sa.select(OutboundSms.once).where(
                _TO_STAFF, OutboundSms.kind == kind, OutboundSms.once.in_(names)
            )
        )
    )


def is_staff_alerted() -> sa.Exists:
    """Return a condition: someone waits, no advisor is available, and the phone company has taken
    an alert about it for at least one phone and has not reported that it failed.
    """
    taken = (SmsStatus.ACCEPTED, SmsStatus.SENT, SmsStatus.DELIVERED)
    return sa.exists().where(
        _TO_STAFF,
        OutboundSms.kind == SmsKind.STAFF_WAITING,
        OutboundSms.status.in_(taken),
        OutboundSms.created_at >= StaffAlert.since,
    )
