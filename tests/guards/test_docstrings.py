"""Docstrings name arguments and errors that exist."""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted((ROOT / "helpline").rglob("*.py"))
SECTION = re.compile(r"^ *(Args|Raises|Returns):$")
ENTRY = re.compile(r"^([\w., *]+): ")
FROM_LIBRARIES = {
    "FileNotFoundError",
    "IntegrityError",
    "InvalidatePoolError",
    "NoResultFound",
    "TooManyRequests",
    "click.ClickException",
    "click.UsageError",
    "requests.RequestException",
    "sqlalchemy.exc.DBAPIError",
    "sqlalchemy.exc.SQLAlchemyError",
    "sqlalchemy.exc.TimeoutError",
}

Documented = ast.FunctionDef | ast.ClassDef


@cache
def _classes() -> set[str]:
    trees = (ast.parse(file.read_text(encoding="utf-8")) for file in FILES)
    return {
        node.name for tree in trees for node in ast.walk(tree) if isinstance(node, ast.ClassDef)
    }


def _entries(docstring: str, wanted: str) -> Iterator[str]:
    """The names that a section of a docstring lists."""
    section, indent = "", -1
    for line in docstring.splitlines():
        if found := SECTION.match(line):
            section, indent = found[1], -1
        elif line.strip():
            depth = len(line) - len(line.lstrip())
            if depth == 0:
                section = ""
            indent = depth if indent < 0 else indent
            if section == wanted and depth == indent and (entry := ENTRY.match(line.strip())):
                yield from (name.strip(" *") for name in entry[1].split(","))


def _names(node: Documented) -> set[str]:
    """What a function or class can be given."""
    if isinstance(node, ast.FunctionDef):
        given = node.args
        every = [*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg]
        return {arg.arg for arg in every if arg is not None}
    fields = {
        statement.target.id
        for statement in node.body
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name)
    }
    for statement in node.body:
        if isinstance(statement, ast.FunctionDef) and statement.name == "__init__":
            fields |= _names(statement)
    return fields


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_arguments_and_errors_exist(file: Path) -> None:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if not isinstance(node, Documented) or not (docstring := ast.get_docstring(node)):
            continue
        unknown = set(_entries(docstring, "Args")) - _names(node)
        errors = set(_entries(docstring, "Raises"))
        unknown |= {
            error for error in errors - _classes() - FROM_LIBRARIES if not hasattr(builtins, error)
        }
        assert not unknown, f"{node.name}: {sorted(unknown)}"
