"""docs/reports.md has a day on which everything can be worked out by hand: it is played through
the verbs of the service, and what it comes to is what stands there."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta

import sqlalchemy as sa
from flask import Flask

from config import ROOT
from helpline import clock
from helpline.callbacks import claims
from helpline.callbacks import service as callbacks
from helpline.callbacks.models import Channel
from helpline.calls import carrier_events
from helpline.calls import service as calls
from helpline.calls.attempt_jobs import ATTEMPTS
from helpline.calls.inbound.models import InboundCall
from helpline.db import db
from helpline.directory.referrals.models import Referral, ServiceEntry
from helpline.domain.call_progress import CarrierStatus, Leg
from helpline.domain.retries import Disposition
from helpline.hours import queries as hours
from helpline.messaging.carrier_jobs import Request
from helpline.reports import figures, tables
from helpline.reports.daily_counts import Measure
from helpline.reports.figures import Days, Sums, Target
from helpline.web.admin import report_text as say
from helpline.worker import count_job
from tests import factories
from tests.cast import ASHA, Visitor
from tests.reports.histories import PLACES
from tests.support import carrier_jobs
from tests.support.clock import Clock

PAGE = (ROOT / "docs" / "reports.md").read_text(encoding="utf-8")
DAY = "2026-11-23"
ENDS = {"no_answer": CarrierStatus.NO_ANSWER, "busy": CarrierStatus.BUSY}


def told() -> dict[str, str]:
    """What the page says of the example, by figure."""
    return dict(re.findall(r"^\| ([A-Z0-9].+?) \| .+ \| \*\*(.+?)\*\* \|$", PAGE, re.M))


def lives() -> Iterator[list[str]]:
    """The rows of the example."""
    for line in PAGE.splitlines():
        if re.match(r"\| [A-Z] \|", line):
            yield [cell.strip() for cell in line.strip("|").split("|")]


class Played:
    """One visitor of the example: each step is played at its minute."""

    def __init__(self, name: str, asked: str, way: str, page: str, booked: str, steps: str) -> None:
        self.visitor = Visitor(name, f"+9198765010{ord(name):02}")
        self.way, self.page, self.booked = way, page, booked
        pairs = [each.split() for each in steps.split(", ") if each]
        self.steps = [(asked, "asks"), *((minute, step) for minute, step in pairs)]
        self.ends = iter(
            [
                ENDS.get(step, CarrierStatus.COMPLETED)
                for _, step in pairs
                if step in tuple(Disposition)
            ]
        )

    def play(self, step: str) -> None:
        """What happens now."""
        deeds: dict[str, Callable[[], None]] = {
            "asks": self._asks,
            "called": self._called,
            "answered": lambda: self._visitor(CarrierStatus.IN_PROGRESS, 2),
            "over": self._over,
            "cancelled": lambda: callbacks.cancel(self.token, now=clock.now()),
        }
        deeds.get(step, lambda: self._said(Disposition(step)))()

    def _asks(self) -> None:
        self.token = factories.link(
            self.visitor,
            channel=Channel(self.way),
            source_page=self.page or None,
            slot_at=factories.slot(self.booked) if self.booked else None,
        )
        self.id = factories.by_token(self.token).id

    def _called(self) -> None:
        now, asha = clock.now(), factories.staff(ASHA).id
        assert claims.claim_next(asha, now=now) == self.id
        calls.start_call(self.id, asha, now=now)
        placement = carrier_jobs.take_attempt()
        assert isinstance(placement, Request)
        self.ref, self.call = placement.ref, f"CA{placement.ref}"
        ATTEMPTS.accepted(placement.job_id, self.call, now=now)
        assert carrier_events.advisor_answered(self.ref, self.call, now=now)
        assert isinstance(
            carrier_events.advisor_pressed_one(self.ref, self.call, now=now), carrier_events.Connect
        )
        self._visitor(CarrierStatus.RINGING, 1)

    def _over(self) -> None:
        status = next(self.ends)
        self._visitor(status, 3)
        carrier_events.dial_finished(self.ref, self.call, status, now=clock.now())

    def _visitor(self, status: CarrierStatus, sequence: int) -> None:
        carrier_events.status_received(
            self.ref,
            Leg.VISITOR,
            f"CV{self.ref}",
            status,
            sequence=sequence,
            error_code=None,
            problem=None,
            now=clock.now(),
        )

    def _said(self, disposition: Disposition) -> None:
        asha = factories.staff(ASHA).id
        calls.record_disposition(self.id, asha, disposition, "", now=clock.now())


def somebody_rings_us(at: Clock) -> None:
    """As the page tells it."""
    began = at(f"{DAY} 16:00")
    db.session.add(
        InboundCall(
            sid="CA0",
            region="IN",
            asked="nothing",
            outcome="talked",
            began_at=began,
            heard_at=began,
            talked_at=began + timedelta(minutes=1),
            ended_at=began + timedelta(minutes=11),
            talked_with=factories.staff(ASHA).id,
        )
    )
    db.session.commit()


def places_are_named(played: list[Played]) -> None:
    """As the page tells it."""
    db.session.execute(sa.insert(ServiceEntry), PLACES)
    asha = factories.staff(ASHA).id
    told_of = {"A": (1, 2), "C": (1,)}
    for each in played:
        for place in told_of.get(each.visitor.name, ()):
            named = {
                "callback_id": each.id,
                "place_id": place,
                "by_staff": asha,
            }
            db.session.execute(sa.insert(Referral).values(at=clock.now(), **named))
    db.session.commit()


def parts(found: Sums, measure: Measure) -> str:
    """ "web 4, embed 2": the most first."""
    rows = sorted(found.of(measure).items(), key=lambda each: (-each[1], each[0]))
    return ", ".join(f"{part} {number}" for part, number in rows)


def test_the_example_comes_to_what_the_page_says(app: Flask, at: Clock) -> None:
    at(f"{DAY} 08:00")
    factories.staff(ASHA)
    factories.opening_hours(("10:00", "18:00"))
    played = [Played(*life) for life in lives()]
    steps = [
        (minute, number, each, step)
        for each in played
        for number, (minute, step) in enumerate(each.steps)
    ]
    for minute, _number, each, step in sorted(steps, key=lambda step: step[:2]):
        at(f"{DAY} {minute}")
        each.play(step)
    somebody_rings_us(at)
    places_are_named(played)
    at("2026-11-24 09:00")
    while count_job.count_day():
        pass
    session = db.session()
    zone = hours.effective_hours(session, clock.now()).zone
    day = date.fromisoformat(DAY)
    days = Days(day, day, zone)
    found = figures.load_sums(session, days, Measure)
    summary = figures.summarize(found, Target(20, 80))
    source = tables.load_source(session, days, Target(20, 80), "referrals")
    named = tables.TABLES["referrals"].build(source).rows
    (asha,) = figures.advisor_workloads(session, found)
    pair = say.percent_words, say.of_words
    assert told() == {
        "Requests": f"{summary.requests}",
        "By channel": parts(found, Measure.REQUESTS),
        "Asked while closed": say.of_words(summary.asked_closed),
        "Called for the first time": f"{summary.rung}",
        "Still waiting": f"{summary.waiting}, the longest {summary.longest_waiting} min",
        "Service level": ", ".join(each(summary.service_level) for each in pair),
        "Average wait": f"{summary.average_wait:.1f} min",
        "Median wait": f"{summary.median_wait} min",
        "90th percentile": f"{summary.wait_90th_percentile} min",
        "Abandoned": ", ".join(
            [*(each(summary.left) for each in pair), f"{summary.cancelled_early} of them early"]
        ),
        "Attempts": f"{summary.attempts}",
        "Reached on first attempt": ", ".join(each(summary.first_reached) for each in pair),
        "Attempts until reached": f"{summary.tries:.1f}",
        "Dispositions": parts(found, Measure.DISPOSITIONS),
        "Outcomes": parts(found, Measure.OUTCOMES),
        "Talk time": f"{summary.talk:.1f} min",
        "Wrap-up time": f"{summary.wrap_up:.1f} min",
        "Handling time": f"{summary.handling:.1f} min",
        "By advisor": f"{asha.name}: {asha.attempts} attempts, {asha.reached} reached, "
        f"{asha.hours:.1f} hours, {asha.answered} answered",
        "Referrals": ", ".join(f"{place} {number}" for place, number in named),
        "Inbound calls": f"{summary.calls_in}, {summary.answered} talked",
    }
