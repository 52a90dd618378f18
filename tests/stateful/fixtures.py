"""Everybody's deeds, each in a session of its own, as different processes would do them."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from unittest import mock

import sqlalchemy as sa
from flask import Flask

from helpline import clock
from helpline.callbacks import change_hours, claims, queue
from helpline.callbacks import service as callbacks
from helpline.callbacks.models import Callback, CallbackEvent
from helpline.callbacks.queries import offered_slots
from helpline.callbacks.rescheduling import Approval, NeedsApproval
from helpline.calls import service as calls
from helpline.calls.models import Attempt
from helpline.db import db
from helpline.domain.call_progress import CarrierStatus, Leg
from helpline.domain.errors import HelplineError
from helpline.domain.lifecycle import ENDED, Status
from helpline.domain.opening_hours import Interval, Week
from helpline.domain.phone_numbers import PhoneNumber
from helpline.domain.retries import Disposition
from helpline.erasure import service as erasure
from helpline.hours import queries as hours_queries
from helpline.hours import service as hours
from helpline.messaging.carrier_jobs import CarrierContext, Timeouts, WebhookUrls
from helpline.privacy.audit_chain import KnownEnd
from helpline.privacy.encryption import link_hash
from helpline.staff import service as accounts
from helpline.telephony.adapters import FIRST
from helpline.worker import runner
from helpline.worker.schedule import Job
from tests.privacy.fixtures import left_of
from tests.stateful import rules
from tests.stateful.network import Network, Temper, WorkerDied
from tests.support.database import wipe
from tests.support.due_check import DueNow

ZONE = "Asia/Kolkata"
BEGIN = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)  # a Monday, 15:30 in India
USUAL = Week.every_day(Interval.parse("10:00", "18:00"))
WEEKS = (
    USUAL,
    Week.every_day(Interval.parse("10:00", "13:00"), Interval.parse("14:00", "18:00")),
    Week.every_day(Interval.parse("15:00", "17:00")),
    Week.every_day(Interval.parse("20:00", "02:00")),
    Week.closed(),
)
NUMBERS = tuple(f"+91987650000{digit}" for digit in range(1, 5))
LONGEST_OWN_CALL_MINUTES = 30
TIMING = Timeouts(
    advisor_ring_seconds=25,
    longest_seconds=2 * 60 * 60,
    silent_after=timedelta(seconds=45),
    lost_after=timedelta(seconds=90),
    calls_per_second=1000,
)
_MOST_ROUNDS = 400


class World:
    """A helpline with three advisors, two workers, a carrier, and a clock that it puts itself."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.now = BEGIN
        self.network = Network(lambda: self.now)
        self.tokens: list[str] = []
        self._keys = itertools.count(1)
        self._crisis_file = app.extensions["helpline"].settings.published_crisis_file
        with app.app_context():
            wipe(db.engine, db.metadata)
            KnownEnd(self._crisis_file.parent).forget()
            hours.create_first_hours(ZONE, now=self.now - timedelta(days=1))
            self.advisors = [
                accounts.add_staff(
                    name=f"Advisor {number}",
                    email=f"advisor{number}@helpline.example",
                    password_hash="none",
                    roles=["advisor"],
                    phone=f"+9198123000{number:02}",
                    languages=["en"] if number % 2 else ["hi", "en"],
                    now=self.now,
                    actor="operator",
                )
                for number in range(1, 4)
            ]
        telephone = CarrierContext(
            FIRST,
            self.network,
            WebhookUrls(
                answered="answered/{}".format,
                status="status/{}/{}".format,
                offer_answered="offer/{}".format,
                offer_status="offer-status/{}".format,
                listener_answered="listen/{}".format,
                listener_joins="listen/{}/join".format,
                listener_status="listen/{}/status".format,
                conference="conference/{}/{}".format,
                sms_status="sms-status/{}".format,
            ),
            TIMING,
        )
        self._due = DueNow()
        with self._due.checked_jobs():
            first = self._jobs_of("worker-1", telephone)
        self.workers = [first, self._jobs_of("worker-2", telephone)]

    def _jobs_of(self, name: str, telephone: CarrierContext) -> dict[str, Job]:
        found = runner.build_jobs(name, [telephone], self._crisis_file)
        for unrelated in ("publish_crisis_lines", "preflight", "empty_wal"):
            del found[unrelated]
        return found

    @contextmanager
    def here(self) -> Iterator[None]:
        """A process of its own, at the present instant."""
        with mock.patch.object(clock, "now", lambda: self.now), self.app.app_context():
            yield

    def does(self, deed: Callable[[], object]) -> bool:
        """Somebody does something; says whether they were let."""
        with self.here():
            try:
                deed()
            except HelplineError:
                return False
            return True

    # Visitors

    def asks(self, number: str, slot: int | None = None, key: str | None = None) -> str | None:
        """A visitor asks, as soon as possible or for one of the slots on offer."""
        key = key or f"form-{next(self._keys)}"
        language = "hi" if number == NUMBERS[0] else "en"
        tokens: list[str] = []

        def deed() -> None:
            wish = callbacks.CallbackRequest(
                phone=PhoneNumber(number), slot_at=self._slot(slot), language=language
            )
            tokens.append(callbacks.request_callback(wish, request_key=key, now=self.now))

        self.does(deed)
        self.tokens += [each for each in tokens if each not in self.tokens]
        return key if tokens else None

    def moves(self, token: str, slot: int | None) -> bool:
        """A visitor chooses another time."""
        return self.does(lambda: callbacks.reschedule(token, self._slot(slot), now=self.now))

    def cancels(self, token: str) -> bool:
        """A visitor no longer wants it."""
        return self.does(lambda: callbacks.cancel(token, now=self.now))

    def erases(self, token: str) -> bool:
        """A visitor wants everything about them gone."""
        return self.does(lambda: erasure.erase_everything(token, now=self.now))

    def told_of_visitors(self) -> list[str]:
        """What is still said of a visitor whose callback was erased."""
        with self.here():
            erased = sa.select(Callback.id).where(Callback.erased_at.is_not(None))
            ids = set(db.session.scalars(erased))
            return left_of(*ids) if ids else []

    def tries_again(self, token: str) -> bool:
        """A visitor missed our call, and wants the next try now."""
        tokens: list[str] = []
        done = self.does(lambda: tokens.append(callbacks.retry(token, now=self.now)))
        self.tokens += [each for each in tokens if each not in self.tokens]
        return done

    def cancels_in_hand(self, advisor: int) -> bool:
        """The visitor whom an advisor is about to ring, or rings, no longer wants it."""
        with self.here():
            held = queue.current_callback(db.session(), advisor)
            mine = None if held is None else held.token_hash
        return any(self.cancels(token) for token in self.tokens if link_hash(token) == mine)

    def _slot(self, number: int | None) -> datetime | None:
        if number is None:
            return None
        session = db.session()
        offered = offered_slots(session, hours_queries.effective_hours(session, self.now), self.now)
        return offered[number % len(offered)].starts_at if offered else None

    # Advisors

    def in_hand(self, advisor: int) -> int | None:
        """The callback an advisor has."""
        with self.here():
            held = queue.current_callback(db.session(), advisor)
            return held.id if held else None

    def claims(self, advisor: int) -> bool:
        """Takes the next."""
        return self.does(lambda: claims.claim_next(advisor, now=self.now))

    def with_callback(
        self, advisor: int, verb: Callable[[int, int], object], callback_id: int | None = None
    ) -> bool:
        """Does something with the callback in hand, or with another that they should not touch."""
        held = callback_id or self.in_hand(advisor)
        return held is not None and self.does(lambda: verb(held, advisor))

    def releases(self, advisor: int) -> bool:
        """Gives it back."""
        return self.with_callback(advisor, lambda c, a: claims.release(c, a, now=self.now))

    def keeps_longer(self, advisor: int) -> bool:
        """Needs more time."""
        return self.with_callback(advisor, lambda c, a: claims.extend_lease(c, a, now=self.now))

    def calls(self, advisor: int) -> bool:
        """Presses Call."""
        return self.with_callback(advisor, lambda c, a: calls.start_call(c, a, now=self.now))

    def calls_by_own_phone(self, advisor: int) -> bool:
        """Rings from their own phone."""
        start = partial(
            calls.start_own_phone_call, now=self.now, longest_minutes=LONGEST_OWN_CALL_MINUTES
        )
        return self.with_callback(advisor, start)

    def says(self, advisor: int, disposition: Disposition) -> bool:
        """Says what came of the call."""
        return self.with_callback(
            advisor, lambda c, a: calls.record_disposition(c, a, disposition, "", now=self.now)
        )

    def stops(self, advisor: int) -> bool:
        """Takes the call back before it was placed."""
        return self.with_callback(advisor, lambda c, a: calls.stop_call(c, a, now=self.now))

    def meddles(self, advisor: int, held_by_another: int) -> bool:
        """Tries everything with a callback that is in another advisor's hands."""
        verbs = (
            partial(claims.release, now=self.now),
            partial(claims.extend_lease, now=self.now),
            partial(calls.stop_call, now=self.now),
            partial(calls.start_call, now=self.now),
            lambda c, a: calls.record_disposition(c, a, Disposition.REACHED, "", now=self.now),
        )
        done = [self.with_callback(advisor, verb, held_by_another) for verb in verbs]
        return any(done)

    # The admin, the workers, the clock, the carrier

    def opens(self, week: Week) -> None:
        """The admin puts other hours in force."""

        def deed() -> None:
            version = hours_queries.newest_version(db.session())
            assert version is not None
            plan = hours_queries.plan_of(version).with_week(week, today=self.now.date())
            change = partial(
                change_hours.change_opening_hours,
                plan,
                expected_version=version.version,
                action="hours_changed",
                staff_id=1,
                now=self.now,
            )
            try:
                change()
            except NeedsApproval as shown:
                change(agreed=Approval(shown.settled.digest))

        assert self.does(deed)

    def is_open(self) -> bool:
        """Whether the helpline is open now."""
        with self.here():
            return hours_queries.effective_hours(db.session(), self.now).is_open(self.now)

    def ticks(self, worker: int, name: str) -> bool:
        """A worker does one piece of work, or is killed while it does."""
        with self.here():
            try:
                return self.workers[worker][name]()
            except WorkerDied:
                db.session.rollback()
                return True

    def works(self) -> None:
        """Both workers do all there is to do now. The first tries every job, due or not, and must
        find nothing where nothing is due."""
        for name in self.workers[0]:
            for _ in range(20):
                if not self.ticks(0, name):
                    break
        self.works_alone(1)

    def works_alone(self, worker: int) -> None:
        """One of the workers does what is due now, as a real one does."""
        for name in self.workers[worker]:
            for _ in range(20):
                if not self._is_due(name) or not self.ticks(worker, name):
                    break

    def _is_due(self, name: str) -> bool:
        with self.here():
            return name in runner.CLOCK_JOBS or name in self._due.kinds()

    def passes(self, **time: float) -> None:
        """Time passes."""
        self.now += timedelta(**time)

    def passes_to_border(self, seconds: int) -> None:
        """It becomes the next opening or closing, or a second to either side of it."""
        with self.here():
            found = hours_queries.effective_hours(db.session(), self.now)
        border = found.closes_at(self.now) or found.next_opening(self.now)
        if border is not None:
            self.now = max(self.now, border + timedelta(seconds=seconds))

    def delivers(self, place: int = 0, *, keep: bool = False) -> None:
        """One of the carrier's pending words arrives; kept, it will arrive again."""
        words = self.network.pending
        place %= len(words)
        word = words[place] if keep else words.pop(place)
        self.does(lambda: word.tell(self.now))

    def delivers_all(self) -> None:
        """All of them arrive, in order."""
        while self.network.pending:
            self.delivers()

    def with_phone(self, deed: Callable[[], object]) -> None:
        """Somebody does something with a phone. The carrier's questions are answered at once."""
        with self.here():
            deed()

    # How it stands

    def broken(self) -> list[str]:
        """Every rule that does not hold now."""
        with self.here():
            return rules.broken_rules(db.session(), self._seen_from_outside())

    def unfinished(self) -> list[str]:
        """What has not come to an end."""
        with self.here():
            return rules.unfinished(db.session(), self._seen_from_outside())

    def _seen_from_outside(self) -> rules.World:
        phones = self.network.phones
        return rules.World(
            rings=self.network.rings,
            advisor_calls=[each.ref for each in phones if each.leg == Leg.ADVISOR],
            asked=[link_hash(token) for token in self.tokens],
            talked=sorted(self.network.talked),
        )

    def events(self) -> Counter[str]:
        """How often each step was taken."""
        with self.here():
            rows = db.session.execute(
                sa.select(CallbackEvent.event, sa.func.count()).group_by(CallbackEvent.event)
            )
            found: Counter[str] = Counter()
            for event, count in rows:
                found[event] = count
            return found

    # Until all is done

    def finish(self) -> None:
        """The helpline is open, everybody does their work, and time passes until all has ended."""
        self.network.temper = Temper.FINE
        self.opens(Week.every_day(Interval.parse("00:00", "24:00")))
        self._phones_fall_silent()
        for number in range(_MOST_ROUNDS):
            worker = number % len(self.workers)
            self.works_alone(worker)
            self._everybody_rings(worker)
            if not self._anything_left():
                return
            self.passes(minutes=10)

    def _everybody_rings(self, worker: int) -> None:
        for advisor in self.advisors:
            with suppress(HelplineError):
                self.claims(advisor)
            self.calls(advisor)
        self.works_alone(worker)
        for phone in list(self.network.live(Leg.ADVISOR, CarrierStatus.INITIATED)):
            self.with_phone(partial(self.network.answers, phone))
            if not phone.is_over:
                self.with_phone(partial(self.network.presses_one, phone))
        for phone in list(self.network.live(Leg.VISITOR, CarrierStatus.INITIATED)):
            self.with_phone(partial(self.network.visitor_rings, phone))
            self.with_phone(partial(self.network.visitor_answers, phone))
        self._phones_fall_silent()
        for advisor in self.advisors:
            self.says(advisor, Disposition.REACHED)

    def _phones_fall_silent(self) -> None:
        for phone in self.network.phones:
            if phone.leg == Leg.ADVISOR and not phone.is_over:
                self.with_phone(partial(self.network.hangs_up, phone))
        self.delivers_all()

    def _anything_left(self) -> bool:
        with self.here():
            session = db.session()
            left = sa.select(Callback.id).where(Callback.status.not_in(ENDED)).limit(1)
            live = sa.select(Attempt.id).where(Attempt.ended_at.is_(None)).limit(1)
            any_left = session.scalar(left) or session.scalar(live)
            busy = sa.select(Callback.id).where(
                Callback.status.in_((Status.CLAIMED, Status.CALLING))
                | ((Callback.status == Status.WAITING) & (Callback.due_at <= self.now))
            )
            later = sa.select(sa.func.min(Callback.due_at)).where(
                Callback.status.in_((Status.WAITING, Status.JOINED)), Callback.due_at > self.now
            )
            if session.scalar(busy.limit(1)) is None:
                self.now = session.scalar(later) or self.now
            return any_left is not None
