"""What a benchmark comes to: a table of rows, with the machine and the versions it was run on."""

from __future__ import annotations

import platform
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from bench.cores import cores
from tests.support.database import programs

HEAD = ("what", "ours", "theirs", "ratio", "wanted", "kept")
_LIBRARIES = ("flask", "gunicorn", "jinja2", "psycopg", "sqlalchemy")


@dataclass(frozen=True, slots=True)
class Row:
    """One measurement.

    Args:
        what: what was measured.
        ours, theirs: the two figures; without a reference ours is judged alone.
        unit: of both, such as "/s" or "ms".
        at_least, at_most: bounds of the ratio, or of ours alone; without bounds it is shown and not
        judged.
    """

    what: str
    ours: float
    theirs: float | None = None
    unit: str = ""
    at_least: float | None = None
    at_most: float | None = None

    @property
    def judged(self) -> float:
        """The figure that the bound is for."""
        return self.ours if self.theirs is None else self.ours / self.theirs

    @property
    def kept(self) -> bool | None:
        """Whether it is as wanted; None where nothing is."""
        if self.at_least is not None:
            return self.judged >= self.at_least
        return None if self.at_most is None else self.judged <= self.at_most

    def cells(self) -> tuple[str, ...]:
        """The row as it is printed."""
        wanted = f"≥ {self.at_least:g}" if self.at_least is not None else ""
        wanted = f"≤ {self.at_most:g}" if self.at_most is not None else wanted
        paired = self.theirs is not None
        return (
            self.what,
            f"{_figure(self.ours)} {self.unit}".strip(),
            f"{_figure(self.theirs)} {self.unit}".strip() if self.theirs is not None else "",
            f"{self.judged:.2f}" if paired else "",
            wanted,
            {True: "yes", False: "NO", None: ""}[self.kept],
        )


def _figure(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def renewed(page: str, rows: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """The rows of a page with its table, those that were measured again in place of the old."""
    lines = [line.strip("|").split("|") for line in page.splitlines() if line.startswith("| ")]
    known = {line[0].strip(): tuple(map(str.strip, line)) for line in lines[1:]}
    return list((known | {row[0]: row for row in rows}).values())


def markdown(rows: Sequence[Sequence[str]]) -> str:
    """Rows of a table in Markdown."""
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def columns(rows: Sequence[Sequence[str]], left: int = 1) -> str:
    """Rows of a table for a terminal: so many columns to the left, figures to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    sides = [str.ljust] * left + [str.rjust] * (len(widths) - left)
    return "\n".join(
        "  ".join(side(cell, width) for side, cell, width in zip(sides, row, widths, strict=True))
        for row in rows
    )


def host() -> str:
    """The machine, in some words."""
    return f"{platform.system()} {platform.machine()}, {cores()} cores"


def versions(postgresql: str, *libraries: str) -> str:
    """What was run.

    Args:
        postgresql: its version; empty where a library says it.
    """
    known = [f"Python {platform.python_version()}"]
    known += [f"PostgreSQL {postgresql}"] if postgresql else []
    return ", ".join([*known, *(f"{name} {version(name)}" for name in libraries)])


def renewed_runs(page: str, names: Sequence[str], run: str) -> str:
    """What the rows of a page were measured on: a line for all, and one for those that were
    measured again since.

    Args:
        names: of the benchmarks of this run; none for all of them.
    """
    if not names:
        return run
    again = f"Again, {', '.join(sorted(names))}: "
    lines = [line for line in page.splitlines() if line.startswith(("20", "Again, "))]
    return "\n\n".join([*(line for line in lines if not line.startswith(again)), again + run])


def table(rows: Sequence[tuple[str, ...]]) -> str:
    """The cells of rows as Markdown, in columns."""
    lines = [HEAD, *rows]
    widths = [max(len(line[place]) for line in lines) for place in range(len(HEAD))]
    put = ["| " + " | ".join(map(str.ljust, line, widths)) + " |" for line in lines]
    put.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(put)


def machine() -> str:
    """What it was run on."""
    postgres = subprocess.run(
        [programs() / "pgbench", "--version"], capture_output=True, text=True, check=True
    )
    versions = [f"{name} {version(name)}" for name in _LIBRARIES]
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, {_processor()}, {cores()} cores, {platform.system()}, "
        f"Python {platform.python_version()}, {postgres.stdout.split()[-1]} PostgreSQL (fsync, "
        f"synchronous_commit and autovacuum on), {', '.join(versions)}"
    )


def _processor() -> str:
    told = Path("/proc/cpuinfo")
    if told.exists():
        for line in told.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
