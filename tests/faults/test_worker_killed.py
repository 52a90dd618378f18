"""A worker is killed (SIGKILL) right after the carrier had its request, before it could write the
answer down; another starts. Real processes: the advisor's phone rings once, the visitor's once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from tests.cast import ASHA
from tests.journeys.live_services import (
    START_SECONDS,
    House,
    clean_environment,
    end,
    house_on,
    until,
)
from tests.journeys.people import Advisor, Visitor
from tests.support import programs
from tests.support.carriers import PHONESIM_TOKENS, phones_url, phonesim_options
from tests.support.programs import Program
from tests.support.settings import environment_of

ANSWER_HELD_BACK_SECONDS = 60


@contextmanager
def program(house: House, log: Path, *command: str) -> Iterator[Program]:
    """A process of this house, ended in any case."""
    environment = {
        **clean_environment(),
        **environment_of(house.settings),
        **PHONESIM_TOKENS,
    }
    with log.open("ab") as output:
        started = programs.start(command, env=environment, output=output)
        try:
            yield started
        finally:
            end([started])


def worker(house: House, log: Path) -> AbstractContextManager[Program]:
    """A worker."""
    return program(house, log, "flask", "--app", "app:create_app", "helpline", "worker")


def phones_answer(house: House) -> bool:
    """Whether the simulated network is up."""
    import requests

    try:
        return requests.get(f"{house.phones.url}/sim/phones", timeout=10).ok
    except requests.RequestException:
        return False


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def opened_house(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    """Web and phones; the worker is the test's own, to be killed."""
    with house_on(request.param, request, tmp_path_factory, web_only=True) as opened:
        port = phones_url(opened.settings).rpartition(":")[2]
        phones = ["phonesim", "--port", port, "--time-scale", "5"]
        phones += phonesim_options(opened.settings)
        phones += ["--clock-offset-seconds", str(opened.settings.clock_offset_seconds)]
        with program(opened, tmp_path_factory.mktemp("phones") / "log", *phones):
            until(lambda: phones_answer(opened), "the phones are up", START_SECONDS)
            yield opened


@pytest.fixture
def house(opened_house: House) -> House:
    """The house, its phones as at the start."""
    opened_house.phones.tell("POST", "/reset")
    return opened_house


@pytest.mark.parametrize("webhooks", ["come", "are lost"])
def test_a_worker_killed_between_asking_and_writing_it_down_rings_nobody_twice(
    house: House, tmp_path: Path, webhooks: str
) -> None:
    phones, visitor, advisor = house.phones, Visitor(house), Advisor(house)
    advisor.sign_in(ASHA)
    number = visitor.ask(name="Kavita")
    phones.fault(kind="timeout", to=advisor.phone, seconds=ANSWER_HELD_BACK_SECONDS)
    if webhooks == "are lost":
        phones.fault(kind="webhook_drop", to=advisor.phone, times=None)
    with worker(house, tmp_path / "first.log") as first:
        advisor.take_next_and_call("Kavita")
        phones.wait(advisor.phone, "ringing")
        first.kill()
        first.wait()

    with worker(house, tmp_path / "second.log"):
        phones.answer(advisor.phone)
        phones.press(advisor.phone, "1")
        phones.answer(number)
        until(lambda: phones.phone(number)["connected_to"] == advisor.phone, "they talk")
        phones.hang_up(number)
        advisor.sees("The call was answered and has ended.")
        assert "Saved." in advisor.saves("reached", "")
        until(lambda: visitor.status() == "We spoke with you", "it is over")
        assert (phones.rings(advisor.phone), phones.rings(number)) == (1, 1)


def test_a_worker_killed_before_the_carrier_made_the_call_loses_nothing(
    house: House, tmp_path: Path
) -> None:
    phones, visitor, advisor = house.phones, Visitor(house), Advisor(house)
    advisor.sign_in(ASHA)
    number = visitor.ask(name="Kavita")
    held_back = {"kind": "timeout", "made": False, "seconds": ANSWER_HELD_BACK_SECONDS}
    phones.fault(to=advisor.phone, **held_back)
    with worker(house, tmp_path / "first.log") as first:
        advisor.take_next_and_call("Kavita")
        until(lambda: phones.get("/faults")["happened"].get("timeout"), "the carrier was asked")
        first.kill()
        first.wait()

    with worker(house, tmp_path / "second.log"):
        advisor.sees("The phone company did not make this call. Press Call again.")
        assert phones.rings(advisor.phone) == 0
        phones.behaves(advisor.phone, kind="answer", press="1")
        phones.behaves(number, kind="answer", hang_up_after=2)
        advisor.press("/call")
        assert "Saved." in advisor.saves("reached")
        assert (phones.rings(advisor.phone), phones.rings(number)) == (1, 1)
