"""The table of docs/calls.md keeps its word: every test that it names is there."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_every_test_that_the_table_names_is_there() -> None:
    named = set(re.findall(r"`(test_\w+)`", (ROOT / "docs" / "calls.md").read_text()))
    there: set[str] = set()
    for file in (ROOT / "tests").rglob("test_*.py"):
        there |= set(re.findall(r"^def (test_\w+)", file.read_text(), re.MULTILINE))
    assert named
    assert sorted(named - there) == []


def test_every_row_of_a_path_names_a_test() -> None:
    text = (ROOT / "docs" / "calls.md").read_text()
    rows = [
        line
        for line in text[text.index("## The carrier does its part") :].splitlines()
        if line.startswith("| ") and not re.match(r"\| (path|fault|deed|---)", line)
    ]
    assert len(rows) > 40
    assert [row for row in rows if "`test_" not in row] == []


def test_every_test_of_a_call_is_in_the_table() -> None:
    text = (ROOT / "docs" / "calls.md").read_text()
    for name in ("test_calls_out.py", "test_calls_faults.py"):
        tests = re.findall(
            r"^def (test_\w+)", (ROOT / "tests" / "calls" / name).read_text(), re.MULTILINE
        )
        assert [each for each in tests if f"`{each}`" not in text] == []
