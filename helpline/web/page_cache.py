"""Pages that are the same for everybody until something that they tell of changes.

What a page tells of is read afresh for every answer, and any difference makes another page; only
putting the same facts into words is not done twice. The words that an answer has for itself (the
nonce of its scripts, the key of its form, the secret of a link, the end of a number) are cut out
before a page is kept, and put in afresh: nothing of anybody stays here.
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
    """The pages of one application, the least used going first."""

    def __init__(self) -> None:
        self._pages: OrderedDict[Hashable, tuple[list[str], list[int]]] = OrderedDict()
        self._lock = Lock()

    def page(self, facts: Hashable, own: tuple[str, ...], render: Callable[[], str]) -> str:
        """The page of these facts.

        Args:
            facts: all that the page tells of.
            own: words of this answer alone, each long and random, as they stand in the page.
            render: makes the page, with those words in it.
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
        """The page of these facts, if it is kept, and nobody has words of their own in it."""
        kept = self._kept(facts)
        return kept[0][0] if kept is not None and not kept[1] else None

    def _kept(self, facts: Hashable) -> tuple[list[str], list[int]] | None:
        """Its pieces, and whose words come between them."""
        with self._lock:
            kept = self._pages.get(facts)
            if kept is not None:
                self._pages.move_to_end(facts)
            return kept

    def _keep(self, facts: Hashable, page: str, own: tuple[str, ...]) -> None:
        """In pieces, between which each answer's own words come."""
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
    """Gives the application its pages."""
    app.extensions[_EXTENSION] = PageCache()


def page_cache() -> PageCache:
    """The pages of the current application."""
    found: PageCache = current_app.extensions[_EXTENSION]
    return found
