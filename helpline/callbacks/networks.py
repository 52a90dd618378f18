"""Booking limits by network, so that made-up requests cannot take all slots.

Networks are known by keyed hashes alone. A network may make only so many bookings in an hour, and
once it holds a booking, a share of the slots is reserved for others. A network without a booking
can have any slot. See docs/decisions/0021-shared-limits-slow-only-the-busy.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.callbacks.errors import TooManyBookings
from helpline.callbacks.models import HOLDS_SLOT, Callback
from helpline.db import advisory_lock
from helpline.domain.slots import Capacity, reserved_capacity

_AN_HOUR = timedelta(hours=1)
_COLUMNS = (Callback.network_hash, Callback.network_56_hash, Callback.network_48_hash)
_PREFIX_FACTORS = (1, 2, 4)
"""Multiples of the limit for an IPv6 /64, /56 and /48."""


@dataclass(frozen=True, slots=True)
class Origin:
    """The network of a request, and the booking limits.

    Args:
        networks: keyed hashes, the narrowest first: the IPv4 address, or the IPv6 /64, /56 and /48.
        most_an_hour: maximum open bookings of one network made within the hour.
        kept_percent: share of slots reserved for networks without a booking.
    """

    networks: tuple[str, ...]
    most_an_hour: int
    kept_percent: int

    def columns(self) -> dict[str, str | None]:
        """Return the hashes by column of a callback."""
        hashes = (*self.networks, None, None, None)
        return {column.key: network for column, network in zip(_COLUMNS, hashes, strict=False)}


def origin_of(callback: Callback, rules: Origin) -> Origin:
    """Return the network of a callback, else that of the present request (a callback by text has
    none).
    """
    hashes = (callback.network_hash, callback.network_56_hash, callback.network_48_hash)
    networks = tuple(network for network in hashes if network is not None)
    return replace(rules, networks=networks) if networks else rules


def lock_network(session: Session, origin: Origin) -> None:
    """Lock a network's bookings, before callbacks and slots, so that two transactions never
    deadlock.
    """
    if origin.networks:
        advisory_lock(session, int(origin.networks[-1][:15], 16))


def holds_slot(
    session: Session, origin: Origin, now: datetime, *, but_for: int | None = None
) -> bool:
    """Return whether the network already holds a slot; for IPv6 the widest prefix counts.

    Args:
        but_for: a callback that is being rescheduled.

    Raises:
        TooManyBookings: the limit of bookings in an hour is reached.
    """
    if not origin.networks:
        return False
    others = Callback.id != (but_for or 0)
    recent_counts = [
        sa.select(sa.func.count())
        .where(column == network, HOLDS_SLOT, Callback.booked_at > now - _AN_HOUR, others)
        .scalar_subquery()
        for column, network in zip(_COLUMNS, origin.networks, strict=False)
    ]
    widest = _COLUMNS[len(origin.networks) - 1]
    holds = sa.exists().where(
        widest == origin.networks[-1], HOLDS_SLOT, Callback.slot_at > now, others
    )
    *counts, holds_one = session.execute(sa.select(*recent_counts, holds)).one()
    if any(
        count >= origin.most_an_hour * factor
        for count, factor in zip(counts, _PREFIX_FACTORS, strict=False)
    ):
        raise TooManyBookings
    return bool(holds_one)


def capacities_for(
    capacities: Mapping[datetime, Capacity], origin: Origin, *, holds_one: bool
) -> Mapping[datetime, Capacity]:
    """Return the capacity of each start for a network.

    Args:
        holds_one: whether it already holds a slot.
    """
    if not holds_one:
        return capacities
    return {
        start: replace(
            capacity,
            total=max(
                0, capacity.total - reserved_capacity(start, capacity.total, origin.kept_percent)
            ),
        )
        for start, capacity in capacities.items()
    }
