"""The carrier refuses to call an advisor's phone for somebody who calls in."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa
from flask import Flask

from config import Settings
from helpline.calls.models import CarrierFailure
from helpline.db import db
from helpline.messaging.models import NoticeKind
from helpline.messaging.queries import open_notices
from helpline.telephony import carrier_limits
from tests.cast import ARJUN, ASHA, HELPLINE, KAVITA, LEELA, RAVI, Visitor
from tests.inbound import caller as callers
from tests.inbound.caller import Caller, at_desk
from tests.inbound.served import served
from tests.journeys.live_services import free_port
from tests.phonesim.fixtures import Sim
from tests.support.clock import Clock
from tests.support.web import Client


@pytest.fixture
def settings(make_settings: Callable[..., Settings]) -> Settings:
    """A public address at which the service can be served."""
    return make_settings(public_url=f"http://127.0.0.1:{free_port()}", voice_languages=("en",))


@pytest.fixture
def phones(app: Flask, settings: Settings, at: Clock) -> Iterator[Sim]:
    """The simulated network, inside opening hours."""
    at("2026-11-23 11:00")
    with served(app, settings) as sim:
        yield sim


def alarms() -> list[tuple[str, int]]:
    """The open alarms about calls, and how often each was raised."""
    db.session.rollback()
    found = open_notices(db.session())
    return [(each.subject, each.times) for each in found if each.kind == NoticeKind.CALLS_FAIL]


def failures() -> list[tuple[int, str | None]]:
    """The refusals that are kept: code, and region of the number called."""
    db.session.rollback()
    rows = db.session.execute(sa.select(CarrierFailure.code, CarrierFailure.region))
    return [(code, region) for code, region in rows]


def calls_in(phones: Sim, visitor: Visitor, kind: str, code: int) -> str:
    """A visitor calls and no phone of an advisor can be called; what they hear."""
    for member in (ASHA, RAVI):
        fault = {"kind": kind, "code": code, "to": member.phone, "times": None}
        phones.do("POST", "/faults", fault).raise_for_status()
    told = {"to": HELPLINE, "press": ["9"], "press_after": 1}
    answer = phones.do("POST", f"/phones/{visitor.phone}/dial", told)
    answer.raise_for_status()
    phones.ended(answer.json()["sid"])
    return " ".join(phones.phone(visitor.phone)["heard"])


@pytest.mark.parametrize("kind", ["dial_refused", "child_error"])
@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_refused_call_to_an_advisor_for_a_caller_raises_the_same_alarm(
    phones: Sim, kind: str
) -> None:
    at_desk(ASHA)
    heard = calls_in(phones, ARJUN, kind, 13224)
    assert "Goodbye" in heard and "application error" not in heard
    assert failures() == [(13224, "IN")]
    assert alarms() == [], "one call may be one phone's own trouble"
    calls_in(phones, LEELA, kind, 13224)
    assert alarms() == [("code:13224", 1)]


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_what_surely_concerns_every_call_is_told_at_the_first_refusal(phones: Sim) -> None:
    at_desk(ASHA)
    calls_in(phones, ARJUN, "dial_refused", 13214)
    assert alarms() == [("code:13214", 1)]


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_region_is_refused_once_the_phones_of_two_advisors_were(phones: Sim) -> None:
    at_desk(ASHA, RAVI)
    calls_in(phones, ARJUN, "dial_refused", 13227)
    assert failures() == [(13227, "IN")] * 2
    assert [each.region for each in carrier_limits.rejected_regions(db.session())] == ["IN"]


def test_a_refusal_told_twice_is_one(
    client: Client, settings: Settings, at: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(callers, "PUBLIC", settings.public_url)
    at("2026-11-23 11:00")
    at_desk(ASHA)
    caller = Caller(client, KAVITA.phone).ring()
    assert caller.rings == ASHA.phone
    path = caller.address("Dial", "action")
    for _ in range(2):
        caller.ask(path, DialCallStatus="failed", ErrorCode="13224", ErrorMessage="no")
    assert failures() == [(13224, "IN")]
    for code in ("", "none", "99999999999999999999"):
        caller.ask(path, DialCallStatus="failed", ErrorCode=code)
    assert failures() == [(13224, "IN")]
