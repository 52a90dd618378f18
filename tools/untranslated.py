"""List what is missing or wrong in the catalogs (the last step of ``make words``)."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from string import Formatter
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

from helpline.i18n import catalogs
from helpline.i18n.catalogs import FORMAT, LINE, TEXT, VOICE

_PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]|%(?!%)")


def read_catalog(file: Path) -> Catalog:
    with file.open("rb") as opened:
        return read_po(opened)


def problems(file: Path, template: Catalog) -> list[str]:
    """Return what is wrong with a catalog, a line a problem.

    Args:
        file: its .po file.
        template: every message of the sources.
    """
    catalog = read_catalog(file)
    messages = [message for message in template if message.id]
    known = {_key(message) for message in messages}
    return [
        f"{problem}: {_describe(message)}"
        for message in messages
        for problem in _problems(message, catalog.get(message.id, message.context))
    ] + [
        f"not in the sources any more: {_describe(message)}"
        for message in catalog
        if message.id and _key(message) not in known
    ]


def _problems(message: Message, translated: Message | None) -> Iterator[str]:
    if translated is None:
        yield "missing"
        return
    if translated.fuzzy:
        yield "marked fuzzy"
    forms = _forms(translated.string)
    if not all(form and form.strip() for form in forms):
        yield "not translated"
        return
    expected = _placeholders(message, _forms(message.id)[-1])
    for form in forms:
        if _placeholders(message, form) != expected:
            yield f"has placeholders {_placeholders(message, form)}, not {expected}"


def _placeholders(message: Message, text: str) -> list[str]:
    if message.context in (TEXT, VOICE):
        return sorted(name for _, name, _, _ in Formatter().parse(text) if name is not None)
    if message.context in (FORMAT, LINE):
        return []
    return sorted(match[0] for match in _PLACEHOLDER.finditer(text))


def _forms(text: Any) -> tuple[str, ...]:
    return tuple(text) if isinstance(text, list | tuple) else (text,)


def _key(message: Message) -> tuple[str, str | None]:
    return _forms(message.id)[0], message.context


def _describe(message: Message) -> str:
    context = f"[{message.context}] " if message.context else ""
    files = ", ".join(sorted({file for file, _line in message.locations}))
    return f"{context}{_forms(message.id)[0]!r} {files}".rstrip()


def main(folder: str) -> int:
    has_problems = False
    for domain in (catalogs.VISITORS, catalogs.STAFF):
        template = read_catalog(Path(folder) / f"{domain}.pot")
        for language in catalogs.available()[1:]:
            file = catalogs.source_file(language, domain)
            if domain == catalogs.STAFF and not file.exists():
                continue
            found = problems(file, template)
            print(
                f"{file}: {len(template)} messages, {len(found)} to translate or fix",
                *found,
                sep="\n  ",
            )
            has_problems |= bool(found)
    return 1 if has_problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
