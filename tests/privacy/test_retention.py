"""What is older than an admin wants it kept is erased by the worker, in its time, with proof."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from helpline import clock
from helpline.callbacks import service as callbacks
from helpline.callbacks.models import Callback
from helpline.calls.inbound.models import MessageState, VoiceMessage
from helpline.calls.models import Attempt
from helpline.db import Base, StaleVersion, db, transaction
from helpline.domain.errors import InvalidPolicy
from helpline.domain.lifecycle import Status
from helpline.erasure import service as erasure
from helpline.messaging.models import OutboxRow, OutboxState
from helpline.policy import retention
from helpline.privacy.pii_inventory import Group
from helpline.staff.login_throttle import service as tries
from helpline.staff.login_throttle.models import LoginAttempts
from helpline.staff.login_throttle.service import LoginAttempt
from helpline.staff.password_links import service as password_links
from helpline.staff.password_links.models import PasswordLink
from helpline.staff.sessions import service as sessions
from helpline.staff.sessions.models import StaffSession
from tests import factories
from tests.cast import ARJUN, ASHA, KAVITA, LEELA, MEERA
from tests.privacy.fixtures import been_through_everything, deeds, left_of, texted_and_rang
from tests.support.clock import Clock
from tests.support.database import writing
from tests.support.query_plans import scanned
from tests.support.sql_recorder import Said, listening


def work() -> int:
    """The worker erases until nothing is left to erase; says in how many pieces."""
    pieces = 0
    while erasure.erase_due(now=clock.now()):
        pieces += 1
    return pieces


def ended(**wish: object) -> Callback:
    """A callback that has been through everything, and is over."""
    token = factories.link(KAVITA, **wish)
    asked = factories.by_token(token)
    been_through_everything(asked)
    callbacks.cancel(token, now=clock.now())
    db.session.rollback()
    return asked


def test_each_kind_goes_when_its_time_is_over(app: Flask, at: Clock) -> None:
    at("2026-01-01 12:00")
    over = ended()
    texted_and_rang(over)
    known = left_of()
    assert work() == 0

    at("2026-01-31 11:59")
    waits = factories.callback(LEELA)
    assert work() == 0, "not a minute too early"
    at("2026-01-31 12:59")
    assert work() == 1
    assert [each for each in known if each not in left_of()] == ["voice_message.sound"]

    at("2026-04-01 14:00")
    assert work() == 2
    assert left_of(over.id) == _NOTES
    assert left_of() == sorted(
        [
            *_NOTES,
            *(f"callback.{name}" for name in _OF_LEELA),
        ]
    ), "whoever waits is not touched"

    at("2027-01-01 13:00")
    assert work() == 1
    assert left_of(over.id) == []
    assert work() == 0
    row = db.session.get_one(Callback, over.id)
    assert (row.status, row.phone_region, row.language) == (Status.CANCELLED, "IN", "hi")
    assert db.session.get_one(Callback, waits.id).phone == LEELA.phone
    proof = [(each.actor, each.subject, each.detail["days"]) for each in deeds("erased_in_time")]
    assert proof == [
        ("worker", "kept:recording", 30),
        ("worker", "kept:person", 90),
        ("worker", "kept:caller", 90),
        ("worker", "kept:notes", 365),
    ]
    assert deeds("erased_in_time")[1].detail["rows"] == {
        "callback": 1,
        "referral": 1,
        "text_out": 1,
    }


_NOTES = [
    "attempt.notes",
    "attempt.risk_note",
    "floor_deed.reason",
    "hand_over.note",
    "note_draft",
    "number_rest.reason",
    "set_aside.reason",
]
_OF_LEELA = ("name", "note", "phone", "phone_hash", "reference", "reference_hash")


def due_counts() -> Mapping[Group, int]:
    """How many rows are due for erasure, by the saved periods."""
    session = db.session()
    days = retention.retention_periods(session).days
    return retention.due_counts(session, days, clock.now())


def test_an_admin_sets_other_periods_and_the_worker_looks_at_once(app: Flask, at: Clock) -> None:
    at("2026-01-01 12:00")
    over = ended()
    meera = factories.staff(MEERA).id
    at("2026-01-04 12:00")
    assert work() == 0
    shorter = dict(retention.DEFAULT_DAYS) | {Group.PERSON: 2, Group.NOTES: 2}
    assert retention.save(shorter, expected_version=0, admin_id=meera, now=clock.now()) == 1
    assert due_counts()[Group.PERSON] == 3
    with pytest.raises(StaleVersion):
        retention.save(shorter, expected_version=0, admin_id=meera, now=clock.now())
    for wrong in (shorter | {Group.PERSON: 0}, {Group.PERSON: 5}):
        with pytest.raises(InvalidPolicy, match="3650"):
            retention.save(wrong, expected_version=1, admin_id=meera, now=clock.now())
    assert work() == 4
    assert left_of(over.id) == [], "a voice and a number go with the person, at the latest"
    (entry,) = deeds("retention_changed")
    assert entry.detail["before"] == {
        "person": 90,
        "notes": 365,
        "recording": 30,
        "caller": 90,
        "consent": 365,
    }
    assert entry.detail["after"]["person"] == 2
    assert due_counts() == dict.fromkeys(retention.DEFAULT_DAYS, 0)


def test_many_go_in_bounded_pieces_and_each_is_counted(
    app: Flask, at: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(erasure, "MAX_ROWS_PER_RUN", 2)
    at("2026-01-01 12:00")
    for _ in range(5):
        ended()
    db.session.execute(sa.update(Attempt).values(notes=None, risk_note=None))
    db.session.commit()
    at("2026-04-02 12:00")
    work()
    erased = [each.detail["rows"] for each in deeds("erased_in_time")]
    assert sum(each.get("callback", 0) for each in erased) == 5
    assert max(each.get("callback", 0) for each in erased) == 2
    assert left_of() == [each for each in _NOTES if not each.startswith("attempt.")]


def test_shorter_periods_during_a_run_apply_to_what_it_has_passed(
    app: Flask, at: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(erasure, "MAX_ROWS_PER_RUN", 2)
    progress = erasure.Progress()
    at("2026-01-01 12:00")
    over = [ended() for _ in range(3)]
    at("2026-02-01 12:00")
    newer = ended()
    at("2026-04-05 12:00")
    assert erasure.erase_due(now=clock.now(), progress=progress)
    shorter = dict(retention.DEFAULT_DAYS) | {Group.PERSON: 2, Group.NOTES: 2}
    retention.save(shorter, expected_version=0, admin_id=factories.staff(MEERA).id, now=clock.now())
    while erasure.erase_due(now=clock.now(), progress=progress):
        pass
    assert [left_of(each.id) for each in (*over, newer)] == [[]] * 4
    at("2026-04-09 12:00")
    later = ended()
    at("2026-04-12 12:00")
    while erasure.erase_due(now=clock.now(), progress=progress):
        pass
    assert "callback.phone" not in left_of(later.id), "the next run begins anew"


def test_no_transaction_reads_a_table_from_end_to_end(
    app: Flask, at: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    statements: list[Said] = []

    @contextmanager
    def recorded() -> Iterator[sa.orm.Session]:
        with transaction() as session, listening(db.engine) as said:
            yield session
        statements.extend(said)

    at("2026-01-01 12:00")
    texted_and_rang(ended())
    at("2027-01-02 12:00")
    monkeypatch.setattr(erasure, "transaction", recorded)
    assert work() >= 4
    assert len(statements) > 20
    read = set(scanned(statements).values()) - {"staff_session"}  # Those that are over are deleted.
    assert not read, "on SQLite nobody else can write meanwhile"


def test_a_message_that_was_never_fetched_is_deleted_at_the_carrier_in_its_time(
    app: Flask, at: Clock
) -> None:
    at("2026-01-01 12:00")
    token = factories.link(ARJUN)
    been_through_everything(factories.by_token(token), message=MessageState.LOST)
    callbacks.cancel(token, now=clock.now())
    at("2026-02-02 12:00")
    assert work() == 1
    assert db.session.scalars(sa.select(VoiceMessage.state)).one() == MessageState.ERASED
    fetch = sa.select(OutboxRow.state).where(OutboxRow.kind == "fetch_recording")
    assert db.session.scalars(fetch).one() == OutboxState.PENDING


def test_what_signing_in_leaves_goes_without_another_sign_in(app: Flask, at: Clock) -> None:
    at("2026-01-01 12:00")
    asha = factories.staff(ASHA).id
    tries.begin_attempt(LoginAttempt(ASHA.email, ("192.0.2.7",)), now=clock.now())
    sessions.start(
        asha,
        browser="Firefox, Windows",
        needs_second_factor=False,
        max_age=timedelta(hours=12),
        now=clock.now(),
    )
    password_links.create(asha, admin_id=None, now=clock.now())
    db.session.rollback()
    work()
    assert all(_rows(each) for each in _SIGN_IN), "not while they are of use"
    at("2026-01-02 13:00")
    work()
    assert [_rows(each) for each in _SIGN_IN] == [0, 0, 0]


_SIGN_IN = (LoginAttempts, StaffSession, PasswordLink)


def _rows(model: type[Base]) -> int:
    db.session.rollback()
    return db.session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


@pytest.mark.parametrize("database_kind", ["postgresql"])
def test_of_two_workers_one_erases_and_the_other_does_not_wait(app: Flask, at: Clock) -> None:
    at("2026-01-01 12:00")
    over = ended()
    at("2027-01-02 12:00")
    with sa.orm.Session(writing(db.engine)) as other:
        assert retention.reserve_run(other, now=clock.now()) is not None
        other.commit()
        assert retention.reserve_run(other, now=clock.now()) is not None
        assert erasure.erase_due(now=clock.now()) is False
    work()
    assert left_of(over.id) == []
