"""How many slots one network may hold, so that made-up requests cannot take them all.

Networks are known by keyed hashes alone. Two rules hold for whoever books from a network: only so
many open bookings may have been made from it within the hour, and once it holds one, a share of
the slots is not for it. Whoever comes from a network that holds none can have any slot.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.callbacks.errors import TooManyBookings
from helpline.callbacks.models import HOLDS_A_SLOT, Callback
from helpline.db import wait_alone
from helpline.domain.rota import Places
from helpline.domain.slots import kept_places

_AN_HOUR = timedelta(hours=1)
_COLUMNS = (Callback.network_hash, Callback.network_56_hash, Callback.network_48_hash)
_WIDER = (1, 2, 4)
"""How many times as many bookings an IPv6 /64, /56 and /48 may make."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a request comes from, and what may be booked from one network.

    Args:
        networks: keyed hashes, the narrowest first: of IPv4 the address, of IPv6 /64, /56 and /48.
        most_an_hour: how many open bookings of the last hour one network may hold.
        kept_percent: the share of slots that is kept for networks that hold none.
    """

    networks: tuple[str, ...]
    most_an_hour: int
    kept_percent: int

    def columns(self) -> dict[str, str | None]:
        """The networks by the columns of a callback in which they are kept."""
        hashes = (*self.networks, None, None, None)
        return {column.key: each for column, each in zip(_COLUMNS, hashes, strict=False)}


def origin_of(callback: Callback, rules: Origin) -> Origin:
    """The network by which a callback was asked for; that of the present request where it has
    none, such as after a text."""
    own = (callback.network_hash, callback.network_56_hash, callback.network_48_hash)
    known = tuple(each for each in own if each is not None)
    return replace(rules, networks=known) if known else rules


def hold(session: Session, origin: Origin) -> None:
    """Lets nobody else book from this network until the end of the transaction. It comes before
    the locks of callbacks and slots, so that nobody waits in a circle."""
    if origin.networks:
        wait_alone(session, int(origin.networks[-1][:15], 16))


def holds_a_slot(
    session: Session, origin: Origin, now: datetime, *, but_for: int | None = None
) -> bool:
    """Whether this network holds a slot already; of IPv6 the widest network counts.

    Args:
        but_for: a callback that is moved from one slot to another.

    Raises:
        TooManyBookings: as many were booked from it within the hour as may be.
    """
    if not origin.networks:
        return False
    others = Callback.id != (but_for or 0)
    lately = [
        sa.select(sa.func.count())
        .where(column == network, HOLDS_A_SLOT, Callback.booked_at > now - _AN_HOUR, others)
        .scalar_subquery()
        for column, network in zip(_COLUMNS, origin.networks, strict=False)
    ]
    widest = _COLUMNS[len(origin.networks) - 1]
    holds = sa.exists().where(
        widest == origin.networks[-1], HOLDS_A_SLOT, Callback.slot_at > now, others
    )
    *counts, holds_one = session.execute(sa.select(*lately, holds)).one()
    if any(
        count >= origin.most_an_hour * times for count, times in zip(counts, _WIDER, strict=False)
    ):
        raise TooManyBookings
    return bool(holds_one)


def open_to(
    places: Mapping[datetime, Places], origin: Origin, *, holds_one: bool
) -> Mapping[datetime, Places]:
    """The places of each start that are open to a network.

    Args:
        holds_one: whether it holds a slot already.
    """
    if not holds_one:
        return places
    return {
        start: replace(
            each, in_all=max(0, each.in_all - kept_places(start, each.in_all, origin.kept_percent))
        )
        for start, each in places.items()
    }
