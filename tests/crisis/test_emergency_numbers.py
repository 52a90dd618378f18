"""Which emergency number every region of the world is shown first, and what we know of it."""

from __future__ import annotations

import re

import pytest

from helpline.crisis import emergency, published
from helpline.crisis.emergency import Service
from helpline.crisis.published import ASK_WHERE_YOU_ARE
from helpline.domain.phone_numbers import calling_regions
from tools import crisis_numbers_doc

REVIEWED = re.compile(r"^\| .+ \((?P<region>[A-Z]{2})\) \| \*\*(?P<first>\d+)\*\* \|", re.M)


def test_every_region_is_told_first_what_the_reviewed_page_says() -> None:
    page = crisis_numbers_doc.FILE.read_text(encoding="utf-8")
    reviewed = {found["region"]: found["first"] for found in REVIEWED.finditer(page)}
    directory = published.load()
    assert len(reviewed) == 245
    told = {region: directory.lines(region)[0].tel for region in calling_regions()}
    assert told == reviewed
    assert {region: directory.emergency(region).tel for region in told} == told


def test_the_page_is_made_from_the_data() -> None:
    assert crisis_numbers_doc.FILE.read_text(encoding="utf-8") == crisis_numbers_doc.page()


def test_the_table_is_whole() -> None:
    table = emergency.table()
    assert set(table) == set(calling_regions())
    for region, row in table.items():
        numbers = [number for _, number in row.numbers()]
        assert all(re.fullmatch(r"\d{2,5}", number) for number in numbers), region
        assert len(set(numbers)) == len(numbers), f"{region}: a number stands twice"
        assert row.source, region


def test_an_emergency_line_of_the_directory_begins_with_the_number_of_the_table() -> None:
    directory = published.load()
    for region in {line.region for line in directory.published}:
        assert directory.emergency(region).tel == emergency.table()[region].first, region


@pytest.mark.parametrize(
    ("region", "first", "service"),
    [
        ("OM", "9999", Service.EVERYTHING),
        ("LK", "1990", Service.AMBULANCE),
        ("NG", "112", Service.EVERYTHING),
        ("HN", "911", Service.EVERYTHING),
        ("AE", "999", Service.POLICE),
        ("SA", "997", Service.AMBULANCE),
        ("MU", "114", Service.AMBULANCE),
        ("BR", "192", Service.AMBULANCE),
        ("GH", "112", Service.EVERYTHING),
        ("LB", "140", Service.AMBULANCE),
        ("NO", "113", Service.AMBULANCE),
        ("IR", "115", Service.AMBULANCE),
        ("CO", "123", Service.EVERYTHING),
        ("CL", "131", Service.AMBULANCE),
        ("IN", "112", Service.EVERYTHING),
        ("US", "911", Service.EVERYTHING),
        ("GB", "999", Service.EVERYTHING),
    ],
)
def test_no_police_or_fire_number_stands_where_an_ambulance_is_needed(
    region: str, first: str, service: Service
) -> None:
    row = emergency.table()[region]
    assert (row.first, row.answers) == (first, service)


def test_what_is_known_from_lists_only_is_marked_unconfirmed() -> None:
    table = emergency.table()
    for region in ("NO", "IR", "CO", "CL", "MM", "JM", "DZ", "UZ", "GQ"):
        assert not table[region].is_confirmed, region
    for region in ("OM", "NG", "HN", "LK", "AE", "SA", "MU", "BR", "GH", "LB", "IN", "FI"):
        assert table[region].is_confirmed, region


@pytest.mark.parametrize(
    ("region", "numbers"), [("GQ", ["115", "112"]), ("GN", ["18", "112"]), ("TK", ["112"])]
)
def test_where_nobody_promises_an_answer_both_numbers_are_shown_with_what_to_ask(
    region: str, numbers: list[str]
) -> None:
    lines = published.load().lines(region)
    assert [line.tel for line in lines] == numbers
    assert {line.notes for line in lines} == {ASK_WHERE_YOU_ARE}


def test_the_metadata_only_reports_what_it_does_not_know() -> None:
    table = emergency.table()
    assert table["LK"].unknown_to_metadata() == ["1990"]
    assert table["NG"].unknown_to_metadata() == ["112"]
    assert table["IN"].unknown_to_metadata() == []
