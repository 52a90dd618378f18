"""The pages of the crisis numbers without JavaScript: what an admin does, in order."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest
import sqlalchemy as sa
from flask import Flask

from config import Settings
from helpline import clock
from helpline.db import db
from helpline.directory.crisis import published_directory
from helpline.directory.crisis import service as crisis
from helpline.directory.crisis.models import CrisisLineRow
from helpline.directory.crisis.published_directory import CrisisLine
from tests import factories
from tests.cast import MEERA
from tests.support.clock import Clock
from tests.support.web import Client, form_of
from tests.web.page import Page

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"])
LIST, NEW = "/admin/crisis-lines", "/admin/crisis-lines/new"
RIGHT = {
    "kind": "crisis_line",
    "name": "Night line",
    "phone": "1800-599-0019",
    "hours": "Mo-Su 00:00-24:00",
    "languages": "Hindi, en, hi",
    "website": "https://night.example/",
    "notes-en": "They listen.",
    "notes-hi": "वे सुनते हैं।",
    "sources": "https://night.example\nthe state's list",
}


@pytest.fixture(autouse=True)
def _admin(app: Flask, at: Clock) -> None:
    at("2026-11-23 11:00")
    factories.staff(MEERA)


def test_a_line_is_previewed_added_seen_by_visitors_and_retired(
    app: Flask, client: Client, settings: Settings
) -> None:
    crisis.import_packaged_lines(clock.now())
    client.sign_in(MEERA)
    page = client.get(NEW)
    seen = client.submit(page, NEW, **RIGHT, do="preview")
    assert "Nothing is saved yet." in seen.text
    previews = [each for each in Page(seen.text).all("div") if each.has_class("preview-body")]
    assert ["They listen." in previews[0].text, "वे सुनते हैं।" in previews[1].text] == [True, True]
    assert "Tele-MANAS" in previews[0].text, "among those that are there already"
    assert not settings.published_crisis_file.exists()

    done = client.submit(seen, NEW, do="save", follow=True)
    assert "Saved. Visitors see it now." in done.text
    published = json.loads(settings.published_crisis_file.read_text())
    line = next(each for each in published if each["name"] == "Night line")
    assert (line["tel"], line["languages"]) == ("18005990019", ["hi", "en"])
    assert (line["website"], line["last_checked"]) == ("night.example", None)
    assert "They listen." in client.get("/crisis").text
    hindi = client.get("/hi/crisis").text
    assert "वे सुनते हैं।" in hindi
    assert "They listen." not in hindi

    line_id = db.session.scalars(
        sa.select(CrisisLineRow.id).where(CrisisLineRow.name == "Night line")
    ).one()
    gone = client.submit(done, f"/{line_id}/retire", follow=True)
    assert "Line retired. Visitors can no longer see it." in gone.text
    assert "Night line" not in client.get("/crisis").text
    back = client.submit(gone, f"/{line_id}/bring-back", follow=True)
    assert "Line restored. Visitors can see it again." in back.text
    assert "Night line" in client.get("/crisis").text


def test_a_line_of_one_state_comes_after_those_of_the_country_with_its_name(
    client: Client, settings: Settings
) -> None:
    crisis.import_packaged_lines(clock.now())
    client.sign_in(MEERA)
    refused = client.submit(client.get(NEW), NEW, **RIGHT, state="US-CA")
    assert refused.status_code == 422
    assert "Choose a state of this country, or the whole country." in refused.text
    client.submit(refused, NEW, state="IN-MH", follow=True)
    published = json.loads(settings.published_crisis_file.read_text())
    assert [line["name"] for line in published if line.get("state") == "IN-MH"] == ["Night line"]
    for address, heading, marked in (
        ("/crisis", "Numbers for one state or territory only", "Only in Maharashtra"),
        ("/emergency", "Numbers for one state or territory only", "Only in Maharashtra"),
        ("/hi/crisis", "केवल एक राज्य या केंद्र शासित प्रदेश के नंबर", "केवल महाराष्ट्र में"),
    ):
        text = Page(client.get(address).text).text
        assert text.index("14416") < text.index(heading) < text.index(marked), address
    api = client.get("/api/v1/status")
    assert "Night line" not in api.text, "it is not for the whole country"


def test_an_emergency_line_of_one_state_does_not_stand_for_the_country(client: Client) -> None:
    crisis.import_packaged_lines(clock.now())
    client.sign_in(MEERA)
    client.submit(
        client.get(NEW), NEW, **{**RIGHT, "kind": "emergency", "phone": "108", "state": "IN-MH"}
    )
    line = db.session.scalars(sa.select(CrisisLineRow).where(CrisisLineRow.tel == "112")).first()
    assert line is not None
    page = client.get(f"{LIST}/{line.id}")
    for change in ({"state": "IN-MH"}, {"kind": "child"}):
        refused = client.submit(page, f"{LIST}/{line.id}", **change)
        assert refused.status_code == 422
        assert "This is the only emergency line for its country." in refused.text


def test_what_is_wrong_is_named_and_nothing_typed_is_lost(client: Client) -> None:
    client.sign_in(MEERA)
    page = client.get(NEW)
    for wrong, field in (
        ({"sources": " \n "}, "sources"),
        ({"phone": "1"}, "phone"),
        ({"phone": "call us"}, "phone"),
        ({"phone": "", "sms_number": ""}, "phone"),
        ({"tel": "14416"}, "tel"),
        ({"name": ""}, "name"),
        ({"name": "x" * 121}, "name"),
        ({"region": "XX"}, "region"),
        ({"kind": "other"}, "kind"),
        ({"languages": "Hindi, Klingonish"}, "languages"),
        ({"website": "not an address"}, "website"),
        ({"found_on": "soon"}, "found_on"),
        ({"sms_keyword": "two words"}, "sms_keyword"),
        ({"cost": "cheap"}, "cost"),
        ({"hours": "9 am to 9 pm"}, "hours"),
        ({"hours": "Mo-Fr 09:00-17:00; PH off"}, "hours"),
        ({"hours": "Mo-Fr off"}, "hours"),
        ({"time_zone": "Asia/Nowhere"}, "time_zone"),
        ({"region": "US", "phone": "1-800-599-0019"}, "time_zone"),
        ({"whatsapp": "14416"}, "whatsapp"),
        ({"chat": "no address"}, "chat"),
        ({"confidence": "x" * 201}, "confidence"),
        ({"notes-hi": "x" * 501}, "notes-hi"),
    ):
        answer = client.submit(page, NEW, **(RIGHT | wrong), do="save")
        assert answer.status_code == 422, wrong
        assert f"#{field}" in Page(answer.text).links("#"), (wrong, Page(answer.text).links("#"))
        kept = form_of(answer, NEW).fields
        for name in (RIGHT | wrong).keys() - {"region", "kind", "cost"}:
            assert kept[name][0].strip() == (RIGHT | wrong)[name].strip(), wrong


def test_a_save_over_somebody_elses_is_refused_and_shown_beside(client: Client) -> None:
    crisis.import_packaged_lines(clock.now())
    client.sign_in(MEERA)
    page = client.get(f"{LIST}/2")
    client.submit(page, f"{LIST}/2", name="Tele-MANAS 2", do="save")
    late = client.submit(page, f"{LIST}/2", name="Tele-MANAS 3", do="save")
    assert late.status_code == 409
    told = Page(late.text)
    assert "Someone else saved changes after you opened the page." in told.text
    beside = [row.text for row in told.all("tr") if "Tele-MANAS 2" in row.text]
    assert beside == ["NameTele-MANAS 2Tele-MANAS 3"]
    assert "Tele-MANAS 2" in client.get("/crisis").text
    client.submit(late, f"{LIST}/2", do="save")
    assert "Tele-MANAS 3" in client.get("/crisis").text


def test_the_last_emergency_line_stays_and_a_night_without_a_line_is_loud(client: Client) -> None:
    crisis.import_packaged_lines(clock.now())
    client.sign_in(MEERA)
    page = client.get(LIST)
    refused = client.submit(page, f"{LIST}/1/retire", follow=True)
    assert "This is the only emergency line for its country." in refused.text
    changed = client.submit(client.get(f"{LIST}/1"), f"{LIST}/1", kind="child", do="save")
    assert changed.status_code == 422
    assert "This is the only emergency line for its country." in changed.text
    assert "There is no 24-hour crisis line" not in client.get("/admin/").text
    day_and_night = db.session.scalars(
        sa.select(CrisisLineRow.id).where(
            CrisisLineRow.region == "IN",
            CrisisLineRow.hours == "24/7",
            CrisisLineRow.retired_at.is_(None),
        )
    ).all()
    for line in day_and_night:
        form = client.get(f"{LIST}/{line}")
        client.submit(form, f"{LIST}/{line}", hours="Mo-Fr 09:00-17:00", do="save")
    for path in ("/admin/", LIST):
        told = Page(client.get(path).text).text
        assert "There is no 24-hour crisis line in: India." in told
    stale = form_of(page, f"{LIST}/1/confirm")
    assert (
        "Someone else changed this entry after you opened the page."
        in client.submit(stale, follow=True).text
    )


def test_the_home_reminds_after_ninety_days(
    client: Client, new_client: Callable[[], Client], at: Clock
) -> None:
    crisis.import_packaged_lines(clock.now())
    client.sign_in(MEERA)
    client.submit(client.get(LIST), f"{LIST}/2/confirm")
    for day, reminded in (("2027-02-20", False), ("2027-02-22", True)):
        at(f"{day} 11:00")
        later = new_client()
        later.sign_in(MEERA)
        home = later.get("/admin/").text
        assert ("1 crisis number was last verified more than 90 days ago." in home) is reminded


def test_an_admin_calls_through_the_list_call_tick_next(client: Client) -> None:
    crisis.import_packaged_lines(clock.now())
    client.sign_in(MEERA)
    page = client.get(f"{LIST}/check")
    assert "82 numbers left" in page.text
    assert "Never call an emergency number to test it." in page.text, "112 comes first"
    assert 'href="tel:112"' not in page.text, "a slip must not call it"
    assert "No answer" not in page.text
    assert "Skip for now" in page.text
    page = client.submit(page, "/confirm", follow=True)
    assert "81 numbers left" in page.text
    assert "Tele-MANAS" in page.text
    assert 'href="tel:14416"' in page.text
    assert "Confidence: high" in page.text
    page = client.submit(page, "/confirm", follow=True)
    assert "80 numbers left" in page.text
    skip = next(each for each in Page(page.text).links(f"{LIST}/check") if "after=" in each)
    assert "79 numbers left" in client.get(skip).text
    assert "80 numbers left" in client.get(f"{LIST}/check").text, "what was skipped comes again"
    nepal = client.get(f"{LIST}/check?region=NP")
    assert "1 number left" in nepal.text
    done = client.submit(nepal, "/confirm", follow=True)
    assert "No numbers left to verify" in done.text
    checked = sa.select(sa.func.count(CrisisLineRow.id)).where(CrisisLineRow.last_checked != None)  # noqa: E711
    assert db.session.scalar(checked) == 3


def test_a_release_brings_new_lines_and_leaves_what_an_admin_decided(client: Client) -> None:
    now = clock.now()
    assert crisis.import_packaged_lines(now) == 83
    assert crisis.import_packaged_lines(now) == 0
    client.sign_in(MEERA)
    form = client.get(f"{LIST}/2")
    client.submit(form, f"{LIST}/2", name="Tele-MANAS, ours", do="save")
    db.session.execute(
        sa.update(CrisisLineRow).where(CrisisLineRow.id.in_((2, 3))).values(cost=None)
    )
    db.session.execute(sa.delete(CrisisLineRow).where(CrisisLineRow.tel == "988"))
    db.session.commit()
    assert crisis.import_packaged_lines(now) == 3, "988 of two countries is new, 14446 is corrected"
    rows = {row.id: row for row in db.session.scalars(sa.select(CrisisLineRow))}
    assert (rows[2].name, rows[2].cost) == ("Tele-MANAS, ours", None)
    assert rows[3].cost == "free"
    manas = next(row for row in rows.values() if row.tel == "1933")
    assert manas.retired_at is not None


def test_one_number_of_two_states_is_two_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    line = CrisisLine("IN", "Health", "crisis_line", "104", "104", sources=("a list",))
    of_states = [(replace(line, state=state), False) for state in ("IN-GA", "IN-MH")]
    monkeypatch.setattr(published_directory, "packaged_lines", lambda: of_states)
    assert crisis.import_packaged_lines(clock.now()) == 2
    assert crisis.import_packaged_lines(clock.now()) == 0
    stored = db.session.scalars(sa.select(CrisisLineRow.state).order_by(CrisisLineRow.state))
    assert stored.all() == ["IN-GA", "IN-MH"]
