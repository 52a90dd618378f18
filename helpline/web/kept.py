"""Pages that are the same for everybody until something that they tell of changes.

What a page tells of is read afresh for every answer, and any difference makes another page; only
putting the same facts into words is not done twice. The few words that each answer has for itself
(the nonce of its scripts, the key of its form, since when it is shown) are put in afresh.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock

from flask import Flask, current_app

_EXTENSION = "helpline-kept-pages"
_MOST = 64


class KeptPages:
    """The pages of one application, the least used going first."""

    def __init__(self) -> None:
        self._pages: OrderedDict[Hashable, tuple[str, tuple[str, ...]]] = OrderedDict()
        self._lock = Lock()

    def page(self, facts: Hashable, own: tuple[str, ...], render: Callable[[], str]) -> str:
        """The page of these facts.

        Args:
            facts: all that the page tells of.
            own: words of this answer alone, each long and random, as they stand in the page.
            render: makes the page, with those words in it.
        """
        with self._lock:
            kept = self._pages.get(facts)
            if kept is not None:
                self._pages.move_to_end(facts)
        if kept is None:
            page = render()
            self._keep(facts, page, own)
            return page
        page, before = kept
        for theirs, ours in zip(before, own, strict=True):
            page = page.replace(theirs, ours)
        return page

    def _keep(self, facts: Hashable, page: str, own: tuple[str, ...]) -> None:
        with self._lock:
            self._pages[facts] = (page, own)
            while len(self._pages) > _MOST:
                self._pages.popitem(last=False)


def install(app: Flask) -> None:
    """Gives the application its pages."""
    app.extensions[_EXTENSION] = KeptPages()


def kept_pages() -> KeptPages:
    """The pages of the current application."""
    found: KeptPages = current_app.extensions[_EXTENSION]
    return found
