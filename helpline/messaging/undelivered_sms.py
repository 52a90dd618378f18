"""Text messages that were not delivered: notices and lists. Never commits.

STOP, or a message that is no longer true, is no failure.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.domain.sms_progress import SmsKind, SmsStatus
from helpline.messaging import staff_notices
from helpline.messaging.models import NoticeKind, OutboundSms
from helpline.telephony.problems import DELIVERY_FAILURES, SINGLE_PHONE_PROBLEMS, SmsProblem

ALERT_THRESHOLD = 2
LISTED_FOR = timedelta(days=7)
_ALERT_WINDOW = timedelta(hours=24)
SHOWN_TO_ADVISOR_FOR = timedelta(hours=2)
_NOT_DELIVERED = sa.and_(
    OutboundSms.status.in_((SmsStatus.NOT_SENT, SmsStatus.FAILED, SmsStatus.UNDELIVERED)),
    OutboundSms.problem.in_(sorted(DELIVERY_FAILURES)),
)
_CRISIS_NOT_DELIVERED = sa.and_(
    OutboundSms.kind == SmsKind.CRISIS,
    sa.or_(
        _NOT_DELIVERED,
        sa.and_(
            OutboundSms.status == SmsStatus.NOT_SENT,
            OutboundSms.problem.in_((SmsProblem.TOO_LATE, SmsProblem.STOPPED, SmsProblem.OFF)),
        ),
    ),
)


def notify_undelivered(
    session: Session, text: OutboundSms, problem: str | None, *, now: datetime
) -> None:
    """Notify supervisors: of crisis numbers at once, of others where several callbacks are
    affected.
    """
    if text.kind == SmsKind.CRISIS and problem != SmsProblem.ERASED:
        subject = f"callback:{text.callback_id}"
        staff_notices.notify_staff(session, NoticeKind.CRISIS_TEXT_FAILED, subject, now=now)
    if problem not in DELIVERY_FAILURES or problem in SINGLE_PHONE_PROBLEMS:
        return
    if text.callback_id is None:  # The duty phone is next, and supervisors see that someone waits.
        return
    session.flush()
    callbacks = session.scalar(
        sa.select(sa.func.count(sa.distinct(OutboundSms.callback_id))).where(
            _NOT_DELIVERED,
            OutboundSms.problem == problem,
            OutboundSms.created_at > now - _ALERT_WINDOW,
        )
    )
    if (callbacks or 0) >= ALERT_THRESHOLD:
        staff_notices.notify_staff(session, NoticeKind.TEXTS_FAIL, f"problem:{problem}", now=now)


def list_undelivered(session: Session, *, now: datetime) -> Sequence[OutboundSms]:
    """Return the undelivered messages of the last seven days, newest first."""
    return session.scalars(
        sa.select(OutboundSms)
        .where(
            sa.or_(_NOT_DELIVERED, _CRISIS_NOT_DELIVERED),
            OutboundSms.created_at > now - LISTED_FOR,
        )
        .order_by(OutboundSms.created_at.desc(), OutboundSms.id.desc())
        .limit(500)
    ).all()


def crisis_texts_of(session: Session, staff_id: int, *, now: datetime) -> Sequence[OutboundSms]:
    """Return an advisor's recent messages with crisis numbers that were not delivered."""
    return session.scalars(
        sa.select(OutboundSms)
        .where(is_failed_crisis_text_of(staff_id, now - SHOWN_TO_ADVISOR_FOR))
        .order_by(OutboundSms.id)
        .execution_options(populate_existing=True)
    ).all()


def is_failed_crisis_text_of(
    staff_id: int | sa.BindParameter[int], since: datetime | sa.BindParameter[datetime]
) -> sa.ColumnElement[bool]:
    """Return the condition of ``crisis_texts_of``, for larger statements."""
    return sa.and_(
        _CRISIS_NOT_DELIVERED, OutboundSms.sent_by == staff_id, OutboundSms.created_at > since
    )


def counts_since(session: Session, since: datetime) -> dict[str, int]:
    """Return how many messages created since then have each outcome."""
    not_delivered = sa.case((_NOT_DELIVERED, "not_delivered"))
    outcome = sa.func.coalesce(
        not_delivered,
        sa.case(
            (OutboundSms.status == SmsStatus.DELIVERED, "delivered"),
            (OutboundSms.status.in_((SmsStatus.ACCEPTED, SmsStatus.SENT)), "under_way"),
            (OutboundSms.status.in_((SmsStatus.WAITING, SmsStatus.ASKED)), "waiting"),
            else_="withheld",
        ),
    )
    rows = session.execute(
        sa.select(outcome.label("outcome"), sa.func.count(OutboundSms.id))
        .where(OutboundSms.created_at > since)
        .group_by(sa.text("outcome"))
    )
    none = dict.fromkeys(("delivered", "under_way", "waiting", "withheld", "not_delivered"), 0)
    return none | {str(row[0]): row[1] for row in rows}
