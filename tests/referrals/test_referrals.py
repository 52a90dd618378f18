"""An advisor tells a visitor of places while they talk; the visitor finds them on their page."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from helpline import clock
from helpline.callbacks import claims
from helpline.callbacks.errors import StateChanged
from helpline.calls import referrals
from helpline.db import db
from helpline.directory.errors import NoSuchEntry
from helpline.directory.referrals import queries, service
from helpline.directory.referrals.models import Referral, ServiceEntry
from helpline.directory.referrals.seed import EVERYWHERE, ServiceDetails
from helpline.erasure import service as erasure
from helpline.messaging import sms_templates
from helpline.messaging.models import OutboundSms
from tests import factories
from tests.cast import ASHA, KAVITA, MEERA, RAVI
from tests.invariants.together import at_once
from tests.support.clock import Clock
from tests.support.web import Client, form_of
from tests.web.page import Page

CLINIC = ServiceDetails(
    "IN",
    "detox",
    "The Clinic",
    area="Pune",
    phone="020 2345 6789",
    tel="02023456789",
    cost="free",
    notes="Bring a friend.",
    notes_by_language={"hi": "किसी दोस्त को साथ लाएँ।"},
    sources=("their own page",),
)
GROUP = replace(CLINIC, region=EVERYWHERE, kind="support_group", name="The Group", area=None)
sqlite = pytest.mark.parametrize("database_kind", ["sqlite"])


@pytest.fixture(autouse=True)
def _open(app: Flask, at: Clock) -> None:
    at("2026-11-23 11:00")


def places(*wanted: ServiceDetails) -> list[int]:
    admin = factories.staff(MEERA).id
    return [service.SERVICES.add(each, admin_id=admin, now=clock.now()) for each in wanted]


def told_of(callback_id: int) -> list[str]:
    db.session.rollback()
    return [each.name for each in queries.referred_services(db.session(), callback_id)]


def test_only_who_holds_the_callback_names_a_place_and_twice_is_once(app: Flask) -> None:
    clinic, group = places(CLINIC, GROUP)
    asha, ravi = factories.staff(ASHA).id, factories.staff(RAVI).id
    held = factories.claimed(ASHA, KAVITA).id
    name: Any = referrals.refer
    found = at_once(
        app,
        [lambda: name(held, asha, clinic, now=clock.now())] * 3
        + [lambda: name(held, ravi, group, now=clock.now())],
    )
    assert found[:3] == [None] * 3
    assert isinstance(found[3], StateChanged)
    assert told_of(held) == ["The Clinic"]
    name(held, asha, group, now=clock.now())
    referrals.withdraw(held, asha, group, now=clock.now())
    with pytest.raises(StateChanged):
        referrals.withdraw(held, ravi, clinic, now=clock.now())
    assert told_of(held) == ["The Clinic"]
    service.SERVICES.retire(group, expected_version=1, admin_id=asha, now=clock.now())
    for gone in (group, 999):
        with pytest.raises(NoSuchEntry):
            name(held, asha, gone, now=clock.now())
    claims.release(held, asha, now=clock.now())
    with pytest.raises(StateChanged):
        name(held, asha, clinic, now=clock.now())


def test_what_is_erased_stays_as_a_count_that_leads_to_nobody(app: Flask) -> None:
    (clinic,) = places(CLINIC)
    asha, token = factories.staff(ASHA).id, factories.link(KAVITA)
    held = factories.by_token(token).id
    claims.claim_next(asha, now=clock.now())
    referrals.refer(held, asha, clinic, now=clock.now())
    claims.release(held, asha, now=clock.now())
    erasure.erase_everything(token, now=clock.now())
    db.session.rollback()
    kept = db.session.scalars(sa.select(Referral)).one()
    assert (kept.callback_id, kept.place_id) == (None, clinic)
    day = clock.now().replace(hour=0, minute=0)
    until = clock.now() + timedelta(minutes=1)
    assert queries.referral_counts(db.session(), day, until) == {clinic: 1}


@sqlite
@pytest.mark.settings(texts_enabled=True)
def test_the_text_names_nobody_and_no_place_and_needs_consent(app: Flask) -> None:
    clinic, group = places(CLINIC, GROUP)
    asha = factories.staff(ASHA).id
    held = factories.claimed(ASHA, KAVITA, may_text=True).id
    assert not referrals.send_referral_sms(held, asha, now=clock.now()), (
        "nothing is there to look at"
    )
    referrals.refer(held, asha, clinic, now=clock.now())
    for _twice in range(2):
        assert referrals.send_referral_sms(held, asha, now=clock.now())
    wanted = sa.select(OutboundSms).where(OutboundSms.kind == "on_page")
    assert [each.words for each in db.session.scalars(wanted)] == [
        sms_templates.render("on_page", "hi")
    ]
    referrals.refer(held, asha, group, now=clock.now())
    referrals.send_referral_sms(held, asha, now=clock.now())
    assert len(db.session.scalars(wanted).all()) == 2
    with pytest.raises(StateChanged):
        referrals.send_referral_sms(held, factories.staff(RAVI).id, now=clock.now())


@sqlite
def test_at_the_desk_without_javascript_and_on_the_visitors_page(
    app: Flask, client: Client, new_client: Any
) -> None:
    token = factories.link(KAVITA)
    factories.staff(ASHA)
    clinic, group = places(CLINIC, GROUP)
    places(replace(CLINIC, name="Elsewhere", region="NP"))
    client.sign_in(ASHA)
    client.submit(client.get("/desk/"), "/next")
    page = client.get("/desk/")
    seen = Page(page.text)
    assert seen.text.count("The Clinic") == 1
    assert "Elsewhere" not in seen.text
    found = client.submit(form_of(page, "/places/find"), place_kind="support_group")
    assert "The Clinic" not in found.text
    held = factories.by_token(token).id
    names = f"/desk/{held}/places/name"
    added = client.submit(form_of(found, names), place=group)
    assert "Shown on their page" in added.text

    client.submit(client.get("/desk/"), "/own-phone")
    typed = form_of(client.get("/desk/"), f"/{held}/disposition").fill(notes="Spoke of detox.")
    answer = client.post(names, data={**typed.fields, "place": str(clinic)})
    assert "Spoke of detox." in answer.text, "what was typed is kept"
    assert Page(answer.text).text.count("Remove referral") == 2
    away = client.post(f"/desk/{held}/places/take-back", data={**typed.fields, "place": str(group)})
    assert Page(away.text).text.count("Remove referral") == 1
    gone = client.post(names, data={**typed.fields, "place": "9" * 30})
    assert "This place is no longer listed." in gone.text

    visitor = new_client()
    client.submit(typed, disposition="reached")
    mine = Page(visitor.get(f"/hi/request/{token}").text)
    assert "The Clinic" in mine.text
    assert "किसी दोस्त को साथ लाएँ।" in mine.text
    assert mine.links("tel:02023456789")
    visitor.submit(visitor.get(f"/request/{token}"), "/erase")
    assert "The Clinic" not in visitor.get(f"/request/{token}").text


@sqlite
def test_the_directory_of_places_begins_empty_and_is_kept_like_the_numbers(
    app: Flask, client: Client
) -> None:
    factories.staff(MEERA)
    client.sign_in(MEERA)
    empty = client.get("/admin/places")
    assert "No services yet" in empty.text
    begun = client.submit(empty, "/begin", follow=True)
    assert "2 services added. They have not been verified yet." in begun.text
    assert begun.text.count("Never verified") == 2
    assert service.seed_directory(admin_id=1, now=clock.now()) == 0
    new = client.get("/admin/places/new")
    right = {"kind": "hospital", "name": "City hospital", "sources": "their page"}
    wrong = client.submit(new, "/places/new", **right, area="x" * 81, do="save")
    assert {"#phone", "#area"} <= set(Page(wrong.text).links("#"))
    right |= {"phone": "112", "area": "Pune", "checked": True}
    seen = client.submit(new, "/places/new", **right, do="preview")
    assert "City hospital" in Page(seen.text).the("aside", id="as-seen").text
    client.submit(new, "/places/new", **right, do="save")
    saved = db.session.scalars(sa.select(ServiceEntry).where(ServiceEntry.kind == "hospital")).one()
    assert saved.name == "City hospital"
    assert saved.last_checked is not None
    client.submit(client.get("/admin/places"), f"/places/{saved.id}/retire")
    assert "City hospital" not in client.get("/desk/").text
    changed = client.get(f"/admin/places/{saved.id}")
    assert "This service is retired. No one can see it." in changed.text
    for path in ("/admin/places/999", "/admin/crisis-lines/999"):
        assert client.get(path).status_code == 404
