"""Statements that are put to the driver itself: what they give and what they raise is what
SQLAlchemy would, and each is in the unit of work around it or a whole one by itself."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import UTC, datetime, timedelta, timezone

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import IntegrityError, OperationalError, ProgrammingError

from helpline.callbacks.models import Callback, CallbackEvent
from helpline.db import READ_COMMITTED, Instant, db, transaction
from helpline.raw_sql import fetch_rows
from tests import factories
from tests.cast import ARJUN, KAVITA
from tests.support.clock import Clock

NAME = sa.bindparam("name", type_=sa.String)
OF_NAME = sa.select(sa.func.length(NAME).label("long"), NAME.label("name"), NAME.label("name"))
CALLBACK = Callback.__table__
ENDING = (
    sa.update(CALLBACK)
    .where(CALLBACK.c.id == sa.bindparam("which", type_=sa.Integer))
    .values(disposition=sa.bindparam("how", type_=sa.String))
)
ENDING_TOLD = ENDING.returning(CALLBACK.c.id, CALLBACK.c.disposition)
OF_CALLBACK = sa.select(Callback.phone, Callback.name, Callback.due_at, Callback.reads).where(
    Callback.id == sa.bindparam("which", type_=sa.Integer)
)


def disposition(which: int) -> str | None:
    """What the database says, whatever this session has in hand."""
    with db.engine.connect() as other:
        return other.scalar(sa.select(CALLBACK.c.disposition).where(CALLBACK.c.id == which))


def test_columns_have_their_names_and_values_their_types(app: Flask, at: Clock) -> None:
    now = at("2026-11-23 11:00")
    [row] = fetch_rows(db.session(), OF_NAME, {"name": "100 % कविता"})
    assert (row.long, row[1], row[2]) == (11, "100 % कविता", "100 % कविता")
    made = factories.callback(KAVITA)
    [read] = fetch_rows(db.session(), OF_CALLBACK, {"which": made.id})
    assert read == tuple(db.session.execute(OF_CALLBACK, {"which": made.id}).one())
    assert (read.phone, read.name, read.due_at) == (KAVITA.phone, KAVITA.name, now)
    assert read.due_at.tzinfo is UTC
    india = timezone(timedelta(hours=5, minutes=30))
    at_noon = datetime(2026, 11, 23, 12, tzinfo=india)
    instant = sa.select(sa.bindparam("it", type_=Instant).label("it"))
    assert fetch_rows(db.session(), instant, {"it": at_noon})[0].it == at_noon
    with pytest.raises((ValueError, sa.exc.StatementError), match="naive"):
        fetch_rows(db.session(), instant, {"it": at_noon.replace(tzinfo=None)})


def test_by_itself_it_is_kept_at_its_end_and_in_a_unit_of_work_with_the_rest(
    app: Flask, at: Clock, database_kind: str
) -> None:
    at("2026-11-23 11:00")
    made = factories.callback(KAVITA).id
    db.session.rollback()
    if database_kind == "postgresql":
        assert not fetch_rows(db.session(), ENDING, {"which": made, "how": "busy"})
        assert disposition(made) == "busy"
    how_many = sa.select(sa.func.count(CallbackEvent.id))

    def broken_off() -> None:
        with transaction() as session:
            [told] = fetch_rows(session, ENDING_TOLD, {"which": made, "how": "reached"})
            assert told == (made, "reached")
            [before] = fetch_rows(session, how_many, {})
            session.add(CallbackEvent(**_an_event(made)))
            session.flush()
            assert fetch_rows(session, how_many, {}) == [(before[0] + 1,)]
            raise KeyError

    with pytest.raises(KeyError):
        broken_off()
    assert disposition(made) == ("busy" if database_kind == "postgresql" else None)


def _an_event(callback_id: int) -> dict[str, object]:
    at = datetime(2026, 11, 23, 6, tzinfo=UTC)
    kept = {"event": "ask", "to_status": "waiting", "due_at": at, "actor": "visitor"}
    return {"callback_id": callback_id, "at": at, **kept}


@pytest.mark.parametrize("database_kind", ["postgresql"])
def test_a_session_of_another_kind_keeps_what_it_writes_to_itself_until_it_is_kept(
    app: Flask, at: Clock
) -> None:
    at("2026-11-23 11:00")
    made = factories.callback(KAVITA).id
    with sa.orm.Session(db.engine.execution_options(isolation_level=READ_COMMITTED)) as other:
        fetch_rows(other, ENDING, {"which": made, "how": "busy"})
        assert disposition(made) is None
        other.commit()
    assert disposition(made) == "busy"


def test_what_the_database_says_comes_as_from_sqlalchemy_and_without_values(
    app: Flask, at: Clock
) -> None:
    at("2026-11-23 11:00")
    first, second = factories.callback(KAVITA).id, factories.callback(ARJUN).id
    renumbering = (
        sa.update(CALLBACK)
        .where(CALLBACK.c.id == sa.bindparam("which", type_=sa.Integer))
        .values(id=sa.bindparam("other", type_=sa.Integer))
    )
    nowhere = sa.select(sa.column("x")).select_from(sa.table("nowhere")).where(NAME.is_not(None))
    with pytest.raises(IntegrityError) as refused, transaction() as session:
        fetch_rows(session, renumbering, {"which": first, "other": second})
    assert "UPDATE callback" in str(refused.value)
    with pytest.raises((ProgrammingError, OperationalError)) as unknown:
        fetch_rows(db.session(), nowhere, {"name": "Kavita's secret"})
    db.session.rollback()
    assert "Kavita" not in str(unknown.value)
    assert fetch_rows(db.session(), OF_NAME, {"name": "still here"})[0].long == 10


@pytest.mark.parametrize("database_kind", ["postgresql"])
def test_a_statement_that_is_another_each_time_is_refused(app: Flask) -> None:
    among = sa.select(CALLBACK.c.id).where(CALLBACK.c.id.in_([1, 2]))
    with pytest.raises(TypeError, match="made up anew"):
        fetch_rows(db.session(), among, {})


@pytest.mark.parametrize("database_kind", ["postgresql"])
@pytest.mark.parametrize("in_unit_of_work", [False, True])
def test_a_server_that_goes_away_is_told_and_the_next_is_asked_of_another(
    app: Flask, in_unit_of_work: bool
) -> None:
    ending_itself = sa.select(sa.func.pg_terminate_backend(sa.func.pg_backend_pid()))
    around = transaction() if in_unit_of_work else nullcontext()
    with pytest.raises(OperationalError) as gone, around:
        fetch_rows(db.session(), ending_itself, {})
    assert gone.value.connection_invalidated
    assert fetch_rows(db.session(), OF_NAME, {"name": "again"})[0].long == 5
