"""The running text of a page: what somebody reads, sentence by sentence.

Left out are the names of crisis lines, regions and languages, lists of times, numbers, addresses,
and what has fewer than five words, such as a button. A heading, a label or a hint without a full
stop is a sentence of its own.
"""

from __future__ import annotations

import re

from tests.web.page import Element, Page, squeezed

_BLOCKS = frozenset(
    {"h1", "h2", "h3", "p", "li", "dt", "dd", "legend", "label", "summary", "button"}
)
_LISTS = ("lines", "compact", "days", "chips", "languages", "region-row", "guide", "extra")
_FIGURES = re.compile(r"[+\d][\d :.,•-]*(?:[AP]M\b)?|\S+\.(?:com|org|in)\b")
_SENTENCE = re.compile(r"(?<=[.?!:])[”’]?\s+")
_FEWEST_WORDS = 5


def sentences_of(page: Page) -> list[str]:
    """Every sentence of the page's own words, once, in order."""
    own = [each for each in page.elements if not _in_a_list(each)]
    blocks = [each for each in own if each.tag in _BLOCKS]
    around = {id(outer) for each in blocks for outer in each.around}
    links = [each for each in own if each.tag == "a" and not _in_a_block(each)]
    found: dict[str, None] = {}
    for each in sorted([*blocks, *links], key=lambda each: each.place):
        if id(each) not in around:
            found.update(dict.fromkeys(split(each.text)))
    return list(found)


def split(text: str) -> list[str]:
    """The sentences of a text that are long enough to be read as one."""
    parts = _SENTENCE.split(squeezed(_FIGURES.sub("", text)))
    return [f"{part.rstrip(' .?!:')}." for part in parts if len(part.split()) >= _FEWEST_WORDS]


def _in_a_list(element: Element) -> bool:
    return any(each.has_class(name) for each in (*element.around, element) for name in _LISTS)


def _in_a_block(element: Element) -> bool:
    return any(each.tag in _BLOCKS for each in element.around)
