"""Writes docs/crisis-numbers.md from the table of emergency numbers and the packaged directory
(``make docs``); with --check, says if it is current."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from babel import Locale

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from helpline.crisis import emergency, published  # noqa: E402
from helpline.crisis.emergency import EmergencyNumbers  # noqa: E402
from helpline.crisis.published import Directory  # noqa: E402
from helpline.domain.phone_numbers import calling_regions  # noqa: E402

FILE = ROOT / "docs" / "crisis-numbers.md"
COLUMNS = (
    *("region", "first", "answers", "police", "ambulance", "fire", "also"),
    *("confirmed", "not in the metadata", "found on", "source"),
)
HEAD = """\
# Which number is said first

For each of the {regions} regions of the world: the emergency number that a visitor sees, hears or
is sent first, the others where they differ, whether an official or press source confirms it, and
where it was found. Corrections go into `helpline/crisis/emergency_numbers.csv`; an admin's own
emergency line (*Crisis numbers*) goes before the table.

- **Confirmed** ({confirmed} regions): an official or press source says so. The others come from
  public lists or common knowledge only: **confirm a region before you send anybody there.**
- **Answers**: *everything* brings police, ambulance and fire; *unknown* means that nobody promises
  an answer. Then both numbers are shown with "Ask people near you which number to call."
- **Not in the metadata**: numbers that libphonenumber does not recognise. It is made to recognise
  emergency numbers, not to advise on one, so it only cross-checks this table.

This page is made from the data by `make docs`.

"""
_IN_DIRECTORY = "crisis_numbers.json"


def page() -> str:
    """The whole page."""
    directory, table = published.load(), emergency.table()
    confirmed = sum(row.is_confirmed for row in table.values())
    head = HEAD.format(regions=len(calling_regions()), confirmed=confirmed)
    rule = ["---"] * len(COLUMNS)
    rows = (COLUMNS, rule, *_rows(directory))
    return head + "".join(f"| {' | '.join(cells)} |\n" for cells in rows)


def _rows(directory: Directory) -> Iterator[tuple[str, ...]]:
    names = Locale("en").territories
    for region in calling_regions():
        row = emergency.table()[region]
        yield (
            f"{names.get(region, region)} ({region})",
            f"**{directory.emergency(region).phone}**",
            row.answers,
            row.police,
            row.ambulance,
            row.fire,
            row.also,
            "yes" if row.is_confirmed else "no",
            ", ".join(row.unknown_to_metadata()),
            row.found_on.isoformat(),
            _source(row, directory),
        )


def _source(row: EmergencyNumbers, directory: Directory) -> str:
    """Where it was found; of a region in the directory, what its emergency line names."""
    if _IN_DIRECTORY not in row.source:
        return row.source
    sources = directory.emergency(row.region).sources
    return "; ".join(each.partition(" (")[0] for each in sources).replace("|", "/")


def main() -> int:
    """Writes the page, or checks it."""
    wanted = page()
    if "--check" in sys.argv[1:]:
        if FILE.read_text(encoding="utf-8") == wanted:
            return 0
        print("docs/crisis-numbers.md is not current: run `make docs`")
        return 1
    FILE.write_text(wanted, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
