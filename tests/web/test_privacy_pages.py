"""The pages on privacy: periods, erasing on request, and the audit log."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pytest
from flask import Flask

from helpline import clock
from helpline.callbacks import service as callbacks
from helpline.current import settings
from helpline.db import db, transaction
from helpline.erasure import service as erasure
from helpline.policy import retention
from helpline.privacy import audit, audit_chain
from helpline.privacy.pii_inventory import Group
from helpline.web import audit_text
from helpline.web.admin import audit_log
from tests import factories
from tests.cast import ARJUN, ASHA, KAVITA, MEERA
from tests.privacy.fixtures import been_through_everything, deeds, left_of
from tests.support.clock import Clock
from tests.support.web import Client, form_of, forms_of
from tests.web.page import Page

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"])
TYPED = KAVITA.phone[3:]


@pytest.fixture
def admin(app: Flask, client: Client, at: Clock) -> Client:
    at("2026-11-23 12:00")
    factories.staff(MEERA)
    client.sign_in(MEERA)
    return client


def test_an_admin_sets_how_long_things_are_kept(admin: Client) -> None:
    periods = next(
        each for each in forms_of(admin.get("/admin/privacy")) if "person" in each.fields
    )
    assert (periods.fields["person"], periods.fields["notes"]) == (["90"], ["365"])
    wrong = admin.submit(periods, person="none", notes="0")
    assert wrong.status_code == 422
    assert wrong.text.count("Enter a whole number of days from 1 to 3650.") == 4
    assert 'value="none"' in wrong.text

    done = admin.submit(periods, person="30", follow=True)
    assert "Saved. Data past its retention period is erased within minutes." in done.text
    assert retention.retention_periods(db.session()).days[Group.PERSON] == 30
    late = admin.submit(periods, person="31")
    assert late.status_code == 409
    assert "Someone else saved this page" in late.text
    assert 'value="31"' in late.text


def test_a_number_is_erased_on_request_in_two_presses_and_never_shown(admin: Client) -> None:
    ended = factories.link(KAVITA)
    been_through_everything(factories.by_token(ended))
    callbacks.cancel(ended, now=clock.now())
    waits = factories.callback(KAVITA)
    page = admin.get("/admin/privacy")
    wrong = admin.submit(page, "/erase", phone="12", deed="look")
    assert wrong.status_code == 422
    assert 'value="12"' in wrong.text

    found = admin.submit(page, "/erase", phone=TYPED, deed="look")
    assert "1 closed request." in found.text
    assert "1 open request." in found.text
    assert KAVITA.name not in found.text
    assert "Erased data cannot be restored." in found.text
    assert len(left_of(waits.id)) > 0, "nothing is erased by looking"
    (looked,) = deeds("number_looked_up")
    assert (looked.actor, looked.subject, looked.detail) == ("staff:1", "number", {})
    done = admin.submit(found, "/erase", deed="erase_ended", follow=True)
    assert "Erased: 1 request." in done.text
    assert TYPED not in done.text
    assert "Meera erased the data of a number on request" in Page(done.text).text

    done = admin.submit(found, "/erase", deed="erase_all", follow=True)
    assert "Erased: 1 request." in done.text
    assert left_of() == []
    none = admin.submit(done, "/erase", phone=TYPED, deed="look")
    assert "There are no requests for this number." in none.text


def test_what_was_erased_and_what_goes_next_stands_on_the_page(admin: Client, at: Clock) -> None:
    token = factories.link(ARJUN)
    been_through_everything(factories.by_token(token))
    callbacks.cancel(token, now=clock.now())
    at("2026-12-20 12:00")
    assert "1 will be erased within a week." in admin.get("/admin/privacy").text, "the recording"
    at("2026-12-24 12:00")
    erasure.erase_due(now=clock.now())
    erasure.erase_due(now=clock.now())
    page = Page(admin.get("/admin/privacy").text).text
    assert "The worker erased data past its retention period (recordings: 1)." in page
    assert "Next check: today at 1:00 PM." in page


def test_supervisors_erase_but_set_no_periods_and_read_no_log(
    app: Flask, client: Client, at: Clock
) -> None:
    at("2026-11-23 12:00")
    factories.staff(ASHA, roles=("advisor", "supervisor"))
    client.sign_in(ASHA)
    page = client.get("/admin/privacy")
    assert page.status_code == 200
    assert "Erasure request" in page.text
    assert 'id="save"' not in page.text
    form = form_of(page, "/erase")
    assert client.submit(form, phone=TYPED, deed="look").status_code == 200
    token = form.fields["csrf_token"][0]
    assert client.post("/admin/privacy", data={"csrf_token": token}).status_code == 403
    assert client.get("/admin/audit").status_code == 403
    assert client.post("/admin/audit.csv", data={"csrf_token": token}).status_code == 403


def test_the_log_is_read_in_plain_words_filtered_and_page_by_page(
    admin: Client, at: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_log, "_A_PAGE", 3)
    monkeypatch.setattr(audit_log, "_AT_ONCE", 2)
    meera = factories.staff(MEERA).id
    for number in range(5):
        at.later(minutes=1)
        with transaction() as session:
            audit.record(
                session,
                at=clock.now(),
                actor=f"staff:{meera}",
                action="number_shown",
                subject=f"callback:{number}",
                why="held",
            )
    first = admin.get("/admin/audit?deed=number_shown")
    assert "Meera viewed the visitor's number (callback 4)" in Page(first.text).text
    assert "(callback 1)" not in first.text
    (older,) = (each for each in Page(first.text).links("/admin/audit") if "before=" in each)
    second = Page(admin.get(older).text)
    assert "(callback 1)" in second.text
    assert "(callback 2)" not in second.text
    assert "Newest" in second.text

    one = Page(admin.get("/admin/audit?callback=3").text).text
    assert "(callback 3)" in one
    assert "(callback 4)" not in one
    nothing = "No entries found."
    assert nothing in admin.get("/admin/audit?day=2026-11-22").text
    assert nothing not in admin.get("/admin/audit?day=2026-11-23").text
    assert nothing in admin.get("/admin/audit?who=carrier").text
    odd = "/admin/audit?day=9999-12-31&callback=x&who=%00&before=x&deed=nosuch"
    assert admin.get(odd).status_code == 200

    audit_chain.seal_batch(audit_chain.KnownEnd(settings().instance_dir))
    page = admin.get("/admin/audit?deed=number_shown")
    table = admin.submit(page, "audit.csv")
    assert table.mimetype == "text/csv"
    rows = list(csv.DictReader(io.StringIO(table.text)))
    assert [each["to"] for each in rows] == [f"callback:{number}" for number in (4, 3, 2, 1, 0)]
    assert all(len(each["seal"]) == 64 and each["did"] == "number_shown" for each in rows)
    assert [each.actor for each in deeds("audit_taken_out")] == [f"staff:{meera}"]


def test_every_deed_has_words_for_who_reads_the_log(app: Flask) -> None:
    named: set[str] = set()
    for file in Path(audit_log.__file__).parents[2].rglob("*.py"):
        named |= set(re.findall(r'\b(?:deed|action)="([a-z_]+)"', file.read_text(encoding="utf-8")))
        named |= set(re.findall(r'\b_(?:record|note)\([^)"]+, "([a-z_]+)"', file.read_text()))
    assert len(named) > 40
    assert named - set(audit_text.DEEDS) == set()
