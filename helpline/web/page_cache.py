"""A cache of rendered pages, keyed by the facts that they show.

The facts are read for every response; only rendering the same facts is not repeated. What differs
by response (the nonce, the form key, the token of a link, the end of a number) is cut out before a
page is stored and inserted afresh: no personal data stays here.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock

from flask import Flask

from helpline.app_state import AppState

_MOST = 256


class PageCache:
    """The cached pages of an application, least recently used evicted."""

    def __init__(self) -> None:
        self._pages: OrderedDict[Hashable, tuple[list[str], list[int]]] = OrderedDict()
        self._lock = Lock()

    def page(
        self, facts: Hashable, placeholders: tuple[str, ...], render: Callable[[], str]
    ) -> str:
        """Return the page of these facts, rendered if needed.

        Args:
            facts: everything that the page shows.
            placeholders: texts of this response alone, each long and random, as they occur in
                the page.
            render: renders the page with those texts.
        """
        cached = self._kept(facts)
        if cached is None:
            rendered = render()
            self._keep(facts, rendered, placeholders)
            return rendered
        pieces, whose = cached
        if not whose:
            return pieces[0]
        page = [pieces[0]]
        for place, piece in zip(whose, pieces[1:], strict=True):
            page += (placeholders[place], piece)
        return "".join(page)

    def same_for_all(self, facts: Hashable) -> str | None:
        """Return a cached page without texts of its own, or None."""
        cached = self._kept(facts)
        return cached[0][0] if cached is not None and not cached[1] else None

    def _kept(self, facts: Hashable) -> tuple[list[str], list[int]] | None:
        """The pieces of a page, and which own text comes between them."""
        with self._lock:
            cached = self._pages.get(facts)
            if cached is not None:
                self._pages.move_to_end(facts)
            return cached

    def _keep(self, facts: Hashable, page: str, placeholders: tuple[str, ...]) -> None:
        """Store the pieces between the own texts."""
        pieces = (
            re.split("|".join(f"({re.escape(placeholder)})" for placeholder in placeholders), page)
            if placeholders
            else [page]
        )
        step = len(placeholders) + 1
        whose = [
            next(place for place, word in enumerate(group) if word is not None)
            for group in (
                pieces[begin : begin + len(placeholders)] for begin in range(1, len(pieces), step)
            )
        ]
        with self._lock:
            self._pages[facts] = (pieces[::step], whose)
            while len(self._pages) > _MOST:
                self._pages.popitem(last=False)


_PAGES = AppState[PageCache]("rendered-pages")


def install(app: Flask) -> None:
    _PAGES.install(app, PageCache())


def page_cache() -> PageCache:
    return _PAGES.get()
