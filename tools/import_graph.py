"""Draws docs/pictures/imports.svg (``make docs``); with --check, says if it is current."""

from __future__ import annotations

import sys
import tomllib
from graphlib import CycleError, TopologicalSorter
from html import escape
from pathlib import Path

import grimp

ROOT = Path(__file__).resolve().parent.parent
FILE = ROOT / "docs" / "pictures" / "imports.svg"
SERVICE = "helpline"
MOST_LAYERS = 11
WIDTH, ROW, BOX_HEIGHT, BOX_GAP = 1080, 78, 30, 14

Imports = dict[str, set[str]]


def layers() -> list[list[str]]:
    """The packages by layer, the highest first, as the contract in pyproject.toml has them."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    contracts = settings["tool"]["importlinter"]["contracts"]
    rows = next(contract["layers"] for contract in contracts if contract["id"] == "downward")
    return [[name.strip().removeprefix(f"{SERVICE}.") for name in row.split("|")] for row in rows]


def imports() -> Imports:
    """Which packages each package imports.

    Raises:
        CycleError: some import each other.
    """
    sys.path.insert(0, str(ROOT))
    graph = grimp.build_graph(SERVICE)
    found: Imports = {}
    for module in graph.modules - {SERVICE}:
        package = module.split(".")[1]
        imported = graph.find_modules_directly_imported_by(module) - {SERVICE}
        found.setdefault(package, set()).update(name.split(".")[1] for name in imported)
    found = {package: imported - {package} for package, imported in found.items()}
    TopologicalSorter(found).prepare()
    return found


def without_shortcuts(found: Imports) -> Imports:
    """Leave out what is imported by an imported package too: it would only hide the rest."""
    reached = {package: _reached(package, found) for package in found}
    return {
        package: {
            name for name in imported if not any(name in reached[other] for other in imported)
        }
        for package, imported in found.items()
    }


def _reached(package: str, found: Imports) -> set[str]:
    return set(found[package]).union(*(_reached(name, found) for name in found[package]))


def drawing(rows: list[list[str]], lines: Imports) -> str:
    """The picture as SVG: a row for each layer, a line from each package to what it imports."""
    boxes = {name: box for number, row in enumerate(rows) for name, box in _row(row, number)}
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {len(rows) * ROW}" '
        'font-family="sans-serif" font-size="13" text-anchor="middle">',
        "<title>Which packages of the service import which</title>",
        '<rect width="100%" height="100%" fill="#fff"/>',
    ]
    for package in sorted(lines):
        for imported in sorted(lines[package]):
            (x1, y1, _), (x2, y2, _) = boxes[package], boxes[imported]
            parts.append(
                f'<path d="M{x1} {y1 + BOX_HEIGHT} C{x1} {y1 + ROW} {x2} {y2 - ROW // 2} '
                f'{x2} {y2}" fill="none" stroke="#5b7a8c"/>'
            )
    for name, (x, y, width) in boxes.items():
        parts.append(
            f'<rect x="{x - width // 2}" y="{y}" width="{width}" height="{BOX_HEIGHT}" rx="4" '
            'fill="#eef3f5" stroke="#33505f"/>'
            f'<text x="{x}" y="{y + 20}">{escape(name)}</text>'
        )
    return "\n".join([*parts, "</svg>\n"])


def _row(names: list[str], number: int) -> list[tuple[str, tuple[int, int, int]]]:
    widths = [8 * len(name) + 20 for name in names]
    left = (WIDTH - sum(widths) - BOX_GAP * (len(names) - 1)) // 2
    placed = []
    for name, width in zip(names, widths, strict=True):
        placed.append((name, (left + width // 2, number * ROW + (ROW - BOX_HEIGHT) // 2, width)))
        left += width + BOX_GAP
    return placed


def main() -> int:
    """Write the picture, or check it."""
    rows = layers()
    if len(rows) > MOST_LAYERS:
        print(f"{len(rows)} layers of imports; at most {MOST_LAYERS}.")
        return 1
    try:
        found = imports()
    except CycleError as cycle:
        print("Packages import each other:", " -> ".join(cycle.args[1]))
        return 1
    new = drawing(rows, without_shortcuts(found))
    if "--check" not in sys.argv:
        FILE.write_text(new)
    elif not FILE.exists() or FILE.read_text() != new:
        print(f"{FILE.relative_to(ROOT)} is not current. Run: make docs")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
