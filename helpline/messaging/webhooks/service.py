"""Transactions of the admin's page of webhooks; every one is audited."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlsplit
from zlib import crc32

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.db import NO_KEY_UPDATE, advisory_lock, transaction, updated_one_row
from helpline.domain.errors import HelplineError
from helpline.domain.webhooks import DeliveryProblem, WebhookEvent, new_secret
from helpline.messaging.models import Kind, OutboxRow, OutboxState
from helpline.messaging.webhooks import deliveries
from helpline.messaging.webhooks.models import WebhookDelivery, WebhookEndpoint
from helpline.privacy import audit

MAX_ENABLED = 3
"""As many as a worker sends to at once, so that none waits for another."""
_COUNT_LOCK = crc32(b"enabled webhooks")


class TooManyEndpoints(HelplineError):
    """As many endpoints are enabled as there may be."""


class NotPossible(HelplineError):
    """The endpoint or delivery does not exist, or is not in a state that allows this."""


def add_endpoint(url: str, *, admin_id: int, now: datetime) -> str:
    """Add an endpoint and return its secret, which can be read only now.

    Args:
        url: an address that ``Target.parse`` accepted.

    Raises:
        TooManyEndpoints: disable one first.
    """
    with transaction() as session:
        _require_fewer_than_maximum(session)
        secret = new_secret()
        endpoint = WebhookEndpoint(url=url, secret=secret, created_at=now)
        session.add(endpoint)
        session.flush()
        _audit(session, endpoint, "webhook_added", admin_id, now)
        return secret


def rotate_secret(endpoint_id: int, *, admin_id: int, now: datetime) -> str:
    """Replace an endpoint's secret and return the new one. The old one signs too for a day.

    Raises:
        NotPossible: there is no such endpoint.
    """
    with transaction() as session:
        endpoint = _lock(session, endpoint_id)
        endpoint.previous_secret, endpoint.rotated_at = endpoint.secret, now
        endpoint.secret = new_secret()
        _audit(session, endpoint, "webhook_secret_rotated", admin_id, now)
        return endpoint.secret


def disable(endpoint_id: int, *, admin_id: int, now: datetime) -> None:
    """Send nothing more to an endpoint; what waits for it is given up.

    Raises:
        NotPossible: there is no such endpoint, or it is disabled.
    """
    with transaction() as session:
        endpoint = _lock(session, endpoint_id)
        if endpoint.disabled_at is not None:
            raise NotPossible
        endpoint.disabled_at = now
        waiting = sa.select(WebhookDelivery.id).where(WebhookDelivery.endpoint_id == endpoint_id)
        session.execute(
            sa.update(OutboxRow)
            .where(
                OutboxRow.kind == Kind.SEND_WEBHOOK,
                OutboxRow.subject_id.in_(waiting),
                OutboxRow.state == OutboxState.PENDING,
            )
            .values(state=OutboxState.GIVEN_UP, done_at=now, problem=DeliveryProblem.DISABLED),
            execution_options={"synchronize_session": False},
        )
        _audit(session, endpoint, "webhook_disabled", admin_id, now)


def enable(endpoint_id: int, *, admin_id: int, now: datetime) -> None:
    """Send events from now on to a disabled endpoint again.

    Raises:
        NotPossible: there is no such endpoint, or it is enabled.
        TooManyEndpoints: disable another first.
    """
    with transaction() as session:
        endpoint = _lock(session, endpoint_id)
        if endpoint.disabled_at is None:
            raise NotPossible
        _require_fewer_than_maximum(session)
        endpoint.disabled_at = None
        _audit(session, endpoint, "webhook_enabled", admin_id, now)


def send_test(endpoint_id: int, *, admin_id: int, now: datetime) -> None:
    """Have the worker send a test message.

    Raises:
        NotPossible: there is no such endpoint, or it is disabled.
    """
    with transaction() as session:
        endpoint = _lock(session, endpoint_id)
        if endpoint.disabled_at is not None:
            raise NotPossible
        deliveries.enqueue(session, endpoint.id, WebhookEvent.TEST, None, at=now)
        _audit(session, endpoint, "webhook_tested", admin_id, now)


def send_again(delivery_id: int, *, admin_id: int, now: datetime) -> None:
    """Send a failed delivery again, with the same id and as many retries as at first.

    Raises:
        NotPossible: it has not failed, or its endpoint is disabled.
    """
    with transaction() as session:
        delivery = session.get(WebhookDelivery, delivery_id)
        if delivery is None:
            raise NotPossible
        endpoint = _lock(session, delivery.endpoint_id)
        has_failed = (
            OutboxRow.kind == Kind.SEND_WEBHOOK,
            OutboxRow.subject_id == delivery_id,
            OutboxRow.state == OutboxState.GIVEN_UP,
        )
        again = {"state": OutboxState.PENDING, "not_before": now, "tries": 0, "done_at": None}
        if endpoint.disabled_at is not None or not updated_one_row(
            session, sa.update(OutboxRow).where(*has_failed).values(again)
        ):
            raise NotPossible
        _audit(session, endpoint, "webhook_sent_again", admin_id, now, delivery=delivery_id)


def _lock(session: Session, endpoint_id: int) -> WebhookEndpoint:
    endpoint = session.get(WebhookEndpoint, endpoint_id, with_for_update=NO_KEY_UPDATE)
    if endpoint is None:
        raise NotPossible
    return endpoint


def _require_fewer_than_maximum(session: Session) -> None:
    advisory_lock(session, _COUNT_LOCK)
    enabled = sa.select(sa.func.count()).where(WebhookEndpoint.disabled_at.is_(None))
    if (session.scalar(enabled) or 0) >= MAX_ENABLED:
        raise TooManyEndpoints


def _audit(
    session: Session,
    endpoint: WebhookEndpoint,
    action: str,
    admin_id: int,
    now: datetime,
    **detail: int,
) -> None:
    """An address may contain a secret; its host does not."""
    audit.record(
        session,
        at=now,
        actor=f"staff:{admin_id}",
        action=action,
        subject=f"webhook:{endpoint.id}",
        host=urlsplit(endpoint.url).hostname,
        **detail,
    )
