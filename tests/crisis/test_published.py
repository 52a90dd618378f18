"""The crisis directory as a file: always something to ring, whatever became of the file."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from helpline.crisis import published
from helpline.crisis.published import PACKAGED, CrisisLine, Directory, load, publish
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


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "instance" / "crisis.json"


def test_the_packaged_data_is_whole() -> None:
    directory = load()
    stored: list[dict[str, Any]] = json.loads(PACKAGED.read_text(encoding="utf-8"))
    assert len(directory.published) == len(stored) == 25
    assert all(line.sources for line in directory.published)
    assert [line.hours for line in directory.published] == [each["hours"] for each in stored]


def test_nobody_has_rung_a_packaged_line_yet() -> None:
    assert all(line.last_checked is None for line in load().published)


def test_hours_that_no_source_names_stay_unknown() -> None:
    women = next(line for line in load().lines("IN") if line.name == "Women helpline")
    assert women.hours is None


def test_a_line_carries_what_its_source_says() -> None:
    shout = next(line for line in load().lines("GB") if line.kind == "text_line")
    assert (shout.sms_number, shout.sms_keyword, shout.tel) == ("85258", "SHOUT", None)
    lifeline = next(line for line in load().lines("US") if line.kind == "crisis_line")
    assert (lifeline.tel, lifeline.sms_number, lifeline.sms_keyword) == ("988", "988", None)
    assert lifeline.languages == ("en", "es")
    assert lifeline.found_on == date(2026, 11, 23)


@pytest.mark.parametrize("region", ["IN", "US", "GB", "CA", "AU", "NZ", "SG"])
def test_a_region_with_lines_shows_emergency_first_then_crisis_lines(region: str) -> None:
    kinds = [line.kind for line in load().lines(region)]
    assert kinds[:2] == ["emergency", "crisis_line"]
    assert "crisis_line" not in kinds[kinds.count("crisis_line") + 1 :]


def test_the_order_within_the_rest_is_the_directorys() -> None:
    directory = Directory((SHOUT, replace(SHOUT, name="Another"), SAMARITANS))
    names = [line.name for line in directory.lines("GB")]
    assert names == ["Emergency services", "Samaritans", "Shout", "Another"]


def test_every_region_in_the_world_has_an_emergency_number() -> None:
    directory = load()
    for region in directory.regions():
        line = directory.emergency(region)
        assert line.region == region
        assert line.kind == "emergency"
        assert line.tel
        assert directory.lines(region)[0] == line


def test_a_region_without_lines_shows_its_own_emergency_number_only() -> None:
    directory = load()
    (line,) = directory.lines("JP")
    assert line.tel == "119"
    assert line.hours is None
    assert "libphonenumber" in line.sources[0]
    assert not directory.has_crisis_line("JP")
    assert directory.find_a_helpline == "https://findahelpline.com"


def test_a_region_is_never_shown_another_regions_line() -> None:
    directory = load()
    for region in directory.regions():
        assert {line.region for line in directory.lines(region)} == {region}


def test_where_not_even_the_metadata_knows_it_is_112() -> None:
    line = load().emergency("GQ")
    assert line.tel == "112"
    assert "3GPP" in line.sources[0]


def test_an_emergency_line_but_no_crisis_line_still_points_to_find_a_helpline() -> None:
    directory = load()
    assert not directory.has_crisis_line("ZA")
    assert directory.has_crisis_line("IN")


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
    assert json.loads(path.read_text(encoding="utf-8")) == json.loads(
        PACKAGED.read_text(encoding="utf-8")
    )


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
    monkeypatch.setattr(published, "PACKAGED", path)
    assert [line.tel for line in load(path).lines("GB")] == ["999"]


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
