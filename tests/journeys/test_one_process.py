"""`helpline run --small`: web and worker in one process, which serves, calls and stops."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from helpline.cli import commands
from tests.cast import ASHA
from tests.journeys.live_services import open_house, until
from tests.journeys.people import Advisor, Visitor


def test_one_process_serves_pages_places_calls_and_stops(tmp_path: Path, database_url: str) -> None:
    with open_house(tmp_path, database_url, one_process=True) as house:
        phones, visitor, advisor = house.phones, Visitor(house), Advisor(house)
        advisor.sign_in(ASHA)
        number = visitor.ask(name="Kavita")
        phones.behaves(advisor.phone, kind="answer", press="1")
        advisor.take_next_and_call("Kavita")
        phones.answer(number)
        until(lambda: phones.phone(number)["connected_to"] == advisor.phone, "they are connected")
        phones.hang_up(number)
        assert "Saved." in advisor.saves("reached")
        assert visitor.status() == "We spoke with you"
    log = (tmp_path / "processes.log").read_text()
    assert "Everything stopped." in log
    assert "Traceback" not in log


@pytest.mark.parametrize("more", [["--demo"], ["--at", "2026-11-23 17:58"]])
def test_one_process_runs_no_demo(more: list[str]) -> None:
    result = CliRunner().invoke(commands.program, ["run", "--small", *more])
    assert result.exit_code == 2
    assert "--small runs no demo." in result.output
