"""A carrier to play with: it has the interface of telephony.port.Carrier, and a temper.

Its calls go on when a rule says so. What it asks (answered? pressed 1?) it asks at once; what it
tells (status callbacks, the outcome of a dial) waits in ``pending`` until a rule delivers it, in
whatever order, twice, late or never.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from helpline.calls import carrier_events
from helpline.calls.carrier_events import Connect
from helpline.domain.call_progress import FINAL, CarrierStatus, Leg
from helpline.telephony.port import CarrierCall, OutcomeUnknown, Rejected, RetryLater
from helpline.telephony.problems import Problem
from tests.stateful.rules import Ring


class Temper(StrEnum):
    """What the carrier does when it is asked for a call."""

    FINE = "fine"
    NOT_NOW = "not_now"
    REFUSED = "refused"
    UNSURE_NOT_MADE = "unsure_not_made"
    UNSURE_MADE = "unsure_made"
    WORKER_DIES_BEFORE = "worker_dies_before"
    WORKER_DIES_AFTER = "worker_dies_after"


class WorkerDied(BaseException):
    """The process was killed in the middle of asking. No ``except Exception`` sees it."""


@dataclass
class Phone:
    """One leg of a call."""

    sid: str
    number: str
    ref: str
    leg: Leg
    created_at: datetime
    parent: Phone | None = None
    child: Phone | None = None
    status: CarrierStatus = CarrierStatus.INITIATED
    sequences: itertools.count[int] = field(default_factory=itertools.count)
    pressed: bool = False

    @property
    def is_over(self) -> bool:
        """Whether it has ended."""
        return self.status in FINAL


@dataclass(frozen=True)
class Word:
    """Something the carrier has yet to tell."""

    tell: Callable[[datetime], None]


class Network:
    """The carrier, and every phone that it rang."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._sids = itertools.count(1)
        self.temper = Temper.FINE
        self.phones: list[Phone] = []
        self.pending: list[Word] = []
        self.rings: list[Ring] = []
        self.talked: set[str] = set()

    # What the service asks of it

    def create_call(
        self,
        number: str,
        *,
        answer_url: str,
        status_url: str,
        ring_seconds: int,
        max_seconds: int,
    ) -> str:
        match self.temper:
            case Temper.NOT_NOW:
                raise RetryLater(Problem.BUSY)
            case Temper.REFUSED:
                raise Rejected(Problem.ADVISOR_NUMBER)
            case Temper.UNSURE_NOT_MADE:
                raise OutcomeUnknown(Problem.UNSURE)
            case Temper.WORKER_DIES_BEFORE:
                raise WorkerDied
        phone = self._new(number, answer_url, Leg.ADVISOR)
        self._says(phone)
        match self.temper:
            case Temper.UNSURE_MADE:
                raise OutcomeUnknown(Problem.UNSURE)
            case Temper.WORKER_DIES_AFTER:
                raise WorkerDied
        return phone.sid

    def fetch_call(self, sid: str) -> CarrierCall:
        return _seen(next(phone for phone in self.phones if phone.sid == sid))

    def fetch_legs(self, sid: str) -> list[CarrierCall]:
        return [_seen(each) for each in self.phones if each.parent and each.parent.sid == sid]

    def find_calls(self, number: str, *, since: datetime) -> list[CarrierCall]:
        found = [
            each
            for each in reversed(self.phones)
            if each.number == number and each.leg == Leg.ADVISOR and each.created_at >= since
        ]
        return [_seen(each) for each in found]

    def hang_up(self, sid: str) -> None:
        phone = next(each for each in self.phones if each.sid == sid)
        if phone.is_over:
            raise Rejected(Problem.REFUSED)
        self.hangs_up(phone)

    # What people do with their phones

    def live(self, leg: Leg, *statuses: CarrierStatus) -> list[Phone]:
        """The phones of one side that are in one of these states."""
        return [each for each in self.phones if each.leg == leg and each.status in statuses]

    def rings_at(self, phone: Phone) -> None:
        """The advisor's phone begins to ring."""
        self._says(phone, CarrierStatus.RINGING)

    def answers(self, phone: Phone) -> None:
        """The advisor, or their voicemail box, answers."""
        self._says(phone, CarrierStatus.IN_PROGRESS)
        if not carrier_events.advisor_answered(phone.ref, phone.sid, now=self._now()):
            self.hangs_up(phone)

    def presses_one(self, phone: Phone, *, asked: int = 1) -> None:
        """The advisor presses 1; the carrier may ask what to do more than once, and goes by the
        last answer."""
        phone.pressed = True
        for _ in range(asked):
            decided = carrier_events.advisor_pressed_one(phone.ref, phone.sid, now=self._now())
        if not isinstance(decided, Connect):
            self.hangs_up(phone)
            return
        child = self._new(decided.number, phone.ref, Leg.VISITOR, phone)
        phone.child = child
        self._says(child)

    def visitor_rings(self, child: Phone) -> None:
        """The visitor's phone begins to ring."""
        self.rings.append(Ring(child.ref, self._now()))
        self._says(child, CarrierStatus.RINGING)

    def visitor_answers(self, child: Phone) -> None:
        """The visitor, or their voicemail box, answers."""
        self.talked.add(child.ref)
        self._says(child, CarrierStatus.IN_PROGRESS)

    def ends(self, phone: Phone, status: CarrierStatus) -> None:
        """A leg ends by itself: no answer, busy, failed, or somebody hung up."""
        if phone.leg == Leg.ADVISOR:
            self.hangs_up(phone, status)
            return
        self._says(phone, status)
        self._dialled(phone)
        assert phone.parent is not None
        self._says(phone.parent, CarrierStatus.COMPLETED)

    def hangs_up(self, phone: Phone, status: CarrierStatus | None = None) -> None:
        child = phone.child
        if child is not None and not child.is_over:
            talking = child.status == CarrierStatus.IN_PROGRESS
            self._says(child, CarrierStatus.COMPLETED if talking else CarrierStatus.NO_ANSWER)
            self._dialled(child)
        answered = phone.status == CarrierStatus.IN_PROGRESS
        gone = CarrierStatus.COMPLETED if answered else CarrierStatus.CANCELED
        self._says(phone, status or gone)

    def _new(self, number: str, answer_url: str, leg: Leg, parent: Phone | None = None) -> Phone:
        sid = f"CA{next(self._sids):032}"
        ref = answer_url.rpartition("/")[2]
        phone = Phone(sid, number, ref, leg, self._now(), parent)
        self.phones.append(phone)
        return phone

    def _says(self, phone: Phone, status: CarrierStatus | None = None) -> None:
        phone.status = said = status or phone.status
        sequence = next(phone.sequences)

        def tell(now: datetime) -> None:
            carrier_events.status_received(
                phone.ref,
                phone.leg,
                phone.sid,
                said,
                sequence=sequence,
                error_code=None,
                problem=None,
                now=now,
            )

        self.pending.append(Word(tell))

    def _dialled(self, child: Phone) -> None:
        outcome, parent = child.status, child.parent
        assert parent is not None
        self.pending.append(
            Word(lambda now: carrier_events.dial_finished(parent.ref, parent.sid, outcome, now=now))
        )


def _seen(phone: Phone) -> CarrierCall:
    return CarrierCall(phone.sid, phone.status, phone.created_at)
