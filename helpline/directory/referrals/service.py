"""Transactions of the service directory."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from helpline.db import ONE, transaction
from helpline.directory.referrals.models import ServiceEntry
from helpline.directory.referrals.seed import seed_entries
from helpline.directory.service import Directory

SERVICES = Directory(ServiceEntry, "care_place", group=lambda service: service.kind)
"""The service directory. Visitors referred to a service no longer see it once it is retired."""


def seed_directory(*, admin_id: int, now: datetime) -> int:
    """Fill an empty directory with the default services; return how many."""
    with transaction() as session:
        if session.scalar(sa.select(ServiceEntry.id).limit(ONE)) is not None:
            return 0
        services = seed_entries()
        for service in services:
            SERVICES.insert(session, service, admin_id=admin_id, now=now)
        return len(services)
