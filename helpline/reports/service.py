"""Transactions of counting: choose the next day, store its counts, audit exports.

Every step may be repeated and run in several workers: a day is counted whole and replaces the
earlier counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.callbacks.models import Callback
from helpline.calls.inbound.models import InboundCall
from helpline.db import db, insert_or_ignore, transaction, updated_one_row
from helpline.hours import queries as hours_queries
from helpline.privacy import audit
from helpline.reports.daily_counts import COUNTING_VERSION, Counts, day_bounds
from helpline.reports.models import CountedDay, Tally

SETTLED_AFTER = timedelta(days=2)
"""A day can no longer change so long after its end."""

TODAY_EVERY = timedelta(minutes=1)
EARLIER_DAYS_EVERY = timedelta(hours=1)
_NEVER = datetime.fromisoformat("2000-01-01T00:00+00:00")
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class CountingTask:
    """A day that this worker is to count."""

    day: date
    zone: ZoneInfo
    taken_at: datetime


def reserve_day(*, now: datetime) -> CountingTask | None:
    """Return the next day to count, reserved for this worker, or None.

    Today is counted every minute; earlier days every hour until they are settled; then, newest
    first, days never counted or counted by other rules or in another time zone.
    """
    zone = hours_queries.effective_hours(db.session(), now).zone
    day = _next_day(db.session(), zone, now)
    if day is None:
        return None
    with transaction() as session:
        insert_or_ignore(
            session,
            CountedDay,
            day=day,
            zone=zone.key,
            counting=COUNTING_VERSION,
            taken_at=_NEVER,
            settled=False,
        )
        fresh = sa.and_(
            CountedDay.taken_at > now - _recount_interval(day, zone, now),
            CountedDay.zone == zone.key,
            CountedDay.counting == COUNTING_VERSION,
        )
        is_reserved = updated_one_row(
            session,
            sa.update(CountedDay)
            .where(CountedDay.day == day, sa.not_(fresh))
            .values(taken_at=now, zone=zone.key, counting=COUNTING_VERSION, settled=False),
        )
        return CountingTask(day, zone, now) if is_reserved else None


def store_counts(task: CountingTask, counts: Counts, *, now: datetime) -> None:
    """Replace the stored counts of a day, unless another worker has reserved it meanwhile.

    Args:
        now: the instant up to which it was counted.
    """
    _start, end = day_bounds(task.day, task.zone)
    with transaction() as session:
        if not updated_one_row(
            session,
            sa.update(CountedDay)
            .where(CountedDay.day == task.day, CountedDay.taken_at == task.taken_at)
            .values(counted_at=now, settled=now >= end + SETTLED_AFTER),
        ):
            return
        session.execute(sa.delete(Tally).where(Tally.day == task.day))
        if counts:
            session.execute(
                sa.insert(Tally),
                [
                    {"measure": measure, "day": task.day, "part": part, "number": number}
                    for (measure, part), number in counts.items()
                ],
            )


def recount(first: date, last: date) -> int:
    """Mark days to be recounted by the worker, newest first; return how many."""
    with transaction() as session:
        done = session.execute(
            sa.update(CountedDay)
            .where(CountedDay.day >= first, CountedDay.day <= last)
            .values(taken_at=_NEVER, settled=False)
        )
        return int(done.rowcount)  # type: ignore[attr-defined]


def record_export(
    table: str, *, first: date, last: date, form: str, outside: bool, staff_id: int, now: datetime
) -> None:
    """Add an export to the audit log, before the data is sent."""
    with transaction() as session:
        audit.record(
            session,
            at=now,
            actor=f"staff:{staff_id}",
            action="measures_exported",
            subject=f"measures:{table}",
            first=first.isoformat(),
            last=last.isoformat(),
            form=form,
            outside=outside,
        )


def _next_day(session: Session, zone: ZoneInfo, now: datetime) -> date | None:
    today = now.astimezone(zone).date()
    settled_from = today - SETTLED_AFTER
    as_now = (CountedDay.zone == zone.key, CountedDay.counting == COUNTING_VERSION)
    rows = session.execute(
        sa.select(CountedDay.day, CountedDay.taken_at).where(
            *as_now, CountedDay.day >= settled_from, CountedDay.day <= today
        )
    )
    reserved = {day: at for day, at in rows}  # noqa: C416 a row is no pair to the type checker
    first = _first_day(session, zone) or today
    day = today
    while day >= max(first, settled_from):
        if day not in reserved or reserved[day] <= now - _recount_interval(day, zone, now):
            return day
        day -= _DAY
    return _last_unsettled_day(session, first, day, as_now, now)


def _last_unsettled_day(
    session: Session,
    first: date,
    last: date,
    as_now: tuple[sa.ColumnElement[bool], ...],
    now: datetime,
) -> date | None:
    """A day in progress in another worker, or left by one that died, is skipped for a while."""
    if last < first:
        return None
    within = (CountedDay.day >= first, CountedDay.day <= last, *as_now)
    is_done = sa.or_(CountedDay.settled, CountedDay.taken_at > now - TODAY_EVERY)
    done = sa.select(CountedDay.day).where(*within, is_done)
    number = session.scalar(sa.select(sa.func.count()).select_from(done.subquery())) or 0
    if number > (last - first) // _DAY:
        return None
    done_days = set(session.scalars(done))
    while last in done_days:
        last -= _DAY
    return last


def _recount_interval(day: date, zone: ZoneInfo, now: datetime) -> timedelta:
    today = now.astimezone(zone).date()
    if day >= today or now >= day_bounds(day, zone)[1] + SETTLED_AFTER:
        return TODAY_EVERY
    return EARLIER_DAYS_EVERY


def _first_day(session: Session, zone: ZoneInfo) -> date | None:
    begins = [
        at
        for column in (Callback.requested_at, InboundCall.began_at)
        if (at := session.scalar(sa.select(sa.func.min(column)))) is not None
    ]
    return min(begins).astimezone(zone).date() if begins else None
