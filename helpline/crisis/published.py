"""The crisis directory as a file, so that it can be shown while everything else is down.

The file is rewritten whenever the directory changes. Until it first is, and whenever it cannot be
read, the data that comes with the service stands in.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar, Protocol

import structlog

from helpline.domain.phone_numbers import calling_regions, emergency_numbers
from helpline.files import put_in_place, stamp

FIND_A_HELPLINE = "https://findahelpline.com"
PACKAGED = Path(__file__).with_name("crisis_numbers.json")

EMERGENCY = "emergency"
CRISIS_LINE = "crisis_line"
KINDS = (EMERGENCY, CRISIS_LINE, "text_line", "substance_use", "domestic_abuse", "child")
COSTS = ("free", "may_cost")
DAY_AND_NIGHT = "24/7"
_IN_TEXTS = (EMERGENCY, CRISIS_LINE)

_METADATA = "libphonenumber short-number metadata (is_emergency_number)"
# 3GPP TS 22.101, section 10: every mobile phone treats 112 as an emergency call, wherever it is.
_ANYWHERE = "112"
_ANYWHERE_SOURCE = "3GPP TS 22.101: mobile phones place 112 as an emergency call everywhere"

logger: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(__name__)


class Ranked(Protocol):
    """What a line's rank follows from."""

    @property
    def kind(self) -> str: ...


@dataclass(frozen=True, slots=True)
class CrisisLine:
    """One line that answers now.

    Args:
        region: the region it serves, such as "IN".
        name: what it calls itself.
        kind: emergency, crisis_line, substance_use, text_line, domestic_abuse, child, ...
        phone: the number as people read it; None for a line that only takes texts.
        tel: the number as a phone dials it; None likewise.
        sms_number: where to send a text, if one can.
        sms_keyword: the word to send, if one is needed.
        cost: "free" or "may_cost", where a source says so; None: nobody has confirmed it.
        hours: when it answers, in words; None when no source says so: never "24/7" then.
        languages: language codes, such as "hi".
        website: without a scheme, if it has one.
        notes: what a person should know of it.
        notes_by_language: the same in other languages, by code, where an admin wrote it.
        sources: where it was found: addresses or descriptions.
        found_on: the date it was found there.
        last_checked: when somebody of this helpline last rang it; None: nobody yet.
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

    @property
    def is_always_open(self) -> bool:
        """Whether it answers day and night, as a source says."""
        return self.hours == DAY_AND_NIGHT


@dataclass(frozen=True, slots=True)
class Directory:
    """Every line we know, and for each region in the world at least an emergency number.

    Args:
        published: the lines, in the order in which they are to be shown.
    """

    published: tuple[CrisisLine, ...]
    _by_region: Mapping[str, tuple[CrisisLine, ...]] = field(init=False, repr=False, compare=False)
    _regions: Mapping[str, None] = field(init=False, repr=False, compare=False)

    find_a_helpline: ClassVar[str] = FIND_A_HELPLINE
    """Where to look for a line in a region without a crisis line: never at another region's."""

    def __post_init__(self) -> None:
        by_region: dict[str, tuple[CrisisLine, ...]] = {}
        for line in self.published:
            by_region[line.region] = (*by_region.get(line.region, ()), line)
        object.__setattr__(self, "_by_region", by_region)
        object.__setattr__(self, "_regions", dict.fromkeys((*by_region, *calling_regions())))

    def lines(self, region: str) -> tuple[CrisisLine, ...]:
        """The lines of one region: emergency first, then crisis lines, then the rest in order.

        Args:
            region: such as "IN". Where nothing is published, its emergency number stands alone.
        """
        own = self._by_region.get(region, ())
        if not any(each.kind == EMERGENCY for each in own):
            own = (*own, self.emergency(region))
        return tuple(sorted(own, key=rank))

    def emergency(self, region: str) -> CrisisLine:
        """The line to ring where life is in danger: the published one, else by the metadata.

        Args:
            region: such as "IN".
        """
        own = self._by_region.get(region, ())
        kept = next((each for each in own if each.kind == EMERGENCY), None)
        return kept or _emergency_by_metadata(region)

    def has_crisis_line(self, region: str) -> bool:
        """Whether the region has a crisis line of its own; if not, show ``find_a_helpline``."""
        return any(each.kind == CRISIS_LINE for each in self._by_region.get(region, ()))

    def short_numbers(self, region: str) -> str:
        """The numbers of a region for a text: "112, 14416". The emergency number, then its crisis
        line where it has one; no names, since anybody may see a text.

        Args:
            region: such as "IN".
        """
        lines = self.lines(region)
        first = (next((e.phone for e in lines if e.kind == k and e.phone), None) for k in _IN_TEXTS)
        return ", ".join(phone for phone in first if phone)

    def regions(self) -> Collection[str]:
        """Every region to choose from: those with lines, in their order, then all others."""
        return self._regions.keys()


def load(path: Path | None = None) -> Directory:
    """The directory as last published, or the one that comes with the service. Never fails.

    Args:
        path: the published file; None when there is none.
    """
    if path is not None:
        try:
            return _read(path)
        except FileNotFoundError:
            pass
        except Exception:  # Whatever is wrong with it, a visitor must not be left without numbers.
            logger.exception("the published crisis directory cannot be read")
    try:
        return _read(PACKAGED)
    except Exception:
        logger.exception("the crisis directory that comes with the service cannot be read")
    return Directory(())


def publish(path: Path, lines: Iterable[CrisisLine]) -> None:
    """Puts the directory where every web process reads it, whole or not at all.

    Args:
        path: the published file; its folder is made if need be.
        lines: every line to show, in order.

    Raises:
        ValueError, TypeError: there is no line, or one that could not be read again.
        OSError: it could not be written.
        In either case what was published before still stands.
    """
    text = json.dumps([_to_data(each) for each in lines], ensure_ascii=False, indent=1) + "\n"
    _understood(text)
    put_in_place(path, text)


def rank(line: Ranked) -> int:
    """How far in front a line of its kind stands on every page; those of one rank are in the order
    that an admin gave them."""
    return {EMERGENCY: 0, CRISIS_LINE: 1}.get(line.kind, 2)


def _emergency_by_metadata(region: str) -> CrisisLine:
    known = emergency_numbers(region)
    number, source = (known[0], _METADATA) if known else (_ANYWHERE, _ANYWHERE_SOURCE)
    return CrisisLine(
        region=region,
        name="Emergency services",
        kind=EMERGENCY,
        phone=number,
        tel=number,
        sources=(source,),
    )


def _read(path: Path) -> Directory:
    return _as_of(path, stamp(path))


@lru_cache(maxsize=8)
def _as_of(path: Path, _stamp: Hashable) -> Directory:
    return _understood(path.read_text(encoding="utf-8"))


def _understood(text: str) -> Directory:
    lines = tuple(_from_data(each) for each in json.loads(text))
    if not lines:
        raise ValueError("a directory has lines")
    return Directory(lines)


def _from_data(data: Mapping[str, Any]) -> CrisisLine:
    """Reads a line, and raises (KeyError, TypeError, ValueError) where it is none."""
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
        notes_by_language=_words(data.get("notes_by_language", {})),
    )
    if not (line.tel and line.phone) and not line.sms_number:
        raise ValueError("a line can be rung or sent a text")
    return line


def _to_data(line: CrisisLine) -> dict[str, Any]:
    sms = {"number": line.sms_number, "keyword": line.sms_keyword} if line.sms_number else None
    return {
        "region": line.region,
        "name": line.name,
        "kind": line.kind,
        "phone": line.phone,
        "tel": line.tel,
        "sms": sms,
        "cost": line.cost,
        "hours": line.hours,
        "languages": list(line.languages),
        "website": line.website,
        "notes": line.notes,
        **({"notes_by_language": dict(line.notes_by_language)} if line.notes_by_language else {}),
        "sources": list(line.sources),
        "found_on": line.found_on.isoformat() if line.found_on else None,
        "last_checked": line.last_checked.isoformat() if line.last_checked else None,
    }


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise TypeError("a text is missing")
    return value


def _text_or_none(value: Any) -> str | None:
    return None if value is None or value == "" else _text(value)


def _one_of(known: tuple[str, ...], value: Any) -> str | None:
    if value is not None and value not in known:
        raise ValueError(f"not one of {', '.join(known)}")
    return _text_or_none(value)


def _words(values: Any) -> Mapping[str, str]:
    if not isinstance(values, dict):
        raise TypeError("words by language are missing")
    return {_text(language): _text(words) for language, words in values.items()}


def _texts(values: Any) -> tuple[str, ...]:
    if not isinstance(values, list):
        raise TypeError("a list is missing")
    return tuple(_text(each) for each in values)
