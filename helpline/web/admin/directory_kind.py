"""What differs between the crisis and the service directory for their pages."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from helpline.current import settings
from helpline.directory.models import Entry
from helpline.directory.service import Directory
from helpline.web.admin.directory_form import EntryForm

_Row = TypeVar("_Row", bound=Entry)


@dataclass(frozen=True, slots=True)
class DirectoryKind:
    """A directory with its form, its pages and its messages.

    Args:
        directory: its transactions.
        form: the form of an entry. Its ``details(now)`` are what is saved.
        template: of the form.
        list_endpoint: the page with all entries.
        preview: renders what visitors would see of some details, in the language of the page, of
            the entry with an id or of a new one.
        publish: runs after a change.
        verified, retired, restored: what happened, for the list.
    """

    directory: Directory[Any]
    form: type[EntryForm]
    template: str
    list_endpoint: str
    preview: Callable[[Any, int | None], str]
    publish: Callable[[], None]
    verified: str
    retired: str
    restored: str


def by_region(rows: Iterable[_Row]) -> list[tuple[str, list[_Row]]]:
    """Group entries by region, the deployment's own first."""
    own_region = settings().default_region
    groups: dict[str, list[_Row]] = {}
    for row in rows:
        groups.setdefault(row.region, []).append(row)
    return sorted(groups.items(), key=lambda each: (each[0] != own_region, each[0]))
