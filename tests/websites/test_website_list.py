"""The admin's list of websites that may carry the panel."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from helpline.db import db
from helpline.privacy.models import AuditEntry
from helpline.websites import queries
from helpline.websites.models import WebsiteListVersion
from helpline.websites.queries import Website
from tests import factories
from tests.cast import ASHA, MEERA
from tests.support.web import Client

ARTICLES = Website("https://articles.example", True)


def listed() -> tuple[Website, ...]:
    return queries.in_force(db.session()).websites


def test_an_admin_lets_a_website_in_changes_what_it_may_and_removes_it(client: Client) -> None:
    factories.staff(MEERA)
    client.sign_in(MEERA)
    page = client.get("/admin/websites")
    assert "No websites allowed yet" in page.text
    assert "helpline-panel" in page.text, "the two lines to copy are there"

    saved = client.submit(
        page, "/websites", address="https://Articles.example/sleep?x=1", may_tell_page=True
    )
    assert saved.status_code == 303
    assert listed() == (ARTICLES,)
    page = client.get("/admin/websites")
    assert "https://articles.example" in page.text

    changed = client.post(
        "/admin/websites",
        data={"address": ARTICLES.origin, "version": 1, "csrf_token": _csrf(client)},
    )
    assert changed.status_code == 303
    assert listed() == (Website(ARTICLES.origin, False),)
    removed = client.submit(client.get("/admin/websites"), "/websites/remove")
    assert removed.status_code == 303
    assert listed() == ()

    versions = db.session.scalars(sa.select(WebsiteListVersion.version).order_by("version")).all()
    assert versions == [1, 2, 3], "every save is kept"
    audited = db.session.scalars(
        sa.select(AuditEntry).where(AuditEntry.deed == "websites_changed").order_by("id")
    ).all()
    assert len(audited) == 3
    assert audited[0].detail["before"] == []
    assert audited[0].detail["after"] == [
        {"origin": "https://articles.example", "may_tell_page": True}
    ]
    assert audited[0].actor == f"staff:{factories.staff(MEERA).id}"


def test_what_was_typed_is_kept_and_a_newer_list_is_not_overwritten(client: Client) -> None:
    factories.staff(MEERA)
    client.sign_in(MEERA)
    old = client.get("/admin/websites")
    for wrong in ("", "http://articles.example", "*"):
        refused = client.submit(old, "/websites", address=wrong, may_tell_page=True)
        assert refused.status_code == 422
        assert f'value="{wrong}"' in refused.text
        assert 'href="#address"' in refused.text
    client.submit(old, "/websites", address="first.example")
    late = client.submit(old, "/websites", address="second.example")
    assert late.status_code == 409
    assert "Someone else changed the list" in late.text
    assert 'value="second.example"' in late.text
    assert [each.origin for each in listed()] == ["https://first.example"]
    again = client.post(
        "/admin/websites",
        data={"address": "second.example", "version": 1, "csrf_token": _csrf(client)},
    )
    assert again.status_code == 303
    assert len(listed()) == 2


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_an_advisor_has_no_business_there(client: Client) -> None:
    factories.staff(ASHA)
    client.sign_in(ASHA)
    assert client.get("/admin/websites").status_code == 403


def _csrf(client: Client) -> str:
    page = client.get("/admin/websites").text
    return page.partition('name="csrf_token" value="')[2].partition('"')[0]
