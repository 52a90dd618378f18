"""Text messages to staff: that someone waits and no advisor is available, that an advisor needs a
supervisor, and before shifts.

An alert goes to advisors on shift who want it, then to the duty phone, once for each time that
nobody is available.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.callbacks import dispatch_pause, queue
from helpline.callbacks.models import IS_CURRENT, Callback
from helpline.calls.supervision.models import HelpRequest
from helpline.db import db, guarded_update, insert_or_ignore, transaction
from helpline.domain.sms_progress import SmsKind, When
from helpline.hours import queries as hours_queries
from helpline.i18n.catalogs import SOURCE_LANGUAGE
from helpline.messaging import sms, staff_sms
from helpline.messaging.models import StaffAlert
from helpline.policy import queries as policy_queries
from helpline.policy.change import audit_change, change_policy
from helpline.policy.numbers import ALERTS
from helpline.staff.models import Staff
from helpline.staff.rota import queries as rota_queries
from helpline.staff.sessions import queries as session_queries

_VALID_FOR = timedelta(minutes=10)
_DAY = timedelta(days=1)
_SUPERVISOR_AWAY_AFTER = timedelta(minutes=15)


def alert_staff(*, now: datetime) -> bool:
    """Alert the next who is to know that someone waits and no advisor is available; return whether
    anyone was texted.
    """
    if not _is_alerted(db.session()) and not _is_unstaffed(db.session(), now):
        return False
    with transaction() as session:
        alert = session.get(StaffAlert, 1, populate_existing=True)
        if not _is_unstaffed(session, now):
            _end(session, alert, now)
            return False
        if alert is None or alert.since is None:
            _begin(session, alert, now)
            return False
        grace = timedelta(minutes=policy_queries.current(session).alert_after_minutes)
        if now < alert.since + grace or not sms.enabled(session):
            return False
        return _alert_next(session, alert, alert.since, now)


def _is_alerted(session: Session) -> bool:
    return bool(session.scalar(sa.select(sa.exists().where(StaffAlert.since.is_not(None)))))


def _is_unstaffed(session: Session, now: datetime) -> bool:
    return (
        hours_queries.effective_hours(session, now).is_open(now)
        and queue.advisors_online(session, now) == 0
        and dispatch_pause.current(session, now) is None
        and queue.due_count(session, now) > 0
    )


def _begin(session: Session, alert: StaffAlert | None, now: datetime) -> None:
    if alert is None:
        insert_or_ignore(session, StaffAlert, id=1, since=now)
    else:
        guarded_update(
            session,
            alert,
            {"since": None},
            since=now,
            shift_alerted_at=None,
            duty_alerted_at=None,
        )


def _end(session: Session, alert: StaffAlert | None, now: datetime) -> None:
    if alert is not None and alert.since is not None:
        guarded_update(session, alert, {"since": alert.since}, since=None)
        staff_sms.withdraw(session, SmsKind.STAFF_WAITING, now=now)


def _alert_next(session: Session, alert: StaffAlert, since: datetime, now: datetime) -> bool:
    """Advisors on shift first. Without any, or without a reaction of theirs, the duty phone."""
    were_alerted = alert.shift_alerted_at is not None
    if not were_alerted:
        if not guarded_update(
            session, alert, {"since": since, "shift_alerted_at": None}, shift_alerted_at=now
        ):
            return False
        if sum(
            _text(session, recipient, f"{since:%Y%m%dT%H%M%S}:staff:{staff_id}", now)
            for staff_id, recipient in _recipients_on_shift(session, now)
        ):
            return True
    policy = policy_queries.current(session)
    began = now if not were_alerted else alert.shift_alerted_at
    assert began is not None
    wait = timedelta(minutes=policy.duty_after_minutes) if were_alerted else timedelta()
    if policy.duty_phone is None or now < began + wait:
        return False
    guards = {"since": since, "duty_alerted_at": None}
    return guarded_update(session, alert, guards, duty_alerted_at=now) and _text(
        session, _Recipient(policy.duty_phone), f"{since:%Y%m%dT%H%M%S}:duty", now
    )


@dataclass(frozen=True, slots=True)
class _Recipient:
    phone: str = field(repr=False)
    language: str = SOURCE_LANGUAGE


def _text(
    session: Session,
    recipient: _Recipient,
    once: str,
    now: datetime,
    kind: SmsKind = SmsKind.STAFF_WAITING,
) -> bool:
    return staff_sms.enqueue(
        session,
        recipient.phone,
        kind,
        once=once,
        good_until=now + _VALID_FOR,
        now=now,
        language=recipient.language,
    )


def _recipients_on_shift(session: Session, now: datetime) -> list[tuple[int, _Recipient]]:
    zone = hours_queries.effective_hours(session, now).zone
    on_shift = rota_queries.on_shift(session, zone, now)
    return [
        (staff_id, recipient)
        for staff_id, recipient in _recipients(session, Staff.alert_texts).items()
        if staff_id in on_shift
    ]


def _recipients(session: Session, wanted: sa.SQLColumnExpression[bool]) -> dict[int, _Recipient]:
    """Who wants a kind of message and has a phone, by id."""
    rows = session.execute(
        sa.select(Staff.id, Staff.phone, Staff.page_language)
        .where(Staff.active, wanted, Staff.phone.is_not(None))
        .order_by(Staff.id)
    )
    return {
        staff_id: _Recipient(phone, language)
        for staff_id, phone, language in rows
        if phone is not None
    }


def alert_of_emergencies(*, now: datetime) -> bool:
    """Text the duty phone that an advisor has marked an emergency or asked for help, where no
    supervisor is there to see it; return whether it was texted.
    """
    policy = policy_queries.current(db.session())
    if policy.duty_phone is None or not policy.emergency_texts:
        return False
    due = _unseen(db.session(), now)
    if not due or not sms.enabled(db.session()):
        return False
    with transaction() as session:
        duty = _Recipient(policy.duty_phone)
        new = [_text(session, duty, once, now, SmsKind.STAFF_NEEDED) for once in sorted(due)]
    return any(new)


def _unseen(session: Session, now: datetime) -> set[str]:
    """Emergencies and requests for help that no supervisor is there to see, and of which no message
    is written, as its ``once``.
    """
    since = now - _VALID_FOR
    emergencies = sa.select(Callback.id, Callback.claimed_by, Callback.emergency_at).where(
        IS_CURRENT, Callback.emergency_at > since
    )
    requests = sa.select(HelpRequest.id, HelpRequest.advisor_id, HelpRequest.asked_at).where(
        HelpRequest.ended_at.is_(None),
        HelpRequest.acknowledged_at.is_(None),
        HelpRequest.asked_at > since,
    )
    advisors = {
        f"{name}:{number}:{at:%Y%m%dT%H%M%S}": advisor_id
        for name, query in (("emergency", emergencies), ("help", requests))
        for number, advisor_id, at in session.execute(query)
    }
    if not advisors:
        return set()
    there = session_queries.supervisors_seen(session, now=now, since=now - _SUPERVISOR_AWAY_AFTER)
    due = {once for once, advisor_id in advisors.items() if not there - {advisor_id}}
    return due - staff_sms.are_sent(session, SmsKind.STAFF_NEEDED, due)


def remind_of_shifts(*, now: datetime) -> bool:
    """Text advisors who want it before a shift in which the helpline is open; return whether there
    was one to text.
    """
    due = _reminders(db.session(), now) if sms.enabled(db.session()) else {}
    if not due:
        return False
    with transaction() as session:
        new = sum(
            staff_sms.enqueue(
                session,
                recipient.phone,
                SmsKind.SHIFT_STARTS,
                once=once,
                good_until=starts_at,
                now=now,
                when=When(starts_at, exactly=True),
                language=recipient.language,
            )
            for once, (recipient, starts_at) in due.items()
        )
    return new > 0


def _reminders(session: Session, now: datetime) -> dict[str, tuple[_Recipient, datetime]]:
    """Reminders due and not yet written: recipient and start of the shift by ``once``."""
    ahead = timedelta(minutes=policy_queries.current(session).shift_reminder_minutes)
    recipients = _recipients(session, Staff.reminder_texts) if ahead else {}
    if not recipients:
        return {}
    hours = hours_queries.effective_hours(session, now)
    today = now.astimezone(hours.zone).date()
    due = {
        f"{shift.opens_at:%Y%m%dT%H%M}:staff:{person.id}": (
            recipients[person.id],
            shift.opens_at.astimezone(hours.zone),
        )
        for person in rota_queries.members(session, (today, today + 2 * _DAY))
        if person.id in recipients
        for shift in person.rota.at_work(hours.zone, now, now + ahead + _DAY)
        if now < shift.opens_at <= now + ahead and hours.periods(shift.opens_at, shift.closes_at)
    }
    written = staff_sms.are_sent(session, SmsKind.SHIFT_STARTS, set(due))
    return {once: reminder for once, reminder in due.items() if once not in written}


def save_settings(
    numbers: Mapping[str, Any],
    duty_phone: str | None,
    *,
    expected_version: int,
    admin_id: int,
    now: datetime,
) -> None:
    """Save the numbers of the alerts and the duty phone. The audit log has no number of it.

    Raises:
        InvalidPolicy: a number is out of its bounds; nothing was saved.
        StaleVersion: another admin saved in between; nothing was saved.
    """
    with transaction() as session:
        before = change_policy(
            session, expected_version=expected_version, duty_phone=duty_phone, **numbers
        )
        after = dict(numbers)
        if before.pop("duty_phone") != duty_phone:
            after["duty_phone"] = "changed"
        audit_change(session, ALERTS, before=before, after=after, admin_id=admin_id, now=now)
