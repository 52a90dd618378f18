"""The table of what may follow what."""

from __future__ import annotations

import pytest

from helpline.domain.lifecycle import (
    ENDED,
    OPEN,
    TRANSITIONS,
    Event,
    Status,
)

# The same table in the plainest words: event, from, to.
WRITTEN = [
    ("claim", "waiting", "claimed"),
    ("release", "claimed", "waiting"),
    ("lease_ran_out", "claimed", "waiting"),
    ("dial", "claimed", "calling"),
    ("hand_over", "claimed", "waiting"),
    ("hand_over", "calling", "waiting"),
    ("call_not_placed", "calling", "claimed"),
    ("call_abandoned", "calling", "waiting"),
    ("retry", "calling", "waiting"),
    ("call_back", "calling", "waiting"),
    ("call_back", "waiting", "waiting"),
    ("hold", "calling", "waiting"),
    ("hold", "waiting", "waiting"),
    ("reached", "calling", "reached"),
    ("reached", "waiting", "reached"),
    ("give_up", "calling", "unreached"),
    ("give_up", "waiting", "unreached"),
    ("cancel", "waiting", "cancelled"),
    ("cancel", "claimed", "cancelled"),
    ("cancel", "joined", "cancelled"),
    ("withdraw", "calling", "cancelled"),
    ("expire", "waiting", "expired"),
    ("move", "waiting", "waiting"),
    ("move_joined", "joined", "joined"),
    ("try_now", "waiting", "waiting"),
    ("take_over", "joined", "waiting"),
    ("set_aside", "waiting", "joined"),
    ("set_aside_joined", "joined", "joined"),
    ("bring_back", "joined", "waiting"),
    ("bring_back_joined", "joined", "joined"),
    ("expire_set_aside", "joined", "expired"),
    ("follow_reached", "joined", "reached"),
    ("follow_unreached", "joined", "unreached"),
]
STEPS = {(Event(event), Status(source)): Status(target) for event, source, target in WRITTEN}


@pytest.mark.parametrize("event", Event)
@pytest.mark.parametrize("status", Status)
def test_an_event_leads_where_the_written_table_says_and_nowhere_else(
    event: Event, status: Status
) -> None:
    transition = TRANSITIONS.get(event)
    is_allowed = transition is not None and status in transition.sources
    assert (transition.target if is_allowed else None) is STEPS.get((event, status))


def test_every_event_but_asking_and_ending_again_is_in_the_table() -> None:
    assert set(TRANSITIONS) == set(Event) - {Event.ASK, Event.END_AGAIN}


def test_the_table_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        TRANSITIONS[Event.ASK] = TRANSITIONS[Event.CLAIM]  # type: ignore[index]


def test_nothing_follows_an_end() -> None:
    assert not any(step.sources & ENDED for step in TRANSITIONS.values())


def test_every_status_is_open_or_ended_or_stands_behind() -> None:
    assert OPEN | ENDED | {Status.JOINED} == set(Status)
    assert not OPEN & ENDED


@pytest.mark.parametrize("status", [*OPEN, Status.JOINED])
def test_from_everywhere_an_end_can_be_reached(status: Status) -> None:
    seen: set[Status] = set()
    ahead = {status}
    while ahead:
        seen |= ahead
        ahead = {target for (_, source), target in STEPS.items() if source in ahead} - seen
    assert seen & ENDED
