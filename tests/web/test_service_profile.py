"""What the service is called and speaks is an admin's to say; the settings hold until then."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask

from config import Settings
from helpline.db import db
from helpline.policy import service_profile
from helpline.privacy.models import AuditEntry
from tests import factories
from tests.cast import MEERA
from tests.support.clock import Clock
from tests.support.web import Client
from tests.web.page import Page

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"])
NEW = {
    "names-en": "Nasha Mukti Line",
    "names-hi": "नशा मुक्ति लाइन",
    "phone_shows_name": "CITY CLINIC",
    "spoken_languages": ["hi", "ta"],
}


def languages(page: Page) -> list[str]:
    """What a visitor can choose to speak."""
    select = page.the("select", name="language")
    return [each.attrs["value"] for each in page.all("option") if each.inside(select)]


@pytest.mark.settings(phone_shows_name="FROM SETTINGS", site_name="Old Line")
def test_what_an_admin_saves_replaces_the_settings_on_pages_already_cached(
    app: Flask, client: Client, at: Clock, settings: Settings
) -> None:
    at("2026-11-23 11:00")
    factories.staff(MEERA)
    before = client.get("/")
    assert "FROM SETTINGS" in before.text and Page(before.text).title.endswith("- Old Line")
    assert languages(Page(before.text)) == ["en", "hi"]
    client.sign_in(MEERA)
    form = client.get("/admin/service")
    assert Page(form.text).form("/service")["names-en"] == "Old Line"
    answer = client.submit(form, "/admin/service", follow=True, **NEW)
    assert "Saved. Your changes apply now." in answer.text
    for path, name in (("/", "Nasha Mukti Line"), ("/hi/", "नशा मुक्ति लाइन")):
        shown = client.get(path)
        assert Page(shown.text).title.endswith(f"- {name}")
        assert "CITY CLINIC" in shown.text
        assert languages(Page(shown.text)) == ["hi", "ta"]
    published = service_profile.load(service_profile.published_path(settings.published_crisis_file))
    assert published is not None and published.names["hi"] == "नशा मुक्ति लाइन"
    entry = db.session.scalars(
        sa.select(AuditEntry).where(AuditEntry.deed == "service_profile_changed")
    ).one()
    assert entry.detail["before"]["phone_shows_name"] == "FROM SETTINGS"
    assert entry.detail["after"]["spoken_languages"] == ["hi", "ta"]


def test_a_name_is_needed_and_what_was_typed_stays(app: Flask, client: Client) -> None:
    factories.staff(MEERA)
    client.sign_in(MEERA)
    form = client.get("/admin/service")
    answer = client.submit(form, "/admin/service", **NEW | {"names-en": " "})
    assert answer.status_code == 422
    assert "Enter the name of the service." in answer.text and "CITY CLINIC" in answer.text
    assert (
        "Choose at least one language."
        in client.submit(form, "/admin/service", **NEW | {"spoken_languages": []}).text
    )


def test_of_two_admins_the_second_sees_what_the_first_saved(app: Flask, client: Client) -> None:
    factories.staff(MEERA)
    client.sign_in(MEERA)
    form = client.get("/admin/service")
    client.submit(form, "/admin/service", **NEW)
    answer = client.submit(form, "/admin/service", **NEW | {"names-en": "Other"})
    assert answer.status_code == 409
    assert "Nasha Mukti Line" in answer.text and "Other" in answer.text


@pytest.mark.parametrize(
    ("site", "is_warned"),
    [
        ("https://www.google.co.in/", True),
        ("https://m.youtube.com/", True),
        ("https://mausam.imd.gov.in/", False),
    ],
)
def test_a_personalised_exit_target_is_warned_of(
    app: Flask, client: Client, site: str, is_warned: bool
) -> None:
    factories.staff(MEERA)
    client.sign_in(MEERA)
    page = client.get("/admin/safety")
    answer = client.submit(page, "/admin/safety", follow=True, neutral_site=site)
    assert ("This site is personalised." in answer.text) is is_warned
