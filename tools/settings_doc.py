"""Writes docs/settings.md from config.py (``make docs``); with --check, says if it is current."""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from pydantic import SecretStr
from pydantic.fields import FieldInfo

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from config import Settings, environment_variable  # noqa: E402

FILE = ROOT / "docs" / "settings.md"
HEAD = """\
# Settings

For the operator. Each setting is an environment variable or a line in `instance/helpline.env`; the
environment takes precedence. Settings are checked at start: if one is missing or invalid, the error
names it and the service does not start. The default is in brackets. What an admin changes while the
service runs is set on the admin pages.

This page is generated from `config.py` by `make docs`.
"""
_SECTION = re.compile(r"^    # (?P<title>\S.*)$")
_FIELD = re.compile(r"^    (?P<name>[a-z_]+): ")
_BOUNDS = {"gt": "more than", "ge": "at least", "lt": "less than", "le": "at most"}


def page() -> str:
    """The whole page."""
    parts = [HEAD]
    for title, names in sections():
        parts.append(f"\n## {title}\n\n")
        parts += [f"{_row(name, Settings.model_fields[name])}\n" for name in names]
    return "".join(parts)


def sections() -> Iterator[tuple[str, list[str]]]:
    """The settings by the headings under which config.py has them."""
    title, names = "Settings", list[str]()
    for line in inspect.getsource(Settings).splitlines():
        if heading := _SECTION.match(line):
            if names:
                yield title, names
            title, names = heading["title"], []
        elif (field := _FIELD.match(line)) and field["name"] in Settings.model_fields:
            names.append(field["name"])
    yield title, names


def _row(name: str, field: FieldInfo) -> str:
    told = " ".join(filter(None, [field.description, _values(field), _bounds(field)]))
    return f"- `{environment_variable(name)}` ({_default(field)}): {told}"


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    return _shown(field.default)


def _shown(value: Any) -> str:
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    if isinstance(value, Path):
        value = value.relative_to(ROOT)
    if isinstance(value, tuple):
        value = ",".join(value)
    return "empty" if value is None or not str(value) else f"`{value}`"


def _values(field: FieldInfo) -> str:
    if get_origin(field.annotation) is not Literal:
        return ""
    return f"One of: {', '.join(f'`{value}`' for value in get_args(field.annotation))}."


def _bounds(field: FieldInfo) -> str:
    found = [
        f"{words} {getattr(each, name):g}"
        for each in field.metadata
        for name, words in _BOUNDS.items()
        if getattr(each, name, None) is not None
    ]
    return f"{', '.join(found).capitalize()}." if found else ""


def main(arguments: list[str]) -> int:
    """Writes the page, or checks it."""
    if "--check" not in arguments:
        FILE.parent.mkdir(exist_ok=True)
        FILE.write_text(page())
        return 0
    if FILE.exists() and FILE.read_text() == page():
        print("docs/settings.md is up to date.")
        return 0
    print("docs/settings.md is out of date: run `make docs`.")
    return 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
