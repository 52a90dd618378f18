"""What a number needs that an admin decides: its bounds, its unit, its words and its default.

It is written once, at its column. The form, its errors, the check of a save and docs/policy.md
follow from it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, MappedColumn, mapped_column

from helpline.domain.errors import InvalidPolicy

HUNDREDTHS = 100
_INFO = "number"


class Kind(StrEnum):
    """How a number is typed and stored."""

    WHOLE = "whole"
    WHOLE_LIST = "whole list"
    """Several, in order."""
    DECIMAL = "decimal"
    AMOUNT = "amount"
    """Money, in the currency of the phone bill; stored in hundredths. It may be left empty."""
    AMOUNT_BY_REGION = "amount by region"
    YES_NO = "yes or no"


@dataclass(frozen=True, slots=True)
class Page:
    """An admin page that saves its numbers together.

    Args:
        title: its heading.
        action: of its audit entries.
        subject: of its audit entries.
    """

    title: str
    action: str
    subject: str


CAPACITY = Page("Capacity", action="capacity_changed", subject="callbacks")
CALLBACKS = Page("Callbacks", action="callback_rules_changed", subject="callbacks")
CALLS = Page("Calls", action="call_settings_changed", subject="calls")
ALERTS = Page("Alerts", action="alerts_changed", subject="alerts")
BUDGET = Page("Daily budget", action="costs_changed", subject="calls")
TARGET = Page("Service level target", action="service_target_changed", subject="callbacks")
RETENTION = Page("Retention periods", action="retention_changed", subject="privacy")


@dataclass(frozen=True, slots=True)
class Number:
    """A number that an admin decides.

    Args:
        page: where it is decided; None for an assumption that is not saved.
        label: without the unit.
        bounds: the least and the most, as typed.
        default: until an admin decides, as stored.
        unit: such as "minutes"; empty for a count.
        help: the sentence below the label.
        error: what to enter instead; empty for the usual sentence.
    """

    page: Page | None
    label: str
    bounds: tuple[float, float]
    default: Any = None
    unit: str = ""
    help: str = ""
    error: str = ""
    kind: Kind = Kind.WHOLE

    def check(self, name: str, value: Any) -> None:
        """Raise InvalidPolicy where a value to be stored is out of bounds; it names the column."""
        scale = HUNDREDTHS if self.kind in (Kind.AMOUNT, Kind.AMOUNT_BY_REGION) else 1
        least, most = self.bounds
        parts = _parts(value)
        is_missing = not parts and self.kind not in (Kind.AMOUNT, Kind.AMOUNT_BY_REGION)
        if is_missing or not all(least * scale <= part <= most * scale for part in parts):
            raise InvalidPolicy(name, f"Enter a number from {least:g} to {most:g}.")


def _parts(value: Any) -> Sequence[Any]:
    if isinstance(value, Mapping):
        return [Decimal(part) for part in value.values()]
    if isinstance(value, list | tuple):
        return value
    return () if value is None else (value,)


def number(
    page: Page,
    label: str,
    bounds: tuple[float, float],
    default: Any = None,
    *,
    unit: str = "",
    help: str = "",  # noqa: A002 (as in argparse)
    error: str = "",
    kind: Kind = Kind.WHOLE,
    in_schema: bool = True,
) -> MappedColumn[Any]:
    """Return the column of a number; its arguments are those of ``Number``.

    Args:
        in_schema: whether the database knows the default too, as it must to add a column.
    """
    described = Number(page, label, bounds, default, unit, help, error, kind)
    info = {_INFO: described}
    if kind is Kind.WHOLE_LIST:
        return mapped_column(sa.JSON, default=lambda: list(default), info=info)
    if kind is Kind.AMOUNT_BY_REGION:
        return mapped_column(sa.JSON, default=dict, server_default=sa.text("'{}'"), info=info)
    if kind is Kind.YES_NO:
        is_yes = sa.true() if default else sa.false()
        return mapped_column(default=default, server_default=is_yes, info=info)
    server_default = str(default) if in_schema and default is not None else None
    return mapped_column(default=default, server_default=server_default, info=info)


def numbers(model: type[DeclarativeBase], page: Page | None = None) -> dict[str, Number]:
    """Return the numbers of a table by column; of one page, if given."""
    described = {column.key: column.info.get(_INFO) for column in sa.inspect(model).columns}
    return {
        name: number
        for name, number in described.items()
        if number is not None and page in (None, number.page)
    }


ASSUMPTIONS: Mapping[str, Number] = {
    "live_minutes": Number(
        None, "Handling time of an inbound call", (0.1, 240), 20.0, "minutes", kind=Kind.DECIMAL
    ),
    "callback_minutes": Number(
        None, "Handling time of an attempt", (0.1, 240), 20.0, "minutes", kind=Kind.DECIMAL
    ),
    "answered_percent": Number(None, "Inbound service level", (1, 99), 80, "%", kind=Kind.DECIMAL),
    "answered_seconds": Number(None, "Answer within", (0, 3600), 20, "seconds", kind=Kind.DECIMAL),
    "occupancy_percent": Number(None, "Occupancy", (1, 100), 85, "%", kind=Kind.DECIMAL),
    "shrinkage_percent": Number(None, "Shrinkage", (0, 90), 30, "%", kind=Kind.DECIMAL),
}
"""The assumptions of the staffing report, by name. Handling times are measured where there were
calls."""
