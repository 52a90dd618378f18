"""Replay: somebody who can write to the database, and has no key, changes what the log says."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask

from helpline.db import db
from helpline.messaging.models import Notice, NoticeKind
from helpline.privacy import audit, audit_chain
from helpline.privacy.audit_chain import ChainRefused
from helpline.privacy.models import AuditCheck, AuditEntry
from helpline.worker import audit_job, runner
from helpline.worker.audit_job import Sealer
from tests.privacy.test_audit_chain import behind_its_back, known, seal, sealed, verified, written
from tests.support.clock import Clock

FORGED = (
    "INSERT INTO audit_entry (at, actor, deed, subject, detail) "
    "VALUES ('2026-11-01 10:00:00+00:00', 'staff:8', 'number_shown', 'callback:1', '{}')"
)
UNSEAL = "UPDATE audit_entry SET seq = NULL, hash = NULL, prev_hash = NULL"
ZERO = "0" * 64


def hash_at(seq: int) -> str:
    db.session.rollback()
    found = db.session.scalars(sa.select(AuditEntry.hash).where(AuditEntry.seq == seq)).one()
    db.session.rollback()
    assert found is not None
    return found


def head_back_tail_changed() -> list[str]:
    return [
        f"UPDATE audit_head SET seq = 3, hash = '{hash_at(3)}'",
        "UPDATE audit_entry SET actor = 'staff:8' WHERE seq > 3",
    ]


def head_back_tail_cut() -> list[str]:
    return [
        f"UPDATE audit_head SET seq = 3, hash = '{hash_at(3)}'",
        "DELETE FROM audit_entry WHERE seq > 3",
    ]


def head_zeroed_everything_changed() -> list[str]:
    return [
        f"UPDATE audit_head SET seq = 0, hash = '{ZERO}'",
        "UPDATE audit_entry SET actor = 'staff:8'",
    ]


def unsealed_and_changed() -> list[str]:
    return [
        f"UPDATE audit_head SET seq = 0, hash = '{ZERO}'",
        f"{UNSEAL}, actor = 'staff:8'",
    ]


def head_without_a_mac() -> list[str]:
    return [
        f"UPDATE audit_head SET seq = 0, hash = '{ZERO}', mac = NULL",
        f"{UNSEAL}, actor = 'staff:8', mac = NULL, uid = NULL",
    ]


def forged_and_dated_back() -> list[str]:
    return [FORGED]


def a_copy_of_another() -> list[str]:
    return [
        "DROP INDEX uq_audit_entry_uid",
        "INSERT INTO audit_entry (at, actor, deed, subject, detail, uid, mac) "
        "SELECT at, actor, deed, subject, detail, uid, mac FROM audit_entry WHERE seq = 2",
    ]


def before_the_beginning() -> list[str]:
    return [FORGED, "UPDATE audit_entry SET seq = -1, hash = 'x' WHERE seq IS NULL"]


ATTACKS = [
    (head_back_tail_changed, "End of the log", "set back"),
    (head_back_tail_cut, "End of the log", "missing at the end"),
    (head_zeroed_everything_changed, "End of the log", "set back"),
    (unsealed_and_changed, "End of the log", "forged"),
    (head_without_a_mac, "forged", "missing at the end"),
    (forged_and_dated_back, "Entry 7: forged", "Verification FAILED"),
    (a_copy_of_another, "Entry 7: a copy", "Verification FAILED"),
    (before_the_beginning, "before the start", "Verification FAILED"),
]


@pytest.mark.parametrize(("attack", "first", "second"), ATTACKS)
def test_each_is_named_before_and_after_a_worker_ran_and_is_never_signed(
    app: Flask, attack: Callable[[], list[str]], first: str, second: str
) -> None:
    sealed(6)
    behind_its_back(*attack())
    for _ in range(2):
        answer = verified(app)
        assert (answer.exit_code, first in answer.output, second in answer.output) == (
            1,
            True,
            True,
        ), answer.output
        try:
            seal()
        except ChainRefused:
            db.session.rollback()
    signed = sa.select(AuditEntry).where(AuditEntry.seq.is_not(None), AuditEntry.actor != "staff:7")
    for entry in db.session.scalars(signed):
        assert entry.hash != audit_chain.seal_of(entry)


def test_the_worker_goes_on_with_its_own_entries_beside_a_forged_one(app: Flask) -> None:
    sealed(2)
    behind_its_back(FORGED)
    written("genuine")
    seal()
    db.session.rollback()
    last = sa.select(AuditEntry.deed).where(AuditEntry.seq.is_not(None)).order_by(AuditEntry.seq)
    assert list(db.session.scalars(last))[-1] == "genuine"
    assert "forged" in verified(app).output


def test_an_entry_is_genuine_only_with_all_that_it_says(app: Flask, at: Clock) -> None:
    at("2026-11-23 11:00")
    written("one")
    entry = db.session.scalars(sa.select(AuditEntry)).one()
    assert audit.is_genuine(entry)
    for name in ("actor", "deed", "subject", "uid"):
        before = getattr(entry, name)
        setattr(entry, name, "other")
        assert not audit.is_genuine(entry), name
        setattr(entry, name, before)
    db.session.rollback()


def test_put_back_to_an_earlier_day_the_worker_refuses_and_tells(app: Flask) -> None:
    """The old end with its MAC, which nothing in the database can tell from the right one."""
    sealed(3)
    [old] = db.session.execute(sa.text("SELECT seq, hash, mac FROM audit_head")).all()
    db.session.rollback()
    sealed(2)
    behind_its_back(
        "DELETE FROM audit_entry WHERE seq > 3",
        f"UPDATE audit_head SET seq = {old[0]}, hash = '{old[1]}', mac = '{old[2]}'",
    )
    written("after")
    sealer = Sealer(known())
    for _ in range(3):
        assert sealer.seal() is False
    db.session.rollback()
    assert audit_chain.unsealed(db.session()).count == 1
    [told] = db.session.scalars(sa.select(Notice))
    assert (told.kind, told.times) == (NoticeKind.AUDIT_REFUSED, 1)
    assert verified(app).exit_code == 1

    accepted = verified(app, "--accept-end")
    assert accepted.exit_code == 0, accepted.output
    assert sealer.seal() is False
    db.session.rollback()
    deeds = sa.select(AuditEntry.deed).where(AuditEntry.seq > 3).order_by(AuditEntry.seq)
    assert list(db.session.scalars(deeds)) == ["after", "audit_end_accepted"]
    assert verified(app).exit_code == 0


def test_a_forged_end_is_not_accepted_by_the_operator_either(app: Flask) -> None:
    sealed(5)
    behind_its_back(*head_back_tail_changed())
    answer = verified(app, "--accept-end")
    assert (answer.exit_code, "not accepted" in answer.output) == (1, True)


def test_a_log_from_before_there_were_macs_is_taken_on_once(app: Flask) -> None:
    behind_its_back(FORGED, "INSERT INTO audit_head (id, seq, hash) VALUES (1, 0, '" + ZERO + "')")
    seal()
    assert verified(app).exit_code == 0
    behind_its_back(FORGED)
    seal()
    assert "Entry 2: forged" in verified(app).output


def test_the_daily_check_tells_what_it_found(app: Flask, at: Clock) -> None:
    at("2026-11-23 03:00")
    ticks = runner.build_jobs("one", [], app.extensions["helpline"].settings.published_crisis_file)
    assert {"seal_audit_log", "check_audit_log"} <= set(ticks)
    sealed(3)
    audit_job.verify_if_due(known())
    assert db.session.scalars(sa.select(AuditCheck.findings)).one() == 0
    db.session.rollback()
    behind_its_back("UPDATE audit_entry SET actor = 'staff:8' WHERE seq = 2")
    at.later(hours=12)
    audit_job.verify_if_due(known())
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Notice)) == 0, "once a day"
    db.session.rollback()
    at.later(hours=13)
    audit_job.verify_if_due(known())
    [told] = db.session.scalars(sa.select(Notice))
    assert (told.kind, told.subject) == (NoticeKind.AUDIT_FLAWED, "audit")
    assert db.session.scalars(sa.select(AuditCheck.findings)).one() == 1
