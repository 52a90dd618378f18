"""How far an attempt has come, and what came of it, whatever the order of the news."""

from __future__ import annotations

from functools import reduce
from operator import or_

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpline.domain.call_progress import (
    FINAL,
    PRESSED_ONE,
    VISITOR_CONFIRMED,
    VISITOR_MACHINE,
    AttemptResult,
    AttemptState,
    CarrierStatus,
    Facts,
    Leg,
    advance,
    counts,
    facts_of_dial,
    facts_of_status,
    is_settled,
    result_of,
    state_of,
)

ADVISOR_RINGS = facts_of_status(Leg.ADVISOR, CarrierStatus.RINGING)
ADVISOR_ANSWERS = facts_of_status(Leg.ADVISOR, CarrierStatus.IN_PROGRESS)
VISITOR_RINGS = facts_of_status(Leg.VISITOR, CarrierStatus.RINGING)
VISITOR_ANSWERS = facts_of_status(Leg.VISITOR, CarrierStatus.IN_PROGRESS)


def advisor_ended(status: CarrierStatus = CarrierStatus.COMPLETED) -> Facts:
    return facts_of_status(Leg.ADVISOR, status)


def visitor_ended(status: CarrierStatus) -> Facts:
    return facts_of_status(Leg.VISITOR, status)


STORY = [
    (facts_of_status(Leg.ADVISOR, CarrierStatus.INITIATED), AttemptState.QUEUED),
    (ADVISOR_RINGS, AttemptState.ADVISOR_RINGING),
    (ADVISOR_ANSWERS, AttemptState.ADVISOR_ANSWERED),
    (PRESSED_ONE, AttemptState.ADVISOR_ANSWERED),
    (facts_of_status(Leg.VISITOR, CarrierStatus.INITIATED), AttemptState.ADVISOR_ANSWERED),
    (VISITOR_RINGS, AttemptState.VISITOR_RINGING),
    (VISITOR_ANSWERS, AttemptState.TALKING),
    (visitor_ended(CarrierStatus.COMPLETED), AttemptState.TALKING),
    (facts_of_dial(CarrierStatus.COMPLETED), AttemptState.ENDED),
    (advisor_ended(), AttemptState.ENDED),
]


def test_a_call_that_goes_well_passes_every_state_in_turn() -> None:
    known = Facts()
    for news, state in STORY:
        known |= news
        assert state_of(known) is state
        assert (result_of(known) is None) is (state is not AttemptState.ENDED)
    assert result_of(known) is AttemptResult.TALKED


@pytest.mark.parametrize(
    ("known", "result"),
    [
        pytest.param(
            ADVISOR_RINGS | advisor_ended(CarrierStatus.NO_ANSWER),
            AttemptResult.ADVISOR_NO_ANSWER,
            id="the advisor's phone rings out",
        ),
        pytest.param(
            advisor_ended(CarrierStatus.BUSY),
            AttemptResult.ADVISOR_DECLINED,
            id="the advisor declines",
        ),
        pytest.param(
            ADVISOR_ANSWERS | advisor_ended(),
            AttemptResult.ADVISOR_NO_ANSWER,
            id="the advisor's voicemail answers and cannot press 1",
        ),
        pytest.param(
            advisor_ended(CarrierStatus.FAILED),
            AttemptResult.NOT_PLACED,
            id="the advisor's phone cannot be reached",
        ),
        pytest.param(
            advisor_ended(CarrierStatus.CANCELED),
            AttemptResult.CANCELLED,
            id="the call is cancelled before the advisor answers",
        ),
        pytest.param(
            PRESSED_ONE | advisor_ended(),
            AttemptResult.ADVISOR_HUNG_UP,
            id="the advisor presses 1 and hangs up before the visitor's phone rings",
        ),
        pytest.param(
            PRESSED_ONE | VISITOR_RINGS | advisor_ended(),
            AttemptResult.ADVISOR_HUNG_UP,
            id="the advisor hangs up while the visitor's phone rings",
        ),
        pytest.param(
            VISITOR_RINGS | advisor_ended(),
            AttemptResult.ADVISOR_HUNG_UP,
            id="the same, and the press of 1 was never heard of",
        ),
        pytest.param(
            PRESSED_ONE
            | VISITOR_RINGS
            | visitor_ended(CarrierStatus.CANCELED)
            | facts_of_dial(CarrierStatus.NO_ANSWER),
            AttemptResult.ADVISOR_HUNG_UP,
            id="the dial calls it unanswered, the visitor's leg knows it was broken off",
        ),
        pytest.param(
            PRESSED_ONE | VISITOR_RINGS | facts_of_dial(CarrierStatus.NO_ANSWER),
            AttemptResult.NO_ANSWER,
            id="the visitor's phone rings out",
        ),
        pytest.param(
            PRESSED_ONE | VISITOR_RINGS | visitor_ended(CarrierStatus.NO_ANSWER) | advisor_ended(),
            AttemptResult.NO_ANSWER,
            id="it rings out and the word of the dial never comes",
        ),
        pytest.param(
            facts_of_dial(CarrierStatus.BUSY), AttemptResult.BUSY, id="the visitor is engaged"
        ),
        pytest.param(
            facts_of_dial(CarrierStatus.FAILED),
            AttemptResult.VISITOR_FAILED,
            id="the visitor's number cannot be reached",
        ),
        pytest.param(
            facts_of_dial(CarrierStatus.COMPLETED),
            AttemptResult.TALKED,
            id="they talked and nothing else was heard",
        ),
        pytest.param(
            VISITOR_ANSWERS | advisor_ended(CarrierStatus.COMPLETED),
            AttemptResult.TALKED,
            id="they talked and the dial's word never comes",
        ),
        pytest.param(
            Facts(visitor_final=CarrierStatus.COMPLETED, advisor_final=CarrierStatus.COMPLETED),
            AttemptResult.TALKED,
            id="both legs are complete",
        ),
    ],
)
def test_the_result_follows_from_what_is_known(known: Facts, result: AttemptResult) -> None:
    assert result_of(known) is result
    assert state_of(known) is AttemptState.ENDED


def test_an_attempt_is_not_settled_by_the_end_of_the_visitors_leg() -> None:
    known = PRESSED_ONE | visitor_ended(CarrierStatus.BUSY)
    assert not is_settled(known)
    assert result_of(known) is None
    assert state_of(known) is AttemptState.ADVISOR_ANSWERED


def test_a_leg_cannot_end_with_a_status_that_is_no_end() -> None:
    with pytest.raises(ValueError, match="final"):
        Facts(advisor_final=CarrierStatus.RINGING)
    assert facts_of_dial(CarrierStatus.RINGING) == Facts()


def test_an_attempt_only_moves_forward_and_what_ended_stays_ended() -> None:
    assert advance(AttemptState.PLACING, AttemptState.QUEUED) is AttemptState.PLACING
    assert advance(AttemptState.PLACING, AttemptState.TALKING) is AttemptState.TALKING
    assert all(advance(AttemptState.ENDED, seen) is AttemptState.ENDED for seen in AttemptState)


@pytest.mark.parametrize(
    ("result", "rang", "uses_a_chance"),
    [
        (AttemptResult.TALKED, True, True),
        (AttemptResult.TALKED, False, True),
        (AttemptResult.NO_ANSWER, True, True),
        (AttemptResult.NO_ANSWER, False, True),
        (AttemptResult.BUSY, False, True),
        (AttemptResult.ADVISOR_HUNG_UP, True, True),
        (AttemptResult.ADVISOR_HUNG_UP, False, False),
        (AttemptResult.VISITOR_FAILED, True, True),
        (AttemptResult.VISITOR_FAILED, False, False),
        (AttemptResult.ADVISOR_NO_ANSWER, False, False),
        (AttemptResult.ADVISOR_DECLINED, False, False),
        (AttemptResult.NOT_PLACED, False, False),
        (AttemptResult.REFUSED, False, False),
        (AttemptResult.CLOSED, False, False),
        (AttemptResult.CANCELLED, False, False),
    ],
)
def test_only_a_visitors_phone_that_rang_uses_up_a_chance(
    result: AttemptResult, rang: bool, uses_a_chance: bool
) -> None:
    assert counts(result, rang) is uses_a_chance


news = st.one_of(
    st.builds(facts_of_status, st.sampled_from(Leg), st.sampled_from(CarrierStatus)),
    st.builds(facts_of_dial, st.sampled_from(sorted(FINAL))),
    st.sampled_from([PRESSED_ONE, VISITOR_CONFIRMED, VISITOR_MACHINE]),
)


@settings(deadline=None)
@given(st.lists(news, max_size=8).flatmap(lambda told: st.tuples(st.just(told), reorderings(told))))
def test_the_same_news_in_any_order_and_told_twice_gives_the_same(
    case: tuple[list[Facts], list[Facts]],
) -> None:
    told, told_otherwise = case
    begun = Facts(screened=len(told) % 2 == 1)
    known, known_otherwise = reduce(or_, told, begun), reduce(or_, told_otherwise, begun)
    assert known == known_otherwise
    assert state_of(known) is state_of(known_otherwise)
    assert result_of(known) is result_of(known_otherwise)


@settings(deadline=None)
@given(st.lists(news, max_size=10), st.booleans())
def test_no_news_ever_takes_an_attempt_back(told: list[Facts], screened: bool) -> None:
    known, kept = Facts(screened=screened), AttemptState.PLACING
    for each in told:
        before = state_of(known)
        known |= each
        assert state_of(known).rank >= before.rank
        assert advance(kept, state_of(known)).rank >= kept.rank
        kept = advance(kept, state_of(known))
        assert (result_of(known) is None) is (kept is not AttemptState.ENDED)


def reorderings(told: list[Facts]) -> st.SearchStrategy[list[Facts]]:
    """The same news in another order, some of it told again."""
    if not told:
        return st.just(told)
    again = st.lists(st.sampled_from(told), max_size=4)
    return again.flatmap(lambda more: st.permutations(told + more)).map(list)


ANSWERED = facts_of_status(Leg.VISITOR, CarrierStatus.COMPLETED) | facts_of_dial(
    CarrierStatus.COMPLETED
)


@pytest.mark.parametrize(
    ("known", "result"),
    [
        (ANSWERED, AttemptResult.TALKED),
        (ANSWERED | Facts(screened=True), AttemptResult.NO_ANSWER),
        (ANSWERED | Facts(screened=True) | VISITOR_MACHINE, AttemptResult.NO_ANSWER),
        (ANSWERED | Facts(screened=True) | VISITOR_CONFIRMED, AttemptResult.TALKED),
    ],
)
def test_where_calls_are_screened_an_answer_alone_is_no_talk(
    known: Facts, result: AttemptResult
) -> None:
    assert result_of(known) is result


def test_while_a_person_is_waited_for_the_visitors_phone_still_rings() -> None:
    answered = Facts(screened=True) | facts_of_status(Leg.VISITOR, CarrierStatus.IN_PROGRESS)
    assert state_of(answered) is AttemptState.VISITOR_RINGING
    assert state_of(answered | VISITOR_CONFIRMED) is AttemptState.TALKING


@pytest.mark.parametrize(
    ("leg", "dial"),
    [("canceled", "no_answer"), ("no_answer", "canceled"), (None, "canceled"), ("canceled", None)],
)
def test_a_leg_that_the_advisor_broke_off_is_not_an_unanswered_one(
    leg: str | None, dial: str | None
) -> None:
    known = Facts(
        pressed_one=True,
        visitor_rang=True,
        visitor_final=CarrierStatus(leg) if leg else None,
        dial_outcome=CarrierStatus(dial) if dial else None,
        advisor_final=CarrierStatus.COMPLETED,
    )
    assert result_of(known) is AttemptResult.ADVISOR_HUNG_UP
