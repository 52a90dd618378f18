"""Inserting unless it is there: the answer must be true on both databases."""

from __future__ import annotations

import pytest

from helpline import clock
from helpline.db import insert_or_ignore, transaction
from helpline.messaging.models import Heartbeat, Kind, OutboxRow, OutboxState


@pytest.mark.usefixtures("app")
def test_it_says_whether_the_row_is_new() -> None:
    numbered = {
        "kind": Kind.SEND_TEXT,
        "subject_id": 1,
        "state": OutboxState.PENDING,
        "created_at": clock.now(),
        "not_before": clock.now(),
        "tries": 0,
    }
    named = {"worker": "w", "started_at": clock.now(), "at": clock.now()}
    with transaction() as session:
        assert [insert_or_ignore(session, OutboxRow, **numbered) for _ in range(2)] == [True, False]
        assert [insert_or_ignore(session, Heartbeat, **named) for _ in range(2)] == [True, False]
