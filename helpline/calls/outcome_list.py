"""The list of outcomes that an admin edits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.calls.models import OutcomeList
from helpline.db import ONE, add_version, transaction
from helpline.domain.outcomes import DEFAULT_OUTCOMES, Outcome, check_outcomes, outcomes_from
from helpline.privacy import audit


def outcomes_and_version(session: Session) -> tuple[tuple[Outcome, ...], int]:
    """Return the outcomes in order, those that are not shown too, and the version of the list."""
    newest = session.execute(
        sa.select(OutcomeList.outcomes, OutcomeList.version)
        .order_by(OutcomeList.version.desc())
        .limit(ONE)
    ).one_or_none()
    if newest is None:
        return DEFAULT_OUTCOMES, 0
    return outcomes_from(newest.outcomes), newest.version


def save(
    outcomes: Sequence[Outcome], *, expected_version: int, admin_id: int, now: datetime
) -> None:
    """Save the list.

    Args:
        expected_version: the version that the admin edited; 0 before the first.

    Raises:
        EndingsMissing: no outcome is shown for some ways a call can end.
        StaleVersion: a newer version exists; nothing was saved.
    """
    check_outcomes(outcomes)
    with transaction() as session:
        before, _version = outcomes_and_version(session)
        after = [outcome.as_dict() for outcome in outcomes]
        add_version(
            session,
            OutcomeList(outcomes=after, saved_at=now, saved_by=admin_id),
            expected_version=expected_version,
        )
        audit.record(
            session,
            at=now,
            actor=f"staff:{admin_id}",
            action="outcomes_changed",
            subject="calls",
            before={"outcomes": [outcome.as_dict() for outcome in before]},
            after={"outcomes": after},
        )
