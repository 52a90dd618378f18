"""The tests and pages that the documentation names exist."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = (ROOT / "README.md", ROOT / "SECURITY.md", *sorted((ROOT / "docs").glob("*.md")))
NAMED = re.compile(r"`(tests/[\w/]+\.py)(?:::(\w+))?`")
LINK = re.compile(r"\]\(([\w./-]+\.md)\)")
SECTION = re.compile(r"\[running\.md\]\(running\.md\), \*([^*]+)\*")


def test_every_test_that_the_threat_model_names_is_there() -> None:
    page = ROOT / "docs" / "threat-model.md"
    assert len(NAMED.findall(page.read_text(encoding="utf-8"))) > 90
    assert list(_missing_tests(page)) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda each: each.stem)
def test_every_test_page_and_section_that_a_page_names_is_there(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    missing = list(_missing_tests(page))
    missing += [each for each in LINK.findall(text) if not (page.parent / each).is_file()]
    running = (ROOT / "docs" / "running.md").read_text(encoding="utf-8")
    missing += [each for each in SECTION.findall(text) if f"\n## {each}\n" not in running]
    assert missing == []


def _missing_tests(page: Path) -> Iterator[str]:
    for path, test in NAMED.findall(page.read_text(encoding="utf-8")):
        file = ROOT / path
        if not file.is_file():
            yield path
        elif test and f"def {test}(" not in file.read_text(encoding="utf-8"):
            yield f"{path}::{test}"
