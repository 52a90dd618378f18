"""Safety facts with the numbers of the region."""

from __future__ import annotations

from dataclasses import dataclass

from helpline.domain.safety_facts import safety_facts
from helpline.web.language import gettext as _
from helpline.web.request_context import directory
from helpline.web.visitor_context import chosen_region


@dataclass(frozen=True, slots=True)
class FactWords:
    """A safety fact as it is read; ``is_ordered`` for steps."""

    title: str
    items: tuple[str, ...]
    is_ordered: bool


def fact_words(fact_id: str, emergency: str | None = None) -> FactWords | None:
    """Return a safety fact in this page's language; None where it does not apply to the region.

    Args:
        emergency: the number to call; None for the region's.

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
