"""A supervisor listens in to a call and joins it: live services, a carrier for each database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from helpline import factory
from helpline.cli import staff as staff_commands
from helpline.db import db
from tests import factories
from tests.cast import ASHA, VIKRAM
from tests.journeys.live_services import House, house_on, until
from tests.journeys.people import Advisor, Browser, Visitor

SUPERVISOR = "+919812300003"
EMAIL = "supervisor@helpline.example"


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def house(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    with house_on(request.param, request, tmp_path_factory) as opened:
        app = factory.create_app(opened.settings)
        with app.app_context():
            factories.policy(supervisors_may_listen=True)
            staff_commands.add_staff(
                "Leena", EMAIL, ("supervisor",), SUPERVISOR, ("en",), VIKRAM.password
            )
            db.session.remove()
            db.engine.dispose()
        yield opened


def test_a_supervisor_listens_joins_and_leaves(house: House) -> None:
    phones, advisor, supervisor = house.phones, Advisor(house), Browser(house)
    visitor = Visitor(house)
    advisor.sign_in(ASHA)
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
