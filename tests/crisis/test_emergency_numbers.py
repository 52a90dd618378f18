"""Which emergency number every region of the world is shown first, and what we know of it."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from helpline.directory.crisis import emergency, published_directory
from helpline.directory.crisis.emergency import Service
from helpline.directory.crisis.published_directory import ASK_WHERE_YOU_ARE
from helpline.domain.phone_numbers import calling_regions


def test_every_region_is_shown_first_the_number_of_the_reviewed_table() -> None:
    reviewed = {region: row.first for region, row in emergency.table().items()}
    directory = published_directory.load()
    assert len(reviewed) == 245
    shown = {region: directory.lines(region)[0].tel for region in calling_regions()}
    assert shown == reviewed
    assert {region: directory.emergency(region).tel for region in shown} == shown


def test_the_command_shows_numbers_sources_and_what_nobody_confirms(app: Flask) -> None:
    run = app.test_cli_runner().invoke
    shown = run(args=["helpline", "emergency-numbers", "ae", "LK"]).output
    assert "United Arab Emirates (AE): 999 (police)" in shown
    assert "https://" in shown, "the sources of the line in the directory"
    assert "not known to libphonenumber: 1990" in shown
    assert "unconfirmed" not in shown
    listed = run(args=["helpline", "emergency-numbers", "--unconfirmed"]).output
    assert "Norway (NO)" in listed and "India (IN)" not in listed
    refused = run(args=["helpline", "emergency-numbers", "ZZ"])
    assert refused.exit_code == 2
    assert "no region: ZZ" in refused.output


def test_the_table_is_whole() -> None:
    table = emergency.table()
    assert set(table) == set(calling_regions())
    for region, row in table.items():
        numbers = [number for _, number in row.numbers()]
        assert all(re.fullmatch(r"\d{2,5}", number) for number in numbers), region
        assert len(set(numbers)) == len(numbers), f"{region}: a number stands twice"
        assert row.source, region


def test_an_emergency_line_of_the_directory_begins_with_the_number_of_the_table() -> None:
    directory = published_directory.load()
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
    lines = published_directory.load().lines(region)
    assert [line.tel for line in lines] == numbers
    assert {line.notes for line in lines} == {ASK_WHERE_YOU_ARE}


def test_the_metadata_only_reports_what_it_does_not_know() -> None:
    table = emergency.table()
    assert table["LK"].unknown_to_metadata() == ["1990"]
    assert table["NG"].unknown_to_metadata() == ["112"]
    assert table["IN"].unknown_to_metadata() == []
