"""What holds for every kind of carrier job: an attempt, an offer, an inbound call, a text message.

test_time_limits has the ends by time, without a carrier or with one that cannot be asked.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from helpline import clock
from helpline.calls.attempt_jobs import ATTEMPTS
from helpline.calls.dispatch import rounds
from helpline.calls.dispatch.offer_jobs import OFFERS
from helpline.calls.inbound.call_jobs import INBOUND_CALLS
from helpline.calls.inbound.models import Outcome
from helpline.calls.models import Offer, OfferResult
from helpline.db import db
from helpline.domain.call_progress import AttemptResult
from helpline.domain.job_limits import JobLimits
from helpline.domain.sms_progress import SmsStatus
from helpline.messaging.carrier_jobs import (
    CarrierContext,
    JobKind,
    OutboundKind,
    Request,
    end_next_overdue,
    look_up_next,
    start_next,
)
from helpline.messaging.models import OutboundSms
from helpline.telephony.adapters import FIRST
from helpline.telephony.problems import Problem, SmsProblem
from helpline.worker.jobs import SMS
from tests import factories
from tests.cast import ARJUN, ASHA, KAVITA
from tests.dispatch.fixtures import at_desk, decide, post
from tests.inbound.caller import VOICE, Caller, sid
from tests.phonesim.fixtures import Sim, until
from tests.support.clock import Clock
from tests.support.web import Client

pytestmark = pytest.mark.settings(texts_enabled=True)

LIMITS = JobLimits.of(
    ring_seconds=25,
    longest_seconds=7200,
    longest_message_seconds=120,
    silent_after=timedelta(seconds=45),
    lost_after=timedelta(seconds=90),
)


def queue_attempt() -> Any:
    return factories.calling(visitor=KAVITA)


def queue_offer() -> Any:
    decide()
    at_desk(ASHA)
    factories.callback(ARJUN)
    assert rounds.offer_next(now=clock.now())
    return db.session.scalars(sa.select(Offer)).one()


def queue_text() -> Any:
    factories.link(ARJUN, may_text=True)
    return db.session.scalars(sa.select(OutboundSms)).one()


@dataclass(frozen=True)
class Outbound:
    """A kind of job that we ask the carrier for.

    Args:
        queue: a job that waits to be started.
        listed: where the simulated carrier lists what it has made.
        carrier_id: the column with the carrier's id.
        path, field: where the carrier reports, and the name of the status.
        reports: its statuses in their order.
        result: a job's result as stored.
        reported: the result after all reports.
        lost: that of a job which the carrier does not know, and its problem.
        too_late: the result after all reports, where the job was ended by time before.
    """

    kind: OutboundKind[Any]
    queue: Callable[[], Any]
    listed: str
    carrier_id: str
    path: str
    field: str
    reports: Sequence[str]
    result: str
    reported: str
    lost: tuple[str, str]
    too_late: str

    def made(self, sim: Sim) -> list[str]:
        """The carrier's ids of what it made."""
        return [each["sid"] for each in sim.get(f"/{self.listed}")[self.listed]]

    def outcome(self, row: Any) -> tuple[str, str | None]:
        row = fresh(row)
        return getattr(row, self.result), row.problem

    def report(self, client: Client, row: Any, carrier_id: str, number: int) -> None:
        told = {f"{self.listed.title()[:-1]}Sid": carrier_id, self.field: self.reports[number]}
        post(client, self.path.format(row.ref), **told, SequenceNumber=str(number))


KINDS = {
    "attempt": Outbound(
        ATTEMPTS,
        queue_attempt,
        "calls",
        "advisor_call",
        "/webhooks/voice/{}/status/advisor",
        "CallStatus",
        ("ringing", "no-answer"),
        "result",
        AttemptResult.ADVISOR_NO_ANSWER,
        (AttemptResult.NOT_PLACED, Problem.LOST),
        AttemptResult.NOT_PLACED,
    ),
    "offer": Outbound(
        OFFERS,
        queue_offer,
        "calls",
        "call",
        "/webhooks/offer/{}/status",
        "CallStatus",
        ("ringing", "no-answer"),
        "result",
        OfferResult.MISSED,
        (OfferResult.NOT_PLACED, Problem.LOST),
        OfferResult.NOT_PLACED,
    ),
    "text": Outbound(
        SMS,
        queue_text,
        "messages",
        "carrier_id",
        "/webhooks/text/{}/status",
        "MessageStatus",
        ("sent", "delivered"),
        "status",
        SmsStatus.DELIVERED,
        (SmsStatus.NOT_SENT, SmsProblem.LOST),
        SmsStatus.DELIVERED,  # The carrier knows better than our clock.
    ),
}
every_kind = pytest.mark.parametrize("what", KINDS.values(), ids=KINDS)


def fresh(row: Any) -> Any:
    db.session.rollback()
    return db.session.get_one(type(row), row.id, populate_existing=True)


def work(kind: JobKind[Any], telephone: CarrierContext, at: Clock, minutes: int = 6) -> None:
    """A worker's rounds over some minutes."""
    for _ in range(minutes):
        if isinstance(kind, OutboundKind):
            while start_next(kind, telephone):
                pass
        while look_up_next(kind, telephone):
            pass
        while end_next_overdue(kind, now=clock.now(), limits=LIMITS):
            pass
        at.later(minutes=1)


def take(what: Outbound) -> tuple[Any, Request]:
    """A job that a worker has just claimed, to ask the carrier for it."""
    row = what.queue()
    request = what.kind.next_to_start(FIRST, now=clock.now(), lost_after=timedelta(minutes=2))
    assert isinstance(request, Request)
    return row, request


@pytest.fixture(autouse=True)
def morning(at: Clock) -> None:
    at("2026-11-23 10:05")


@every_kind
@pytest.mark.parametrize("fault", ["cut_after", "cut_before", "http_500"])
def test_what_was_perhaps_done_is_looked_up_and_never_asked_for_again(
    telephone: CarrierContext, sim: Sim, at: Clock, what: Outbound, fault: str
) -> None:
    sim.do("POST", "/faults", {"kind": fault}).raise_for_status()
    row = what.queue()
    assert start_next(what.kind, telephone)
    if fault == "cut_after":
        [made] = what.made(sim)
        assert getattr(fresh(row), what.carrier_id) == made, "it is looked up at once"
        work(what.kind, telephone, at, minutes=3)
        assert what.made(sim) == [made]
    else:
        work(what.kind, telephone, at)
        assert what.made(sim) == []
        assert what.outcome(row) == what.lost


@every_kind
@pytest.mark.parametrize("asked", [False, True], ids=["before_asking", "after_asking"])
def test_a_worker_killed_on_the_way_leaves_nothing_to_ask_for_again(
    telephone: CarrierContext, sim: Sim, at: Clock, what: Outbound, asked: bool
) -> None:
    row, request = take(what)
    made = [what.kind.ask(telephone, request)] if asked else []
    at.later(minutes=1)
    work(what.kind, telephone, at, minutes=6 - 4 * asked)
    assert what.made(sim) == made
    if asked:
        assert getattr(fresh(row), what.carrier_id) == made[0]
    else:
        assert what.outcome(row) == what.lost


@every_kind
def test_a_job_that_a_carrier_out_of_reach_cannot_look_up_is_settled_by_time(
    telephone: CarrierContext, sim: Sim, at: Clock, what: Outbound
) -> None:
    row, _ = take(what)
    sim.server.stop()
    work(what.kind, telephone, at)
    assert what.outcome(row) == what.lost


@every_kind
@pytest.mark.parametrize("order", ["01a", "0a1", "a01", "10a", "1a0", "a10", "0101aa"])
def test_reports_and_the_answer_give_one_result_in_any_order(
    client: Client, what: Outbound, order: str
) -> None:
    row, request = take(what)
    carrier_id = sid("CA" if what.listed == "calls" else "SM")
    for step in order:
        if step == "a":
            what.kind.accepted(request.job_id, carrier_id, now=clock.now())
        else:
            what.report(client, row, carrier_id, int(step))
    assert what.outcome(row) == (what.reported, None)
    assert getattr(fresh(row), what.carrier_id) == carrier_id


@every_kind
@pytest.mark.parametrize("order", ["01", "10", "0011"])
def test_late_reports_bring_no_job_back_to_life(
    client: Client, at: Clock, what: Outbound, order: str
) -> None:
    row, _ = take(what)
    at.later(minutes=10)
    assert end_next_overdue(what.kind, now=clock.now(), limits=LIMITS)
    assert what.outcome(row) == what.lost
    for step in order:
        what.report(client, row, "late", int(step))
    assert what.outcome(row)[0] == what.too_late
    assert not end_next_overdue(what.kind, now=clock.now(), limits=LIMITS)


@every_kind
def test_a_report_about_another_call_or_text_changes_nothing(
    client: Client, what: Outbound
) -> None:
    row, request = take(what)
    what.kind.accepted(request.job_id, "ours", now=clock.now())
    before = what.outcome(row)
    for number in (0, 1):
        what.report(client, row, "theirs", number)
    assert what.outcome(row) == before


@every_kind
def test_long_without_a_report_the_carrier_is_asked(
    telephone: CarrierContext, sim: Sim, at: Clock, what: Outbound
) -> None:
    row = what.queue()
    assert start_next(what.kind, telephone)
    [made] = what.made(sim)
    if what.listed == "calls":
        sim.client.calls(made).update(status="canceled")
    else:
        until(lambda: sim.get("/messages")["messages"][0]["status"] == "delivered", what="over")
    assert not look_up_next(what.kind, telephone)
    at.later(minutes=11)
    assert look_up_next(what.kind, telephone)
    cancelled = what.kind is ATTEMPTS
    assert what.outcome(row)[0] == (AttemptResult.CANCELLED if cancelled else what.reported)
    assert not look_up_next(what.kind, telephone)


# An inbound call: the carrier begins it, so only its end can be lost.


def test_an_inbound_call_without_a_report_is_looked_up(
    telephone: CarrierContext, client: Client, at: Clock
) -> None:
    caller = Caller(client, KAVITA.phone).ring()
    assert not look_up_next(INBOUND_CALLS, telephone)
    at.later(seconds=46)
    assert look_up_next(INBOUND_CALLS, telephone)
    assert caller.row.outcome == Outcome.LEFT, "the carrier knows it no more"


def test_an_inbound_call_that_cannot_be_looked_up_is_settled_by_time(
    telephone: CarrierContext, sim: Sim, client: Client, at: Clock
) -> None:
    caller = Caller(client, KAVITA.phone).ring()
    sim.server.stop()
    work(INBOUND_CALLS, telephone, at, minutes=10)
    assert caller.row.outcome == Outcome.LEFT


@pytest.mark.parametrize("order", ["pe", "ep", "ppee", "epep"])
def test_reports_of_an_inbound_call_give_one_result_in_any_order(
    client: Client, order: str
) -> None:
    caller = Caller(client, KAVITA.phone).ring()
    pressed = caller.address("Gather", "action")
    for step in order:
        if step == "p":
            caller.post(pressed, Digits="2")
        else:
            caller.post(f"{VOICE}/status", CallStatus="completed", CallDuration="9")
    assert caller.row.outcome == Outcome.LEFT
    assert not end_next_overdue(INBOUND_CALLS, now=clock.now(), limits=LIMITS)
