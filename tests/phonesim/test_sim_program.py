"""The program itself: its options, its start and its stop; many calls at once."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from phonesim.__main__ import main, read_settings
from tests.phonesim.fixtures import (
    ACCOUNT_SID,
    ADVISOR,
    AUTH_TOKEN,
    HELPLINE,
    VISITOR,
    Service,
    Sim,
    client_of,
    until,
)

ROOT = Path(__file__).resolve().parents[2]
NEEDED = ["--account-sid", ACCOUNT_SID, "--number", HELPLINE]


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_it_starts_serves_and_stops_within_a_second(how: signal.Signals) -> None:
    environ = os.environ | {"PHONESIM_AUTH_TOKEN": AUTH_TOKEN, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        [sys.executable, "-m", "phonesim", "--port", "0", *NEEDED],
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        found = re.search(r"http://127\.0\.0\.1:\d+", process.stdout.readline())
        assert found is not None
        client = client_of(found.group())
        held = "<Response><Pause length='600'/></Response>"
        client.calls.create(to=ADVISOR, from_=HELPLINE, twiml=held)
        began = time.monotonic()
        process.send_signal(how)
        _, errors = process.communicate(timeout=60)
        assert time.monotonic() - began < 20
        assert process.returncode == 0
        assert errors == ""
    finally:
        if process.poll() is None:
            process.kill()


def test_every_option_can_come_from_the_environment() -> None:
    environ = {
        "PHONESIM_ACCOUNT_SID": ACCOUNT_SID,
        "PHONESIM_AUTH_TOKEN": AUTH_TOKEN,
        "PHONESIM_NUMBER": f"{HELPLINE}; +442079460000",
        "PHONESIM_PHONE": f"Asha, advisor={ADVISOR};A visitor={VISITOR}",
        "PHONESIM_PORT": "8123",
        "PHONESIM_TIME_SCALE": "20",
        "PHONESIM_ROUTE": "https://helpline.example=http://127.0.0.1:8000",
    }
    settings = read_settings([], environ)
    assert settings.numbers == (HELPLINE, "+442079460000")
    assert settings.phones == {ADVISOR: "Asha, advisor", VISITOR: "A visitor"}
    assert (settings.port, settings.time_scale) == (8123, 20)
    assert settings.routes == {"https://helpline.example": "http://127.0.0.1:8000"}
    assert read_settings(["--port", "8200"], environ).port == 8200


@pytest.mark.parametrize(
    "arguments",
    [[], ["--account-sid", "XX", "--number", HELPLINE], ["--account-sid", ACCOUNT_SID],
     ["--account-sid", ACCOUNT_SID, "--number", "12"], [*NEEDED, "--phone", "nobody"]],
)  # fmt: skip
def test_mistakes_are_told_before_anything_starts(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        read_settings(arguments, {"PHONESIM_AUTH_TOKEN": AUTH_TOKEN})
    assert ended.value.code == 2
    assert "error" in capsys.readouterr().err


def test_a_port_in_use_is_told_plainly(
    sim: Sim, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PHONESIM_AUTH_TOKEN", AUTH_TOKEN)
    port = sim.url.rpartition(":")[2]
    with pytest.raises(SystemExit) as ended:
        main([*NEEDED, "--port", port])
    assert ended.value.code == 1
    assert "in use" in capsys.readouterr().err


def test_the_help_has_examples(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        read_settings(["--help"], {})
    assert "examples:" in capsys.readouterr().out


def test_the_clock_can_be_set_off(start_sim: Callable[..., Sim]) -> None:
    sim = start_sim(clock_offset_seconds=-86400.0)
    assert sim.get("/clock")["offset_seconds"] == -86400
    sim.ring(twiml="<Response/>")
    until(lambda: sim.client.calls.list()[0].date_created is not None)
    sim.do("PUT", "/clock", {"offset_seconds": 0}).raise_for_status()
    later = sim.client.calls.list()[0]
    assert later.date_created is not None
    age = time.time() - later.date_created.timestamp()
    assert 86000 < age < 87000


def test_a_public_address_is_reached_as_if_through_a_proxy(
    start_sim: Callable[..., Sim], service: Service
) -> None:
    service.public_url = "https://helpline.example"
    sim = start_sim(routes={"https://helpline.example": service.url})
    service.says("/start", "<Say>Behind a proxy.</Say>")
    sim.behave(ADVISOR, kind="answer")
    sim.ended(sim.ring("https://helpline.example/start?x=1"))
    assert sim.phone(ADVISOR)["heard"] == ["Behind a proxy."]
    assert service.asked[0].signed


def test_the_log_of_webhooks_has_no_phone_number(sim: Sim, service: Service) -> None:
    sim.behave(ADVISOR, kind="answer")
    sim.ended(sim.ring(service.says("/start", "<Hangup/>"), status_callback=service.url + "/x"))
    until(lambda: len(service.asked) == 2)
    text = requests.get(f"{sim.url}/sim/webhooks", timeout=60).text
    assert ADVISOR.lstrip("+") not in text
    first = sim.get("/webhooks")["webhooks"][0]
    assert (first["path"], first["response"], first["kind"]) == ("/start", 200, "twiml")
    assert "CallSid" in first["params"]


def test_phones_do_one_thing_after_another_when_told_a_sequence(sim: Sim) -> None:
    sequence = {"sequence": [{"kind": "decline"}, {"kind": "unreachable"}]}
    sim.do("PUT", f"/phones/{ADVISOR}/behaviour", sequence).raise_for_status()
    ends = [sim.ended(sim.ring(twiml="<Response/>")) for _ in range(3)]
    assert ends == ["busy", "failed", "failed"]
    assert sim.do("PUT", f"/phones/{ADVISOR}/behaviour", {"kind": "fly"}).status_code == 400
    both = {ADVISOR: {"kind": "decline"}, VISITOR: {"sequence": [{"kind": "no_answer"}]}}
    assert sim.do("PUT", "/phones", both).json() == {"phones": 2}
    assert sim.do("PUT", "/phones", both | {ADVISOR: {"kind": "fly"}}).status_code == 400
    assert sim.do("POST", "/phones/12/answer").status_code == 400


def test_many_calls_at_once_all_end_and_every_callback_arrives(sim: Sim, service: Service) -> None:
    many = 60
    sim.do("PUT", "/behaviour", {"kind": "answer", "hang_up_after": 20}).raise_for_status()
    url = service.says("/start", "<Say>Hello.</Say><Pause length='60'/>")
    events = ["initiated", "ringing", "answered", "completed"]

    def ring(number: int) -> str:
        return sim.ring(
            url,
            to=f"+919999903{number:03}",
            status_callback=service.url + "/status",
            status_callback_event=events,
        )

    with ThreadPoolExecutor(8) as pool:
        sids = list(pool.map(ring, range(many)))
    until(lambda: len(service.to("/status")) == 4 * many, seconds=15)
    assert {call["status"] for call in sim.get("/calls")["calls"]} == {"completed"}
    for sid in sids:
        told = [one["SequenceNumber"] for one in service.to("/status") if one["CallSid"] == sid]
        assert told == ["0", "1", "2", "3"]
