"""Two carriers, and a table that says which one calls which region."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from helpline import clock
from helpline.callbacks import transitions
from helpline.callbacks.models import Callback
from helpline.calls import rate_control
from helpline.calls.attempt_jobs import ATTEMPTS
from helpline.calls.inbound import recordings
from helpline.calls.inbound.models import MessageState, VoiceMessage
from helpline.calls.models import Attempt
from helpline.cli.worker import carrier_contexts
from helpline.current import services
from helpline.db import db, transaction
from helpline.domain.call_progress import AttemptState
from helpline.messaging import carrier_alerts
from helpline.messaging.carrier_jobs import (
    CarrierContext,
    Request,
    end_next_unwanted,
    look_up_next,
    start_next,
)
from helpline.messaging.models import OutboundSms
from helpline.preflight.checks import Check, FindingCode
from helpline.telephony import carrier_limits, carrier_routes
from helpline.telephony.adapters import FIRST
from helpline.telephony.carrier_routes import REST, CarrierRoute
from helpline.worker import preflight_job, runner
from helpline.worker.jobs import SMS
from tests import factories
from tests.cast import ARJUN, ASHA, HELPLINE, KAVITA, MEERA, RAVI, Visitor
from tests.dispatch.conftest import OTHER_NUMBER
from tests.dispatch.fixtures import decide, deeds
from tests.dispatch.fixtures import post as post_as_first
from tests.invariants.together import at_once
from tests.phonesim.fixtures import Sim, client_of, until
from tests.phonesim.fixtures import start as start_network
from tests.support import second_carrier
from tests.support.clock import Clock
from tests.support.second_carrier import SECOND, SECOND_ACCOUNT, SECOND_NUMBER, SECOND_TOKEN, post
from tests.support.web import Client

BISHNU = Visitor("Bishnu", "+9779812345678")
IN_BOTH = pytest.mark.settings(allowed_regions=("IN", "NP"), texts_enabled=True)
ON_ONE = pytest.mark.parametrize("database_kind", ["sqlite"])
pytestmark = IN_BOTH


@pytest.fixture
def second_sim() -> Iterator[Sim]:
    """The second carrier."""
    made = start_network(
        account_sid=SECOND_ACCOUNT,
        auth_token=SECOND_TOKEN,
        numbers=(SECOND_NUMBER,),
        time_scale=1.0,
    )
    yield Sim(made.server, client_of(made.url, SECOND_TOKEN))
    made.server.stop()


@pytest.fixture
def lines(
    app: Flask, at: Clock, second_sim: Sim, monkeypatch: pytest.MonkeyPatch
) -> dict[str, CarrierContext]:
    """Both accounts as the worker uses them; it is eleven."""
    at("2026-11-23 11:00")
    second_carrier.install(app, monkeypatch, second_sim.url)
    return {context.name: context for context in carrier_contexts(app)}


def route(**regions: str) -> None:
    """An admin saves which carrier calls which region."""
    decide(routes={region: CarrierRoute(carrier) for region, carrier in regions.items()})


def placed(lines: dict[str, CarrierContext], by: str = SECOND) -> Attempt:
    """Asha presses Call; one carrier alone has it to place."""
    attempt = factories.calling(ASHA, KAVITA)
    assert [name for name, line in lines.items() if start_next(ATTEMPTS, line)] == [by]
    db.session.refresh(attempt)
    assert (attempt.carrier, attempt.advisor_call is not None) == (by, True)
    return attempt


def pressed(client: Client, attempt: Attempt) -> str:
    """Asha presses 1; what her phone is told to do comes back."""
    posted = post if attempt.carrier == SECOND else post_as_first
    form = {"CallSid": attempt.advisor_call or "", "CallStatus": "in-progress", "Digits": "1"}
    return posted(client, f"/webhooks/voice/{attempt.ref}/pressed", **form).text


def test_each_region_is_called_by_its_carrier_from_its_number(
    lines: dict[str, CarrierContext], client: Client, sim: Sim, second_sim: Sim
) -> None:
    route(IN=SECOND)
    attempt = placed(lines)
    assert f'callerId="{SECOND_NUMBER}"' in pressed(client, attempt)
    assert second_sim.call(attempt.advisor_call or "")["from"] == SECOND_NUMBER
    decide(routes={REST: CarrierRoute(SECOND), "NP": CarrierRoute(FIRST, OTHER_NUMBER)})
    factories.staff(RAVI)
    nepal = factories.calling(RAVI, BISHNU)
    assert not start_next(ATTEMPTS, lines[SECOND])
    assert start_next(ATTEMPTS, lines[FIRST])
    db.session.refresh(nepal)
    assert sim.call(nepal.advisor_call or "")["from"] == HELPLINE
    assert f'callerId="{OTHER_NUMBER}"' in pressed(client, nepal)


@ON_ONE
def test_a_call_under_way_keeps_its_carrier_when_the_table_changes(
    lines: dict[str, CarrierContext], client: Client, at: Clock, sim: Sim, second_sim: Sim
) -> None:
    route(IN=SECOND)
    attempt = placed(lines)
    decide(routes={"IN": CarrierRoute(FIRST, OTHER_NUMBER), REST: CarrierRoute(FIRST)})
    assert f'callerId="{SECOND_NUMBER}"' in pressed(client, attempt), "a number of its account"
    second_sim.in_state(str(ASHA.phone), "ringing")
    at.later(minutes=1)
    assert not look_up_next(ATTEMPTS, lines[FIRST])
    assert look_up_next(ATTEMPTS, lines[SECOND])
    db.session.refresh(attempt)
    assert attempt.ended_at is None and attempt.carrier == SECOND
    with transaction() as session:
        callback = session.get_one(Callback, attempt.callback_id)
        transitions.cancel(session, callback, at=clock.now(), actor="visitor")
    assert not end_next_unwanted(ATTEMPTS, lines[FIRST])
    assert end_next_unwanted(ATTEMPTS, lines[SECOND])
    second_sim.ended(attempt.advisor_call or "")
    assert sim.get("/calls")["calls"] == []


@ON_ONE
def test_a_call_that_waits_to_be_placed_keeps_its_carrier_too(
    lines: dict[str, CarrierContext],
) -> None:
    route(IN=SECOND)
    factories.calling(ASHA, KAVITA)
    route(IN=FIRST)
    assert [name for name, line in lines.items() if start_next(ATTEMPTS, line)] == [SECOND]


@ON_ONE
def test_texts_go_by_the_carrier_of_the_region(
    lines: dict[str, CarrierContext], second_sim: Sim
) -> None:
    route(IN=SECOND)
    factories.link(KAVITA, may_text=True)
    factories.link(BISHNU, may_text=True)
    route(IN=FIRST)
    assert start_next(SMS, lines[SECOND]) and not start_next(SMS, lines[SECOND])
    assert start_next(SMS, lines[FIRST])
    sent = sa.select(OutboundSms.carrier, OutboundSms.carrier_id).order_by(OutboundSms.id)
    (india, one), (nepal, other) = db.session.execute(sent).all()
    assert (india, nepal) == (SECOND, FIRST) and one and other
    until(lambda: second_sim.phone(KAVITA.phone)["texts"], what="a text by the second carrier")


@ON_ONE
def test_a_recording_is_fetched_and_deleted_where_the_call_came_in(
    lines: dict[str, CarrierContext], client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[tuple[str, str, str]] = []
    for name, line in lines.items():
        for deed in ("fetch_recording", "delete_recording"):
            note = _noted(done, name, deed)
            monkeypatch.setattr(line.carrier, deed, note)
    recording, form = "RE" + 32 * "1", {"CallSid": "CA" + 32 * "3", "From": KAVITA.phone}
    assert post(client, "/webhooks/voice/inbound", **form).status_code == 200
    report = {"RecordingSid": recording, "RecordingStatus": "completed", "RecordingDuration": "7"}
    post(client, "/webhooks/voice/inbound/recorded", **form, **report)
    assert not recordings.fetch_next(lines[FIRST])
    assert recordings.fetch_next(lines[SECOND])
    assert done == [
        (SECOND, "fetch_recording", recording),
        (SECOND, "delete_recording", recording),
    ]
    assert db.session.scalars(sa.select(VoiceMessage.state)).all() == [MessageState.KEPT]


def _noted(done: list[tuple[str, str, str]], name: str, deed: str) -> Callable[[str], bytes]:
    def note(recording: str) -> bytes:
        done.append((name, deed, recording))
        return b"RIFF"

    return note


@ON_ONE
def test_a_busy_carrier_slows_down_its_own_calls_only(lines: dict[str, CarrierContext]) -> None:
    route(IN=SECOND)
    factories.calling(ASHA, KAVITA)
    factories.calling(RAVI, BISHNU)
    carrier_alerts.slow_down(SECOND, now=clock.now())
    assert not start_next(ATTEMPTS, lines[SECOND])
    assert start_next(ATTEMPTS, lines[FIRST])


def test_calls_above_the_carriers_bound_wait_for_one_to_end(
    app: Flask, lines: dict[str, CarrierContext]
) -> None:
    queued = [factories.calling(ASHA, KAVITA), factories.calling(RAVI, ARJUN)]

    def start() -> Any:
        return ATTEMPTS.next_to_start(
            FIRST, now=clock.now(), lost_after=lines[FIRST].timing.lost_after, legs_at_once=3
        )

    started = [each for each in at_once(app, [start, start]) if isinstance(each, Request)]
    assert len(started) == 1
    assert start() is False
    waiting = next(each for each in queued if each.id != started[0].job_id)
    db.session.refresh(waiting)
    assert (waiting.state, waiting.ended_at, waiting.problem) == (AttemptState.QUEUED, None, None)
    ATTEMPTS.retry_later(started[0].job_id, "carrier_busy", now=clock.now())
    assert isinstance(start(), Request)


@ON_ONE
def test_what_rings_at_another_carrier_does_not_count(lines: dict[str, CarrierContext]) -> None:
    route(IN=SECOND)
    placed(lines)
    with transaction() as session:
        assert rate_control.lock_free_legs(session, FIRST, 2)
        assert not rate_control.lock_free_legs(session, SECOND, 3)
        assert rate_control.lock_free_legs(session, SECOND, 4)


@ON_ONE
def test_every_carrier_has_jobs_of_its_own(app: Flask, lines: dict[str, CarrierContext]) -> None:
    jobs = runner.build_jobs("one", list(lines.values()), services().settings.published_crisis_file)
    assert {"place_call", "place_call:second", "send_text:second", "offer_callback"} <= jobs.keys()
    route(IN=SECOND)
    factories.calling(ASHA, KAVITA)
    assert not jobs["place_call"]()
    assert jobs["place_call:second"]()


@ON_ONE
def test_a_refused_region_is_that_of_the_carrier_which_refused_it(
    lines: dict[str, CarrierContext], client: Client
) -> None:
    factories.claimed(ASHA, KAVITA)
    with transaction() as session:
        carrier_limits.record_rejected_region(session, SECOND, "IN", 13227, now=clock.now())
    client.sign_in(ASHA)
    route(IN=SECOND)
    assert "refuses calls to India" in client.get("/desk/hand").text
    route(IN=FIRST)
    assert "refuses calls to India" not in client.get("/desk/hand").text


@ON_ONE
def test_a_route_without_an_account_is_ignored_and_named(
    app: Flask, lines: dict[str, CarrierContext]
) -> None:
    decide(routes={"IN": CarrierRoute("gone", "+918045559999"), REST: CarrierRoute(SECOND)})
    assert carrier_routes.route_for(db.session(), "IN") == CarrierRoute(SECOND, SECOND_NUMBER)
    found = preflight_job.run_checks()
    (missing,) = (each for each in found if each.code == FindingCode.ROUTE_NO_ACCOUNT)
    assert (missing.about, missing.carrier) == ("IN", "gone")


@ON_ONE
def test_every_account_is_checked_and_named(
    lines: dict[str, CarrierContext], client: Client, second_sim: Sim
) -> None:
    route(NP=SECOND)
    second_sim.server.stop()
    found = preflight_job.run_checks()
    accounts = {each.carrier: each.code for each in found if each.check == Check.CREDENTIALS}
    assert accounts == {
        FIRST: FindingCode.ACCOUNT_ACTIVE,
        SECOND: FindingCode.CARRIER_UNREACHABLE,
    }
    regions = {each.carrier: each.about for each in found if each.check == Check.REGIONS}
    assert regions == {FIRST: "IN", SECOND: "NP"}
    factories.staff(MEERA)
    client.sign_in(MEERA)
    page = client.get("/admin/").text
    assert "Account (Twilio)" in page and "Account (Second)" in page


@pytest.fixture
def meera(lines: dict[str, CarrierContext], client: Client) -> Client:
    """The admin's browser."""
    factories.staff(MEERA)
    client.sign_in(MEERA)
    return client


@ON_ONE
def test_an_admin_chooses_the_carrier_and_number_of_each_region(meera: Client) -> None:
    page = meera.get("/admin/calls")
    assert "Phone company for Nepal" in page.text and "+91 80 4555 0000" in page.text
    chosen = {"carrier-ZZ": SECOND, "carrier-NP": FIRST, "caller-id-NP": "+977 980 0000000"}
    assert meera.submit(page, "/admin/calls", **chosen).status_code == 303
    db.session.rollback()
    saved = {REST: CarrierRoute(SECOND), "NP": CarrierRoute(FIRST, OTHER_NUMBER)}
    assert carrier_routes.saved_routes(db.session()) == saved
    assert carrier_routes.route_for(db.session(), "IN") == CarrierRoute(SECOND, SECOND_NUMBER)
    (entry,) = deeds("call_settings_changed")
    assert entry.detail["after"]["routes"] == {"NP": f"twilio {OTHER_NUMBER}", "ZZ": SECOND}
    again = meera.get("/admin/calls")
    assert meera.submit(again, "/admin/calls").status_code == 303
    assert carrier_routes.saved_routes(db.session()) == saved


@ON_ONE
@pytest.mark.parametrize(
    ("chosen", "said"),
    [
        ({"caller-id-NP": "+977 980 0000000"}, "Choose the phone company that"),
        ({"carrier-NP": "another"}, "Choose a phone company from the list."),
        ({"carrier-NP": SECOND, "caller-id-NP": "12"}, "with + and the country"),
    ],
)
def test_what_cannot_be_saved_is_said_at_its_field(
    meera: Client, chosen: dict[str, str], said: str
) -> None:
    answer = meera.submit(meera.get("/admin/calls"), "/admin/calls", **chosen)
    assert answer.status_code == 422 and said in answer.text
    assert carrier_routes.saved_routes(db.session()) == {}


@ON_ONE
def test_of_two_admins_the_second_sees_the_routes_of_the_first(meera: Client) -> None:
    page = meera.get("/admin/calls")
    route(NP=SECOND)
    answer = meera.submit(page, "/admin/calls", **{"carrier-IN": SECOND})
    assert answer.status_code == 409 and "Someone else saved" in answer.text
    assert carrier_routes.saved_routes(db.session()) == {"NP": CarrierRoute(SECOND)}


@ON_ONE
def test_the_visitors_page_names_the_number_of_the_route(
    lines: dict[str, CarrierContext], client: Client
) -> None:
    route(NP=SECOND)
    assert "+91 80 4555 0000" in client.get(f"/request/{factories.link(BISHNU)}").text
    assert "080 4555 0000" not in client.get(f"/request/{factories.link(KAVITA)}").text


@ON_ONE
def test_an_alarm_names_the_carrier_and_its_own_settings(
    lines: dict[str, CarrierContext], client: Client
) -> None:
    with transaction() as session:
        carrier_alerts.alert(session, SECOND, 20003, now=clock.now())
        carrier_alerts.alert(session, FIRST, 13214, now=clock.now())
    factories.staff(MEERA)
    client.sign_in(MEERA)
    page = client.get("/admin/").text
    assert "Second: The phone company refuses requests from the helpline" in page
    assert "Twilio: The phone company refuses the helpline" in page
    assert "into SECOND_ID and SECOND_TOKEN, then restart" in page
