"""The state machine of a callback; ``callbacks/transitions`` applies it.

A request for a number that already has an open callback is ``joined``: it waits behind that one,
takes no slot, takes over if that one is cancelled or expires, and otherwise ends with it. A request
that a supervisor has set aside is ``joined`` too, behind none, until it is restored or expires.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Status(StrEnum):
    """The status of a callback, as stored."""

    WAITING = "waiting"
    JOINED = "joined"
    CLAIMED = "claimed"
    CALLING = "calling"
    REACHED = "reached"
    UNREACHED = "unreached"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


OPEN = frozenset({Status.WAITING, Status.CLAIMED, Status.CALLING})
"""Statuses of which a number may have one callback at most."""

ENDED = frozenset({Status.REACHED, Status.UNREACHED, Status.CANCELLED, Status.EXPIRED})
"""Final statuses."""


class Event(StrEnum):
    """What can happen to a callback."""

    ASK = "ask"
    CLAIM = "claim"
    RELEASE = "release"
    LEASE_RAN_OUT = "lease_ran_out"
    DIAL = "dial"
    HAND_OVER = "hand_over"
    CALL_NOT_PLACED = "call_not_placed"
    REACHED = "reached"
    RETRY = "retry"
    CALL_BACK = "call_back"
    HOLD = "hold"
    GIVE_UP = "give_up"
    CALL_ABANDONED = "call_abandoned"
    CANCEL = "cancel"
    WITHDRAW = "withdraw"
    EXPIRE = "expire"
    MOVE = "move"
    MOVE_JOINED = "move_joined"
    TRY_NOW = "try_now"
    TAKE_OVER = "take_over"
    SET_ASIDE = "set_aside"
    SET_ASIDE_JOINED = "set_aside_joined"
    BRING_BACK = "bring_back"
    BRING_BACK_JOINED = "bring_back_joined"
    EXPIRE_SET_ASIDE = "expire_set_aside"
    FOLLOW_REACHED = "follow_reached"
    FOLLOW_UNREACHED = "follow_unreached"
    END_AGAIN = "end_again"


@dataclass(frozen=True, slots=True)
class Transition:
    """The target of an event, and the statuses it is allowed from."""

    sources: frozenset[Status]
    target: Status


def _from(*sources: Status, to: Status) -> Transition:
    return Transition(frozenset(sources), to)


TRANSITIONS: Mapping[Event, Transition] = MappingProxyType(
    {
        # In and out of an advisor's hands.
        Event.CLAIM: _from(Status.WAITING, to=Status.CLAIMED),
        Event.RELEASE: _from(Status.CLAIMED, to=Status.WAITING),
        Event.LEASE_RAN_OUT: _from(Status.CLAIMED, to=Status.WAITING),
        Event.DIAL: _from(Status.CLAIMED, to=Status.CALLING),
        # To a colleague, by way of the queue, before a call or in its wrap-up.
        Event.HAND_OVER: _from(Status.CLAIMED, Status.CALLING, to=Status.WAITING),
        # What came of the call. A call that was not placed leaves the callback in hand; one
        # abandoned through nobody's fault gives it back its old place. Neither counts.
        Event.CALL_NOT_PLACED: _from(Status.CALLING, to=Status.CLAIMED),
        Event.CALL_ABANDONED: _from(Status.CALLING, to=Status.WAITING),
        Event.RETRY: _from(Status.CALLING, to=Status.WAITING),
        # A wrap-up that ran out is finished later, when the callback waits for its next try.
        # The call dropped, or it is not safe to call until the visitor or a supervisor says so.
        Event.CALL_BACK: _from(Status.CALLING, Status.WAITING, to=Status.WAITING),
        Event.HOLD: _from(Status.CALLING, Status.WAITING, to=Status.WAITING),
        Event.REACHED: _from(Status.CALLING, Status.WAITING, to=Status.REACHED),
        Event.GIVE_UP: _from(Status.CALLING, Status.WAITING, to=Status.UNREACHED),
        # What the visitor decides. Withdrawn while a call is set up: the call may end by itself,
        # but nothing follows it.
        Event.CANCEL: _from(Status.WAITING, Status.CLAIMED, Status.JOINED, to=Status.CANCELLED),
        Event.WITHDRAW: _from(Status.CALLING, to=Status.CANCELLED),
        Event.MOVE: _from(Status.WAITING, to=Status.WAITING),
        Event.MOVE_JOINED: _from(Status.JOINED, to=Status.JOINED),
        # They missed a call, and want the next try now and not after a pause.
        Event.TRY_NOW: _from(Status.WAITING, to=Status.WAITING),
        # What time decides.
        Event.EXPIRE: _from(Status.WAITING, to=Status.EXPIRED),
        # A follower: a request behind another of its number.
        Event.TAKE_OVER: _from(Status.JOINED, to=Status.WAITING),
        # What a supervisor takes for made up. It holds neither its number nor a slot, is not
        # called, and waits to be brought back.
        Event.SET_ASIDE: _from(Status.WAITING, to=Status.JOINED),
        Event.SET_ASIDE_JOINED: _from(Status.JOINED, to=Status.JOINED),
        Event.BRING_BACK: _from(Status.JOINED, to=Status.WAITING),
        Event.BRING_BACK_JOINED: _from(Status.JOINED, to=Status.JOINED),
        Event.EXPIRE_SET_ASIDE: _from(Status.JOINED, to=Status.EXPIRED),
        Event.FOLLOW_REACHED: _from(Status.JOINED, to=Status.REACHED),
        Event.FOLLOW_UNREACHED: _from(Status.JOINED, to=Status.UNREACHED),
    }
)
"""Every event but two: ``ask`` creates a callback, and ``end_restored`` restores the final
status that a callback had before a backup was restored.
"""
