"""A cache of rendered pages, keyed by the facts that they show.

The facts are read for every response; only rendering the same facts is not repeated. What differs
by
response (the nonce, the form key, the token of a link, the end of a number) is cut out before a
page is
stored and inserted afresh: no personal data stays here.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock

from flask import Flask, current_app

_EXTENSION = "helpline-kept-pages"
_MOST = 256


class PageCache:
    """The cached pages of an application, least recently used evicted."""

    def __init__(self) -> None:
        self._pages: OrderedDict[Hashable, tuple[list[str], list[int]]] = OrderedDict()
        self._lock = Lock()

    def page(self, facts: Hashable, own: tuple[str, ...], render: Callable[[], str]) -> str:
        """Return the page of these facts, rendered if needed.

        Args:
            facts: everything that the page shows.
            own: texts of this response alone, each long and random, as they occur in the page.
            render: renders the page with those texts.
        """
        kept = self._kept(facts)
        if kept is None:
            rendered = render()
            self._keep(facts, rendered, own)
            return rendered
        pieces, whose = kept
        if not whose:
            return pieces[0]
        page = [pieces[0]]
        for place, piece in zip(whose, pieces[1:], strict=True):
            page += (own[place], piece)
        return "".join(page)

    def same_for_all(self, facts: Hashable) -> str | None:
        """Return a cached page without texts of its own, or None."""
        kept = self._kept(facts)
        return kept[0][0] if kept is not None and not kept[1] else None

    def _kept(self, facts: Hashable) -> tuple[list[str], list[int]] | None:
        """The pieces of a page, and which own text comes between them."""
        with self._lock:
            kept = self._pages.get(facts)
            if kept is not None:
                self._pages.move_to_end(facts)
            return kept

    def _keep(self, facts: Hashable, page: str, own: tuple[str, ...]) -> None:
        """Store the pieces between the own texts."""
        found = re.split("|".join(f"({re.escape(each)})" for each in own), page) if own else [page]
        step = len(own) + 1
        whose = [
            next(place for place, word in enumerate(words) if word is not None)
            for words in (found[begin : begin + len(own)] for begin in range(1, len(found), step))
        ]
        with self._lock:
            self._pages[facts] = (found[::step], whose)
            while len(self._pages) > _MOST:
                self._pages.popitem(last=False)


def install(app: Flask) -> None:
    app.extensions[_EXTENSION] = PageCache()


def page_cache() -> PageCache:
    found: PageCache = current_app.extensions[_EXTENSION]
    return found
