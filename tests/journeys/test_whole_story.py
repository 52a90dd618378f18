"""The whole story over HTTP: gunicorn, worker and the simulated phone network, on both databases.

One house a database, because it takes seconds to open; every story has a visitor of its own.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from helpline import factory
from helpline.cli import staff as staff_commands
from helpline.db import db
from tests import factories
from tests.cast import ASHA, HELPLINE, RAVI, VIKRAM
from tests.journeys.live_services import House, house_on, until
from tests.journeys.people import Advisor, Browser, Visitor

SUPERVISOR, EMAIL = "+919812300003", "supervisor@helpline.example"


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def house(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    """Everything runs, as it would on one machine."""
    with house_on(request.param, request, tmp_path_factory) as opened:
        yield opened


@pytest.fixture
def visitor(house: House) -> Visitor:
    """Somebody who will ask."""
    return Visitor(house)


@pytest.fixture
def advisor(house: House) -> Iterator[Advisor]:
    """Asha at her desk, with nothing in hand; all phones wait for somebody to press a button."""
    house.phones.reset()
    found = Advisor(house)
    found.sign_in(ASHA)
    yield found
    house.phones.tell("DELETE", "/faults")


def test_a_visitor_asks_and_is_rung_and_both_talk(
    house: House, visitor: Visitor, advisor: Advisor
) -> None:
    phones, number = house.phones, visitor.ask(name="Kavita", note="After lunch, please.")
    assert "We will call you as soon as we can" in visitor.status()
    assert "Kavita" in advisor.press("/next")
    assert "An advisor has your request" in visitor.status()
    advisor.press("/call")
    assert "We are about to call you" in visitor.status()
    phones.wait(advisor.phone, "ringing")
    advisor.sees("Your phone is ringing. Answer it and press 1.")
    assert phones.rings(number) == 0
    phones.answer(advisor.phone)
    phones.press(advisor.phone, "1")
    phones.wait(number, "ringing")
    advisor.sees("Their phone is ringing.")  # or is called, where no ringing is reported
    assert "We are calling you now" in visitor.status()
    phones.answer(number)
    until(lambda: phones.phone(number)["connected_to"] == advisor.phone, "they are connected")
    advisor.sees("You are connected.")
    (call,) = [each for each in phones.get("/calls")["calls"] if each["to"] == number]
    assert call["from"] == HELPLINE
    phones.hang_up(number)
    advisor.sees("The call was answered and has ended.")
    assert "Saved." in advisor.saves("reached", "Sees a doctor on Friday.")
    assert visitor.status() == "We spoke with you"
    assert (phones.rings(number), phones.rings(advisor.phone)) == (1, 1)
    assert "Kavita" not in advisor.get("/desk/").text


def test_no_answer_puts_it_back_in_the_queue_with_a_pause(
    house: House, visitor: Visitor, advisor: Advisor
) -> None:
    phones, number = house.phones, visitor.ask(name="Kavita")
    phones.behaves(advisor.phone, kind="answer", press="1")
    phones.behaves(number, kind="no_answer")
    advisor.take_next_and_call("Kavita")
    advisor.sees("They did not answer.")
    assert "scheduled for later" in advisor.saves("no_answer")
    assert visitor.status() == "We called and did not reach you"
    assert "We will try again today at about 11:" in visitor.get(visitor.address).text
    assert "No one is waiting." in advisor.press("/next")
    assert phones.rings(number) == 1
    visitor.submit(visitor.get(visitor.address), "/cancel")


def test_an_advisor_who_does_not_press_one_costs_the_visitor_nothing(
    house: House, visitor: Visitor, advisor: Advisor
) -> None:
    phones, number = house.phones, visitor.ask(name="Kavita")
    phones.behaves(advisor.phone, kind="voicemail", answer_after=1)
    advisor.take_next_and_call("Kavita")
    advisor.sees("You were not connected, because 1 was not pressed on your phone.")
    assert "An advisor has your request" in visitor.status()
    assert phones.rings(number) == 0
    phones.behaves(advisor.phone, kind="answer", press="1")
    phones.behaves(number, kind="answer", hang_up_after=2)
    advisor.press("/call")
    assert "Saved." in advisor.saves("reached")
    assert phones.rings(number) == 1


def test_a_visitor_who_cancels_while_the_advisors_phone_rings_is_never_rung(
    house: House, visitor: Visitor, advisor: Advisor
) -> None:
    phones, number = house.phones, visitor.ask(name="Kavita")
    advisor.take_next_and_call("Kavita")
    phones.wait(advisor.phone, "ringing")
    visitor.submit(visitor.get(visitor.address), "/cancel")
    assert visitor.status() == "Your request is cancelled"
    advisor.sees("No current callback")
    until(lambda: phones.phone(advisor.phone)["state"] == "idle", "the advisor's phone is quiet")
    assert phones.rings(number) == 0
    assert visitor.status() == "Your request is cancelled"


def test_trouble_at_the_carrier_is_told_in_plain_words_and_rings_nobody_twice(
    house: House, advisor: Advisor
) -> None:
    """One advisor is told "too many", then rung; another's answer is cut off; and a 500."""
    phones, other = house.phones, Advisor(house)
    other.sign_in(RAVI)
    first, second = Visitor(house), Visitor(house)
    first.ask(name="Kavita")
    second.ask(name="Arjun")
    for each in (advisor, other):
        phones.behaves(each.phone, kind="answer", press="1")
    # 429: surely not made, so it is asked for again, after a pause.
    phones.fault(kind="http_429", to=advisor.phone)
    advisor.take_next_and_call("Kavita")
    advisor.sees("The phone company is busy.")
    # Cut after: the call was made, but nobody heard so. It is looked up or heard of, never redone.
    phones.fault(kind="cut_after", to=other.phone)
    other.take_next_and_call("Arjun")
    for each, visitor in ((other, second), (advisor, first)):
        phones.answer(visitor.phone)
        each.sees("You are connected.")
        phones.hang_up(visitor.phone)
        assert "Saved." in each.saves("reached")
        assert visitor.status() == "We spoke with you"
        assert (phones.rings(visitor.phone), phones.rings(each.phone)) == (1, 1)
    # 500: it may have been made. It is looked for, not found, and only then given back.
    third = Visitor(house)
    third.ask(name="Leela")
    phones.fault(kind="http_500", to=advisor.phone)
    advisor.take_next_and_call("Leela")
    advisor.sees("The phone company did not make this call. Press Call again.")
    assert phones.rings(advisor.phone) == 1
    assert phones.rings(third.phone) == 0
    assert len(phones.get("/faults")["happened"]) == 3
    assert "An advisor has your request" in third.status()
    advisor.press("/release")
    third.submit(third.get(third.address), "/cancel")


def test_a_supervisor_listens_to_a_call_joins_and_leaves_it(
    house: House, visitor: Visitor, advisor: Advisor
) -> None:
    app = factory.create_app(house.settings)
    with app.app_context():
        factories.policy(supervisors_may_listen=True)
        staff_commands.add_staff(
            "Leena", EMAIL, ("supervisor",), SUPERVISOR, ("en",), VIKRAM.password
        )
        db.session.remove()
        db.engine.dispose()
    phones, supervisor = house.phones, Browser(house)
    supervisor.submit(supervisor.get("/login"), "/login", email=EMAIL, password=VIKRAM.password)
    for number in (advisor.phone, SUPERVISOR):
        phones.behaves(number, kind="answer", press="1")
    number = visitor.ask(name="Kavita")
    phones.behaves(number, kind="answer")
    assert "A supervisor may listen" in visitor.get("/").text
    advisor.take_next_and_call("Kavita")
    advisor.sees("You are connected.")

    def press(button: str) -> None:
        page = supervisor.get("/floor/")
        (value,) = {
            each.attrs["value"] for each in page.all("button") if each.attrs.get("name") == button
        }
        supervisor.submit(page, "/floor/listen", **{button: value})

    def muted() -> dict[str, bool]:
        found = phones.get("/conferences")["conferences"]
        return {each["number"]: each["muted"] for one in found for each in one["participants"]}

    press("listen")
    advisor.sees("Leena is listening to the call.")
    until(lambda: muted() == {advisor.phone: False, number: False, SUPERVISOR: True}, "all are in")
    until(lambda: "They do not hear you." in supervisor.get("/floor/").text, "listening")
    press("join")
    advisor.sees("Leena has joined the call.")
    until(lambda: muted().get(SUPERVISOR) is False, "they hear the supervisor")
    until(lambda: "[beep]" in phones.phone(number)["heard"], "the tone")
    press("leave")
    phones.wait(SUPERVISOR, "idle")
    until(lambda: set(muted()) == {advisor.phone, number}, "the other two are left")
    advisor.sees("You are connected.")
    assert phones.phone(number)["connected_to"] == advisor.phone
    phones.hang_up(number)
    advisor.sees("The call was answered and has ended.")
    phones.wait(advisor.phone, "idle")
    assert "Saved." in advisor.saves("reached")
    assert visitor.status() == "We spoke with you"
