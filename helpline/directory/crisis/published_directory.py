"""The crisis directory as a file that is served while everything else is down.

The file is rewritten whenever the directory changes. Until the first time, and whenever it cannot
be read, the packaged data is used.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar, Protocol, Self

import structlog

from helpline.atomic_files import file_version, write_atomic
from helpline.directory.crisis import emergency
from helpline.directory.crisis.emergency import EmergencyNumbers, Service
from helpline.domain.errors import InvalidHours
from helpline.domain.hours_formats import CannotRead
from helpline.domain.opening_hours import OpeningHours
from helpline.domain.osm_hours import from_osm
from helpline.domain.phone_numbers import calling_regions, international_number
from helpline.i18n.catalogs import pgettext_noop

FIND_A_HELPLINE = "https://findahelpline.com"
PACKAGED = Path(__file__).with_name("crisis_numbers.json")

EMERGENCY = "emergency"
CRISIS_LINE = "crisis_line"
DOMESTIC_ABUSE = "domestic_abuse"
LAW_ENFORCEMENT = "law_enforcement"
KINDS = (
    EMERGENCY,
    CRISIS_LINE,
    "text_line",
    "substance_use",
    DOMESTIC_ABUSE,
    "child",
    LAW_ENFORCEMENT,
)
COSTS = ("free", "may_cost")
DAY_AND_NIGHT = "24/7"
_KINDS_IN_SMS = (EMERGENCY, CRISIS_LINE)

_EMERGENCY_SERVICES = pgettext_noop("line", "Emergency services")
_NAMES = {
    Service.EVERYTHING: _EMERGENCY_SERVICES,
    Service.UNKNOWN: _EMERGENCY_SERVICES,
    Service.AMBULANCE: pgettext_noop("line", "Emergency ambulance"),
    Service.POLICE: pgettext_noop("line", "Police"),
    Service.FIRE: pgettext_noop("line", "Fire and rescue"),
}
ASK_WHERE_YOU_ARE = pgettext_noop(
    "line", "This number may not be answered here. Ask people near you which number to call."
)

logger: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(__name__)


class Ranked(Protocol):
    """What determines a line's rank."""

    @property
    def kind(self) -> str: ...
    @property
    def state(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class CrisisLine:
    """A line of the directory.

    Args:
        region: such as "IN".
        kind: one of KINDS.
        phone: the number as people read it; None for a line that only takes text messages.
        tel: the number as dialled; None likewise.
        sms_number: where to send a text message, if possible.
        sms_keyword: the word to send, if needed.
        cost: "free" or "may_cost" where a source says so; None when unconfirmed.
        hours: "24/7", or weekly hours in OpenStreetMap's syntax, such as "Mo-Fr 09:00-17:00"; None
            without a source. Anything else is for people and does not tell whether it is open.
        time_zone: IANA name of the zone of weekly hours.
        languages: codes, such as "hi".
        website: without a scheme.
        notes: what a person should know.
        notes_by_language: translations by an admin, by code.
        sources: addresses or descriptions.
        found_on: when it was found there.
        last_checked: when someone of this helpline last called it; None for never.
        confidence: of the sources, such as "high".
        whatsapp: in international form.
        chat: address without a scheme.
        state: ISO 3166-2 code of the only state that it is for, such as "IN-MH"; None for the whole
            country.
    """

    region: str
    name: str
    kind: str
    phone: str | None
    tel: str | None
    sms_number: str | None = None
    sms_keyword: str | None = None
    hours: str | None = None
    languages: tuple[str, ...] = ()
    website: str | None = None
    notes: str = ""
    sources: tuple[str, ...] = ()
    found_on: date | None = None
    last_checked: datetime | None = None
    cost: str | None = None
    notes_by_language: Mapping[str, str] = field(default_factory=dict, hash=False)
    time_zone: str | None = None
    confidence: str | None = None
    whatsapp: str | None = None
    chat: str | None = None
    state: str | None = None

    @property
    def is_emergency_number(self) -> bool:
        """Whether it can be called in an emergency; some only take text messages."""
        return self.kind == EMERGENCY and self.tel is not None

    @property
    def is_unpromised(self) -> bool:
        """Whether an answer of this emergency number is not assured."""
        return self.notes == ASK_WHERE_YOU_ARE

    @property
    def is_always_open(self) -> bool:
        """Whether it answers 24/7, by a source, or as an emergency number without other hours."""
        by_kind = self.kind == EMERGENCY and self.opening_hours is None
        return self.hours == DAY_AND_NIGHT or by_kind

    @property
    def opening_hours(self) -> OpeningHours | None:
        """Weekly hours; None where it is open 24/7, and where they are unknown."""
        return opening_hours(self.hours or "", self.time_zone or "")

    @property
    def number_from_abroad(self) -> str | None:
        """What to dial from another country; None where that is impossible or unknown. Toll-free
        and short numbers work only in their country.
        """
        if self.tel is None:
            return None
        return international_number(self.tel, self.region)

    @property
    def is_for_abroad(self) -> bool:
        """Whether it can be reached from another country."""
        return bool(self.number_from_abroad or self.whatsapp)

    @property
    def answers_only_inside(self) -> bool:
        """Whether it answers only in its own country, as far as its number tells."""
        others = self.whatsapp or self.chat or (self.tel or "").startswith("+")
        return self.kind != EMERGENCY and not (others or self.number_from_abroad)

    def opens_at(self, now: datetime) -> datetime | None:
        """Return when it opens next; None where it is open or hours are unknown."""
        opening_hours = self.opening_hours
        if opening_hours is None or opening_hours.is_open(now):
            return None
        return opening_hours.next_opening(now)

    def closes_at(self, now: datetime) -> datetime | None:
        """Return when it closes; None where it does not or hours are unknown."""
        opening_hours = self.opening_hours
        return opening_hours.closes_at(now) if opening_hours else None

    def is_open(self, now: datetime) -> bool | None:
        """Return whether it is open now; None when unknown."""
        if self.is_always_open:
            return True
        opening_hours = self.opening_hours
        return opening_hours.is_open(now) if opening_hours else None


@dataclass(frozen=True, slots=True)
class LinesAtMoment:
    """The lines of a region at one moment, each group in directory order.

    Args:
        open_now: known to be open: only these are offered as "now", spoken and texted.
        opening_later: closed, with the next opening of each.
        hours_unknown: the others.
    """

    open_now: tuple[CrisisLine, ...]
    opening_later: tuple[tuple[CrisisLine, datetime], ...]
    hours_unknown: tuple[CrisisLine, ...]

    @classmethod
    def of(cls, lines: Iterable[CrisisLine], now: datetime) -> Self:
        """Group lines by whether they are open.

        Args:
            now: an aware instant.
        """
        open_now, later, unknown = [], [], []
        for line in lines:
            if line.is_open(now):
                open_now.append(line)
            elif (opens_at := line.opens_at(now)) is not None:
                later.append((line, opens_at))
            else:
                unknown.append(line)
        return cls(tuple(open_now), tuple(later), tuple(unknown))

    def changes_at(self, now: datetime) -> datetime | None:
        """Return when a line next opens or closes, if any does."""
        closings = (line.closes_at(now) for line in self.open_now)
        moments = (*closings, *(opens_at for _, opens_at in self.opening_later))
        return min((moment for moment in moments if moment is not None), default=None)


@dataclass(frozen=True, slots=True)
class Directory:
    """All lines, and at least an emergency number for every region of the world.

    Args:
        published: the lines in display order.
    """

    published: tuple[CrisisLine, ...]
    _by_region: Mapping[str, tuple[CrisisLine, ...]] = field(init=False, repr=False, compare=False)
    _by_state: Mapping[str, tuple[CrisisLine, ...]] = field(init=False, repr=False, compare=False)
    _regions: Mapping[str, None] = field(init=False, repr=False, compare=False)

    find_a_helpline: ClassVar[str] = FIND_A_HELPLINE
    """Where to find other lines, in every region."""

    def __post_init__(self) -> None:
        by_region: dict[str, tuple[CrisisLine, ...]] = {}
        by_state: dict[str, tuple[CrisisLine, ...]] = {}
        for line in self.published:
            group = by_state if line.state else by_region
            group[line.region] = (*group.get(line.region, ()), line)
        object.__setattr__(self, "_by_region", by_region)
        object.__setattr__(self, "_by_state", by_state)
        object.__setattr__(self, "_regions", dict.fromkeys((*by_region, *calling_regions())))

    def lines(self, region: str) -> tuple[CrisisLine, ...]:
        """Return the lines for a whole region: emergency, crisis, then the others.

        Args:
            region: such as "IN". Without a published emergency number, the table's are included.
        """
        region_lines = self._by_region.get(region, ())
        if not any(line.is_emergency_number for line in region_lines):
            region_lines = (*region_lines, *_lines_of_table(region))
        return tuple(sorted(region_lines, key=rank))

    def state_lines(self, region: str) -> tuple[CrisisLine, ...]:
        """Return the lines for one state of a region each, by state.

        Args:
            region: such as "IN".
        """
        return tuple(sorted(self._by_state.get(region, ()), key=rank))

    def emergency(self, region: str) -> CrisisLine:
        """Return the line to call first when life is in danger: the published one, else the
        table's.

        Args:
            region: such as "IN".
        """
        region_lines = self._by_region.get(region, ())
        published = next((line for line in region_lines if line.is_emergency_number), None)
        return published or _lines_of_table(region)[0]

    def police(self, region: str) -> CrisisLine | None:
        """Return the police line where it differs from the emergency line, or None.

        Args:
            region: such as "IN".
        """
        first = self.emergency(region)
        lines = (*self._by_region.get(region, ()), *_lines_of_table(region))
        line = next(
            (
                candidate
                for candidate in lines
                if candidate.is_emergency_number and candidate.name == _NAMES[Service.POLICE]
            ),
            None,
        )
        return None if line is None or line.tel == first.tel else line

    def second_emergency(self, region: str) -> CrisisLine | None:
        """Return a second emergency line to show where an answer of the first is not assured.

        Args:
            region: such as "IN".
        """
        if not self.emergency(region).is_unpromised:
            return None
        return next((line for line in self.lines(region)[1:] if line.is_unpromised), None)

    def at(self, region: str, now: datetime) -> LinesAtMoment:
        """Return the lines of a region grouped by whether they are open.

        Args:
            region: such as "IN".
            now: an aware instant.
        """
        return LinesAtMoment.of(self.lines(region), now)

    def reachable_from_abroad(self, region: str, now: datetime) -> tuple[CrisisLine, ...]:
        """Return the open lines of a region that can be reached from another country, in order.

        Args:
            region: such as "IN".
            now: an aware instant.
        """
        lines = self.at(region, now).open_now
        return tuple(line for line in lines if line.kind != EMERGENCY and line.is_for_abroad)

    def has_crisis_line(self, region: str) -> bool:
        return any(line.kind == CRISIS_LINE for line in self._by_region.get(region, ()))

    def short_numbers(self, region: str, now: datetime) -> str:
        """Return numbers for a text message: "112, 14416". The emergency number and an open crisis
        line; without names, since anybody may see a text message.

        Args:
            region: such as "IN".
            now: an aware instant.
        """
        lines = self.at(region, now).open_now
        chosen = [next((e for e in lines if e.kind == k and e.phone), None) for k in _KINDS_IN_SMS]
        chosen.insert(1, self.second_emergency(region))
        return ", ".join(line.phone for line in chosen if line and line.phone)

    def regions(self) -> Collection[str]:
        """Return all regions: those with lines, in order, then all others."""
        return self._regions.keys()


def load(path: Path | None = None) -> Directory:
    """Return the published directory, else the packaged one. Never fails.

    Args:
        path: the published file; None when there is none.
    """
    if path is not None:
        try:
            return _read(path)
        except FileNotFoundError:
            pass
        except Exception:  # Whatever is wrong with it, a visitor must not be left without numbers.
            logger.exception("published crisis directory could not be read")
    try:
        return _read(PACKAGED)
    except Exception:
        logger.exception("packaged crisis directory could not be read")
    return Directory(())


def publish(path: Path, lines: Iterable[CrisisLine]) -> None:
    """Write the directory atomically for all web processes; on an error the old file stays.

    Args:
        path: the file; its folder is created if needed.
        lines: in display order.

    Raises:
        ValueError, TypeError: there is no line, or one could not be read back.
        OSError: it could not be written.
    """
    text = json.dumps([_to_data(line) for line in lines], ensure_ascii=False, indent=1) + "\n"
    _parse(text)
    write_atomic(path, text)


def rank(line: Ranked) -> tuple[str, int]:
    """Return the display rank of a line in its region: by state, those of the whole country first,
    and by kind. An admin orders lines within a rank.
    """
    return line.state or "", {EMERGENCY: 0, CRISIS_LINE: 1}.get(line.kind, 2)


def _lines_of_table(region: str) -> tuple[CrisisLine, ...]:
    """Emergency numbers of a region; LAST_RESORT for an unknown one."""
    try:
        row = emergency.table()[region]
    except Exception:  # Whatever is wrong with the table, a visitor must not be without a number.
        logger.exception("no emergency number known for the region", region=region)
        return (_emergency_line(region, Service.UNKNOWN, emergency.LAST_RESORT, None),)
    return tuple(_emergency_line(region, service, number, row) for service, number in row.numbers())


def _emergency_line(
    region: str, service: Service, number: str, row: EmergencyNumbers | None
) -> CrisisLine:
    return CrisisLine(
        region=region,
        name=_NAMES[service],
        kind=EMERGENCY,
        phone=number,
        tel=number,
        notes=ASK_WHERE_YOU_ARE if service == Service.UNKNOWN else "",
        sources=(row.source,) if row else (),
        found_on=row.found_on if row else None,
    )


def _read(path: Path) -> Directory:
    return _as_of(path, file_version(path))


@lru_cache(maxsize=8)
def _as_of(path: Path, _stamp: Hashable) -> Directory:
    return _parse(path.read_text(encoding="utf-8"))


def packaged_lines() -> list[tuple[CrisisLine, bool]]:
    """Return the packaged lines, each with whether it starts retired.

    Raises:
        OSError, ValueError: the file is damaged; a test reads all of it.
    """
    stored = json.loads(PACKAGED.read_text(encoding="utf-8"))
    return [(_from_data(entry), bool(entry.get("retired"))) for entry in stored]


@lru_cache(maxsize=512)
def opening_hours(hours: str, time_zone: str) -> OpeningHours | None:
    """Return weekly hours; None for 24/7, for none, and for words that do not tell.

    Args:
        hours: such as "Mo-Fr 09:00-17:00".
        time_zone: an IANA name.
    """
    if hours in ("", DAY_AND_NIGHT) or not time_zone:
        return None
    try:
        parsed = from_osm(hours, today=None)
        if parsed.closed_on_holidays or parsed.doubts or parsed.week.is_closed:
            return None
        return OpeningHours.weekly(time_zone, parsed.week)
    except (CannotRead, InvalidHours):
        return None


def _parse(text: str) -> Directory:
    stored = json.loads(text)
    lines = tuple(_from_data(entry) for entry in stored if not entry.get("retired"))
    if not lines:
        raise ValueError("a directory has lines")
    return Directory(lines)


def _from_data(data: Mapping[str, Any]) -> CrisisLine:
    """Parse a line.

    Raises:
        KeyError, TypeError, ValueError: the data is no line.
    """
    sms = data["sms"] or {"number": None, "keyword": None}
    found_on, last_checked = _text_or_none(data["found_on"]), _text_or_none(data["last_checked"])
    line = CrisisLine(
        region=_text(data["region"]),
        name=_text(data["name"]),
        kind=_text(data["kind"]),
        phone=_text_or_none(data["phone"]),
        tel=_text_or_none(data["tel"]),
        sms_number=_text_or_none(sms["number"]),
        sms_keyword=_text_or_none(sms["keyword"]),
        hours=_text_or_none(data["hours"]),
        languages=_texts(data["languages"]),
        website=_text_or_none(data["website"]),
        notes=_text_or_none(data["notes"]) or "",
        sources=_texts(data["sources"]),
        found_on=date.fromisoformat(found_on) if found_on else None,
        last_checked=datetime.fromisoformat(last_checked) if last_checked else None,
        # Not in a file that an earlier release published.
        cost=_one_of(COSTS, data.get("cost")),
        notes_by_language=_texts_by_language(data.get("notes_by_language", {})),
        time_zone=_text_or_none(data.get("time_zone")),
        confidence=_text_or_none(data.get("confidence")),
        whatsapp=_text_or_none(data.get("whatsapp")),
        chat=_text_or_none(data.get("chat")),
        state=_text_or_none(data.get("state")),
    )
    if not (line.tel and line.phone) and not line.sms_number:
        raise ValueError("a line can be called or sent a text")
    return line


def _to_data(line: CrisisLine) -> dict[str, Any]:
    sms = {"number": line.sms_number, "keyword": line.sms_keyword} if line.sms_number else None
    return {
        "region": line.region,
        **_known(state=line.state),
        "name": line.name,
        "kind": line.kind,
        "phone": line.phone,
        "tel": line.tel,
        "sms": sms,
        **_known(whatsapp=line.whatsapp, chat=line.chat),
        "cost": line.cost,
        "hours": line.hours,
        **_known(time_zone=line.time_zone),
        "languages": list(line.languages),
        "website": line.website,
        "notes": line.notes,
        **({"notes_by_language": dict(line.notes_by_language)} if line.notes_by_language else {}),
        "sources": list(line.sources),
        "found_on": line.found_on.isoformat() if line.found_on else None,
        "last_checked": line.last_checked.isoformat() if line.last_checked else None,
        **_known(confidence=line.confidence),
    }


def _known(**values: str | None) -> dict[str, str]:
    return {name: value for name, value in values.items() if value}


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise TypeError("a text is missing")
    return value


def _text_or_none(value: Any) -> str | None:
    return None if value is None or value == "" else _text(value)


def _one_of(allowed: tuple[str, ...], value: Any) -> str | None:
    if value is not None and value not in allowed:
        raise ValueError(f"not one of {', '.join(allowed)}")
    return _text_or_none(value)


def _texts_by_language(values: Any) -> Mapping[str, str]:
    if not isinstance(values, dict):
        raise TypeError("words by language are missing")
    return {_text(language): _text(text) for language, text in values.items()}


def _texts(values: Any) -> tuple[str, ...]:
    if not isinstance(values, list):
        raise TypeError("a list is missing")
    return tuple(_text(value) for value in values)
