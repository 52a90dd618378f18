"""A worker that dies between asking the carrier and writing it down: no phone rings twice, and the
callback is not lost. What was asked for is settled by looking, never by asking again."""

from __future__ import annotations

import pytest
from flask import Flask

from helpline.calls.models import Attempt
from helpline.db import db
from helpline.domain.call_progress import AttemptResult, AttemptState, CarrierStatus, Leg
from helpline.domain.retries import Disposition
from tests.stateful.fixtures import NUMBERS, TIMING, World
from tests.stateful.network import Phone, Temper

SECOND = 1


@pytest.fixture
def world(app: Flask) -> World:
    world = World(app)
    world.asks(NUMBERS[1])
    assert world.claims(world.advisors[0])
    assert world.calls(world.advisors[0])
    return world


def attempt(world: World) -> Attempt:
    with world.here():
        return db.session.query(Attempt).one()


def second_worker_works(world: World) -> None:
    for name in world.workers[SECOND]:
        for _ in range(5):
            if not world.ticks(SECOND, name):
                break


def talks(world: World, phone: Phone) -> None:
    world.with_phone(lambda: world.network.answers(phone))
    assert not phone.is_over
    world.with_phone(lambda: world.network.presses_one(phone))
    child = phone.child
    assert child is not None
    world.with_phone(lambda: world.network.visitor_rings(child))
    world.with_phone(lambda: world.network.visitor_answers(child))
    world.with_phone(lambda: world.network.ends(child, CarrierStatus.COMPLETED))


def holds(world: World) -> None:
    assert world.broken() == []


def test_a_call_whose_answer_was_never_written_down_is_found_and_not_asked_for_again(
    world: World,
) -> None:
    world.network.temper = Temper.WORKER_DIES_AFTER
    world.ticks(0, "place_call")
    world.network.temper = Temper.FINE
    world.network.pending.clear()

    for _ in range(5):
        second_worker_works(world)
        world.passes(seconds=TIMING.silent_after.total_seconds() / 2)
    assert attempt(world).advisor_call == world.network.phones[0].sid
    talks(world, world.network.phones[0])
    world.delivers_all()

    assert attempt(world).result == AttemptResult.TALKED
    assert [phone.leg for phone in world.network.phones] == [Leg.ADVISOR, Leg.VISITOR]
    assert len(world.network.rings) == 1
    holds(world)


def test_a_webhook_that_comes_before_anybody_looked_is_enough(world: World) -> None:
    world.network.temper = Temper.WORKER_DIES_AFTER
    world.ticks(0, "place_call")
    world.network.temper = Temper.FINE

    world.delivers_all()
    assert attempt(world).advisor_call == world.network.phones[0].sid
    talks(world, world.network.phones[0])
    world.delivers_all()
    second_worker_works(world)

    assert attempt(world).result == AttemptResult.TALKED
    assert world.says(world.advisors[0], Disposition.REACHED)
    assert len(world.network.phones) == 2
    holds(world)


def test_a_call_that_was_never_made_goes_back_to_the_advisor_once_that_is_sure(
    world: World,
) -> None:
    world.network.temper = Temper.WORKER_DIES_BEFORE
    world.ticks(0, "place_call")
    world.network.temper = Temper.FINE

    second_worker_works(world)
    world.passes(seconds=TIMING.silent_after.total_seconds())
    second_worker_works(world)
    assert attempt(world).state == AttemptState.PLACING, "too early to be sure"
    world.passes(seconds=TIMING.lost_after.total_seconds())
    second_worker_works(world)

    assert attempt(world).result == AttemptResult.NOT_PLACED
    assert world.network.phones == []
    assert world.in_hand(world.advisors[0]) is not None
    assert world.calls(world.advisors[0])
    holds(world)


def test_a_call_that_rings_after_it_was_given_up_for_lost_leads_nowhere(world: World) -> None:
    world.network.temper = Temper.WORKER_DIES_AFTER
    world.ticks(0, "place_call")
    world.network.temper = Temper.FINE
    world.network.pending.clear()
    [phone] = world.network.phones
    world.network.phones.clear()
    for _ in range(2):
        world.passes(seconds=TIMING.lost_after.total_seconds())
        second_worker_works(world)
    assert attempt(world).result == AttemptResult.NOT_PLACED
    world.network.phones.append(phone)

    world.with_phone(lambda: world.network.answers(phone))

    assert phone.is_over
    assert world.network.rings == []
    holds(world)


@pytest.mark.parametrize("temper", [Temper.UNSURE_MADE, Temper.UNSURE_NOT_MADE])
def test_an_answer_that_leaves_us_unsure_is_never_asked_for_again(
    world: World, temper: Temper
) -> None:
    world.network.temper = temper
    world.ticks(0, "place_call")
    for _ in range(5):
        world.works()
        world.passes(seconds=40)

    assert len(world.network.phones) == (temper == Temper.UNSURE_MADE)
    holds(world)


def test_a_visitor_who_cancels_a_call_from_the_advisors_own_phone_does_not_block_the_advisor(
    app: Flask,
) -> None:
    world = World(app)
    asha = world.advisors[0]
    world.asks(NUMBERS[1])
    assert world.claims(asha)
    assert world.calls_by_own_phone(asha)
    assert world.cancels(world.tokens[0])
    world.works()

    world.asks(NUMBERS[2])
    assert world.claims(asha)
    assert world.calls_by_own_phone(asha)
    holds(world)


def test_asking_for_more_time_never_shortens_a_call_from_the_advisors_own_phone(
    app: Flask,
) -> None:
    world = World(app)
    asha = world.advisors[0]
    world.asks(NUMBERS[1])
    assert world.claims(asha)
    assert world.calls_by_own_phone(asha)
    assert world.keeps_longer(asha)
    world.passes(minutes=15)
    world.works()

    assert attempt(world).ended_at is None
    assert world.says(asha, Disposition.REACHED)
