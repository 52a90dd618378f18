"""A page as a person without JavaScript has it: its words in order, its links, its forms."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

_EMPTY = frozenset({"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "wbr"})
_UNREAD = frozenset({"script", "style", "title", "option", "svg", "template"})


@dataclass
class Element:
    """One element: its attributes, the words inside, and the elements around it."""

    tag: str
    attrs: dict[str, str]
    around: tuple[Element, ...]
    place: int
    words: list[str] = field(default_factory=list)
    is_read: bool = True

    @property
    def text(self) -> str:
        """The words inside, spaces made single."""
        return squeezed("".join(self.words))

    @property
    def id(self) -> str:
        """Its id, or nothing."""
        return self.attrs.get("id", "")

    def has_class(self, name: str) -> bool:
        """Whether it is one of these."""
        return name in self.attrs.get("class", "").split()

    def inside(self, other: Element) -> bool:
        """Whether the other is around it."""
        return any(each is other for each in self.around)


class Page(HTMLParser):
    """What stands in a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[Element] = []
        self._open: list[Element] = []
        self.html = html
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Notes an element."""
        given = {name: value or "" for name, value in attrs}
        around = tuple(self._open)
        is_read = tag not in _UNREAD and (not around or around[-1].is_read)
        element = Element(tag, given, around, len(self.elements), is_read=is_read)
        self.elements.append(element)
        if tag not in _EMPTY:
            self._open.append(element)

    def handle_endtag(self, tag: str) -> None:
        """Closes it, and what was left open inside."""
        for depth in reversed(range(len(self._open))):
            if self._open[depth].tag == tag:
                del self._open[depth:]
                return

    def handle_data(self, data: str) -> None:
        """Gives the words to all that is around them."""
        if not self._open:
            return
        if not self._open[-1].is_read:
            if self._open[-1].tag in ("title", "option", "script"):
                self._open[-1].words.append(data)
            return
        for each in self._open:
            each.words.append(data)

    def updatepos(self, i: int, j: int) -> int:
        """Counts no lines: nobody asks in which something stands."""
        return j

    @property
    def text(self) -> str:
        """All words of the body."""
        return self.the("body").text

    @property
    def title(self) -> str:
        """The title."""
        return self.the("title").text

    def all(self, tag: str = "", *, cls: str = "", **attrs: str) -> list[Element]:
        """The elements of a kind, in order. A trailing _ in a name is left out, _ means -."""
        wanted = {name.rstrip("_").replace("_", "-"): value for name, value in attrs.items()}
        return [
            each
            for each in self.elements
            if (not tag or each.tag == tag)
            and (not cls or each.has_class(cls))
            and all(each.attrs.get(name) == value for name, value in wanted.items())
        ]

    def the(self, tag: str = "", *, cls: str = "", **attrs: str) -> Element:
        """The first of a kind; there must be one."""
        found = self.all(tag, cls=cls, **attrs)
        assert found, f"no {tag} {cls} {attrs} on the page: {self.html[:3000]}"
        return found[0]

    def links(self, begins: str = "") -> list[str]:
        """Where its links lead, in order."""
        found = (each.attrs.get("href", "") for each in self.all("a"))
        return [href for href in found if href.startswith(begins)]

    def form(self, action: str = "") -> dict[str, str]:
        """What a browser would send of the form whose action has this in it, untouched."""
        return self._fields(self.the_form(action))

    def the_form(self, action: str) -> Element:
        """The form whose action has this in it."""
        found = [each for each in self.all("form") if action in each.attrs.get("action", "")]
        assert found, f"no form to {action!r} on the page: {self.text[:800]}"
        return found[0]

    def _fields(self, form: Element) -> dict[str, str]:
        sent: dict[str, str] = {}
        for each in self.elements:
            name = each.attrs.get("name", "")
            if not name or not each.inside(form) or "disabled" in each.attrs:
                continue
            if each.tag == "textarea":
                sent[name] = "".join(each.words).removeprefix("\n")
            elif each.tag == "select":
                sent[name] = self._selected(each)
            elif each.tag == "input":
                choice = each.attrs.get("type") in ("radio", "checkbox")
                if not choice or "checked" in each.attrs:
                    sent[name] = each.attrs.get("value", "on" if choice else "")
        return sent

    def _selected(self, select: Element) -> str:
        options = [each for each in self.all("option") if each.inside(select)]
        chosen = [each for each in options if "selected" in each.attrs] or options
        return chosen[0].attrs.get("value", "") if chosen else ""


def squeezed(text: str) -> str:
    """Spaces made single."""
    return re.sub(r"\s+", " ", text).strip()
