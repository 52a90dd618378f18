"""Deliveries of webhooks: written with the event that they report, and sent by the worker.

A message may be sent twice, with the same webhook-id: when a worker dies after the endpoint had it
and before that was recorded.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import sqlalchemy as sa
import structlog
from sqlalchemy.orm import Session

from helpline import clock
from helpline.db import NO_KEY_UPDATE, ONE, db, transaction
from helpline.domain.unreadable import is_unreadable
from helpline.domain.webhooks import (
    OLD_SECRET_SIGNS_FOR,
    RETRY_PAUSES,
    DeliveryProblem,
    InvalidWebhookUrl,
    Target,
    WebhookEvent,
    body_of,
    new_message_id,
    signed_headers,
)
from helpline.messaging import job_failures, outbox
from helpline.messaging.models import Kind, OutboxRow, OutboxState
from helpline.messaging.webhooks.http_client import DeliveryFailed, post
from helpline.messaging.webhooks.models import WebhookDelivery, WebhookEndpoint

log: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(__name__)

LEASE = timedelta(minutes=2)
"""Longer than any attempt lasts. Then another worker sends what one that died had claimed."""
_JOB = job_failures.Job.SEND_WEBHOOK
_HEADERS = {"Content-Type": "application/json", "User-Agent": "helpline-webhooks"}


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt of a delivery, claimed by a worker.

    Args:
        number: 1 for the first.
        secrets: that sign it, newest first; none where none can be decrypted.
    """

    delivery_id: int
    number: int
    message_id: str
    url: str
    secrets: list[str] = field(repr=False)
    body: bytes


def enqueue(
    session: Session,
    endpoint_id: int,
    event: WebhookEvent,
    callback_id: int | None,
    *,
    at: datetime,
) -> None:
    """Write a delivery for one endpoint, in the caller's transaction; never commits.

    Args:
        callback_id: None for a test.
    """
    delivery = WebhookDelivery(
        message_id=new_message_id(),
        endpoint_id=endpoint_id,
        event=event,
        callback_id=callback_id,
        occurred_at=at,
    )
    session.add(delivery)
    session.flush()
    outbox.enqueue(session, Kind.SEND_WEBHOOK, delivery.id, now=at)


def send_next(*, allow_private: bool) -> bool:
    """Send one due delivery; return whether there was one.

    Args:
        allow_private: whether plain HTTP and private networks are allowed, for development.
    """
    attempt = claim_next(now=clock.now())
    if attempt is None:
        return False
    status, problem = _send(attempt, allow_private=allow_private)
    finish(attempt, status, problem, now=clock.now())
    return True


def _send(attempt: Attempt, *, allow_private: bool) -> tuple[int | None, DeliveryProblem | None]:
    if not attempt.secrets:
        return None, DeliveryProblem.SECRET
    headers = signed_headers(attempt.message_id, attempt.body, attempt.secrets, now=clock.now())
    try:
        target = Target.parse(attempt.url, allow_private=allow_private)
        status = post(target, attempt.body, _HEADERS | headers, allow_private=allow_private)
    except InvalidWebhookUrl:
        return None, DeliveryProblem.ADDRESS
    except DeliveryFailed as failed:
        return None, failed.problem
    is_accepted = 200 <= status < 300
    return status, None if is_accepted else DeliveryProblem.STATUS


def claim_next(*, now: datetime) -> Attempt | None:
    """Claim the oldest due delivery to an endpoint to which no other is being sent."""
    _requeue_stale(now)
    if db.session.scalar(_due(now)) is None:
        return None  # Nearly always; no transaction is begun to write.
    with transaction() as session:
        row = session.execute(
            _due(now)
            .with_for_update(of=(WebhookEndpoint, OutboxRow), skip_locked=True, **NO_KEY_UPDATE)
            .execution_options(populate_existing=True)
        ).first()
        if row is None or not outbox.claim(session, row.OutboxRow, now=now):
            return None
        delivery, endpoint = row.WebhookDelivery, row.WebhookEndpoint
        job_failures.begin(_JOB, delivery.id)
        endpoint.busy_until, delivery.attempted_at = now + LEASE, now
        return Attempt(
            delivery.id,
            row.OutboxRow.tries,
            delivery.message_id,
            endpoint.url,
            _secrets_of(endpoint, now),
            body_of(WebhookEvent(delivery.event), delivery.callback_id, delivery.occurred_at),
        )


def _requeue_stale(now: datetime) -> None:
    """Requeue what was claimed by a worker that died, whose endpoint is still marked as busy."""
    stale = sa.select(WebhookEndpoint).where(WebhookEndpoint.busy_until <= now)
    if db.session.scalar(stale) is None:
        return
    with transaction() as session:
        for endpoint in session.scalars(stale.with_for_update(**NO_KEY_UPDATE)):
            endpoint.busy_until = None
        outbox.requeue_stale(session, Kind.SEND_WEBHOOK, begun_before=now - LEASE)


def _due(now: datetime) -> sa.Select[OutboxRow, WebhookDelivery, WebhookEndpoint]:
    return (
        sa.select(OutboxRow, WebhookDelivery, WebhookEndpoint)
        .join(WebhookDelivery, WebhookDelivery.id == OutboxRow.subject_id)
        .join(WebhookEndpoint, WebhookEndpoint.id == WebhookDelivery.endpoint_id)
        .where(
            outbox.is_due(Kind.SEND_WEBHOOK, now),
            WebhookEndpoint.disabled_at.is_(None),
            WebhookEndpoint.busy_until.is_(None),
            job_failures.may_run(_JOB, OutboxRow.subject_id, now),
        )
        .order_by(*outbox.ORDER)
        .limit(ONE)
    )


def _secrets_of(endpoint: WebhookEndpoint, now: datetime) -> list[str]:
    is_rotated = endpoint.rotated_at and now < endpoint.rotated_at + OLD_SECRET_SIGNS_FOR
    secrets = (endpoint.secret, endpoint.previous_secret if is_rotated else None)
    return [secret for secret in secrets if secret and not is_unreadable(secret)]


def finish(
    attempt: Attempt, status: int | None, problem: DeliveryProblem | None, *, now: datetime
) -> None:
    """Record what came of an attempt: delivered, to be retried, or failed.

    An attempt that took longer than its lease records a failure no more: another has followed it.

    Args:
        status: HTTP status of the answer; None where there was none.
        problem: None where it was accepted.
    """
    subject = (Kind.SEND_WEBHOOK, attempt.delivery_id)
    with transaction() as session:
        delivery = session.get_one(WebhookDelivery, attempt.delivery_id)
        endpoint = session.get_one(
            WebhookEndpoint, delivery.endpoint_id, with_for_update=NO_KEY_UPDATE
        )
        row = session.scalars(
            sa.select(OutboxRow)
            .filter_by(kind=subject[0], subject_id=subject[1])
            .with_for_update()
            .execution_options(populate_existing=True)
        ).one()
        is_current = row.state == OutboxState.IN_HAND and row.tries == attempt.number
        if problem is not None and not is_current:
            return
        if is_current:
            endpoint.busy_until = None
        delivery.http_status = status
        if problem is None:
            outbox.mark_done(session, *subject, now=now)
        elif endpoint.disabled_at is not None or attempt.number > len(RETRY_PAUSES):
            outbox.give_up(session, *subject, now=now, problem=problem)
            log.warning("webhook delivery failed", delivery=delivery.id, problem=problem)
        else:
            later = now + RETRY_PAUSES[attempt.number - 1]
            outbox.retry_later(session, *subject, not_before=later, problem=problem)
