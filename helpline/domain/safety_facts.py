"""Safety facts: what to do in danger, warnings, limits of confidentiality, with source and review
date. Pages, prompts and articles take them only from this file.

Those marked clinical are to be signed off by a clinical lead of each deployment.
See docs/decisions/0014-reviewed-data-for-danger.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("safety_facts.json")


@dataclass(frozen=True, slots=True)
class SafetyFact:
    """One safety fact.

    Args:
        id: its name in templates and sign-offs.
        title: a heading, in English.
        items: sentences in English. ``%(emergency)s`` is the emergency number to call.
        is_ordered: whether the items are steps in order.
        is_clinical: whether a clinical lead has to sign it off.
        voice: voice prompts by key.
        texts: text messages by key.
        region: the only region it applies to, such as "IN"; None for all.
        sources: where it was found.
        found_on: when it was found there.
        reviewer: who reviewed the wording before release; None for nobody yet.
        next_review: when it is due for review.
    """

    id: str
    title: str
    items: tuple[str, ...]
    is_ordered: bool
    is_clinical: bool
    voice: Mapping[str, str]
    texts: Mapping[str, str]
    region: str | None
    sources: tuple[str, ...]
    found_on: date
    reviewer: str | None
    next_review: date

    def is_past_due(self, today: date) -> bool:
        """Return whether its review is overdue."""
        return today > self.next_review


@cache
def safety_facts() -> Mapping[str, SafetyFact]:
    """Return all safety facts by id, in the order of the file."""
    stored = json.loads(FILE.read_text(encoding="utf-8"))["facts"]
    facts = [
        SafetyFact(
            id=fact["id"],
            title=fact["title"],
            items=tuple(fact["items"]),
            is_ordered=fact["is_ordered"],
            is_clinical=fact["is_clinical"],
            voice=fact.get("voice", {}),
            texts=fact.get("texts", {}),
            region=fact.get("region"),
            sources=tuple(fact["sources"]),
            found_on=date.fromisoformat(fact["found_on"]),
            reviewer=fact["reviewer"],
            next_review=date.fromisoformat(fact["next_review"]),
        )
        for fact in stored
    ]
    return {fact.id: fact for fact in facts}


def voice_prompts() -> Mapping[str, str]:
    """Return the voice prompts of all safety facts by key, in English."""
    return {key: text for fact in safety_facts().values() for key, text in fact.voice.items()}


def text_wordings() -> Mapping[str, str]:
    """Return the text messages of all safety facts by key, in English."""
    return {key: text for fact in safety_facts().values() for key, text in fact.texts.items()}
