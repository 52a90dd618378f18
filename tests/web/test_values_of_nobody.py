"""Numbers, times, dates and addresses that no page of ours sends: a clear answer, never a 500."""

from __future__ import annotations

import pytest

from helpline.callbacks.models import Callback
from helpline.db import db
from helpline.web.int_params import LARGEST, parse_int, parse_row_id
from tests import factories
from tests.cast import ARJUN, ASHA, KAVITA, MEERA, VIKRAM
from tests.support.clock import Clock
from tests.support.web import Client, forms_of

HUGE = (LARGEST + 1, 2**63, 10**25)
NO_INSTANTS = (
    "0001-01-01T00:00:00+05:30",
    "9999-12-31T23:59:59-05:30",
    "2026-11-24T10:00:00",
)
NO_ORIGINS = ("http://[", "https://[::1", "null", "//")


def test_a_number_that_no_row_has_leads_nowhere(client: Client, at: Clock) -> None:
    at("2026-11-23 11:00")
    for member in (MEERA, ASHA, VIKRAM):
        factories.staff(member)
    client.sign_in(MEERA)
    forms = forms_of(client.get("/admin/staff/1"))
    form = next(each for each in forms if each.action == "/admin/staff/1")
    for huge in HUGE:
        for address in (f"/floor/callbacks/{huge}", f"/admin/staff/{huge}"):
            assert client.get(address).status_code == 404, address
        for address in (f"/admin/audit?before={huge}", f"/admin/holidays?year={huge}"):
            assert client.get(address).status_code < 500, address
        saved = client.submit(form, version=str(huge), name="Asha")
        assert saved.status_code < 500
    assert [parse_row_id(each) for each in ("7", "²", "-1", "9" * 5000, "")] == [7, *[None] * 4]
    with pytest.raises(ValueError, match="more than the database"):
        parse_int(str(LARGEST + 1))


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_button_of_nobody_takes_no_time_away(client: Client, at: Clock) -> None:
    at("2026-11-23 11:00")
    factories.staff(MEERA)
    client.sign_in(MEERA)
    for button in ("remove:mon:²", f"remove:mon:{'9' * 5000}"):
        page = client.submit(client.get("/admin/hours"), "/admin/hours", do=button)
        assert page.status_code == 200
        assert 'name="mon-0-opens"' in page.text
    for last in ("9999-12-31", "0001-01-01"):
        typed = {"do": "draft", "kind": "closed", "first": last, "last": last}
        page = client.get("/admin/hours/exceptions")
        answer = client.submit(page, "/exceptions", **typed)
        assert answer.status_code < 500


def test_an_instant_of_no_calendar_is_no_time_to_choose(client: Client, at: Clock) -> None:
    at("2026-11-23 11:00")
    token = factories.link(KAVITA)
    bearer = {"Authorization": f"Bearer {token}"}
    for when in NO_INSTANTS:
        asked = client.post("/", data={"phone": ARJUN.phone, "when": when, "consent": "y"})
        moved = client.post(f"/request/{token}/move", data={"when": when})
        by_program = client.patch("/api/v1/callback", json={"slot_at": when}, headers=bearer)
        assert (asked.status_code, moved.status_code, by_program.status_code) == (422, 422, 422)
    assert len(db.session.query(Callback).all()) == 1


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_page_that_cannot_say_where_it_is_is_not_one_of_ours(client: Client, at: Clock) -> None:
    at("2026-11-23 11:00")
    for origin in NO_ORIGINS:
        for address in ("/", "/api/v1/callbacks"):
            assert client.post(address, headers={"Origin": origin}).status_code == 403, origin
            assert client.get("/", headers={"Origin": origin}).status_code == 200
        assert client.post("/start", headers={"Origin": origin}).status_code == 200
    factories.staff(ASHA)
    assert client.get("/login?next=//[").status_code == 200
    client.sign_in(ASHA)
    at.later(minutes=20)
    asked_again = client.get("/second-step/set-up", headers={"Referer": "http://["})
    assert asked_again.status_code == 303
    form = client.get("/you/confirm?next=//[")
    assert form.status_code == 200
    assert client.submit(form, "/confirm", password=ASHA.password).status_code == 303
    at.later(minutes=20)
    answer = client.post(
        "/you/recovery-codes",
        data={"csrf_token": _csrf(client)},
        headers={"Referer": "http://["},
    )
    assert answer.status_code in (303, 400)


def _csrf(client: Client) -> str:
    page = client.get("/you").text
    return page.split('name="csrf_token" value="')[1].split('"')[0]
