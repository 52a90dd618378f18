"""Hypothesis plays visitors, advisors, an admin, two workers, the clock and the carrier against
each other, in any order it likes. After every step all rules hold; at the end everything ends."""

from __future__ import annotations

import os
from collections import Counter
from functools import partial
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from helpline.domain.call_progress import CarrierStatus, Leg
from helpline.domain.lifecycle import Event
from helpline.domain.retries import Disposition
from tests.stateful.fixtures import NUMBERS, WEEKS, World
from tests.stateful.network import Temper

GAMES = int(os.environ.get("GAMES", "0"))
"""How many games `make explore` plays, other ones each time; 0 for the few of every day."""

EVERY_DAY = settings(
    max_examples=9,
    stateful_step_count=40,
    deadline=None,
    derandomize=True,
    database=None,
    print_blob=False,
    phases=(Phase.generate,),  # to have a failure made smaller, add Phase.shrink and some minutes
    suppress_health_check=list(HealthCheck),
)
EXPLORE = settings(EVERY_DAY, max_examples=GAMES or 1, derandomize=False, print_blob=True)
SEEN_AT_LEAST = 100
"""Games that come to each of EVENTS; in fewer it is a matter of luck."""
EVENTS = {
    Event.REACHED,
    Event.GIVE_UP,
    Event.CANCEL,
    Event.RETRY,
    Event.LEASE_RAN_OUT,
    Event.TAKE_OVER,
}

TALKING = (CarrierStatus.IN_PROGRESS,)
SET_UP = (CarrierStatus.INITIATED, CarrierStatus.RINGING)
UNANSWERED = (CarrierStatus.NO_ANSWER, CarrierStatus.BUSY, CarrierStatus.FAILED)

UNREACHED = (Disposition.NO_ANSWER, Disposition.VOICEMAIL, Disposition.WRONG_NUMBER)
FIRST_CALLS = (
    (CarrierStatus.NO_ANSWER, Disposition.NO_ANSWER),
    (CarrierStatus.COMPLETED, Disposition.VOICEMAIL),
    (CarrierStatus.COMPLETED, Disposition.WRONG_NUMBER),
    (CarrierStatus.COMPLETED, Disposition.REACHED),
)

advisors = st.integers(0, 2)
workers = st.integers(0, 1)
places = st.integers(0, 40)
slots = st.none() | st.integers(0, 3) | st.integers(0, 60)


def machine_of(app: Flask, seen: Counter[str]) -> type[RuleBasedStateMachine]:
    """The game on the database of an application; the steps taken are counted in ``seen``."""

    class Helpline(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.world = World(app)
            self.network = self.world.network
            self.keys: list[tuple[str, str, int | None]] = []

        @initialize(
            number=st.sampled_from(NUMBERS),
            minutes=st.sampled_from((0, 0, 60, 149, 150)),
            first_call=st.none() | st.sampled_from(FIRST_CALLS),
        )
        def a_day_begins(
            self, number: str, minutes: int, first_call: tuple[CarrierStatus, Disposition] | None
        ) -> None:
            self.asks(number, None)
            if first_call:
                self.a_whole_call(0, first_call[0], True, first_call[1])
            self.world.passes(minutes=minutes)

        # Visitors

        @rule(number=st.sampled_from(NUMBERS), slot=slots)
        def asks(self, number: str, slot: int | None) -> None:
            key = self.world.asks(number, slot)
            if key:
                self.keys.append((key, number, slot))

        @precondition(lambda self: self.keys)
        @rule(place=places)
        def sends_the_same_form_again(self, place: int) -> None:
            key, number, slot = self.keys[place % len(self.keys)]
            before = len(self.world.tokens)
            self.world.asks(number, slot, key)
            assert len(self.world.tokens) == before

        @precondition(lambda self: self.world.tokens)
        @rule(place=places, slot=slots)
        def moves(self, place: int, slot: int | None) -> None:
            self.world.moves(self._token(place), slot)

        @precondition(lambda self: self.world.tokens)
        @rule(place=places)
        def cancels(self, place: int) -> None:
            self.world.cancels(self._token(place))

        @precondition(lambda self: self.world.tokens)
        @rule(place=places)
        def tries_again(self, place: int) -> None:
            self.world.tries_again(self._token(place))

        @rule(advisor=advisors)
        def cancels_what_is_in_hand(self, advisor: int) -> None:
            self.world.cancels_in_hand(self._advisor(advisor))

        @precondition(lambda self: self.keys)
        @rule(place=places, slot=slots)
        def asks_again_for_the_same_number(self, place: int, slot: int | None) -> None:
            self.asks(self.keys[place % len(self.keys)][1], slot)

        def _token(self, place: int) -> str:
            return self.world.tokens[place % len(self.world.tokens)]

        # Advisors

        @rule(advisor=advisors)
        def takes_the_next(self, advisor: int) -> None:
            self.world.claims(self._advisor(advisor))

        @rule(advisor=advisors)
        def takes_the_next_and_calls(self, advisor: int) -> None:
            self.world.claims(self._advisor(advisor))
            self.world.calls(self._advisor(advisor))
            self.world.ticks(0, "place_call")

        @rule(advisor=advisors, worker=workers)
        def takes_the_next_and_walks_away(self, advisor: int, worker: int) -> None:
            self.world.claims(self._advisor(advisor))
            self.world.passes(minutes=5)
            self.world.ticks(worker, "return_lapsed_claim")

        @rule(advisor=advisors, what=st.sampled_from(("release", "longer", "call", "own", "stop")))
        def does_something_with_it(self, advisor: int, what: str) -> None:
            deeds = {
                "release": self.world.releases,
                "longer": self.world.keeps_longer,
                "call": self.world.calls,
                "own": self.world.calls_by_own_phone,
                "stop": self.world.stops,
            }
            deeds[what](self._advisor(advisor))

        @rule(advisor=advisors, disposition=st.sampled_from(Disposition))
        def says_what_came_of_it(self, advisor: int, disposition: Disposition) -> None:
            self.world.says(self._advisor(advisor), disposition)

        @rule(advisor=advisors, other=advisors)
        def meddles_with_anothers(self, advisor: int, other: int) -> None:
            held = self.world.in_hand(self._advisor(other))
            if held is not None and advisor != other:
                assert not self.world.meddles(self._advisor(advisor), held)

        def _advisor(self, number: int) -> int:
            return self.world.advisors[number]

        # The admin, the clock, the workers

        @rule(week=st.integers(0, len(WEEKS) - 1))
        def sets_the_hours(self, week: int) -> None:
            self.world.opens(WEEKS[week])

        @rule(seconds=st.sampled_from((1, 3, 46, 91)))
        def seconds_pass(self, seconds: int) -> None:
            self.world.passes(seconds=seconds)

        @rule(minutes=st.sampled_from((1, 5, 10, 15, 60, 1200)))
        def minutes_pass(self, minutes: int) -> None:
            self.world.passes(minutes=minutes)

        @rule(beside=st.sampled_from((-1, 0, 1)))
        def a_border_is_near(self, beside: int) -> None:
            self.world.passes_to_border(beside)

        @rule(worker=workers, place=places)
        def a_worker_ticks(self, worker: int, place: int) -> None:
            names = list(self.world.workers[worker])
            self.world.ticks(worker, names[place % len(names)])

        @rule()
        def the_workers_work(self) -> None:
            self.world.works()

        # The carrier and the phones

        @rule(temper=st.sampled_from(Temper) | st.just(Temper.FINE))
        def the_carrier_changes(self, temper: Temper) -> None:
            self.network.temper = temper

        @precondition(lambda self: self.network.live(Leg.ADVISOR, *SET_UP, *TALKING))
        @rule(place=places, way=st.integers(0, 9))
        def the_advisors_phone_goes_on(self, place: int, way: int) -> None:
            live = self.network.live(Leg.ADVISOR, *SET_UP, *TALKING)
            phone = live[place % len(live)]
            if phone.status == CarrierStatus.INITIATED and way < 3:
                deed = partial(self.network.rings_at, phone)
            elif phone.status in SET_UP and way < 8:
                deed = partial(self.network.answers, phone)
            elif phone.status in SET_UP:
                deed = partial(self.network.ends, phone, UNANSWERED[way % 3])
            elif phone.pressed or way > 7:
                deed = partial(self.network.hangs_up, phone)
            else:
                deed = partial(self.network.presses_one, phone, asked=1 + way // 6)
            self.world.with_phone(deed)

        @precondition(lambda self: self.network.live(Leg.VISITOR, *SET_UP, *TALKING))
        @rule(place=places, way=st.integers(0, 9))
        def the_visitors_phone_goes_on(self, place: int, way: int) -> None:
            live = self.network.live(Leg.VISITOR, *SET_UP, *TALKING)
            phone = live[place % len(live)]
            if phone.status == CarrierStatus.INITIATED and way < 9:
                deed = partial(self.network.visitor_rings, phone)
            elif phone.status == CarrierStatus.RINGING and way < 5:
                deed = partial(self.network.visitor_answers, phone)
            elif phone.status in SET_UP:
                deed = partial(self.network.ends, phone, UNANSWERED[way % 3])
            else:
                deed = partial(self.network.ends, phone, CarrierStatus.COMPLETED)
            self.world.with_phone(deed)

        @precondition(lambda self: self.network.pending)
        @rule(place=places, keep=st.booleans())
        def a_word_arrives(self, place: int, keep: bool) -> None:
            self.world.delivers(place, keep=keep)

        @precondition(lambda self: self.network.pending)
        @rule()
        def all_words_arrive(self) -> None:
            self.world.delivers_all()

        @precondition(lambda self: self.network.pending)
        @rule(place=places)
        def a_word_is_lost(self, place: int) -> None:
            self.network.pending.pop(place % len(self.network.pending))

        @rule(
            advisor=advisors,
            ends=st.sampled_from((*UNANSWERED, CarrierStatus.COMPLETED)),
            words=st.booleans(),
            said=st.none() | st.sampled_from(UNREACHED),
        )
        def a_whole_call(
            self, advisor: int, ends: CarrierStatus, words: bool, said: Disposition | None
        ) -> None:
            self.takes_the_next_and_calls(advisor)
            for phone in self.network.live(Leg.ADVISOR, *SET_UP):
                self.world.with_phone(partial(self.network.answers, phone))
                if not phone.is_over:
                    self.world.with_phone(partial(self.network.presses_one, phone))
            for phone in self.network.live(Leg.VISITOR, CarrierStatus.INITIATED):
                self.world.with_phone(partial(self.network.visitor_rings, phone))
                if ends == CarrierStatus.COMPLETED:
                    self.world.with_phone(partial(self.network.visitor_answers, phone))
                self.world.with_phone(partial(self.network.ends, phone, ends))
            if words:
                self.world.delivers_all()
            if said:
                self.world.says(self._advisor(advisor), said)

        # What must hold

        @invariant()
        def all_rules_hold(self) -> None:
            assert self.world.broken() == []

        def teardown(self) -> None:
            self.world.finish()
            assert self.world.broken() == []
            assert self.world.unfinished() == []
            seen.update(self.world.events())
            # Whatever somebody's request has been through, it can be erased.
            for token in self.world.tokens:
                assert self.world.erases(token)
            assert self.world.broken() == []
            assert self.world.told_of_visitors() == []

    return Helpline


@pytest.mark.timeout(0 if GAMES else 300)
def test_whatever_happens_the_rules_hold_and_everything_ends(app: Flask) -> None:
    seen: Counter[str] = Counter()
    machine = machine_of(app, seen)
    run_state_machine_as_test(machine, settings=EXPLORE if GAMES else EVERY_DAY)
    assert seen
    if GAMES >= SEEN_AT_LEAST:
        assert set(seen) >= EVENTS, f"the game never came to {EVENTS - set(seen)}"


def test_a_game_can_come_to_every_event(app: Flask) -> None:
    seen: Counter[str] = Counter()
    machine = machine_of(app, seen)
    for play in (_followed, _reached, _given_up, _retried, _walked_away):
        game: Any = machine()
        play(game)
        game.all_rules_hold()
        game.teardown()
    assert set(seen) >= EVENTS, f"no game came to {EVENTS - set(seen)}"


def _followed(game: Any) -> None:
    game.a_day_begins(NUMBERS[0], 0, None)
    game.asks(NUMBERS[0], None)
    game.cancels(0)
    game.the_workers_work()


def _reached(game: Any) -> None:
    game.a_day_begins(NUMBERS[0], 0, (CarrierStatus.COMPLETED, Disposition.REACHED))


def _given_up(game: Any) -> None:
    game.a_day_begins(NUMBERS[0], 0, (CarrierStatus.COMPLETED, Disposition.WRONG_NUMBER))


def _retried(game: Any) -> None:
    game.a_day_begins(NUMBERS[0], 0, (CarrierStatus.NO_ANSWER, Disposition.NO_ANSWER))


def _walked_away(game: Any) -> None:
    game.a_day_begins(NUMBERS[0], 0, None)
    game.takes_the_next_and_walks_away(0, 0)
