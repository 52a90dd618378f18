"""Calls of which the carrier first told the id of the request alone."""

from __future__ import annotations

import sqlalchemy as sa

from helpline.calls.listening.models import Listener
from helpline.calls.models import Attempt, Offer
from helpline.db import transaction


def promote(ref: str, request_id: str, call_id: str) -> None:
    """Store the id of a call in place of that of its request, once the carrier tells it.

    Idempotent; the stored id of another call stays. Where the event comes before the answer to the
    request is stored, that answer no longer replaces the call's own id.

    Args:
        ref: the reference of the attempt, offer or listener. An accepted offer's is that of both.
        request_id: empty where the carrier has no such ids.
    """
    if not request_id or not call_id or request_id == call_id:
        return
    with transaction() as session:
        for model, column in ((Attempt, "advisor_call"), (Offer, "call"), (Listener, "call")):
            stored: sa.ColumnElement[str | None] = sa.column(column)
            # Also where none is: the answer may be on its way into the database at this moment.
            session.execute(
                sa.update(model)
                .where(sa.column("ref") == ref, sa.or_(stored == request_id, stored.is_(None)))
                .values({column: call_id}),
                execution_options={"synchronize_session": False},
            )
