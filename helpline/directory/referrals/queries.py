"""Queries of services and referrals."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.directory import entries
from helpline.directory.referrals.models import Referral, ServiceEntry
from helpline.directory.referrals.seed import EVERYWHERE, KINDS

MAX_RESULTS = 50


def active_services(session: Session) -> Sequence[ServiceEntry]:
    """Return all services that are not retired, by region, kind and order."""
    return sorted(
        entries.active(session, ServiceEntry), key=lambda service: (service.region, _rank(service))
    )


def retired_services(session: Session) -> Sequence[ServiceEntry]:
    return entries.retired(session, ServiceEntry)


def search(session: Session, region: str, *, kind: str = "", area: str = "") -> list[ServiceEntry]:
    """Return the services for a region, by kind and order; those for every region come last.

    Args:
        kind: only this kind.
        area: only this area, and services without one.
    """
    services = [
        service
        for service in entries.active(session, ServiceEntry)
        if service.region in (region, EVERYWHERE)
        and (not kind or service.kind == kind)
        and (not area or service.area in (None, area))
    ]
    services.sort(key=lambda service: (service.region == EVERYWHERE, _rank(service)))
    return services[:MAX_RESULTS]


def numbers(session: Session, regions: Collection[str]) -> list[tuple[str, str]]:
    """Return the phone numbers of services in these regions or every region, with their region."""
    rows = session.execute(
        sa.select(ServiceEntry.region, ServiceEntry.phone, ServiceEntry.tel).where(
            ServiceEntry.retired_at.is_(None), ServiceEntry.region.in_({*regions, EVERYWHERE})
        )
    ).all()
    return [(written, region) for region, *both in rows for written in both if written]


def areas(session: Session, region: str) -> Sequence[str]:
    values = session.scalars(
        sa.select(ServiceEntry.area)
        .where(
            ServiceEntry.region == region,
            ServiceEntry.retired_at.is_(None),
            ServiceEntry.area.is_not(None),
        )
        .distinct()
    )
    return sorted(area for area in values if area)


def referred_services(session: Session, callback_id: int) -> Sequence[ServiceEntry]:
    """Return the services that the visitor of a callback was referred to, retired ones left out."""
    return session.scalars(
        sa.select(ServiceEntry)
        .join(Referral, Referral.place_id == ServiceEntry.id)
        .where(Referral.callback_id == callback_id, ServiceEntry.retired_at.is_(None))
        .order_by(Referral.id)
    ).all()


def referral_counts(session: Session, since: datetime, until: datetime) -> Mapping[int, int]:
    rows = session.execute(
        sa.select(Referral.place_id, sa.func.count(Referral.id))
        .where(Referral.at >= since, Referral.at < until)
        .group_by(Referral.place_id)
    )
    return dict(rows.all())


def unverified_count(session: Session, now: datetime) -> int:
    """Return how many services were never verified here, or too long ago."""
    long_ago = now - entries.VERIFY_AFTER
    count = sa.select(sa.func.count(ServiceEntry.id)).where(
        ServiceEntry.retired_at.is_(None),
        sa.or_(ServiceEntry.last_checked.is_(None), ServiceEntry.last_checked <= long_ago),
    )
    return session.scalar(count) or 0


def _rank(service: ServiceEntry) -> int:
    return KINDS.index(service.kind) if service.kind in KINDS else len(KINDS)
