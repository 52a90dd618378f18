"""Selection of the time zone table of this process: the newer of the system's and the packaged one.

``zoneinfo`` prefers the system's table, however old. Governments change their clocks at a few
months' notice, so an old table places calls at the wrong hour.
"""

from __future__ import annotations

import re
import zoneinfo
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import import_module, resources
from pathlib import Path
from zoneinfo import ZoneInfo

_RELEASE = re.compile(r"([0-9]{4})([a-z]*)")
_SYSTEM_FOLDERS = tuple(map(Path, zoneinfo.TZPATH))
_PACKAGED_ZONES = "tzdata.zoneinfo"
_STEP, _DAY = timedelta(minutes=30), timedelta(days=1)
COMPARISON_PERIOD = timedelta(days=396)
"""How far ahead the two tables are compared: thirteen months, to cover every season."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Where the system's table and the packaged one disagree about a zone.

    Args:
        at: the first instant at which they differ, to half an hour.
        system: the system's release, such as "2025b"; empty if unknown.
        packaged: the package's release.
    """

    at: datetime
    system: str
    packaged: str


def use_newest() -> None:
    """Make ``zoneinfo`` use the packaged table, unless the system's is at least as new."""
    if _release_key(packaged_release()) > _release_key(system_release()):
        zoneinfo.reset_tzpath(to=())
        ZoneInfo.clear_cache()


def release() -> str:
    return system_release() if zoneinfo.TZPATH and _system_folder() else packaged_release()


def packaged_release() -> str:
    return str(import_module("tzdata").IANA_VERSION)


def system_release() -> str:
    """Return the release of the system's table; empty if there is none or it is unknown."""
    folder = _system_folder()
    if folder is None:
        return ""
    for name in ("tzdata.zi", "+VERSION"):
        if (file := folder / name).is_file():
            with file.open(encoding="utf-8") as opened:
                if match := _RELEASE.search(opened.readline()):
                    return match[0]
    return ""


def difference(zone: str, now: datetime) -> Difference | None:
    """Return where the two tables first disagree about a zone within thirteen months, or None.

    Args:
        zone: an IANA name, such as "Asia/Kolkata".
        now: an aware instant.
    """
    system, packaged = _system_zone(zone), _packaged_zone(zone)
    if system is None or packaged is None:
        return None

    def offsets(at: datetime) -> list[timedelta | None]:
        return [at.astimezone(table).utcoffset() for table in (system, packaged)]

    at = now.replace(minute=now.minute // 30 * 30, second=0, microsecond=0)
    while at < now + COMPARISON_PERIOD:
        here = offsets(at)
        if here[0] != here[1]:
            return Difference(at, system_release(), packaged_release())
        # No clock changes twice in a day: one without a change needs no closer look.
        at += _STEP if offsets(at + _DAY) != here else _DAY
    return None


def only_zone_of(region: str) -> str | None:
    """Return the time zone of a region; None if it has several, or the region is unknown.

    Args:
        region: an ISO 3166 code, such as "IN".
    """
    table = resources.files(_PACKAGED_ZONES).joinpath("zone.tab").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in table.splitlines() if not line.startswith("#"))
    zones = [row[2] for row in rows if row[0] == region]
    return zones[0] if len(zones) == 1 else None


def _system_folder() -> Path | None:
    return next((folder for folder in _SYSTEM_FOLDERS if folder.is_dir()), None)


def _system_zone(zone: str) -> ZoneInfo | None:
    folder = _system_folder()
    file = folder / zone if folder is not None else None
    if file is None or not file.is_file():
        return None
    with file.open("rb") as opened:
        return ZoneInfo.from_file(opened, key=zone)


def _packaged_zone(zone: str) -> ZoneInfo | None:
    file = resources.files(_PACKAGED_ZONES).joinpath(*zone.split("/"))
    if not file.is_file():
        return None
    with file.open("rb") as opened:
        return ZoneInfo.from_file(opened, key=zone)


def _release_key(release_name: str) -> tuple[int, int, str]:
    """Sort key of releases: 2026b is after 2026a, and 2025za after 2025z. An unknown one is old."""
    match = _RELEASE.fullmatch(release_name)
    return (int(match[1]), len(match[2]), match[2]) if match else (0, 0, "")
