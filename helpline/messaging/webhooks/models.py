"""Tables: endpoints of outgoing webhooks, and deliveries."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from helpline.db import Base, Instant
from helpline.domain.webhooks import WebhookEvent
from helpline.privacy.encryption import EncryptedText


class WebhookEndpoint(Base):
    """An address that webhooks are sent to.

    ``previous_secret`` signs too for a day after ``rotated_at``. ``busy_until``: a worker is
    sending to it, until then at the latest; so one that hangs holds up no other.
    """

    __tablename__ = "webhook_endpoint"

    id: Mapped[int] = mapped_column(primary_key=True)
    url: Mapped[str] = mapped_column(sa.String(300))
    secret: Mapped[str] = mapped_column(EncryptedText)
    previous_secret: Mapped[str | None] = mapped_column(EncryptedText)
    rotated_at: Mapped[datetime | None] = mapped_column(Instant)
    created_at: Mapped[datetime] = mapped_column(Instant)
    disabled_at: Mapped[datetime | None] = mapped_column(Instant)
    busy_until: Mapped[datetime | None] = mapped_column(Instant)


class WebhookDelivery(Base):
    """A message to one endpoint: ids and times only. Its attempts are in its outbox row.

    ``http_status``: of the last attempt, if it was answered.
    """

    __tablename__ = "webhook_delivery"

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[str] = mapped_column(sa.String(40), unique=True)
    endpoint_id: Mapped[int] = mapped_column(sa.ForeignKey("webhook_endpoint.id"))
    event: Mapped[WebhookEvent] = mapped_column(sa.String(30))
    callback_id: Mapped[int | None] = mapped_column(sa.ForeignKey("callback.id"))
    occurred_at: Mapped[datetime] = mapped_column(Instant)
    attempted_at: Mapped[datetime | None] = mapped_column(Instant)
    http_status: Mapped[int | None]
