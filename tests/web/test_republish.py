"""Two web processes on two disks show the same, soon after an admin saved in one of them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from config import Settings
from helpline import clock
from helpline.db import db
from helpline.directory.crisis import published_directory
from helpline.directory.crisis import service as crisis
from helpline.directory.crisis.models import CrisisLineRow
from helpline.messaging import service as messages
from helpline.web import republish
from tests import factories
from tests.cast import MEERA
from tests.conftest import _opened
from tests.support.web import Client


@pytest.fixture
def elsewhere(
    app: Flask, make_settings: Callable[..., Settings], tmp_path: Path
) -> Iterator[Flask]:
    """The same deployment on a machine of its own: the same database, another disk."""
    crisis.import_packaged_lines(clock.now())
    settings = make_settings()
    other = settings.model_copy(update={"instance_dir": tmp_path / "elsewhere"})
    with _opened(other) as second:
        yield second


def until(true: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if true():
            return True
        time.sleep(0.02)
    return False


def retire(client: Client) -> str:
    """An admin retires a crisis line of India in the first process; its number comes back."""
    row = db.session.scalars(
        sa.select(CrisisLineRow).where(
            CrisisLineRow.region == "IN", CrisisLineRow.kind == "substance_use"
        )
    ).first()
    assert row is not None
    number, line_id = str(row.tel), row.id
    factories.staff(MEERA)
    client.sign_in(MEERA)
    answer = client.submit(client.get("/admin/crisis-lines"), f"/{line_id}/retire")
    assert answer.status_code in (302, 303), answer.text
    return number


def test_what_an_admin_saves_in_one_process_is_shown_by_the_other(
    app: Flask, client: Client, elsewhere: Flask
) -> None:
    there = elsewhere.test_client()
    republisher = republish.run_beside(elsewhere, every_seconds=0.05)
    try:
        tel = retire(client)
        assert f"tel:{tel}" not in client.get("/crisis").text
        assert until(lambda: f"tel:{tel}" not in there.get("/crisis").text)

        page = client.get("/admin/safety")
        client.submit(page, "safety", neutral_site="https://weather.example/", page_title="Notes")
        assert until(lambda: "<title>Notes</title>" in " ".join(there.get("/crisis").text.split()))
        assert until(lambda: "https://weather.example/" in there.get("/exit").location)
    finally:
        republisher.stop()
    lines = published_directory.load(
        elsewhere.extensions["helpline"].settings.published_crisis_file
    )
    assert tel not in {each.tel for each in lines.published}, "the file stands in from now on"


def test_ready_compares_what_is_shown_with_the_database(
    app: Flask, client: Client, elsewhere: Flask
) -> None:
    messages.record_heartbeat("one", now=clock.now())
    there = elsewhere.test_client()
    for each in (app, elsewhere):
        with each.app_context():
            republish.republish()
    assert there.get("/readyz").json["published"]
    retire(client)
    assert client.get("/readyz").json["published"]
    answer = there.get("/readyz")
    assert (answer.status_code, answer.json["published"]) == (503, False)
    with elsewhere.app_context():
        republish.republish()
    assert there.get("/readyz").json["published"]


def test_where_nothing_can_be_written_the_process_remembers(
    app: Flask, client: Client, elsewhere: Flask, tmp_path: Path
) -> None:
    (tmp_path / "a-file").touch()
    house = elsewhere.extensions["helpline"]
    read_only = house.settings.model_copy(update={"instance_dir": tmp_path / "a-file" / "x"})
    elsewhere.extensions["helpline"] = replace(house, settings=read_only)
    there = elsewhere.test_client()
    tel = retire(client)
    assert f"tel:{tel}" in there.get("/crisis").text
    with elsewhere.app_context():
        republish.republish()
    assert f"tel:{tel}" not in there.get("/crisis").text
    assert there.get("/readyz").json["published"]


def test_while_the_database_is_away_what_was_published_stands(
    app: Flask, elsewhere: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = elsewhere.test_client()
    tried = threading.Event()

    def fail() -> None:
        tried.set()
        raise sa.exc.OperationalError("SELECT 1", {}, OSError("down"))

    monkeypatch.setattr(republish, "republish", fail)
    republisher = republish.run_beside(elsewhere, every_seconds=0.05)
    try:
        assert 'href="tel:14416"' in there.get("/crisis").text
        assert tried.wait(60)
        assert 'href="tel:14416"' in there.get("/crisis").text
    finally:
        republisher.stop()
