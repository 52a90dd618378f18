"""Safety facts in the words of a page, with the numbers of the region it is read in."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Flask

from helpline.domain.safety_facts import safety_facts
from helpline.web.language import gettext as _
from helpline.web.request_context import directory
from helpline.web.visitor_context import chosen_region


@dataclass(frozen=True, slots=True)
class FactWords:
    """A safety fact as it is read.

    Args:
        title: its heading.
        items: its sentences.
        is_ordered: whether they are steps.
    """

    title: str
    items: tuple[str, ...]
    is_ordered: bool


def install(app: Flask) -> None:
    """Gives the templates the safety facts."""
    app.jinja_env.globals["safety_fact"] = fact_words


def fact_words(fact_id: str, emergency: str | None = None) -> FactWords | None:
    """A safety fact in the language of the page; None where it is not true of the region.

    Args:
        emergency: the number to call; None: the emergency number of the region.

    Raises:
        KeyError: there is no such fact.
    """
    fact = safety_facts()[fact_id]
    if fact.region is not None and fact.region != chosen_region():
        return None
    number = emergency or directory().emergency(chosen_region()).phone
    return FactWords(
        title=_(fact.title),
        items=tuple(_(item) % {"emergency": number} for item in fact.items),
        is_ordered=fact.is_ordered,
    )
