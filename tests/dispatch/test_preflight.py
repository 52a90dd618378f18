"""flask helpline doctor, and the same on the admin's home: is all right that calls need?"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from click.testing import Result
from flask import Flask, redirect, request
from werkzeug.serving import WSGIRequestHandler, make_server

from config import Settings
from helpline import clock, time_zones
from helpline.cli.commands import group
from helpline.db import transaction
from helpline.messaging import service as messages
from helpline.preflight import checks
from helpline.preflight.checks import Check, Finding, FindingCode, Level
from helpline.telephony import carrier_limits
from helpline.telephony.adapters import FIRST
from helpline.telephony.plivo.client import LIMITS as PLIVO_LIMITS
from helpline.telephony.port import CarrierError, CarrierLimits
from helpline.telephony.twilio.client import TwilioAccount, TwilioCarrier
from helpline.telephony.twilio.webhooks import TwilioWebhooks
from helpline.web.preflight_text import finding_text
from helpline.worker import preflight_job
from tests import factories
from tests.cast import CARRIER_TOKEN, MEERA
from tests.dispatch.fixtures import decide, deeds
from tests.journeys.live_services import free_port
from tests.phonesim.fixtures import Sim
from tests.support.clock import Clock
from tests.support.settings import NOBODY
from tests.support.web import Client


class _Quiet(WSGIRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        pass


@contextmanager
def served(app: Any, port: int) -> Iterator[None]:
    """An application that answers at this port."""
    http = make_server("127.0.0.1", port, app, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield
    finally:
        http.shutdown()
        thread.join()
        http.server_close()


@pytest.fixture
def settings(
    request: pytest.FixtureRequest, make_settings: Callable[..., Settings], sim: Sim
) -> Settings:
    """Settings with a carrier, and a public address at which the service can be served."""
    changes: dict[str, Any] = {
        "twilio_base_url": sim.url,
        "public_url": f"http://127.0.0.1:{free_port()}",
        "carrier_timeout_seconds": 2.0,
    }
    for mark in reversed(list(request.node.iter_markers("settings"))):
        changes.update(mark.kwargs)
    return make_settings(**changes)


@pytest.fixture
def web(app: Flask, settings: Settings) -> Iterator[Flask]:
    """The service, answering at its public address; a worker has just been heard of."""
    messages.record_heartbeat("worker-1", now=clock.now())
    point_here(app)
    with served(app, _port(settings)):
        yield app


def point_here(app: Flask) -> None:
    """The carrier sends what comes to the account's numbers here, as an operator set it."""
    house = app.extensions["helpline"]
    if not house.carriers:
        return
    with suppress(CarrierError):
        found = house.carriers["twilio"].fetch_number(house.settings.caller_id)
        if found is not None:
            house.carriers["twilio"].set_routes(
                found.id, checks.expected_routes(house.settings.public_url)
            )


def _port(settings: Settings) -> int:
    return int(settings.public_url.rpartition(":")[2])


def run(app: Flask, *arguments: str) -> Result:
    """The command, as an operator runs it."""
    return app.test_cli_runner().invoke(group, ["doctor", *arguments])


def found(check: Check) -> set[FindingCode]:
    """What is said of one thing."""
    return {each.code for each in preflight_job.run_checks() if each.check == check}


def test_with_everything_right_it_says_so_and_ends_with_0(web: Flask) -> None:
    result = run(web)
    assert result.exit_code == 0, result.output
    assert "All checks passed." in result.output
    for said in (
        "accepts the helpline's account",
        "can make calls",
        "signature is valid",
        "running",
    ):
        assert said in result.output
    assert "FAIL" not in result.output


def test_its_help_has_an_example(app: Flask) -> None:
    assert "flask helpline doctor" in run(app, "--help").output


@pytest.mark.settings(twilio_account_sid="", caller_id="")
def test_without_any_carrier_it_works_too(web: Flask) -> None:
    result = run(web)
    assert result.exit_code == 0, result.output
    assert "Advisors call from their own phones" in result.output


@pytest.mark.settings(twilio_auth_token="not-the-carriers-token")
def test_a_wrong_token_is_named_with_what_to_do(web: Flask) -> None:
    result = run(web)
    assert result.exit_code == 1
    assert (
        "FAIL  Account: The phone company does not accept the helpline's account." in result.output
    )
    assert "HELPLINE_TWILIO_AUTH_TOKEN" in result.output


@pytest.mark.settings(twilio_base_url=NOBODY)
def test_a_carrier_out_of_reach_is_named(web: Flask) -> None:
    assert found(Check.CREDENTIALS) == {FindingCode.CARRIER_UNREACHABLE}
    assert run(web).exit_code == 1


@pytest.mark.settings(caller_id="+911140000099")
def test_a_number_that_is_not_ours_is_named(web: Flask) -> None:
    result = run(web)
    assert "does not own +911140000099" in result.output
    assert result.exit_code == 1


def test_a_regions_number_that_is_not_ours_is_named(web: Flask) -> None:
    decide(caller_ids={"NP": "+9779800000077"})
    assert found(Check.CALLER_IDS) == {FindingCode.NUMBER_NOT_OWNED}


def test_a_number_that_cannot_ring_or_text_is_named(web: Flask, sim: Sim) -> None:
    set_at_carrier(sim, sms=False)
    assert found(Check.NUMBER) == {FindingCode.NUMBER_NO_SMS}
    set_at_carrier(sim, voice=False)
    assert found(Check.NUMBER) == {FindingCode.NUMBER_NO_VOICE}


def set_at_carrier(sim: Sim, **changes: str | bool) -> None:
    """What somebody set for the number in the carrier's console."""
    for line in sim.server.network.lines.values():
        for name, value in changes.items():
            if name in line.details:
                line.details[name] = str(value)
            else:
                assert hasattr(line, name)
                setattr(line, name, value)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"voice_url": "https://demo.twilio.com/welcome/voice/"}, FindingCode.VOICE_DEMO),
        ({"voice_url": ""}, FindingCode.VOICE_ELSEWHERE),
        ({"voice_url": "{public}/webhooks/voice/inbound/"}, FindingCode.VOICE_ELSEWHERE),
        ({"voice_url": "https://old.example/webhooks/voice/inbound"}, FindingCode.VOICE_ELSEWHERE),
        ({"voice_method": "GET"}, FindingCode.VOICE_METHOD),
        ({"voice_application_sid": "AP1"}, FindingCode.VOICE_TAKEN),
        ({"trunk_sid": "TK1"}, FindingCode.VOICE_TAKEN),
        ({"voice_fallback_url": ""}, FindingCode.FALLBACK_MISSING),
        ({"voice_fallback_method": "GET"}, FindingCode.FALLBACK_MISSING),
        ({"status_callback": ""}, FindingCode.STATUS_ELSEWHERE),
        ({"status_callback_method": "GET"}, FindingCode.STATUS_ELSEWHERE),
    ],
)
def test_a_number_that_does_not_lead_here_is_named_and_set_by_a_button(
    web: Flask,
    settings: Settings,
    client: Client,
    sim: Sim,
    changes: dict[str, str],
    said: FindingCode,
) -> None:
    assert found(Check.ROUTES) == {FindingCode.ROUTES_GOOD}
    told = {name: value.replace("{public}", settings.public_url) for name, value in changes.items()}
    set_at_carrier(sim, **told)
    assert found(Check.ROUTES) == {said}
    factories.staff(MEERA)
    client.sign_in(MEERA)
    answer = client.submit(client.get("/admin/"), "/preflight/addresses", follow=True)
    assert (
        f"Calls and text messages to {settings.caller_id} now come to this service" in answer.text
    )
    assert found(Check.ROUTES) == {FindingCode.ROUTES_GOOD}
    (entry,) = deeds("number_addresses_set")
    assert entry.subject == f"number:{settings.caller_id}"


@pytest.mark.settings(texts_enabled=True)
@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"sms_url": "https://demo.twilio.com/welcome/sms/reply"}, FindingCode.SMS_ELSEWHERE),
        ({"sms_method": "GET"}, FindingCode.SMS_METHOD),
        ({"sms_application_sid": "AP1"}, FindingCode.SMS_TAKEN),
        ({"sms_fallback_url": ""}, FindingCode.SMS_FALLBACK_MISSING),
    ],
)
def test_a_number_whose_texts_do_not_come_here_is_named(
    web: Flask, sim: Sim, changes: dict[str, str], said: FindingCode
) -> None:
    set_at_carrier(sim, **changes)
    assert found(Check.ROUTES) == {said}


def test_instructions_on_another_host_are_a_fallback_too(web: Flask, sim: Sim) -> None:
    set_at_carrier(
        sim, voice_fallback_url="https://static.example/voice.xml", voice_fallback_method="GET"
    )
    assert found(Check.ROUTES) == {FindingCode.ROUTES_GOOD}


def test_only_our_own_numbers_are_pointed_here(web: Flask, client: Client, sim: Sim) -> None:
    set_at_carrier(sim, voice_url="")
    preflight_job.run_checks()
    factories.staff(MEERA)
    client.sign_in(MEERA)
    answer = client.submit(client.get("/admin/"), "/preflight/addresses", number="+911140000099")
    assert answer.status_code == 404
    assert found(Check.ROUTES) == {FindingCode.VOICE_ELSEWHERE}


def test_a_carrier_that_cannot_be_asked_to_point_a_number_here_is_told(
    web: Flask, client: Client, sim: Sim, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_at_carrier(sim, voice_url="")
    preflight_job.run_checks()
    factories.staff(MEERA)
    client.sign_in(MEERA)
    page = client.get("/admin/")
    carrier = web.extensions["helpline"].carriers["twilio"]
    monkeypatch.setattr(carrier._client.api, "base_url", NOBODY)
    answer = client.submit(page, "/preflight/addresses", follow=True)
    assert "The phone company did not accept the addresses" in answer.text


@pytest.mark.parametrize("sim", [{"trial": True}], indirect=True)
def test_an_account_on_trial_is_named(web: Flask) -> None:
    assert found(Check.CREDENTIALS) == {FindingCode.ACCOUNT_TRIAL}
    assert run(web).exit_code == 1


@pytest.mark.parametrize(
    ("sim", "said"),
    [
        ({"balance": "25.00"}, FindingCode.BALANCE_GOOD),
        ({"balance": "9.99"}, FindingCode.BALANCE_LOW),
        ({"balance": "0.00"}, FindingCode.BALANCE_GONE),
        ({"balance": "-3.20"}, FindingCode.BALANCE_GONE),
        ({"balance": "none"}, FindingCode.BALANCE_UNCHECKED),
    ],
    indirect=["sim"],
)
def test_what_is_left_in_the_account(web: Flask, said: FindingCode) -> None:
    assert found(Check.BALANCE) == {said}


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("https://api.twilio.com", []),
        ("https://api.dublin.ie1.twilio.com", []),
        ("https://api.ie1.twilio.com", [FindingCode.BASE_ADDRESS_RETIRED]),
        ("http://127.0.0.1:8001", []),
    ],
)
def test_a_base_address_of_a_region(
    make_settings: Callable[..., Settings], url: str, said: list[FindingCode]
) -> None:
    carrier = TwilioCarrier(TwilioAccount("AC1", "t", url, "", 1.0))
    assert [each.code for each in checks.api_base_url(carrier.retired_url)] == said
    real = "twilio.com" in url
    assert make_settings(twilio_base_url=url).uses_real_carrier == real
    if real:
        with pytest.raises(ValueError, match="simulated clock"):
            make_settings(twilio_base_url=url, clock_offset_seconds=60)


@pytest.mark.parametrize(
    ("caller_id", "own", "texts", "real", "said"),
    [
        ("+911140000001", {}, False, True, [FindingCode.CALLER_ID_NOT_INTO]),
        ("+911140000001", {"IN": "+442079460000"}, False, True, []),
        ("+442079460000", {"IN": "+911140000001"}, False, True, [FindingCode.CALLER_ID_NOT_INTO]),
        ("+442079460000", {}, True, True, [FindingCode.TEXTS_ONE_WAY]),
        ("+911140000001", {}, True, False, []),
    ],
)
def test_the_caller_id_against_what_is_known_of_a_country(
    caller_id: str, own: dict[str, str], texts: bool, real: bool, said: list[FindingCode]
) -> None:
    deployment = checks.Deployment(
        WEBHOOKS, "https://a.example", ("IN", "GB"), real, timedelta(0), 1.0, texts_enabled=texts
    )
    shown = {region: own.get(region, caller_id) for region in ("IN", "GB")}
    assert [each.code for each in checks.country_facts(deployment, "twilio", shown)] == said


def test_another_carrier_has_other_country_facts() -> None:
    deployment = checks.Deployment(
        WEBHOOKS, "https://a.example", ("IN",), True, timedelta(0), 1.0, texts_enabled=True
    )
    numbers = {"IN": "+911140000001", "SG": "+6561234567"}
    found = checks.country_facts(deployment, "plivo", numbers)
    assert [each.code for each in found] == [
        FindingCode.TEXTS_ONE_WAY,
        FindingCode.SENDER_REGISTERED,
    ]


@pytest.mark.parametrize(
    ("caller_id", "more", "said"),
    [
        ("+918000000000", {}, [FindingCode.CALLER_ID_DOMESTIC]),
        ("+442079460000", {}, []),
        ("+442079460000", {"machine_detection": True}, [FindingCode.MACHINES_UNDETECTED]),
        ("+442079460000", {"voice_languages": ("en", "hi")}, []),
    ],
)
def test_what_a_carrier_cannot_do_is_said_before_a_call(
    caller_id: str, more: dict[str, Any], said: list[FindingCode]
) -> None:
    deployment = checks.Deployment(WEBHOOKS, "", (), True, timedelta(0), 1.0, **more)
    shown = {"IN": caller_id, "GB": caller_id}
    assert [each.code for each in checks.limits(deployment, shown, PLIVO_LIMITS)] == said
    assert not list(checks.limits(deployment, shown, CarrierLimits()))


def test_a_language_without_a_voice_is_said_before_a_call(web: Flask) -> None:
    deployment = checks.Deployment(
        WEBHOOKS, "", (), True, timedelta(0), 1.0, voice_languages=("en", "hi")
    )
    english_only = CarrierLimits(locales=frozenset({"en-IN"}))
    (finding,) = checks.limits(deployment, {}, english_only)
    assert (finding.code, finding.about) == (FindingCode.LANGUAGE_UNSPOKEN, "hi")
    assert "HELPLINE_VOICE_LANGUAGES: hi" in str(finding_text(finding))


def test_what_could_not_be_checked_is_neither_right_nor_wrong(
    web: Flask, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    carrier = web.extensions["helpline"].carriers["twilio"]
    monkeypatch.setattr(carrier._client.voice, "base_url", NOBODY)
    assert found(Check.REGIONS) == {FindingCode.REGIONS_UNCHECKED}
    result = run(web)
    assert result.exit_code == 0 and "Checks that could not be run: 1." in result.output
    assert "All checks passed" not in result.output
    factories.staff(MEERA)
    client.sign_in(MEERA)
    home = client.get("/admin/").text
    assert "Could not be checked" in home and "All checks passed" not in home


@pytest.mark.settings(twilio_auth_token="not-the-carriers-token")
def test_of_an_account_that_is_refused_nothing_is_said_to_be_right(web: Flask) -> None:
    assert found(Check.REGIONS) == {FindingCode.REGIONS_UNCHECKED}
    assert found(Check.NUMBER) == {FindingCode.NUMBER_UNCHECKED}


def test_an_address_where_nothing_answers_is_named(app: Flask) -> None:
    assert found(Check.ADDRESS) == {FindingCode.ADDRESS_UNREACHABLE}
    assert "Check that the web process is running" in run(app).output


def test_an_address_that_leads_on_to_another_is_named(app: Flask, settings: Settings) -> None:
    proxy = Flask("proxy")
    proxy.add_url_rule(
        "/<path:rest>",
        view_func=lambda rest: redirect("https://helpline.example/"),
        methods=["POST"],
    )
    with served(proxy, _port(settings)):
        assert found(Check.ADDRESS) == {FindingCode.ADDRESS_REDIRECTS}


def test_an_address_where_something_else_answers_is_named(app: Flask, settings: Settings) -> None:
    proxy = Flask("proxy")
    proxy.add_url_rule("/<path:rest>", view_func=lambda rest: "Welcome", methods=["POST"])
    with served(proxy, _port(settings)):
        assert found(Check.ADDRESS) == {FindingCode.ADDRESS_NOT_OURS}


def test_a_proxy_that_changes_the_path_is_found_by_the_signature(
    app: Flask, settings: Settings
) -> None:
    def proxy(environ: dict[str, Any], start: Any) -> Any:
        return app.wsgi_app(environ | {"QUERY_STRING": "added=1"}, start)

    with served(proxy, _port(settings)):
        assert found(Check.ADDRESS) == {FindingCode.SIGNATURE_REFUSED}


def test_a_service_that_checks_no_signature_is_found_out(app: Flask, settings: Settings) -> None:
    careless = Flask("careless")
    careless.add_url_rule(
        "/webhooks/preflight",
        view_func=lambda: {"nonce": request.form["Nonce"]},
        methods=["POST"],
    )
    with served(careless, _port(settings)):
        assert found(Check.ADDRESS) == {FindingCode.SIGNATURE_UNCHECKED}


def test_the_question_is_refused_to_anybody_else(client: Client) -> None:
    assert client.post("/webhooks/preflight", data={"Nonce": "x"}).status_code == 403


def test_a_refused_region_is_named_until_it_is_set_right(web: Flask) -> None:
    with transaction() as session:
        carrier_limits.record_rejected_region(session, FIRST, "IN", 13227, now=clock.now())
    result = run(web)
    assert result.exit_code == 1
    assert "does not allow calls to India" in result.output


@pytest.mark.parametrize("sim", [{"refused_regions": ("NP",)}], indirect=True)
@pytest.mark.settings(allowed_regions=("IN", "NP"))
def test_a_region_that_the_account_may_not_ring_is_named_before_anybody_asks(web: Flask) -> None:
    said = {
        (each.about, each.code)
        for each in preflight_job.run_checks()
        if each.check == Check.REGIONS
    }
    assert said == {("NP", FindingCode.REGION_REFUSED), ("IN", FindingCode.REGIONS_GOOD)}


@pytest.mark.parametrize(
    ("beat", "said"),
    [
        (None, FindingCode.WORKER_NEVER),
        (-300, FindingCode.WORKER_SILENT),
        (-5, FindingCode.WORKER_ALIVE),
    ],
)
def test_the_workers_sign_of_life(at: Clock, beat: int | None, said: FindingCode) -> None:
    now = at("2026-11-23 11:00")
    last = None if beat is None else now + timedelta(seconds=beat)
    assert [each.code for each in checks.worker(last, now)] == [said]


def test_a_worker_whose_clock_is_ahead(at: Clock) -> None:
    now = at("2026-11-23 11:00")
    assert FindingCode.CLOCKS_DIFFER in {
        each.code for each in checks.worker(now + timedelta(minutes=2), now)
    }


@pytest.mark.parametrize(
    ("off", "ahead", "said"),
    [
        (0, 0, {FindingCode.CLOCK_GOOD}),
        (90, 0, {FindingCode.CLOCK_OFF}),
        (-90, 0, {FindingCode.CLOCK_OFF}),
        (3600, 3600, {FindingCode.CLOCK_GOOD}),
    ],
)
def test_this_machines_clock_against_the_carriers(
    at: Clock, off: int, ahead: int, said: set[FindingCode]
) -> None:
    now = at("2026-11-23 11:00")
    carriers = now - timedelta(seconds=off)
    told = checks.clock(carriers, now, timedelta(seconds=ahead))
    assert {each.code for each in told} == said


def test_time_zones(at: Clock) -> None:
    now = at("2026-11-23 11:00")
    assert checks.time_zones("Asia/Kolkata", now).level != Level.WRONG
    assert checks.time_zones("Asia/Atlantis", now).code == FindingCode.ZONE_UNKNOWN
    assert checks.time_zones("Asia/Kolkata", at("2036-11-23 11:00")).code == FindingCode.ZONES_OLD
    assert time_zones.release()[:2] == "20"


@pytest.mark.parametrize(
    ("url", "real", "said"),
    [
        ("http://127.0.0.1:8000", True, [FindingCode.ADDRESS_LOCAL]),
        ("https://10.0.0.7", True, [FindingCode.ADDRESS_LOCAL]),
        ("http://helpline.example", True, [FindingCode.ADDRESS_PLAIN]),
        ("https://helpline.example", True, []),
        ("http://127.0.0.1:8000", False, []),
    ],
)
def test_an_address_that_a_real_carrier_could_not_reach(
    url: str, real: bool, said: list[FindingCode]
) -> None:
    deployment = checks.Deployment(WEBHOOKS, url, (), real, timedelta(0), 1.0)
    assert [each.code for each in checks.public_url_form(deployment)] == said


WEBHOOKS = {FIRST: TwilioWebhooks(("t",), "IN")}
NEW_TOKEN = "the-next-token-of-this-account"


@pytest.mark.parametrize(
    "order",
    [
        pytest.param(
            order,
            marks=pytest.mark.settings(twilio_auth_token=first, twilio_secondary_auth_token=second),
        )
        for order, first, second in [
            ("new first", NEW_TOKEN, CARRIER_TOKEN),
            ("old first", CARRIER_TOKEN, NEW_TOKEN),
        ]
    ],
)
def test_all_is_right_while_the_token_is_changed(web: Flask, sim: Sim, order: str) -> None:
    tokens = sim.server.twilio.tokens
    for new_is_at_the_carrier in (False, True):
        if new_is_at_the_carrier:
            tokens.secondary = NEW_TOKEN
            point_here(web)
        result = run(web)
        assert result.exit_code == 0, (order, result.output)
        assert found(Check.ADDRESS) == {FindingCode.ADDRESS_GOOD}
    tokens.promote()
    result = run(web)
    assert "All checks passed." in result.output, (order, result.output)


def test_a_token_that_the_web_processes_do_not_know_yet_is_named(
    web: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker was restarted with the new token; the web processes were not."""
    both = replace(
        preflight_job._deployment(),
        webhooks={FIRST: TwilioWebhooks((NEW_TOKEN, CARRIER_TOKEN), "IN")},
    )
    monkeypatch.setattr(preflight_job, "_deployment", lambda: both)
    assert found(Check.ADDRESS) == {FindingCode.TOKEN_NOT_KNOWN}
    result = run(web)
    assert result.exit_code == 1
    assert "Restart all web processes and workers before you promote" in result.output


def test_the_admins_home_shows_what_the_worker_found(web: Flask, client: Client) -> None:
    factories.staff(MEERA)
    client.sign_in(MEERA)
    assert "No checks have run yet" in client.get("/admin/").text
    preflight_job.run_if_due()
    home = client.get("/admin/").text
    assert "All checks passed." in home and "signature is valid" in home
    with transaction() as session:
        carrier_limits.record_rejected_region(session, FIRST, "IN", 13227, now=clock.now())
    preflight_job.run_if_due()
    assert "All checks passed." in client.get("/admin/").text, "not every second"
    client.submit(client.get("/admin/"), "/preflight")
    preflight_job.run_if_due()
    home = client.get("/admin/").text
    assert "does not allow calls to India" in home and "geographic permissions" in home


def test_the_home_sees_by_itself_that_the_worker_is_silent(
    at: Clock, app: Flask, client: Client
) -> None:
    at("2026-11-23 11:00")
    messages.record_heartbeat("worker-1", now=clock.now())
    factories.staff(MEERA)
    client.sign_in(MEERA)
    at.later(minutes=5)
    assert "The worker has not responded for 5 minutes" in client.get("/admin/").text


def test_a_finding_is_kept_as_it_was() -> None:
    finding = Finding(Check.NUMBER, Level.WRONG, FindingCode.NUMBER_NOT_OWNED, "+911140000099")
    assert Finding.from_data(finding.to_data()) == finding


def test_every_finding_has_words_and_what_is_wrong_says_what_to_do(app: Flask) -> None:
    fine = {FindingCode.CLOCK_UNKNOWN, FindingCode.NO_CARRIER}
    with app.test_request_context():
        for said in FindingCode:
            words = finding_text(Finding(Check.NUMBER, Level.WRONG, said, "IN"))
            assert words.words != said
            good = said.endswith(("_good", "_active", "_alive")) and "_not_" not in said
            assert bool(words.todo) != (good or said in fine), said
