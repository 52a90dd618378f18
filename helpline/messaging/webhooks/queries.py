"""Endpoints and last deliveries, as the admin's page shows them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.domain.webhooks import WebhookEvent
from helpline.messaging.models import Kind, OutboxRow, OutboxState
from helpline.messaging.webhooks.models import WebhookDelivery, WebhookEndpoint

MAX_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Delivery:
    """A delivery and how far it is.

    Args:
        http_status: of the last attempt; None where there was no answer.
        problem: of the last attempt; None where it was accepted.
    """

    id: int
    url: str
    event: WebhookEvent
    callback_id: int | None
    occurred_at: datetime
    attempted_at: datetime | None
    http_status: int | None
    state: OutboxState
    attempts: int
    not_before: datetime
    problem: str | None
    can_be_sent_again: bool


def all_endpoints(session: Session) -> Sequence[WebhookEndpoint]:
    """Return the endpoints, enabled ones first."""
    order = (WebhookEndpoint.disabled_at.is_not(None), WebhookEndpoint.id)
    return session.scalars(sa.select(WebhookEndpoint).order_by(*order)).all()


def last_deliveries(session: Session) -> list[Delivery]:
    """Return the newest deliveries, newest first."""
    rows = session.execute(
        sa.select(WebhookDelivery, OutboxRow, WebhookEndpoint)
        .join(WebhookEndpoint, WebhookEndpoint.id == WebhookDelivery.endpoint_id)
        .join(
            OutboxRow,
            sa.and_(
                OutboxRow.kind == Kind.SEND_WEBHOOK, OutboxRow.subject_id == WebhookDelivery.id
            ),
        )
        .order_by(WebhookDelivery.id.desc())
        .limit(MAX_SHOWN)
        .execution_options(populate_existing=True)
    )
    return [
        Delivery(
            delivery.id,
            endpoint.url,
            WebhookEvent(delivery.event),
            delivery.callback_id,
            delivery.occurred_at,
            delivery.attempted_at,
            delivery.http_status,
            OutboxState(row.state),
            row.tries,
            row.not_before,
            row.problem,
            row.state == OutboxState.GIVEN_UP and endpoint.disabled_at is None,
        )
        for delivery, row, endpoint in rows
    ]
