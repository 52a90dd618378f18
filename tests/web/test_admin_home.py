"""The admin's house: what waits for them, and the crisis lines that somebody has rung."""

from __future__ import annotations

import json
import re

import sqlalchemy as sa
from flask import Flask

from config import Settings
from helpline import clock
from helpline.db import db
from helpline.directory.crisis import service as crisis
from helpline.directory.crisis.models import CrisisLineRow
from helpline.messaging import service as messages
from tests import factories
from tests.cast import KAVITA, MEERA
from tests.support.clock import Clock
from tests.support.web import Client
from tests.web.page import Page


def home(client: Client) -> str:
    """The words of the admin's home."""
    return Page(client.get("/admin/").text).text


def unchecked(client: Client) -> int:
    """How many lines nobody has rung, as the home says."""
    found = re.search(r"(\d+) crisis numbers have never been verified", home(client))
    return int(found[1]) if found else 0


def test_a_line_that_was_rung_counts_and_is_published(
    app: Flask, client: Client, settings: Settings, at: Clock
) -> None:
    at("2026-11-23 11:00")
    factories.staff(MEERA)
    crisis.import_packaged_lines(clock.now())
    client.sign_in(MEERA)
    assert unchecked(client) == 82
    lines = client.get("/admin/crisis-lines")
    assert lines.text.count("Never verified") == 82
    row = db.session.scalars(sa.select(CrisisLineRow).where(CrisisLineRow.tel == "14416")).one()
    answer = client.submit(lines, f"/{row.id}/confirm", follow=True)
    assert "Saved: you verified this line today." in answer.text
    assert "Last verified: today" in Page(answer.text).the(id=f"line-{row.id}").text
    assert unchecked(client) == 81
    published = json.loads(settings.published_crisis_file.read_text())
    checked = {each["tel"]: each["last_checked"] for each in published}
    assert checked["14416"] == "2026-11-23T05:30:00+00:00"
    assert [tel for tel, when in checked.items() if when] == ["14416"]
    assert all(each["sources"] for each in published)


def test_a_line_that_is_gone_is_said_so(app: Flask, client: Client, at: Clock) -> None:
    at("2026-11-23 11:00")
    factories.staff(MEERA)
    crisis.import_packaged_lines(clock.now())
    client.sign_in(MEERA)
    secret = Page(client.get("/admin/crisis-lines").text).form("/confirm")["csrf_token"]
    answer = client.post(
        "/admin/crisis-lines/9999/confirm", data={"csrf_token": secret}, follow_redirects=True
    )
    assert "This entry is no longer in the directory." in answer.text


def test_sources_and_unknown_hours_are_shown_to_the_admin(
    app: Flask, client: Client, at: Clock
) -> None:
    at("2026-11-23 11:00")
    factories.staff(MEERA)
    crisis.import_packaged_lines(clock.now())
    client.sign_in(MEERA)
    page = Page(client.get("/admin/crisis-lines").text)
    lines = [each for each in page.all("li") if each.id.startswith("line")]
    line = next(each for each in lines if "de-addiction" in each.text)
    assert "Hours not confirmed" in line.text
    assert "24/7" not in line.text
    confirm = [each for each in page.all("a") if each.text.startswith("Confirm its hours")]
    assert [each.attrs["href"].endswith("#hours") for each in confirm] == [True] * len(confirm)
    known = next(each for each in lines if "Tele-MANAS" in each.text)
    assert [each for each in confirm if each.inside(line)]
    assert not [each for each in confirm if each.inside(known)]
    assert [each for each in page.all("a") if each.inside(line)], "its sources are links"
    assert "India" in page.text


def test_the_home_says_how_the_service_stands(app: Flask, client: Client, at: Clock) -> None:
    at("2026-11-23 11:00")
    factories.staff(MEERA)
    factories.link(KAVITA)
    client.sign_in(MEERA)
    assert "The worker has never run. No calls are being made." in home(client)
    messages.record_heartbeat("one", now=at.later(seconds=0))
    assert "The worker is running." in home(client)
    assert re.search(r"Due now ?1", home(client))
    assert "Open now, until 6:00 PM" in home(client)
    assert "simulated phone network" in home(client)
    at.later(minutes=5)
    assert "The worker has not responded for 5 minutes." in home(client)
    for secret in ("Kavita", "50000"):
        assert secret not in client.get("/admin/").text
