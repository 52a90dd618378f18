"""All of a transaction is committed or nothing, and what comes after has a fresh connection."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import IntegrityError, InvalidRequestError, OperationalError, ProgrammingError
from sqlalchemy.orm.attributes import set_committed_value

from helpline.callbacks.models import Callback
from helpline.db import NestedTransaction, db, read_snapshot, transaction
from helpline.privacy.models import AuditEntry
from helpline.staff.models import Staff
from tests import factories
from tests.cast import ARJUN, ASHA, KAVITA
from tests.support.clock import Clock

_DEEDS = sa.select(AuditEntry.deed).where(AuditEntry.subject == "test")


@pytest.fixture(autouse=True)
def _eleven(app: Flask, at: Clock) -> None:
    at("2026-11-23 11:00")


def test_statements_and_objects_are_committed_together(at: Clock) -> None:
    now = at("2026-11-23 11:00")
    with transaction() as session:
        _insert(session, **_entry(now, "first"))
        session.add(AuditEntry(**_entry(now, "second")))
        assert session.scalars(_DEEDS).all() == ["first", "second"], "each sees the other's"
        assert _seen_by_another() == []
        _insert(session, **_entry(now, "third"))
        assert _seen_by_another() == []
    assert _seen_by_another() == ["first", "second", "third"]


@pytest.mark.parametrize("by_session", [False, True])
def test_nothing_is_kept_after_an_error_and_the_next_word_is(at: Clock, by_session: bool) -> None:
    now = at("2026-11-23 11:00")

    @transaction()
    def broken_off() -> None:
        _insert(db.session, **_entry(now, "lost"))
        if by_session:
            db.session.add(AuditEntry(**_entry(now, "lost as well")))
            db.session.flush()
        raise KeyError

    with pytest.raises(KeyError):
        broken_off()
    assert _deeds() == []
    with transaction() as session:
        _insert(session, **_entry(now, "kept"))
    assert _deeds() == ["kept"]


@pytest.mark.parametrize("database_kind", ["postgresql"])
@pytest.mark.parametrize("by_session", [False, True])
@pytest.mark.parametrize("fails", [False, True])
def test_after_a_transaction_a_statement_outside_is_committed_at_once(
    at: Clock, by_session: bool, fails: bool
) -> None:
    now = at("2026-11-23 11:00")
    told = {**_entry(now, "by itself")}
    try:
        with transaction() as session:
            if by_session:
                session.scalars(_DEEDS).all()
            session.execute(_DEEDS)
            if fails:
                raise KeyError
    except KeyError:
        pass
    db.session.remove()
    _insert(db.session, **told)
    assert _seen_by_another() == ["by itself"]


def test_a_refused_row_takes_all_the_others_with_it(at: Clock) -> None:
    now = at("2026-11-23 11:00")
    first, second = factories.callback(KAVITA), factories.callback(ARJUN)
    token = first.token_hash

    @transaction()
    def refused() -> None:
        _insert(db.session, **_entry(now, "lost"))
        db.session.get_one(Callback, second.id).token_hash = token  # Is written at the end.

    with pytest.raises(IntegrityError):
        refused()
    assert _deeds() == []
    db.session.rollback()
    assert db.session.get_one(Callback, second.id).token_hash != token


def test_a_rollback_on_the_way_is_an_error_and_not_the_loss_of_what_follows(at: Clock) -> None:
    now = at("2026-11-23 11:00")

    @transaction()
    def rolled_back() -> None:
        db.session.scalars(_DEEDS).all()
        db.session.rollback()
        _insert(db.session, **_entry(now, "lost"))

    with pytest.raises(InvalidRequestError, match="closed transaction"):
        rolled_back()
    assert _deeds() == []


def test_what_a_failed_transaction_put_on_an_object_is_gone_in_the_next(app: Flask) -> None:
    asha = factories.staff(ASHA)
    assert asha.name == ASHA.name
    db.session.commit()
    assert asha.name == ASHA.name  # Is read, by a session that has begun nothing to write.
    db.session.rollback()
    assert asha.name == ASHA.name

    @transaction()
    def broken_off() -> None:
        set_committed_value(asha, "name", "Somebody else")
        raise KeyError

    with pytest.raises(KeyError):
        broken_off()
    with transaction():
        assert asha.name == ASHA.name


@pytest.mark.parametrize("database_kind", ["postgresql"])
@pytest.mark.parametrize("by_session", [False, True])
def test_a_server_that_goes_before_the_end_is_told_and_nothing_is_kept(
    at: Clock, by_session: bool
) -> None:
    now = at("2026-11-23 11:00")

    @transaction()
    def left_alone() -> None:
        _insert(db.session, **_entry(now, "lost"))
        if by_session:
            db.session.scalars(_DEEDS).all()
        process = db.session.scalar(sa.select(sa.func.pg_backend_pid()))
        with db.engine.connect() as other:
            other.execute(sa.select(sa.func.pg_terminate_backend(process, 5_000)))

    with pytest.raises(OperationalError) as gone:
        left_alone()
    assert gone.value.connection_invalidated
    assert _deeds() == []
    with transaction() as session:
        _insert(session, **_entry(now, "kept"))
    assert _deeds() == ["kept"]


@pytest.mark.parametrize("database_kind", ["postgresql"])
def test_a_connection_that_the_server_closed_is_replaced() -> None:
    db.session.remove()
    process = sa.select(sa.func.pg_backend_pid())
    with db.engine.connect() as one, db.engine.connect() as other:
        closed = one.scalar(process)
        other.execute(sa.select(sa.func.pg_terminate_backend(closed, 5_000)))
    with db.engine.connect() as one, db.engine.connect() as other:
        assert closed not in (one.scalar(process), other.scalar(process))


@pytest.mark.parametrize("database_kind", ["postgresql"])
def test_each_is_read_committed_whatever_the_connection_was_before(app: Flask) -> None:
    level = sa.select(sa.func.current_setting("transaction_isolation"))
    db.engine.dispose()
    for _ in range(2):
        with read_snapshot() as session:
            assert session.scalar(level) == "repeatable read"
        db.session.remove()
        with transaction() as session:
            assert session.scalar(level) == "read committed"


def test_the_session_of_another_does_not_join(app: Flask) -> None:
    """An object that somebody in another thread reads in the middle of their own work."""
    asha = factories.staff(ASHA)
    db.session.commit()

    def looks() -> str:
        with app.app_context(), transaction() as session:
            session.scalars(sa.select(Staff.id)).all()
            return asha.name  # Read by the session it belongs to.

    with ThreadPoolExecutor(1) as other:
        assert other.submit(looks).result() == ASHA.name
    assert db.session.scalars(sa.select(Staff.name)).all() == [ASHA.name]


def test_one_in_another_is_refused_and_the_first_goes_on(at: Clock) -> None:
    now = at("2026-11-23 11:00")
    with transaction() as session:
        _insert(session, **_entry(now, "first"))
        with pytest.raises(NestedTransaction), transaction():
            pass
        with pytest.raises(NestedTransaction), read_snapshot():
            pass
    assert _deeds() == ["first"]


def test_an_error_names_the_statement_and_no_values(app: Flask) -> None:
    nowhere = sa.select(sa.column("x")).select_from(sa.table("nowhere"))
    with pytest.raises((ProgrammingError, OperationalError)) as unknown:
        db.session.execute(nowhere.where(sa.literal("Kavita's secret").is_not(None)))
    assert "FROM nowhere" in str(unknown.value)
    assert "Kavita" not in str(unknown.value)


def _insert(session, **values):
    session.execute(sa.insert(AuditEntry).values(**values))


def _entry(now, deed):
    return {"at": now, "actor": "operator", "deed": deed, "subject": "test", "detail": {}}


def _deeds():
    db.session.rollback()
    return db.session.scalars(_DEEDS.order_by(AuditEntry.id)).all()


def _seen_by_another():
    """What is kept by now, as another connection sees it."""
    with db.engine.connect() as other:
        return other.execute(_DEEDS.order_by(AuditEntry.id)).scalars().all()
