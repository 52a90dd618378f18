"""A supervisor listens in to a call, joins it and leaves it, at each carrier; and what fails."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa

from helpline import clock
from helpline.callbacks.errors import StateChanged
from helpline.calls.listening import service as listening
from helpline.calls.listening.models import Listener, ListenerProblem, ListenerState
from helpline.calls.models import Attempt
from helpline.db import db, transaction
from helpline.domain.call_progress import AttemptResult, AttemptState
from helpline.policy.models import ServicePolicy
from helpline.privacy.models import AuditEntry
from helpline.staff.models import Staff
from helpline.telephony.twilio.client import TwilioCarrier
from tests import factories
from tests.calls.fixtures import (
    ADVISOR,
    PRESSES_ONE,
    STAYS,
    TIME_SCALE,
    VISITOR,
    Line,
    until,
)
from tests.cast import RAVI, VIKRAM
from tests.invariants.together import at_once
from tests.support.carriers import BESIDE
from tests.support.web import Client

LISTENS = replace(VIKRAM, phone="+919812300003")
SUPERVISOR = str(LISTENS.phone)
LISTENING, JOINED = "You are listening. They do not hear you.", "You have joined. They hear you."
NOT_LET_IN = "The phone company could not let you in. Advisor and visitor talk as before."


@pytest.fixture
def carrier(database_kind: str) -> str:
    """Each database has another carrier, so that the two take the time of one."""
    return BESIDE[database_kind]


@dataclass
class Supervisor:
    """Vikram at the live view, with his phone; Asha talks with Kavita."""

    line: Line
    client: Client
    attempt: Attempt

    @property
    def listener(self) -> Listener:
        db.session.rollback()
        newest = sa.select(Listener).order_by(Listener.id.desc()).limit(1)
        found = db.session.scalar(newest.execution_options(populate_existing=True))
        assert found is not None
        return found

    def sees(self) -> str:
        return " ".join(self.client.get("/floor/live").text.split())

    def press(self, action: str, row_id: int) -> str:
        page = self.client.get("/floor/")
        return self.client.submit(page, "/floor/listen", follow=True, **{action: str(row_id)}).text

    def asks(self, phone: dict[str, Any] = PRESSES_ONE) -> None:
        """Presses Listen in, and the worker has the phone called."""
        self.line.behave(SUPERVISOR, phone)
        self.press("listen", self.attempt.id)
        assert self.line.tick("place_listener")

    def is_in(self, state: ListenerState) -> None:
        until(lambda: self.listener.state == state, f"the supervisor is {state}")

    def listens(self) -> None:
        """Asks, presses 1, and the call is moved."""
        self.asks()
        until(lambda: self.line.tick("change_call"), "the call is moved")
        self.is_in(ListenerState.LISTENING)
        until(lambda: len(self.members()) == 3, "all three are in the conference")

    def members(self) -> dict[str, bool]:
        """The phones in the conference, and which are muted."""
        found = self.line.phones.get("/conferences")["conferences"]
        assert len(found) < 2, "one conference for a call"
        return {each["number"]: each["muted"] for one in found for each in one["participants"]}

    def talk_on(self) -> None:
        """Asha and Kavita are connected, and nothing has ended."""
        until(
            lambda: self.line.phones.get(f"/phones/{VISITOR}")["connected_to"] == ADVISOR,
            "the two talk",
        )
        assert self.line.now(self.attempt).ended_at is None
        assert "You are connected." in self.line.desk()

    def ended_as_talked(self) -> None:
        over = self.line.settled(self.attempt)
        assert (over.result, over.counted, over.problem) == (AttemptResult.TALKED, True, None)
        for number in (ADVISOR, VISITOR):
            self.line.phone(number, "idle")


@pytest.fixture
def supervisor(line: Line, new_client: Callable[[], Client]) -> Supervisor:
    factories.policy(supervisors_may_listen=True)
    factories.staff(LISTENS)
    client = new_client()
    client.sign_in(LISTENS)
    attempt = line.call(STAYS)
    line.in_state(attempt, AttemptState.TALKING)
    until(lambda: line.now(attempt).visitor_call, "the visitor's leg is known")
    return Supervisor(line, client, attempt)


def test_a_supervisor_listens_joins_and_leaves_and_the_call_goes_on(
    supervisor: Supervisor,
) -> None:
    line = supervisor.line
    assert "Listen in" in supervisor.sees()
    supervisor.listens()
    assert supervisor.members() == {ADVISOR: False, VISITOR: False, SUPERVISOR: True}
    supervisor.talk_on()
    assert LISTENING in supervisor.sees()
    assert "Vikram is listening to the call." in line.desk()
    supervisor.press("join", supervisor.listener.id)
    assert line.tick("change_call")
    supervisor.is_in(ListenerState.JOINED)
    until(lambda: supervisor.members().get(SUPERVISOR) is False, "they hear the supervisor")
    assert "Vikram has joined the call." in line.desk()
    assert JOINED in supervisor.sees()
    heard = {number: line.phones.heard(number) for number in (ADVISOR, VISITOR, SUPERVISOR)}
    assert "A supervisor is listening now, to help. [beep]" in heard[ADVISOR]
    assert "सुपरवाइज़र" in heard[VISITOR]
    assert heard[VISITOR].endswith("[beep]")
    assert "Press 1 to listen" in heard[SUPERVISOR]
    assert not any("music" in words for words in heard.values())
    line.at.later(seconds=30)
    supervisor.press("leave", supervisor.listener.id)
    assert line.tick("end_unwanted_listener")
    supervisor.is_in(ListenerState.ENDED)
    supervisor.talk_on()
    assert "Vikram" not in line.desk()
    # The call is in its conference by now, so the next time nothing is moved; a tone tells of it.
    supervisor.asks()
    supervisor.is_in(ListenerState.LISTENING)
    assert not line.tick("change_call")
    until(lambda: len(supervisor.members()) == 3, "the supervisor is in again")
    assert line.phones.heard(VISITOR).endswith("[beep] [beep]")
    supervisor.talk_on()
    line.hang_up(VISITOR)
    supervisor.ended_as_talked()
    until(lambda: supervisor.listener.ended_at, "the supervisor's call is over too")
    rows = db.session.scalars(sa.select(AuditEntry).order_by(AuditEntry.id))
    mine = [each for each in rows if each.actor == f"staff:{factories.staff(LISTENS).id}"]
    deeds = [each.deed for each in mine if each.deed.startswith("listening")]
    once = ["listening_asked", "listening_started"]
    assert deeds == [*once, "listening_joined", "listening_ended", *once, "listening_ended"]
    ended = next(each for each in mine if each.deed == "listening_ended")
    assert ended.subject == f"callback:{supervisor.attempt.callback_id}"
    assert ended.detail["before"] < ended.detail["after"]
    assert line.phones.rings(VISITOR) == line.phones.rings(ADVISOR) == 1


@pytest.mark.parametrize("who", [ADVISOR, VISITOR])
def test_whoever_of_the_two_hangs_up_ends_it_for_all(supervisor: Supervisor, who: str) -> None:
    supervisor.line.phones.fault("webhook_double", times=None)
    supervisor.line.phones.fault("webhook_shuffle", times=None)
    supervisor.line.phones.fault("twiml_double", times=None)
    supervisor.listens()
    supervisor.line.hang_up(who)
    supervisor.ended_as_talked()
    supervisor.line.phone(SUPERVISOR, "idle")
    until(lambda: supervisor.listener.ended_at, "the supervisor's call is over too")
    assert supervisor.line.callback(supervisor.attempt).attempts_used == 1


@pytest.mark.parametrize("why", ["hangs_up", "deactivated", "forbidden"])
def test_a_supervisor_who_hangs_up_or_may_listen_no_longer_ends_nothing(
    supervisor: Supervisor, why: str
) -> None:
    supervisor.listens()
    if why == "hangs_up":
        supervisor.line.hang_up(SUPERVISOR)
    else:
        if why == "deactivated":
            with transaction() as session:  # Webhooks write meanwhile.
                listens = Staff.email == LISTENS.email
                session.execute(sa.update(Staff).where(listens).values(active=False))
        else:
            with transaction() as session:
                session.execute(sa.update(ServicePolicy).values(supervisors_may_listen=False))
            ids = supervisor.listener.id, factories.staff(LISTENS).id
            db.session.rollback()
            with pytest.raises(StateChanged):
                listening.join(ids[0], supervisor_id=ids[1], now=clock.now())
        assert supervisor.line.tick("end_unwanted_listener")
    supervisor.is_in(ListenerState.ENDED)
    supervisor.talk_on()


def test_who_does_not_press_one_moves_nothing(supervisor: Supervisor) -> None:
    supervisor.asks({"kind": "no_answer"})
    until(lambda: supervisor.listener.ended_at, "the phone rang out")
    assert "You did not answer and press 1. The call goes on without you." in supervisor.sees()
    assert supervisor.members() == {}
    supervisor.talk_on()
    supervisor.asks({"kind": "answer", "press": ["2"]})
    until(lambda: supervisor.listener.ended_at, "another key was pressed")
    assert supervisor.members() == {}


@pytest.mark.parametrize(
    ("fault", "problem"),
    [
        ({"kind": "error"}, ListenerProblem.NOT_MOVED),
        ({"kind": "cut_before"}, ListenerProblem.MOVE_UNSURE),
        ({"kind": "killed"}, ListenerProblem.MOVE_UNSURE),
    ],
    ids=lambda value: value["kind"] if isinstance(value, dict) else str(value),
)
def test_a_call_that_is_not_moved_goes_on_as_it_was(
    supervisor: Supervisor,
    fault: dict[str, Any],
    problem: ListenerProblem,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    line = supervisor.line
    supervisor.asks()
    supervisor.is_in(ListenerState.WAITING)
    if fault["kind"] == "killed":

        def die(*_args: object, **_more: object) -> None:
            raise SystemExit

        with monkeypatch.context() as patch:
            patch.setattr(type(line.carrier), "redirect_both", die)
            with pytest.raises(SystemExit):
                line.tick("change_call")
    else:
        over = 21220 if isinstance(line.carrier, TwilioCarrier) else 404
        line.phones.fault(fault["kind"], about="redirect", code=over)
        assert line.tick("change_call")
    assert supervisor.listener.request is None, "it is not asked for again by itself"
    if problem == ListenerProblem.MOVE_UNSURE:
        assert not line.tick("change_call")
        line.at.later(seconds=16)
        assert line.tick("change_call")
    assert supervisor.listener.problem == problem
    supervisor.talk_on()
    assert line.tick("end_unwanted_listener")
    supervisor.is_in(ListenerState.ENDED)
    assert NOT_LET_IN in supervisor.sees()
    supervisor.talk_on()
    while line.tick("look_up_silent"):
        pass
    supervisor.talk_on()
    line.at.later(seconds=10)
    supervisor.listens()
    supervisor.talk_on()
    line.hang_up(VISITOR)
    supervisor.ended_as_talked()


def test_a_lost_answer_of_a_move_that_took_place_is_told_by_the_call(
    supervisor: Supervisor,
) -> None:
    supervisor.asks()
    supervisor.is_in(ListenerState.WAITING)
    supervisor.line.phones.fault("cut_after", about="redirect")
    assert supervisor.line.tick("change_call")
    supervisor.is_in(ListenerState.LISTENING)
    supervisor.talk_on()


@pytest.mark.parametrize("database_kind", ["postgresql"])  # SQLite has one writer anyway
def test_several_workers_at_once_move_a_call_once(supervisor: Supervisor) -> None:
    supervisor.asks()
    supervisor.is_in(ListenerState.WAITING)
    line = supervisor.line
    at_once(line.app, [partial(line.tick, "change_call")] * 4)
    supervisor.is_in(ListenerState.LISTENING)
    assert supervisor.listener.problem is None
    supervisor.talk_on()


def test_a_visitor_who_hangs_up_while_the_call_is_moved_leaves_nobody_waiting(
    supervisor: Supervisor,
) -> None:
    line = supervisor.line
    supervisor.asks()
    supervisor.is_in(ListenerState.WAITING)
    line.phones.fault("cut_before", about="redirect")
    assert line.tick("change_call")
    line.hang_up(VISITOR)
    until(
        lambda: (
            line.tick("look_up_silent"),
            line.tick("end_unwanted_call"),
            line.tick("end_unwanted_listener"),
            line.now(supervisor.attempt).ended_at,
        )[-1],
        "the call is over",
    )
    supervisor.ended_as_talked()
    line.tick("end_unwanted_listener")
    line.phone(SUPERVISOR, "idle")


def test_a_call_that_ended_meanwhile_is_told(supervisor: Supervisor) -> None:
    line = supervisor.line
    line.phones.tell("PUT", "/clock", {"time_scale": 1})  # it rings until it is answered
    supervisor.asks({"kind": "manual"})
    line.phone(SUPERVISOR, "ringing")
    line.hang_up(VISITOR)
    supervisor.ended_as_talked()
    line.phones.tell("PUT", "/clock", {"time_scale": TIME_SCALE})
    line.phones.tell("POST", f"/phones/{SUPERVISOR}/answer")
    until(lambda: "The call is over" in line.phones.heard(SUPERVISOR), "it is said")
    until(lambda: supervisor.listener.ended_at, "the supervisor's call is over")
    assert "The call ended before you could listen." in supervisor.sees()
    assert "has ended, or another supervisor" in supervisor.press("listen", supervisor.attempt.id)


def test_a_refused_join_leaves_the_supervisor_listening(supervisor: Supervisor) -> None:
    supervisor.listens()
    supervisor.line.phones.fault("http_429", about="redirect")
    supervisor.press("join", supervisor.listener.id)
    assert supervisor.line.tick("change_call")
    assert "You could not join. They do not hear you." in supervisor.sees()
    assert supervisor.members()[SUPERVISOR] is True
    supervisor.press("join", supervisor.listener.id)
    assert supervisor.line.tick("change_call")
    supervisor.is_in(ListenerState.JOINED)


def test_nobody_listens_where_the_carrier_lets_no_third_phone_in(
    supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    carrier = supervisor.line.carrier
    assert "Listen in" in supervisor.sees()
    monkeypatch.setattr(carrier, "limits", replace(carrier.limits, has_conferences=False))
    assert "Listen in" not in supervisor.sees()
    assert "The call has ended" in supervisor.press("listen", supervisor.attempt.id)


def test_one_supervisor_listens_to_a_call_never_their_own_and_only_by_policy(
    supervisor: Supervisor, new_client: Callable[[], Client]
) -> None:
    both = replace(RAVI, roles=("advisor", "supervisor"))
    factories.staff(both)
    other = Supervisor(supervisor.line, new_client(), supervisor.attempt)
    other.client.sign_in(both)
    supervisor.listens()
    assert "Vikram is listening to the call." in other.sees()
    assert "Listen in" not in other.sees()
    assert "another supervisor is listening" in other.press("listen", supervisor.attempt.id)
    refused = other.press("leave", supervisor.listener.id)
    assert "another supervisor is listening" in refused
    assert supervisor.listener.leave_at is None
    supervisor.press("leave", supervisor.listener.id)
    supervisor.line.tick("end_unwanted_listener")
    supervisor.is_in(ListenerState.ENDED)
    factories.policy(supervisors_may_listen=False)
    assert "Listen in" not in supervisor.sees()
    assert "The call has ended" in supervisor.press("listen", supervisor.attempt.id)
    factories.policy(supervisors_may_listen=True)
    db.session.execute(sa.update(Attempt).values(advisor_id=factories.staff(both).id))
    db.session.commit()
    assert "Listen in" not in other.sees()
    assert "The call has ended" in other.press("listen", supervisor.attempt.id)
    assert "Listen in" in supervisor.sees()


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_the_visitor_reads_before_they_ask_that_a_supervisor_may_listen(line: Line) -> None:
    told = {"/": "A supervisor may listen to help the advisor.", "/hi/": "सुपरवाइज़र कॉल सुन सकते हैं।"}
    for path, words in told.items():
        assert words not in line.client.get(path).text
    factories.policy(supervisors_may_listen=True)
    for path, words in told.items():
        assert words in line.client.get(path).text
    line.desk()  # whoever makes a request for a caller is on duty
    read_aloud = line.client.get("/callers/new").text
    assert all(words in read_aloud for words in told.values())
