"""Whose fault a failed call is, by the carrier's code: docs/carriers.md, "Error codes"."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa

from config import ROOT
from helpline import clock
from helpline.calls.models import CallEvent
from helpline.db import db
from helpline.domain.call_progress import AttemptResult, Leg
from helpline.domain.lifecycle import Status
from helpline.messaging.models import NoticeKind
from helpline.messaging.queries import open_notices
from helpline.telephony import carrier_limits
from helpline.telephony.problems import Fault, Problem
from helpline.telephony.twilio.codes import CODES, REGION_CODES, meaning_of, problem_of
from tests.calls.fixtures import VISITOR, Line, until
from tests.cast import KAVITA, Visitor

SUNIL = Visitor("Sunil", "+919876512345")
NOT_THE_NUMBERS = sorted(set(CODES) - {13223, 13226, 21201, 21211, 21217})


def alarms() -> list[tuple[str, int]]:
    """The open alarms about calls, and how often each was raised."""
    db.session.rollback()
    found = open_notices(db.session())
    return [(each.subject, each.times) for each in found if each.kind == NoticeKind.CALLS_FAIL]


def fails(line: Line, code: int, visitor: Visitor = KAVITA, kind: str = "dial_refused") -> str:
    """A call to a visitor fails with a code; what the desk says then."""
    line.phones.fault(kind, code=code, to=visitor.phone)
    attempt = line.call(asker=visitor)
    over = line.settled(attempt)
    assert (over.result, over.counted) == (AttemptResult.VISITOR_FAILED, False)
    until(lambda: line.now(attempt).problem, "the reason is known")
    return line.desk()


def save(line: Line, disposition: str) -> None:
    """The advisor saves the wrap-up."""
    line.client.submit(line.client.get("/desk/"), "/disposition", disposition=disposition)


@pytest.mark.parametrize("code", [*NOT_THE_NUMBERS, 99999, None])
def test_only_a_code_that_surely_means_it_is_the_visitors_number(code: int | None) -> None:
    assert problem_of(code, Leg.VISITOR) != Problem.VISITOR_NUMBER


def test_every_code_of_the_table_has_a_source_and_is_on_the_page() -> None:
    page = (ROOT / "docs" / "carriers.md").read_text(encoding="utf-8")
    table = page.split("## Error codes")[1].split("\n## ")[0]
    shown = {int(each) for each in re.findall(r"\b\d{5,6}\b", table)}
    assert shown == set(CODES)
    assert all(each.source.startswith("https://") for each in CODES.values())
    assert {code for code in CODES if meaning_of(code).fault == Fault.REGION} > REGION_CODES


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_dial_that_is_refused_without_a_leg_tells_why(line: Line) -> None:
    desk = fails(line, 13214)
    assert [leg["to"] for leg in line.phones.legs() if leg["to"] == VISITOR] == []
    kept = db.session.scalars(sa.select(CallEvent).where(CallEvent.kind == "dialled")).one()
    assert kept.error_code == 13214
    assert "refuses the helpline" in desk and "Choose No answer" in desk
    assert "choose Wrong number" not in desk
    assert alarms() == [("code:13214", 1)], "it concerns every call: told at once"
    save(line, "no_answer")
    callback = db.session.scalars(sa.text("SELECT status, attempts_used FROM callback")).all()
    assert callback == [Status.WAITING]


@pytest.mark.parametrize("kind", ["dial_refused", "child_error"])
@pytest.mark.parametrize("code", [13224, 13225, 99999])
@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_the_same_failure_of_several_callbacks_is_one_alarm(
    line: Line, code: int, kind: str
) -> None:
    desk = fails(line, code, KAVITA, kind)
    assert "choose Wrong number" not in desk
    assert "Their number may still be right" in desk
    save(line, "no_answer")
    assert alarms() == [], "one callback may be one number's own trouble"
    fails(line, code, SUNIL, kind)
    assert alarms() == [(f"code:{code}", 1)]


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_blocked_destination_refuses_no_country(line: Line) -> None:
    for visitor in (KAVITA, SUNIL):
        fails(line, 21216, visitor)
        save(line, "no_answer")
    assert carrier_limits.rejected_regions(db.session()) == []


@pytest.mark.parametrize("code", sorted(REGION_CODES))
@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_country_is_refused_by_several_different_numbers_only(line: Line, code: int) -> None:
    for _ in range(2):
        fails(line, code, KAVITA, "child_error")
        save(line, "no_answer")
        assert carrier_limits.rejected_regions(db.session()) == [], "one number is no country"
        line.at.later(minutes=30)
        db.session.execute(sa.text("UPDATE callback SET status = 'cancelled'"))
        db.session.commit()
    fails(line, code, SUNIL, "child_error")
    assert [each.region for each in carrier_limits.rejected_regions(db.session())] == ["IN"]


@pytest.mark.parametrize("code", [10001, 20005, 20006, 21608, 21219, 20003])
@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_fault_of_the_account_goes_to_the_admins(line: Line, code: int) -> None:
    line.phones.fault("error", code=code)
    attempt = line.call()
    assert line.now(attempt).result == AttemptResult.REFUSED
    expected = 20003 if code == 20006 else code
    assert [subject for subject, _ in alarms()] == [f"code:{expected}"]


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_too_many_calls_at_once_is_later_not_never(line: Line) -> None:
    line.phones.fault("error", code=10004)
    attempt = line.call()
    waits = line.now(attempt)
    assert (waits.state, waits.problem) == ("queued", "carrier_busy")
    assert alarms() == []
    line.at.later(seconds=40)
    assert line.tick("place_call")
    line.settled(attempt)
    assert clock.now() is not None
