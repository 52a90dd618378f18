"""Signing safety facts: which wording was signed, by whom, and what is still to be signed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.crisis.models import SafetySignature
from helpline.db import transaction
from helpline.domain.errors import HelplineError
from helpline.domain.safety_facts import SafetyFact, safety_facts
from helpline.languages import catalogs
from helpline.privacy import audit
from helpline.rows import add_if_absent


class WordsChanged(HelplineError):
    """The fact says something else by now than what was to be signed."""


@dataclass(frozen=True, slots=True)
class FactState:
    """A safety fact and its signature.

    Args:
        fact: the fact.
        digest: of the words that visitors read.
        signature: of these very words; None: they are to be signed.
        is_past_due: whether the fact should have been reviewed by now.
    """

    fact: SafetyFact
    digest: str
    signature: SafetySignature | None
    is_past_due: bool


def facts_and_signatures(
    session: Session, languages: Sequence[str], today: date
) -> list[FactState]:
    """Every safety fact with its signature, in the order of the file.

    Args:
        languages: those of the site: a signature is for the words in all of them.
        today: in the helpline's zone.
    """
    signed = {(row.fact, row.digest): row for row in session.scalars(sa.select(SafetySignature))}
    found = []
    for fact in safety_facts().values():
        digest = words_digest(fact, languages)
        signature = signed.get((fact.id, digest))
        found.append(FactState(fact, digest, signature, fact.is_past_due(today)))
    return found


def fact_words(fact: SafetyFact, language: str) -> list[str]:
    """All words of a fact as visitors read, hear or are sent them in a language, title first."""
    there = catalogs.translations(language)
    return [
        *(str(there.ugettext(text)) for text in (fact.title, *fact.items)),
        *(str(there.upgettext(catalogs.VOICE, text)) for text in fact.voice.values()),
        *(str(there.upgettext(catalogs.TEXT, text)) for text in fact.texts.values()),
    ]


def words_digest(fact: SafetyFact, languages: Sequence[str]) -> str:
    """A digest of a fact as visitors read it in these languages, an admin's own words with it, and
    of its sources and its next review."""
    words = [fact_words(fact, language) for language in sorted(languages)]
    told = [fact.id, words, fact.sources, fact.next_review.isoformat()]
    return hashlib.sha256(json.dumps(told, ensure_ascii=False).encode()).hexdigest()


def sign_fact(
    fact_id: str, digest: str, *, languages: Sequence[str], admin_id: int, now: datetime
) -> None:
    """Sign a safety fact in the words that were shown. Signing twice is signing once.

    Args:
        digest: of the words that the admin saw.

    Raises:
        KeyError: there is no such fact.
        WordsChanged: it says something else by now.
    """
    if words_digest(safety_facts()[fact_id], languages) != digest:
        raise WordsChanged
    with transaction() as session:
        is_new = add_if_absent(
            session,
            SafetySignature,
            fact=fact_id,
            digest=digest,
            signed_by=admin_id,
            signed_at=now,
        )
        if is_new:
            audit.record(
                session,
                at=now,
                actor=f"staff:{admin_id}",
                deed="safety_fact_signed",
                subject=f"safety_fact:{fact_id}",
                after={"digest": digest},
            )
