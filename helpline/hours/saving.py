"""Saving the hours inside the caller's transaction. Never commits.

Whoever books a time and whoever changes the hours must not do so at once: a place could be taken by
hours that hold no more, and nobody would know. So the one waits for the other.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.db import wait_alone, wait_together, waiting_together
from helpline.domain.hours_plan import HoursPlan
from helpline.hours import queries
from helpline.hours.errors import SavedMeanwhile
from helpline.hours.models import WeekSave
from helpline.rows import add_if_absent

_HOURS = 5_401_2026  # any number, the same in every process, of nobody else


def stand_still(session: Session) -> None:
    """Until the end of this transaction the hours stay as they are; many may ask at once. Before
    any row is locked that a change of hours might want, so that nobody waits in a circle."""
    wait_together(session, _HOURS)


def standing_still() -> sa.ColumnElement[Any]:
    """``stand_still`` as part of a statement for PostgreSQL. The hours are read after it: it may
    have to wait, and what itself reads is of before."""
    return waiting_together(_HOURS)


def alone(session: Session) -> None:
    """Until the end of this transaction nobody else books by the hours, or changes them."""
    wait_alone(session, _HOURS)


def put(
    session: Session, plan: HoursPlan, *, based_on: int, saved_by: int | None, now: datetime
) -> None:
    """Puts hours in force at once. The caller is ``alone``.

    Args:
        based_on: the version the admin began from; 0 before the first save.

    Raises:
        SavedMeanwhile: a newer version is there; nothing was changed.
    """
    newest = queries.newest_save(session)
    if (newest.version if newest else 0) != based_on or not add_if_absent(
        session,
        WeekSave,
        version=based_on + 1,
        time_zone=plan.zone_name,
        **{name: told for name, told in plan.to_data().items() if name != "zone"},
        saved_at=now,
        saved_by=saved_by,
    ):
        raise SavedMeanwhile
