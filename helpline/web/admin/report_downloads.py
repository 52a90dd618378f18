"""Tables as CSV without spreadsheet formulas, and as JSON, streamed."""

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
    """Iterate over a file in chunks.

    Args:
        form: csv or json.
        columns: their names.
        about: metadata of a JSON file.
    """
    return _csv(columns, rows) if form == "csv" else _json(columns, rows, about)


def harmless(value: Any) -> Any:
    """Return a cell that spreadsheets read as text: a page's name may begin with
    =HYPERLINK(...).
    """
    if isinstance(value, str) and value.lstrip(" \u00a0").startswith(_STARTS_A_FORMULA):
        return f"'{value}"
    return value


def _csv(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    page = io.StringIO()
    writer = csv.writer(page)
    writer.writerow(columns)
    for number, row in enumerate(rows, start=1):
        writer.writerow([harmless(value) for value in row])
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
