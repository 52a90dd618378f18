"""Every page and job tells times in the helpline's zone, by the newest table of zones there is."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from config import ROOT
from helpline import time_zones
from helpline.callbacks.models import Callback
from helpline.db import db
from helpline.hours import queries
from helpline.messaging.models import OutboundSms
from helpline.policy import queries as policy_queries
from helpline.preflight import checks
from helpline.preflight.checks import FindingCode, Level
from tests import factories
from tests.cast import ARJUN, ASHA, KAVITA, LEELA, MEERA, VIKRAM
from tests.support.clock import Clock
from tests.support.web import Client, form_of
from tests.web.page import Page
from tests.web.routes import address_of

ELSEWHERE = "America/New_York"
"""Half an hour off India: what India calls a full hour is half past there."""
_FROM_HALF_PAST = re.compile(r"\b\d{1,2}:[3-5]\d[ \u202f](?:AM|PM)")
on_sqlite = pytest.mark.parametrize("database_kind", ["sqlite"])


def hourly_slots() -> None:
    """Starts at the full hour only."""
    policy = policy_queries.default()
    policy.slot_minutes = 60
    db.session.add(policy)
    db.session.commit()


@on_sqlite
@pytest.mark.settings(default_time_zone=ELSEWHERE, texts_enabled=True)
def test_no_page_tells_times_in_the_zone_of_the_settings(
    app: Flask, new_client: Callable[[], Client], at: Clock
) -> None:
    at("2026-11-26 11:10")
    factories.opening_hours(("10:00", "18:00"))
    hourly_slots()
    browsers = {None: new_client()}
    for member in (ASHA, VIKRAM, MEERA):
        factories.staff(member)
        browsers[member] = new_client()
        browsers[member].sign_in(member)
    attempt = factories.calling(ASHA, KAVITA)
    tokens = [
        factories.link(ARJUN),
        factories.link(LEELA, slot_at=factories.slot("2026-11-27 10:00"), may_text=True),
    ]
    known = {"callback_id": attempt.callback_id, "staff_id": factories.staff(MEERA).id}
    wrong, times = [], 0
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or set()):
            continue
        for token in tokens if "<token>" in rule.rule else [""]:
            address = address_of(rule, **known, token=token)
            for who, browser in browsers.items():
                answer = browser.get(address)
                if answer.mimetype != "text/html" or answer.location:
                    continue
                text = Page(answer.text).text
                times += len(re.findall(r"\d:\d\d (?:AM|PM)", text))
                if found := _FROM_HALF_PAST.findall(text):
                    wrong.append((address, who and who.name, found[:3]))
    assert wrong == []
    assert times > 100, "there are times on these pages"
    [text] = db.session.scalars(sa.select(OutboundSms.words)).all()
    assert text is not None and "10:00 AM" in text


@on_sqlite
@pytest.mark.settings(default_time_zone=ELSEWHERE)
def test_an_admin_is_asked_about_the_time_that_was_promised(client: Client, at: Clock) -> None:
    at("2026-11-26 11:00")
    factories.opening_hours(("10:00", "18:00"))
    factories.staff(MEERA)
    client.sign_in(MEERA)
    factories.callback(KAVITA, slot_at=factories.slot("2026-11-27 10:00"))
    week = {f"{day}-0-opens": "11:00" for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}
    asked = client.submit(form_of(client.get("/admin/hours"), "/admin/hours").fill(**week))
    assert asked.status_code == 409
    text = Page(asked.text).text
    assert "tomorrow at 10:00 AM" in text
    assert "saved hours: India Time" in text
    assert db.session.scalars(sa.select(Callback)).one().slot_at == factories.slot(
        "2026-11-27 10:00"
    )


@on_sqlite
@pytest.mark.settings(default_time_zone=ELSEWHERE)
def test_before_the_first_hours_the_zone_is_that_of_the_deployment(
    client: Client, at: Clock
) -> None:
    at("2026-11-26 11:00", ELSEWHERE)
    assert queries.plan(db.session()).zone_name == ELSEWHERE
    assert "Open now, until 6:00 PM" in Page(client.get("/").text).text


def _old_system(folder: Path, release: str) -> None:
    """A system's table in which Vancouver has Winnipeg's clock, as if of an old release."""
    packaged = resources.files("tzdata.zoneinfo")
    for name, source in (("Vancouver", "Winnipeg"), ("Winnipeg", "Winnipeg")):
        (folder / "America").mkdir(parents=True, exist_ok=True)
        with resources.as_file(packaged.joinpath("America", source)) as file:
            shutil.copy(file, folder / "America" / name)
    (folder / "tzdata.zi").write_text(f"# version {release}\n", encoding="utf-8")


@pytest.mark.parametrize(
    ("release", "offset"),
    [("2019a", "-8"), ("", "-8"), ("2199z", "-6")],
    ids=["older than the package", "of no known release", "newer than the package"],
)
def test_the_newer_of_the_two_tables_is_used(tmp_path: Path, release: str, offset: str) -> None:
    _old_system(tmp_path, release)
    program = (
        "import helpline; from zoneinfo import ZoneInfo; from datetime import datetime;"
        "at = datetime(2026, 1, 15, tzinfo=ZoneInfo('America/Vancouver'));"
        "print(int(at.utcoffset().total_seconds() // 3600))"
    )
    found = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env=os.environ | {"PYTHONTZPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert found.stdout.strip() == offset


def test_releases_are_in_the_order_in_which_they_came_out() -> None:
    mixed = ["2026a", "2025za", "2026f", "", "2025z", "2025b"]
    assert sorted(mixed, key=time_zones._release_key) == [
        "",
        "2025b",
        "2025z",
        "2025za",
        "2026a",
        "2026f",
    ]


def test_preflight_compares_both_tables_for_the_helplines_zone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = datetime(2026, 1, 15, 6, tzinfo=UTC)
    _old_system(tmp_path, "2019a")
    monkeypatch.setattr(time_zones, "_SYSTEM_FOLDERS", (tmp_path,))
    finding = checks.time_zones("America/Vancouver", now)
    assert (finding.level, finding.code) == (Level.WARNING, FindingCode.ZONES_DIFFER)
    assert checks.time_zones("America/Winnipeg", now).code == FindingCode.ZONES_GOOD
    assert finding.about == f"America/Vancouver 2026-01-15 2019a {time_zones.packaged_release()}"
