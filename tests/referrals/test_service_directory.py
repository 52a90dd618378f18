"""What holds for the directories that admins keep, whoever saves what at the same moment."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from helpline import clock
from helpline.db import StaleVersion, db
from helpline.directory.crisis import queries, service
from helpline.directory.crisis.models import CrisisLineRow
from helpline.directory.crisis.published_directory import CrisisLine
from helpline.directory.errors import NoSource, NoSuchEntry
from helpline.privacy.models import AuditEntry
from tests import factories
from tests.cast import MEERA
from tests.invariants.together import at_once

FIRE = CrisisLine("IN", "Fire", "emergency", "101", "101", hours="24/7", sources=("the city",))
POLICE = replace(FIRE, name="Police", phone="100", tel="100")
TALK = replace(FIRE, name="Talk", kind="crisis_line", phone="14416", tel="14416")


def admin() -> dict[str, Any]:
    return {"admin_id": factories.staff(MEERA).id, "now": clock.now()}


def add(*lines: CrisisLine) -> list[int]:
    who = admin()
    return [service.LINES.add(each, **who) for each in lines]


def row(line_id: int) -> CrisisLineRow:
    db.session.rollback()
    return db.session.get_one(CrisisLineRow, line_id)


def shown() -> list[str]:
    db.session.rollback()
    return [each.name for each in queries.active_lines(db.session())]


def test_of_the_last_two_emergency_lines_only_one_can_go_whoever_is_at_it(app: Flask) -> None:
    fire, police = add(FIRE, POLICE)
    who = admin()
    retire: Callable[..., Any] = partial(service.LINES.retire, expected_version=1, **who)
    change: Callable[..., Any] = partial(service.LINES.change, expected_version=1, **who)
    found = at_once(
        app,
        [
            lambda: retire(fire),
            lambda: change(police, replace(POLICE, kind="child")),
            lambda: retire(police),
            lambda: change(fire, replace(FIRE, region="NP")),
        ],
    )
    refused = [each for each in found if isinstance(each, service.LastEmergencyLine)]
    assert found.count(None) == 1, "exactly one of them was done"
    assert refused, "and at least one was told why not"
    left = sa.select(sa.func.count(CrisisLineRow.id)).where(
        CrisisLineRow.region == "IN",
        CrisisLineRow.kind == "emergency",
        CrisisLineRow.retired_at.is_(None),
    )
    assert db.session.scalar(left) == 1


def test_the_last_emergency_number_is_not_left_to_a_line_for_texts(app: Flask) -> None:
    texts = replace(FIRE, name="Texts", phone=None, tel=None, sms_number="101")
    fire, by_text = add(FIRE, texts)
    with pytest.raises(service.LastEmergencyLine):
        service.LINES.retire(fire, expected_version=1, **admin())
    service.LINES.retire(by_text, expected_version=1, **admin())
    assert shown() == ["Fire"]


def test_a_line_is_changed_from_what_was_seen_and_is_checked_anew(app: Flask) -> None:
    (talk,) = add(TALK)
    who = admin()
    service.LINES.mark_verified(talk, expected_version=1, **who)
    assert row(talk).last_checked is not None
    save = partial(service.LINES.change, talk, **who)
    results = at_once(
        app,
        [
            partial(save, replace(TALK, notes=f"Written by {number}."), expected_version=1)
            for number in range(4)
        ],
    )
    assert [each for each in results if each is None] == [None]
    assert [type(each) for each in results if each] == [StaleVersion] * 3
    kept = row(talk)
    assert (kept.version, kept.last_checked is None) == (2, False), "its number is as it was"

    save(replace(TALK, phone="14417", tel="14417"), expected_version=2)
    assert row(talk).last_checked is None, "nobody has rung that number yet"
    for deed in (service.LINES.retire, service.LINES.restore):
        with pytest.raises(StaleVersion):
            deed(talk, expected_version=2, **who)
    with pytest.raises(StaleVersion):
        service.LINES.mark_verified(talk, expected_version=2, **who)
    with pytest.raises(NoSource):
        save(replace(TALK, sources=()), expected_version=3)
    with pytest.raises(NoSource):
        service.LINES.add(replace(TALK, sources=("  ",)), **who)
    with pytest.raises(NoSuchEntry):
        service.LINES.retire(999, expected_version=1, **who)
    entry = db.session.scalars(
        sa.select(AuditEntry)
        .where(AuditEntry.deed == "crisis_line_changed")
        .order_by(AuditEntry.id)
    ).all()[-1]
    assert (entry.detail["before"]["phone"], entry.detail["after"]["phone"]) == ("14416", "14417")


def test_lines_are_put_in_order_among_their_like_and_come_back_at_the_end(app: Flask) -> None:
    fire, talk, child, home = add(
        FIRE,
        TALK,
        replace(TALK, name="Child", kind="child"),
        replace(TALK, name="Home", kind="child"),
    )
    who = admin()
    assert service.LINES.move(home, -1, **who)
    assert shown() == ["Fire", "Talk", "Home", "Child"]
    assert not service.LINES.move(talk, -1, **who), "an emergency line stays in front"
    assert not service.LINES.move(child, 1, **who)
    service.LINES.retire(home, expected_version=1, **who)
    with pytest.raises(NoSuchEntry):
        service.LINES.retire(home, expected_version=2, **who)
    assert shown() == ["Fire", "Talk", "Child"]
    service.LINES.restore(home, expected_version=2, **who)
    assert shown() == ["Fire", "Talk", "Child", "Home"]
    at_once(app, [partial(service.LINES.move, home, -1, **who)] * 2 + [lambda: row(fire).name])
    assert sorted(shown()) == ["Child", "Fire", "Home", "Talk"]


def test_what_waits_for_an_admin(app: Flask) -> None:
    long_ago = clock.now() - timedelta(days=91)
    add(
        replace(FIRE, last_checked=long_ago),
        replace(TALK, last_checked=clock.now()),
        replace(TALK, region="NP", hours=None),
    )
    found = queries.to_do(db.session(), clock.now(), regions={"LK"})
    assert (found.never_verified, found.verified_long_ago) == (1, 1)
    assert found.without_day_and_night == ["LK"]
