"""The audit log is only ever added to, and whoever gets round that is found out."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa
from click.testing import Result
from flask import Flask
from sqlalchemy.exc import IntegrityError

from helpline import clock
from helpline.cli.audit import verify_audit_command
from helpline.current import settings
from helpline.db import db, transaction
from helpline.privacy import audit, audit_chain
from helpline.privacy.audit_chain import KnownEnd
from helpline.privacy.models import AuditEntry, AuditHead
from tests.support.database import writing


def written(*deeds: str) -> None:
    """Deeds, each in a transaction of its own."""
    for deed in deeds:
        with transaction() as session:
            audit.record(
                session,
                at=clock.now(),
                actor="staff:7",
                action=deed,
                subject="callback:1",
                before={"b": 1, "a": ["ä", None, 0.5]},
            )


def known() -> KnownEnd:
    """The end that this machine knows."""
    return KnownEnd(settings().instance_dir)


def seal() -> bool:
    return audit_chain.seal_batch(known())


def sealed(count: int) -> None:
    """A log of so many sealed entries."""
    written(*(f"deed_{number}" for number in range(1, count + 1)))
    assert seal() is False
    db.session.rollback()


def verified(app: Flask, *arguments: str) -> Result:
    return app.test_cli_runner().invoke(verify_audit_command, arguments, prog_name="verify-audit")


def behind_its_back(*statements: str) -> None:
    """What somebody does who has the database, and takes the triggers away first."""
    on_postgresql = db.engine.dialect.name == "postgresql"
    with writing(db.engine).begin() as connection:
        if on_postgresql:
            connection.execute(sa.text("SET LOCAL session_replication_role = replica"))
        else:
            connection.execute(sa.text("DROP TRIGGER IF EXISTS audit_entry_kept"))
            connection.execute(sa.text("DROP TRIGGER IF EXISTS audit_entry_unchanged"))
        for statement in statements:
            connection.execute(sa.text(statement))


def test_the_database_itself_refuses_to_change_or_remove_an_entry(app: Flask) -> None:
    written("one", "two")
    seal()
    written("three")
    change = [
        "UPDATE audit_entry SET actor = 'staff:8' WHERE deed = 'one'",
        "UPDATE audit_entry SET seq = NULL WHERE deed = 'one'",
        "UPDATE audit_entry SET hash = 'x' WHERE deed = 'one'",
        "UPDATE audit_entry SET actor = 'staff:8' WHERE deed = 'three'",
        "UPDATE audit_entry SET seq = 9, detail = '{}' WHERE deed = 'three'",
        "DELETE FROM audit_entry WHERE deed = 'three'",
        "DELETE FROM audit_entry",
    ]
    if db.engine.dialect.name == "postgresql":
        change.append("TRUNCATE audit_entry")
    for statement in change:
        with (
            pytest.raises(IntegrityError, match="append-only"),
            writing(db.engine).begin() as connection,
        ):
            connection.execute(sa.text(statement))
    db.session.rollback()
    assert [each.deed for each in db.session.scalars(sa.select(AuditEntry))] == [
        "one",
        "two",
        "three",
    ]


def test_a_log_that_nobody_touched_is_whole_and_says_what_is_not_sealed_yet(app: Flask) -> None:
    assert verified(app).exit_code == 0, "an empty log is whole"
    sealed(3)
    written("just_now")
    answer = verified(app)
    assert answer.exit_code == 0
    assert "Entries not sealed yet: 1" in answer.output
    assert "Verified 3 entries. No changes found." in answer.output
    head = re.search(r"End of the log: (3:[0-9a-f]{64})", answer.output)
    assert head is not None
    seal()
    later = verified(app, "--noted", head[1])
    assert (later.exit_code, "not sealed" in later.output) == (0, False)
    assert verified(app, "--noted", "nonsense").exit_code == 2


@pytest.mark.parametrize(
    ("statements", "told"),
    [
        (("UPDATE audit_entry SET actor = 'staff:8' WHERE seq = 3",), ["Number 3", "changed"]),
        (("UPDATE audit_entry SET detail = '{}' WHERE seq = 6",), ["Number 6", "changed"]),
        (("DELETE FROM audit_entry WHERE seq = 3",), ["Number 3: missing."]),
        (("DELETE FROM audit_entry WHERE seq <= 2",), ["Numbers 1 to 2: missing."]),
        (("DELETE FROM audit_entry WHERE seq >= 5",), ["Numbers 5 to 6: missing at the end."]),
        (
            (
                "UPDATE audit_entry SET seq = 90 WHERE seq = 3",
                "UPDATE audit_entry SET seq = 3 WHERE seq = 4",
                "UPDATE audit_entry SET seq = 4 WHERE seq = 90",
            ),
            ["Number 3 ", "Number 4 ", "in the wrong position"],
        ),
    ],
)
def test_a_changed_a_missing_and_a_moved_entry_are_named(
    app: Flask, statements: tuple[str, ...], told: list[str]
) -> None:
    sealed(6)
    behind_its_back(*statements)
    answer = verified(app)
    assert answer.exit_code == 1
    for words in told:
        assert words in answer.output
    blamed = [line for line in answer.output.splitlines() if line.startswith("Number")]
    assert len(blamed) == len([each for each in told if each.startswith("Number")]), "no others"


def test_an_end_that_was_noted_shows_what_was_put_back_with_care(app: Flask) -> None:
    """Somebody who kept an old copy of the end, its MAC with it, cuts off what came after."""
    sealed(4)
    old = db.session.execute(sa.select(AuditHead.seq, AuditHead.hash, AuditHead.mac)).one()
    db.session.rollback()
    sealed(1)
    head = audit_chain.head_of(db.session())
    db.session.rollback()
    behind_its_back(
        "DELETE FROM audit_entry WHERE seq = 5",
        f"UPDATE audit_head SET seq = {old.seq}, hash = '{old.hash}', mac = '{old.mac}'",
    )
    answer = verified(app)
    assert (answer.exit_code, "Number 5: missing at the end" in answer.output) == (1, True)
    known().forget()
    assert verified(app).exit_code == 0, "nothing in the database can show it"
    noted = f"{head.seq}:{head.hash}"
    answer = verified(app, "--noted", noted)
    assert (answer.exit_code, "Number 5: missing at the end" in answer.output) == (1, True)

    written("another")
    seal()
    assert "was rewritten" in verified(app, "--noted", noted).output


@pytest.mark.parametrize("database_kind", ["postgresql"])
def test_an_entry_of_a_longer_deed_is_sealed_after_those_that_began_later(app: Flask) -> None:
    """Its id is lower, and was taken before; nothing waits for it, and it is not forgotten."""
    with sa.orm.Session(writing(db.engine)) as slow:
        audit.record(slow, at=clock.now(), actor="worker", action="slow", subject="x")
        slow.flush()
        written("quick")
        seal()
        slow.commit()
    seal()
    db.session.rollback()
    order = sa.select(AuditEntry.deed).order_by(AuditEntry.seq)
    assert list(db.session.scalars(order)) == ["quick", "slow"]
    assert verified(app).exit_code == 0


@pytest.mark.parametrize("database_kind", ["postgresql"])
def test_two_workers_never_seal_at_once_and_neither_waits(app: Flask) -> None:
    sealed(1)
    written("new")
    with sa.orm.Session(writing(db.engine)) as other:
        other.execute(sa.select(AuditHead).with_for_update())
        assert seal() is False
        assert audit_chain.unsealed(db.session()).count == 1
    seal()
    assert audit_chain.unsealed(db.session()).count == 0
