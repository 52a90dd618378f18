"""A claim looks at a few rows, however many wait and however many are over."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa

from helpline import clock
from helpline.callbacks import claims
from helpline.db import READ_COMMITTED, db
from tests import factories
from tests.cast import ARJUN, ASHA
from tests.support.sql_recorder import listening


@pytest.mark.parametrize("database_kind", ["postgresql"])
def test_what_is_planned_once_for_every_claim_goes_by_the_indexes(app, at):
    at("2026-11-23 11:00")
    factories.callback(ARJUN)
    asha = factories.staff(ASHA).id
    with listening(db.engine) as said:
        claims.claim_next(asha, now=clock.now())
    found = {one[0]: one for one in said if "callback.status" in one[0]}
    statements = list(found.values())
    assert len(statements) == 2, "the advisor's current callback, and the claim"
    db.session.rollback()
    db.session.connection(execution_options={"isolation_level": READ_COMMITTED})
    db.session.execute(sa.text("SET LOCAL enable_seqscan = off"))
    for statement, _told in statements:
        plan = planned_for_all(statement)
        assert "Seq Scan on callback" not in plan, plan
        assert "ix_callback_queue" in plan or "uq_callback_in_hand" in plan


def planned_for_all(statement):
    """The plan that PostgreSQL makes when it does not know the parameters yet."""
    names = dict.fromkeys(re.findall(r"%\((\w+)\)s", statement))
    for number, name in enumerate(names, start=1):
        statement = statement.replace(f"%({name})s", f"${number}")
    rows = db.session.connection().exec_driver_sql(f"EXPLAIN (GENERIC_PLAN) {statement}")
    return "\n".join(row[0] for row in rows)
