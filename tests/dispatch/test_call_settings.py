"""The admin's page on calls: dispatch, deadlines, the number of each region; refused regions."""

from __future__ import annotations

import pytest
from flask import Flask

from config import Settings
from helpline.calls.attempt_jobs import ATTEMPTS
from helpline.calls.models import Attempt
from helpline.db import db
from helpline.messaging.carrier_jobs import CarrierContext, start_next
from helpline.policy import queries as policy_queries
from helpline.telephony import carrier_limits, carrier_routes
from helpline.telephony.adapters import FIRST
from helpline.telephony.carrier_routes import CarrierRoute
from tests import factories
from tests.cast import ASHA, HELPLINE, KAVITA, MEERA, RAVI, Visitor
from tests.dispatch.conftest import OTHER_NUMBER
from tests.dispatch.fixtures import decide, deeds, post
from tests.phonesim.fixtures import Sim
from tests.support.clock import Clock
from tests.support.web import Client

BISHNU = Visitor("Bishnu", "+9779812345678")
SITA = Visitor("Sita", "+9779812345679")
BOTH = pytest.mark.settings(allowed_regions=("IN", "NP"))


@pytest.fixture(autouse=True)
def morning(at: Clock, app: Flask) -> None:
    """It is eleven."""
    at("2026-11-23 11:00")


@pytest.fixture
def meera(client: Client) -> Client:
    """The admin's browser."""
    factories.staff(MEERA)
    client.sign_in(MEERA)
    return client


def pressed(telephone: CarrierContext, client: Client, visitor: Visitor) -> str:
    """Asha presses Call and then 1; what her phone is told to do comes back."""
    attempt = factories.calling(ASHA, visitor)
    start_next(ATTEMPTS, telephone)
    db.session.refresh(attempt)
    told = {"CallSid": attempt.advisor_call or "", "CallStatus": "in-progress", "Digits": "1"}
    return post(client, f"/webhooks/voice/{attempt.ref}/pressed", **told).text


@BOTH
def test_an_admin_sets_who_gets_callbacks_and_it_is_in_force_at_once(meera: Client) -> None:
    page = meera.get("/admin/calls")
    assert "Nepal" in page.text and "India" in page.text
    answer = meera.submit(
        page,
        "/admin/calls",
        dispatch="push",
        push_ring_at_once="2",
        misses_until_away="4",
        hand_deadline_minutes="20",
        **{"caller-id-NP": "+977 980 0000000"},
        follow=True,
    )
    assert "Your changes apply now" in answer.text
    policy = policy_queries.current(db.session())
    assert (policy.dispatch, policy.push_ring_at_once) == ("push", 2)
    assert (policy.misses_until_away, policy.hand_deadline_minutes) == (4, 20)
    assert policy.slot_minutes == 30, "what the page does not show stays as it was"
    assert carrier_routes.saved_routes(db.session()) == {"NP": CarrierRoute(FIRST, OTHER_NUMBER)}
    (entry,) = deeds("call_settings_changed")
    assert entry.detail["before"]["dispatch"] == "pull"
    assert entry.detail["after"]["dispatch"] == "push"


def test_what_was_typed_wrongly_is_kept_and_said(meera: Client) -> None:
    answer = meera.submit(
        meera.get("/admin/calls"),
        "/admin/calls",
        misses_until_away="soon",
        push_ring_at_once="99",
        **{"caller-id-IN": "12"},
    )
    assert answer.status_code == 422
    assert "from 1 to 20" in answer.text and "from 1 to 10" in answer.text
    assert 'value="soon"' in answer.text and "with + and the country" in answer.text
    assert policy_queries.current(db.session()).version == 1


def test_a_number_that_cannot_be_shown_in_its_region_is_refused(
    meera: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Settings, "uses_real_carrier", True)
    page = meera.get("/admin/calls")
    refused = meera.submit(page, "/admin/calls", **{"caller-id-IN": "+91 80 4555 0001"})
    assert refused.status_code == 422
    assert "does not connect calls from +918045550001 to India" in refused.text
    assert 'value="+91 80 4555 0001"' in refused.text
    assert carrier_routes.saved_routes(db.session()) == {}
    abroad = meera.submit(refused, "/admin/calls", **{"caller-id-IN": "+977 980 0000000"})
    assert abroad.status_code == 303


def test_of_two_admins_who_save_at_once_the_second_is_told(meera: Client) -> None:
    page = meera.get("/admin/calls")
    decide(misses_until_away=7)
    answer = meera.submit(page, "/admin/calls", misses_until_away="5")
    assert answer.status_code == 409
    assert "Someone else saved" in answer.text and 'value="5"' in answer.text
    assert policy_queries.current(db.session()).misses_until_away == 7
    again = meera.submit(answer, "/admin/calls")
    assert again.status_code == 303
    assert policy_queries.current(db.session()).misses_until_away == 5


def test_an_advisor_may_not_enter(client: Client) -> None:
    factories.staff(ASHA)
    client.sign_in(ASHA)
    assert client.get("/admin/calls").status_code == 403


@BOTH
def test_visitors_of_a_region_see_its_own_number(telephone: CarrierContext, client: Client) -> None:
    decide(caller_ids={"NP": OTHER_NUMBER})
    assert f'callerId="{OTHER_NUMBER}"' in pressed(telephone, client, BISHNU)


@BOTH
def test_everybody_else_sees_the_usual_one(telephone: CarrierContext, client: Client) -> None:
    decide(caller_ids={"NP": OTHER_NUMBER})
    assert f'callerId="{HELPLINE}"' in pressed(telephone, client, KAVITA)


@BOTH
def test_the_visitors_page_names_the_number_that_will_show(client: Client) -> None:
    decide(caller_ids={"NP": OTHER_NUMBER})
    assert "+977 980-0000000" in client.get(f"/request/{factories.link(BISHNU)}").text


def fails(client: Client, attempt: Attempt, code: int) -> None:
    """The visitor's leg of an attempt fails with this code."""
    told = {"CallSid": f"CA{attempt.id:032}", "CallStatus": "failed", "ErrorCode": str(code)}
    post(client, f"/webhooks/voice/{attempt.ref}/status/visitor", **told)


@BOTH
@pytest.mark.parametrize("code", [13227, 21215, 32205])
def test_a_region_the_carrier_refuses_is_told_to_advisor_and_admin(
    at: Clock, telephone: CarrierContext, client: Client, new_client: object, code: int
) -> None:
    pressed(telephone, client, BISHNU)
    attempt = factories.attempt_of(_newest())
    fails(client, attempt, code)
    assert carrier_limits.rejected_region(db.session(), FIRST, "NP") is None, "one number only"
    fails(client, factories.calling(RAVI, SITA), code)
    refusal = carrier_limits.rejected_region(db.session(), FIRST, "NP")
    assert refusal is not None and refusal.code == code
    client.sign_in(ASHA)
    desk = client.get("/desk/hand").text
    assert "refuses calls to Nepal" in desk and "call from your own phone" in desk
    factories.staff(MEERA)
    admin = new_client()  # type: ignore[operator]
    admin.sign_in(MEERA)
    page = admin.get("/admin/calls")
    assert "refused calls to Nepal" in page.text and "geographic permissions" in page.text
    assert str(code) in page.text
    admin.submit(page, "/right")
    assert carrier_limits.rejected_region(db.session(), FIRST, "NP") is None
    assert len(deeds("region_set_right")) == 1


def test_an_advisors_region_is_refused_once_several_advisors_were(
    telephone: CarrierContext, sim: Sim
) -> None:
    for advisor, visitor in ((ASHA, KAVITA), (RAVI, SITA)):
        db.session.rollback()
        assert carrier_limits.rejected_region(db.session(), FIRST, "IN") is None
        sim.do("POST", "/faults", {"kind": "error", "code": 21215, "to": advisor.phone})
        factories.calling(advisor, visitor)
        start_next(ATTEMPTS, telephone)
    db.session.rollback()
    refusal = carrier_limits.rejected_region(db.session(), FIRST, "IN")
    assert refusal is not None and refusal.code == 21215


def test_another_failure_is_no_refusal_of_a_region(
    telephone: CarrierContext, client: Client
) -> None:
    pressed(telephone, client, KAVITA)
    attempt = factories.attempt_of(_newest())
    told = {"CallSid": "CA" + "7" * 32, "CallStatus": "failed", "ErrorCode": "13224"}
    post(client, f"/webhooks/voice/{attempt.ref}/status/visitor", **told)
    assert carrier_limits.rejected_regions(db.session()) == []


def _newest() -> object:
    import sqlalchemy as sa

    from helpline.callbacks.models import Callback

    db.session.rollback()
    return db.session.scalars(sa.select(Callback).order_by(Callback.id.desc()).limit(1)).one()
