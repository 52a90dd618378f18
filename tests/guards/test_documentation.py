"""What the documentation names exists: tests, files, links, settings, commands, decisions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
import yaml

from config import ROOT, Settings, environment_variable
from helpline.cli.commands import group

DOCS = ROOT / "docs"
DECISIONS = sorted((DOCS / "decisions").glob("*.md"))
STRINGS = "strings-"
"""Tables of changed strings, which are read once and are no documentation."""
ACCEPTANCE = DOCS / "acceptance.md"
"""A table of features and their tests, to look things up in: its words are not counted."""
PAGES = (
    *(ROOT / name for name in ("README.md", "SECURITY.md", "CONTRIBUTING.md", "CHANGELOG.md")),
    *(page for page in sorted(DOCS.rglob("*.md")) if not page.name.startswith(STRINGS)),
)
MOST_WORDS = 18_000
MOST_LINES_OF_README = 80
TOP_LEVEL = r"(?:tests|helpline|templates|phonesim|demosite|bench|tools|deploy|docs|migrations)"
NAMED_TEST = re.compile(r"`(tests/[\w/]+\.py)(?:::(\w+))?`")
NAMED_PATH = re.compile(rf"`({TOP_LEVEL}/[\w./-]*)`")
LINK = re.compile(r"\]\((?!https?:)([^)#\s]*)(?:#([\w-]+))?\)")
SECTION = re.compile(r"\[([\w-]+)\.md\]\(\1\.md\), \*([^*]+)\*")
SETTING = re.compile(r"`?(HELPLINE_[A-Z_]+[A-Z])")
MAKE = re.compile(r"`make ([a-z-]+)|^make ([a-z-]+)(?:  |$)", re.M)
COMMAND = re.compile(
    r"flask helpline ([a-z-]+)((?:[^`\n#]*? --[a-z-]+)*)"
    r"|`(check-keys|verify-audit|restore|set-up) (--[a-z-]+)"
)
ON_SCREEN = re.compile(r"\*([^*]{2,60})\*")
NOT_BUILT = "**not built**"
NOT_OURS = {"Advanced Opt-Out"}
CITED = re.compile(r"docs/decisions/(\d{4}[\w.-]*)")
CITED_PAGE = re.compile(r"docs/[\w-]+\.md")


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def test_the_documentation_is_not_too_long() -> None:
    pages = [page for page in DOCS.rglob("*.md") if not page.name.startswith(STRINGS)]
    pages.remove(ACCEPTANCE)
    assert sum(len(text_of(page).split()) for page in pages) <= MOST_WORDS
    assert len(text_of(ROOT / "README.md").splitlines()) <= MOST_LINES_OF_README


@pytest.mark.parametrize("page", sorted(DOCS.glob("*.md")), ids=name_of)
def test_the_first_paragraph_of_a_page_says_for_whom_it_is(page: Path) -> None:
    if not page.name.startswith(STRINGS):
        assert re.match(r"# .+\n\nFor [a-z]", text_of(page)), "begin with 'For operators: ...'"


def test_the_threat_model_names_the_test_of_each_promise() -> None:
    assert len(NAMED_TEST.findall(text_of(DOCS / "threat-model.md"))) > 90


def test_each_row_of_the_acceptance_table_names_a_test_or_says_that_it_is_not_built() -> None:
    rows = re.findall(r"^\| (?!what \||---)(.+) \| (.+) \|$", text_of(ACCEPTANCE), re.M)
    assert len(rows) > 80
    assert [row for row in rows if not NAMED_TEST.fullmatch(row[1]) and row[1] != NOT_BUILT] == []


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_test_path_link_and_section_that_a_page_names_exists(page: Path) -> None:
    text = text_of(page)
    missing = list(_missing_tests(text))
    missing += [path for path in NAMED_PATH.findall(text) if not _exists(path)]
    missing += list(_broken_links(page, text))
    missing += [
        f"{other}.md, {title}"
        for other, title in SECTION.findall(text)
        if f"\n## {title}\n" not in text_of(page.with_name(f"{other}.md"))
    ]
    assert missing == []


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_setting_and_command_that_a_page_names_exists(page: Path) -> None:
    text = text_of(page)
    settings = {environment_variable(name) for name in Settings.model_fields}
    wrong = [name for name in SETTING.findall(text) if name not in settings]
    targets = set(re.findall(r"^([a-z-]+):", text_of(ROOT / "Makefile"), re.M))
    wrong += [a or b for a, b in MAKE.findall(text) if (a or b) not in targets]
    for name, options, other, option in COMMAND.findall(text):
        wrong += list(_unknown(name or other, f"{options} {option}"))
    assert wrong == []


def test_what_a_page_quotes_from_a_screen_is_on_a_screen() -> None:
    files = [*(ROOT / "templates").rglob("*.html"), *(ROOT / "helpline").rglob("*.py")]
    screens = re.sub(r'"\s*\n\s*"', "", "\n".join(map(text_of, files)))
    screens = " ".join(screens.split())
    for page in (ROOT / "CONTRIBUTING.md", *sorted(DOCS.glob("*.md"))):
        if page.name.startswith(STRINGS):
            continue
        plain = re.sub(r"```.*?```|`[^`]*`|\*\*[^*]+\*\*", "", text_of(page), flags=re.S)
        titles = re.findall(r"^## (.+)$", "\n".join(map(text_of, PAGES)), re.M)
        quoted = {" ".join(words.split()) for words in ON_SCREEN.findall(plain)}
        missing = {words for words in quoted - NOT_OURS - set(titles) if words not in screens}
        assert missing - {"What remains"} == set(), page.name


def test_decisions_are_numbered_in_order_and_have_one_form() -> None:
    assert [int(page.name[:4]) for page in DECISIONS] == list(range(1, len(DECISIONS) + 1))
    form = re.compile(
        r"# (\d+)\. .+\n\n- Date: \d{4}-\d\d-\d\d\n- Status: .+\n"
        r"\n## Context\n\n.+\n\n## Decision\n\n.+\n\n## Consequences\n\n.+\n",
        re.S,
    )
    for number, page in enumerate(DECISIONS, 1):
        found = form.fullmatch(text_of(page))
        assert found, page.name
        assert int(found[1]) == number


def test_every_page_and_decision_that_the_code_cites_exists() -> None:
    names = {page.stem for page in DECISIONS}
    for file in _sources():
        text = text_of(file)
        cited = [name.removesuffix(".md").rstrip(".") for name in CITED.findall(text)]
        assert [name for name in cited if name not in names] == [], file
        assert [path for path in CITED_PAGE.findall(text) if not (ROOT / path).exists()] == [], file
        assert not re.search(r"\(decisions? \d+|[Ss]ee decision \d+|decisions\.md", text), file


def test_the_changelog_has_the_form_of_keep_a_changelog() -> None:
    sections = re.findall(r"^### (.+)$", text_of(ROOT / "CHANGELOG.md"), re.M)
    known = ["On upgrade", "Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"]
    assert set(sections) <= set(known)
    assert "\n## [Unreleased]\n" in text_of(ROOT / "CHANGELOG.md")


def test_what_make_lint_runs_is_run_before_a_commit() -> None:
    config = yaml.safe_load(text_of(ROOT / ".pre-commit-config.yaml"))
    hooks = " ".join(hook["entry"] for repo in config["repos"] for hook in repo["hooks"])
    lint = text_of(ROOT / "Makefile").split("\nlint:")[1].split("\n\n")[0]
    tools = re.findall(r"\$\(PY\) (?:-m )?([\w/.]+)(?! --holes)|\.venv/bin/([\w-]+)", lint)
    assert len(tools) > 8
    assert [a or b for a, b in tools if (a or b) not in hooks] == []


def _sources() -> Iterator[Path]:
    """Files that may cite the documentation, but this one."""
    yield from (ROOT / "Makefile", ROOT / "config.py", ROOT / "Containerfile")
    deployed = (file for file in (ROOT / "deploy").rglob("*") if file.is_file())
    yield from (file for file in deployed if file.suffix != ".pyc")
    for folder in ("helpline", "phonesim", "demosite", "templates", "bench", "tests", "tools"):
        for ending in ("py", "html", "js", "css", "json", "po"):
            files = (ROOT / folder).rglob(f"*.{ending}")
            ours = (file for file in files if "node_modules" not in file.parts and file.is_file())
            yield from (file for file in ours if file != Path(__file__).resolve())


def _missing_tests(text: str) -> Iterator[str]:
    for path, test in NAMED_TEST.findall(text):
        file = ROOT / path
        if not file.is_file():
            yield path
        elif test and f"def {test}(" not in text_of(file):
            yield f"{path}::{test}"


def _exists(path: str) -> bool:
    """A file or folder of the repository, or an example: CODE.po, ta.po, NNNN."""
    return bool(re.search(r"CODE|NNNN|/ta\.po", path)) or (ROOT / path).exists()


def _broken_links(page: Path, text: str) -> Iterator[str]:
    for path, anchor in LINK.findall(text):
        other = page.parent / path if path else page
        if not other.exists():
            yield path
        elif anchor and anchor not in _anchors(text_of(other)):
            yield f"{path}#{anchor}"


def _anchors(text: str) -> set[str]:
    titles = re.findall(r"^#+ (.+)$", text, re.M)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


def _unknown(name: str, options: str) -> Iterator[str]:
    command = group.get_command(click.Context(group), name)
    if command is None:
        yield name
        return
    parameters = [each for each in command.params if isinstance(each, click.Option)]
    known = {option for each in parameters for option in each.opts}
    yield from (
        f"{name} {option}" for option in re.findall(r"--[a-z-]+", options) if option not in known
    )
