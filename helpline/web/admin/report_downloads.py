"""Tables as files, row by row: CSV that no spreadsheet takes for a formula, and JSON."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

TYPES = {"csv": "text/csv; charset=utf-8", "json": "application/json"}

_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_AT_ONCE = 200


def written(
    form: str, columns: Sequence[str], rows: Iterable[Sequence[Any]], about: dict[str, Any]
) -> Iterator[str]:
    """A file, a few rows at a time.

    Args:
        form: csv or json.
        columns: their names.
        about: what a JSON file says of itself besides its rows.
    """
    return _csv(columns, rows) if form == "csv" else _json(columns, rows, about)


def harmless(value: Any) -> Any:
    """A cell that a spreadsheet reads as text, whatever it begins with. Somebody may have sent us
    a page by the name of =HYPERLINK(...)."""
    if isinstance(value, str) and value.lstrip(" \u00a0").startswith(_STARTS_A_FORMULA):
        return f"'{value}"
    return value


def _csv(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    page = io.StringIO()
    writer = csv.writer(page)
    writer.writerow(columns)
    for number, row in enumerate(rows, start=1):
        writer.writerow([harmless(each) for each in row])
        if number % _AT_ONCE == 0:
            yield _taken(page)
    yield _taken(page)


def _taken(page: io.StringIO) -> str:
    text = page.getvalue()
    page.seek(0)
    page.truncate()
    return text


def _json(
    columns: Sequence[str], rows: Iterable[Sequence[Any]], about: dict[str, Any]
) -> Iterator[str]:
    yield json.dumps(about, ensure_ascii=False)[:-1] + ', "rows": ['
    between, some = "\n", []
    for row in rows:
        some.append(between + json.dumps(dict(zip(columns, row, strict=True)), ensure_ascii=False))
        between = ",\n"
        if len(some) == _AT_ONCE:
            yield "".join(some)
            some.clear()
    yield "".join([*some, "\n]}\n"])
