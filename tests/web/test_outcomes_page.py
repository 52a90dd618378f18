"""The page on which an admin edits the list of outcomes."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from werkzeug.test import TestResponse

from helpline.calls.models import OutcomeList
from helpline.calls.outcome_list import outcomes_and_version
from helpline.db import db
from helpline.domain.outcomes import Required
from helpline.domain.retries import Disposition
from helpline.privacy.models import AuditEntry
from tests import factories
from tests.cast import ASHA, MEERA
from tests.support.clock import Clock
from tests.support.web import Client, form_of
from tests.web.page import Page

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"])


@pytest.fixture
def meera(app: Flask, client: Client, at: Clock) -> Client:
    at("2026-11-23 11:00")
    factories.staff(MEERA)
    client.sign_in(MEERA)
    return client


def save(client: Client, **fields: Any) -> TestResponse:
    return client.submit(client.get("/admin/outcomes"), "/admin/outcomes", follow=True, **fields)


def errors(page: TestResponse) -> str:
    assert page.status_code == 422
    return Page(page.text).the("div", cls="error-summary").text


def test_an_admin_changes_label_order_and_what_is_required(
    meera: Client, new_client: type[Client]
) -> None:
    saved = save(
        meera,
        **{
            "voicemail-position": 1,
            "voicemail-labels-en": "Mailbox",
            "hoax-shown": False,
            "referred-required": ["referral", "risk_note"],
        },
    )
    assert "Saved. Your changes apply now." in saved.text
    outcomes, version = outcomes_and_version(db.session())
    assert version == 1
    assert [each.disposition for each in outcomes[:2]] == ["reached", "voicemail"]
    of = {each.disposition: each for each in outcomes}
    assert of[Disposition.REFERRED].required == {Required.REFERRAL, Required.RISK_NOTE}
    assert not of[Disposition.HOAX].shown
    assert Required.NOTES in of[Disposition.EMERGENCY].required, "always"
    entry = db.session.scalars(sa.select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert entry is not None
    assert entry.deed == "outcomes_changed"
    factories.wrapping_up(ASHA)
    asha = new_client()
    asha.sign_in(ASHA)
    desk = Page(asha.get("/desk/").text).the("fieldset", cls="dispositions").text
    assert "Mailbox 2" in desk
    assert "Hoax" not in desk


def test_advisors_keep_an_outcome_for_each_way_a_call_can_end(meera: Client) -> None:
    hidden = {f"{each}-shown": False for each in Disposition}
    told = errors(save(meera, **hidden))
    assert "Show at least one of these: No answer, Busy, Voicemail, Someone else." in told
    assert "Advisors always need this outcome: Do not call again. Show it." in told
    assert db.session.scalars(sa.select(OutcomeList)).all() == []


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"busy-position": "first"}, "Enter a whole number from 1 to 14."),
        ({"busy-labels-en": "x" * 41}, "Shorten this to 40 characters or fewer."),
        ({"busy-labels-en": "no answer"}, "Another outcome has this label."),
    ],
)
def test_what_cannot_be_is_named_and_stays(
    meera: Client, fields: dict[str, str], error: str
) -> None:
    refused = save(meera, **fields)
    assert error in errors(refused)
    (name, typed), *_ = fields.items()
    assert form_of(refused, "/admin/outcomes").fields[name] == [typed]


def test_two_admins_see_what_the_other_saved(meera: Client) -> None:
    opened = meera.get("/admin/outcomes")
    save(meera, **{"busy-labels-en": "Engaged"})
    second = meera.submit(opened, "/admin/outcomes", **{"busy-labels-en": "Line busy"})
    assert second.status_code == 409
    table = Page(second.text).the("table", cls="compare").text
    assert "Busy: Label (English)" in table
    assert ("Engaged" in table, "Line busy" in table) == (True, True)
    meera.submit(second, "/admin/outcomes")
    assert outcomes_and_version(db.session())[1] == 2
