"""The safety facts: what to do in danger, warnings, and the limits of confidentiality, each with a
source and a next review. Pages, prompts and articles take them from this file and from nowhere
else.

Those marked clinical are to be signed off by a clinical lead of each deployment.
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
        id: its name in templates and signatures.
        title: a heading, in English.
        items: sentences in English. ``%(emergency)s`` stands for the emergency number to call.
        is_ordered: whether the items are steps, to be done one after the other.
        is_clinical: whether a clinical lead has to sign it.
        voice: prompts that are spoken to callers, by their keys.
        texts: text messages, by their keys.
        region: the only region it is true of, such as "IN"; None: everywhere.
        sources: where it was found.
        found_on: the date it was found there.
        reviewer: who reviewed our wording before it came with the service; None: nobody yet.
        next_review: by when it has to be looked at again.
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
        """Whether it should have been reviewed by now."""
        return today > self.next_review


@cache
def safety_facts() -> Mapping[str, SafetyFact]:
    """Every safety fact by its id, in the order of the file."""
    stored = json.loads(FILE.read_text(encoding="utf-8"))["facts"]
    found = [
        SafetyFact(
            id=each["id"],
            title=each["title"],
            items=tuple(each["items"]),
            is_ordered=each["is_ordered"],
            is_clinical=each["is_clinical"],
            voice=each.get("voice", {}),
            texts=each.get("texts", {}),
            region=each.get("region"),
            sources=tuple(each["sources"]),
            found_on=date.fromisoformat(each["found_on"]),
            reviewer=each["reviewer"],
            next_review=date.fromisoformat(each["next_review"]),
        )
        for each in stored
    ]
    return {each.id: each for each in found}


def voice_prompts() -> Mapping[str, str]:
    """The prompts of all safety facts by their keys, in English."""
    return {key: words for fact in safety_facts().values() for key, words in fact.voice.items()}


def text_wordings() -> Mapping[str, str]:
    """The text messages of all safety facts by their keys, in English."""
    return {key: words for fact in safety_facts().values() for key, words in fact.texts.items()}
