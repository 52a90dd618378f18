"""What `make chaos` does, for one thing that breaks; and how what it sees is counted."""

from __future__ import annotations

import pytest

from bench.scenarios import faults
from bench.scenarios.faults_people import Answer, longest_gap
from bench.scenarios.faults_report import Row, as_page


@pytest.mark.chaos
def test_a_disk_that_is_full_loses_nothing_and_the_crisis_page_stands() -> None:
    (row,) = faults.run(["disk"], seconds=3, seed=1)

    assert row.troubles(faults.CRISIS_WITHIN_SECONDS) == []
    assert row.refused > 0, "the disk was not full"


def test_a_page_is_away_from_the_first_that_failed_until_the_next_good_one() -> None:
    spans = [(0, 0.1, True), (1, 1.2, False), (2, 7, False), (8, 8.5, True), (9, 9.1, True)]
    answers = [Answer(began, ended, good, "") for began, ended, good in spans]

    assert longest_gap(answers, 0, 10) == 7.5
    assert longest_gap(answers, 3, 10) == 6.5, "who waited since before counts too"
    assert longest_gap(answers, 8.6, 10) == pytest.approx(0.1)


def test_what_must_not_be_is_told() -> None:
    well = Row("all is well", "Nothing is done.", accepted=3, recovered=1.0)
    ill = Row("it broke", lost=2, crisis_away=4.0, broken=("one at a time",))

    assert well.troubles(3) == []
    assert ill.troubles(3) == [
        "it broke: one at a time",
        "it broke: 2 requests are lost",
        "it broke: the crisis page was away for 4.0 s",
        "it broke: no request was taken at all",
        "it broke: it did not get well again",
    ]
    assert Row("Redis", why_not="there is none").troubles(3) == []
    assert "- **all is well**: Nothing is done." in as_page([well, ill], 3)


def test_the_command_says_what_it_takes(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        faults.main(["--help"])

    assert ended.value.code == 0
    assert "failover" in capsys.readouterr().out
    assert faults.read_plan(["--only", "slow", "--seconds", "2"]).only == ["slow"]
