"""Where two wait for each other, one gives way and is done all the same."""

from __future__ import annotations

from collections.abc import Callable
from threading import Barrier

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import OperationalError

from helpline.db import db, retry_on_deadlock, transaction
from helpline.staff.models import Staff
from tests import factories
from tests.cast import ASHA, RAVI
from tests.invariants.together import at_once

pytestmark = pytest.mark.parametrize("database_kind", ["postgresql"])


def test_two_that_wait_for_each_other_are_both_done(app: Flask) -> None:
    asha, ravi = factories.staff(ASHA).id, factories.staff(RAVI).id
    both_have_one, tries = Barrier(2), []

    def mark(first: int, second: int) -> Callable[[], None]:
        @retry_on_deadlock
        def verb() -> None:
            tries.append(first)
            with transaction() as session:
                _once_more(session, first)
                if len(tries) <= 2:
                    both_have_one.wait(timeout=20)
                _once_more(session, second)

        return verb

    at_once(app, [mark(asha, ravi), mark(ravi, asha)])
    assert len(tries) == 3, "one was done again"
    versions = db.session.scalars(sa.select(Staff.version).where(Staff.id.in_([asha, ravi])))
    assert list(versions) == [3, 3], "each of them once, and nothing twice"


def test_whatever_else_fails_is_not_tried_again(app: Flask) -> None:
    tries = []

    @retry_on_deadlock
    def verb() -> None:
        tries.append(1)
        with transaction() as session:
            session.execute(sa.text("SET LOCAL statement_timeout = 1"))
            session.execute(sa.text("SELECT pg_sleep(1)"))

    with pytest.raises(OperationalError):
        verb()
    assert len(tries) == 1


def _once_more(session: sa.orm.Session, staff_id: int) -> None:
    session.execute(sa.update(Staff).where(Staff.id == staff_id).values(version=Staff.version + 1))
