"""The crisis directory as a file: always something to ring, whatever became of the file."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from helpline.directory.crisis import emergency, published_directory
from helpline.directory.crisis.published_directory import (
    PACKAGED,
    CrisisLine,
    Directory,
    LinesAtMoment,
    load,
    publish,
)
from helpline.domain.phone_numbers import calling_regions

SAMARITANS = CrisisLine(
    region="GB", name="Samaritans", kind="crisis_line", phone="116 123", tel="116123"
)
SHOUT = CrisisLine(
    region="GB",
    name="Shout",
    kind="text_line",
    phone=None,
    tel=None,
    sms_number="85258",
    sms_keyword="SHOUT",
    languages=("en",),
    sources=("https://example.org/shout",),
    found_on=date(2026, 11, 23),
    last_checked=datetime(2026, 11, 30, 12, 0, tzinfo=UTC),
)

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "instance" / "crisis.json"


def test_the_packaged_data_is_whole() -> None:
    stored: list[dict[str, Any]] = json.loads(PACKAGED.read_text(encoding="utf-8"))
    directory, shown = load(), [each for each in stored if not each.get("retired")]
    assert (len(stored), len(shown), len({each["region"] for each in stored})) == (83, 82, 31)
    assert len(published_directory.packaged_lines()) == len(stored)
    assert [line.hours for line in directory.published] == [each["hours"] for each in shown]
    for line in directory.published:
        assert line.sources, line.name
        assert line.confidence, line.name
        assert line.is_always_open or line.opening_hours or line.hours is None, line.name


def test_nobody_has_called_a_packaged_line_yet() -> None:
    assert all(line.last_checked is None for line, _ in published_directory.packaged_lines())


def test_the_line_of_the_narcotics_bureau_is_not_shown_and_says_who_runs_it() -> None:
    ((line, begins_retired),) = [
        each for each in published_directory.packaged_lines() if each[0].tel == "1933"
    ]
    assert begins_retired
    assert line.kind == "law_enforcement"
    assert "Narcotics Control Bureau, a law enforcement agency" in line.notes
    assert all(each.tel != "1933" for each in load().published)


def test_hours_that_no_source_names_stay_unknown() -> None:
    line = next(each for each in load().lines("IN") if each.tel == "14446")
    assert line.hours is None
    assert line.is_open(NOON) is None


def test_a_line_carries_what_its_source_says() -> None:
    shout = next(line for line in load().lines("GB") if line.kind == "text_line")
    assert (shout.sms_number, shout.sms_keyword, shout.tel) == ("85258", "SHOUT", None)
    lifeline = next(line for line in load().lines("US") if line.kind == "crisis_line")
    assert (lifeline.tel, lifeline.sms_number, lifeline.sms_keyword) == ("988", "988", None)
    assert lifeline.languages == ("en", "es")
    assert lifeline.found_on == date(2026, 11, 30)
    assert lifeline.chat == "988lifeline.org/chat"
    vandrevala = next(line for line in load().lines("IN") if line.whatsapp)
    assert vandrevala.whatsapp == vandrevala.number_from_abroad == "+919999666555"


@pytest.mark.parametrize("region", ["IN", "US", "GB", "CA", "AU", "NZ", "SG"])
def test_a_region_with_lines_shows_emergency_first_then_crisis_lines(region: str) -> None:
    kinds = [line.kind for line in load().lines(region)]
    assert kinds[:2] == ["emergency", "crisis_line"]
    assert "crisis_line" not in kinds[kinds.count("crisis_line") + 1 :]


def test_the_order_within_the_rest_is_the_directorys() -> None:
    directory = Directory((SHOUT, replace(SHOUT, name="Another"), SAMARITANS))
    names = [line.name for line in directory.lines("GB")]
    assert names == ["Emergency services"] * 2 + ["Samaritans", "Shout", "Another"]


def test_every_region_in_the_world_has_an_emergency_number() -> None:
    directory = load()
    for region in directory.regions():
        line = directory.emergency(region)
        assert line.region == region
        assert line.kind == "emergency"
        assert line.tel
        assert directory.lines(region)[0] == line


def test_a_region_without_lines_shows_the_emergency_numbers_of_the_table() -> None:
    directory = load()
    lines = directory.lines("JP")
    assert [(line.name, line.tel) for line in lines] == [
        ("Emergency ambulance", "119"),
        ("Police", "110"),
    ]
    assert all(line.is_open(NOON) for line in lines)
    assert not directory.has_crisis_line("JP")


def test_a_region_is_never_shown_another_regions_line() -> None:
    directory = load()
    for region in directory.regions():
        assert {line.region for line in directory.lines(region)} == {region}


def test_regions_with_lines_come_first_and_every_other_follows() -> None:
    regions = tuple(load().regions())
    assert regions[:3] == ("IN", "US", "GB")
    assert len(regions) == len(set(regions))
    assert set(regions) >= set(calling_regions())


def test_what_was_published_is_what_is_shown(path: Path) -> None:
    publish(path, [SAMARITANS, SHOUT])
    assert load(path) == Directory((SAMARITANS, SHOUT))
    publish(path, [SHOUT])
    assert load(path) == Directory((SHOUT,))


def test_the_packaged_data_can_be_published_without_a_loss(path: Path) -> None:
    publish(path, load().published)
    stored = json.loads(PACKAGED.read_text(encoding="utf-8"))
    shown = [each for each in stored if not each.get("retired")]
    assert json.loads(path.read_text(encoding="utf-8")) == shown


def test_what_a_form_left_empty_is_unknown(path: Path) -> None:
    publish(path, [replace(SAMARITANS, hours="", website="", sms_number="")])
    assert load(path) == Directory((SAMARITANS,))


@pytest.mark.parametrize("lines", [[], [replace(SAMARITANS, tel=None)]])
def test_what_could_not_be_read_again_is_not_published(path: Path, lines: list[CrisisLine]) -> None:
    publish(path, [SHOUT])
    with pytest.raises(ValueError, match="line"):
        publish(path, lines)
    assert load(path) == Directory((SHOUT,))


def test_other_processes_may_read_it_and_nothing_is_left_beside_it(path: Path) -> None:
    publish(path, [SAMARITANS])
    assert path.stat().st_mode & 0o777 == 0o644
    assert [each.name for each in path.parent.iterdir()] == [path.name]


def test_without_a_published_file_our_own_data_stands_in(path: Path) -> None:
    assert load(path) == load(None)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"{}",
        b"null",
        b"17",
        b'[{"region": "GB"',
        b'[{"region": "GB"}]',
        b'["Samaritans"]',
        b"\xff\xfe\x00",
        b"[" * 100_000,
    ],
)
def test_a_corrupt_file_falls_back_to_our_own_data(path: Path, content: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    assert load(path) == load(None)


@pytest.mark.parametrize(
    "damage",
    [
        {"name": None},
        {"region": ""},
        {"tel": 116123},
        {"sms": "85258"},
        {"languages": "en"},
        {"sources": [None]},
        {"found_on": "last week"},
        {"phone": None, "tel": None},
    ],
)
def test_a_line_that_makes_no_sense_spoils_the_file(path: Path, damage: dict[str, Any]) -> None:
    publish(path, [SAMARITANS])
    (data,) = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps([data | damage]), encoding="utf-8")
    assert load(path) == load(None)


def test_a_folder_where_the_file_should_be_falls_back_too(path: Path) -> None:
    path.mkdir(parents=True)
    assert load(path) == load(None)


def test_without_any_readable_data_there_is_still_an_emergency_number(
    monkeypatch: pytest.MonkeyPatch, path: Path
) -> None:
    monkeypatch.setattr(published_directory, "PACKAGED", path)
    assert [line.tel for line in load(path).lines("GB")] == ["999", "112"]
    monkeypatch.setattr(emergency, "table", dict)
    assert [line.tel for line in load(path).lines("GB")] == ["112"]


def test_a_failed_publication_leaves_what_was_there(
    monkeypatch: pytest.MonkeyPatch, path: Path
) -> None:
    publish(path, [SAMARITANS])

    def no_space(*_: object) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(os, "fsync", no_space)
    with pytest.raises(OSError, match="no space"):
        publish(path, [SHOUT])
    assert load(path) == Directory((SAMARITANS,))
    assert [each.name for each in path.parent.iterdir()] == [path.name]


WEEKDAYS = replace(SAMARITANS, hours="Mo-Fr 09:30-17:30", time_zone="Europe/London")


@pytest.mark.parametrize(
    ("wall", "is_open", "opens", "closes"),
    [
        ("2026-11-23T09:29:59+00:00", False, "2026-11-23T09:30:00+00:00", None),
        ("2026-11-23T09:30:00+00:00", True, None, "2026-11-23T17:30:00+00:00"),
        ("2026-11-23T17:30:00+00:00", False, "2026-11-24T09:30:00+00:00", None),
        ("2026-11-27T20:00:00+00:00", False, "2026-11-30T09:30:00+00:00", None),
        ("2026-07-01T08:30:00+00:00", True, None, "2026-07-01T16:30:00+00:00"),
    ],
)
def test_weekly_hours_go_by_the_clock_of_the_lines_own_zone(
    wall: str, is_open: bool, opens: str | None, closes: str | None
) -> None:
    now = datetime.fromisoformat(wall)
    found = LinesAtMoment.of([WEEKDAYS], now)
    assert WEEKDAYS.is_open(now) is is_open
    assert bool(found.open_now) is is_open
    assert [at.isoformat() for _, at in found.opening_later] == ([opens] if opens else [])
    changes_at = found.changes_at(now)
    assert changes_at is not None
    assert changes_at.isoformat() == (closes or opens)


@pytest.mark.parametrize(
    "hours",
    [None, "", "9 am to 9 pm", "Mo-Fr", "Mo-Fr off", "Mo-Fr 09:00-17:00; PH off", "24/7 off"],
)
def test_hours_that_do_not_tell_are_unknown_and_never_now(hours: str | None) -> None:
    line = replace(WEEKDAYS, hours=hours)
    assert line.is_open(NOON) is None
    assert LinesAtMoment.of([line], NOON) == LinesAtMoment((), (), (line,))


def test_weekly_hours_without_a_zone_are_unknown() -> None:
    for zone in (None, "Europe/Nowhere"):
        assert replace(WEEKDAYS, time_zone=zone).is_open(NOON) is None


def test_every_line_of_every_region_is_in_one_group_and_now_holds_known_ones_only() -> None:
    directory = load()
    for hour in range(0, 7 * 24, 5):
        now = NOON + timedelta(hours=hour)
        for region in directory.regions():
            found = directory.at(region, now)
            later = tuple(line for line, _ in found.opening_later)
            names = [line.name for line in (*found.open_now, *later, *found.hours_unknown)]
            assert sorted(names) == sorted(line.name for line in directory.lines(region))
            assert all(line.is_open(now) is True for line in found.open_now)
            assert all(line.is_open(now) is False for line in later)
            assert all(opens_at > now for _, opens_at in found.opening_later)
            assert directory.emergency(region) in found.open_now


def test_a_text_names_a_line_only_while_it_is_open() -> None:
    directory = Directory((WEEKDAYS,))
    assert directory.short_numbers("GB", NOON) == "999, 116 123"
    assert directory.short_numbers("GB", NOON + timedelta(hours=9)) == "999"
    assert load().short_numbers("GQ", NOON) == "115, 112"


def test_what_answers_only_in_its_country_is_known() -> None:
    lines = {line.tel: line for line in load().lines("IN")}
    assert lines["14416"].answers_only_inside
    assert lines["181"].answers_only_inside
    assert not lines["9999666555"].answers_only_inside
    assert not lines["112"].answers_only_inside, "an emergency number is for where one is"
    abroad = load().reachable_from_abroad("IN", NOON)
    assert [line.name for line in abroad] == ["Vandrevala Foundation"]


def test_a_line_that_only_takes_texts_is_no_emergency_number() -> None:
    texts = replace(SHOUT, region="NP", kind="emergency", name="Emergency by text")
    directory = Directory((texts,))
    (listed,) = Directory(()).lines("NP")[:1]
    assert directory.emergency("NP") == listed
    assert {texts, listed} <= set(directory.lines("NP"))
    called = replace(listed, name="Called")
    assert Directory((texts, called)).emergency("NP") == called
