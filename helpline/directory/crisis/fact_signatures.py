"""Sign-off of safety facts."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.db import insert_or_ignore, transaction
from helpline.directory.crisis.models import SafetySignature
from helpline.domain.errors import HelplineError
from helpline.domain.safety_facts import SafetyFact, safety_facts
from helpline.i18n import catalogs
from helpline.privacy import audit


class FactChanged(HelplineError):
    """The fact has changed since it was shown."""


@dataclass(frozen=True, slots=True)
class FactState:
    """A safety fact and its sign-off.

    Args:
        digest: of the text that visitors read.
        signature: of exactly this text, or None.
        is_past_due: whether its review is overdue.
    """

    fact: SafetyFact
    digest: str
    signature: SafetySignature | None
    is_past_due: bool


def facts_and_signatures(
    session: Session, languages: Sequence[str], today: date
) -> list[FactState]:
    """Return every safety fact with its sign-off, in order.

    Args:
        languages: of the site: a sign-off covers the text in all of them.
        today: in the helpline's zone.
    """
    signed = {(row.fact, row.digest): row for row in session.scalars(sa.select(SafetySignature))}
    states = []
    for fact in safety_facts().values():
        digest = text_digest(fact, languages)
        signature = signed.get((fact.id, digest))
        states.append(FactState(fact, digest, signature, fact.is_past_due(today)))
    return states


def fact_texts(fact: SafetyFact, language: str) -> list[str]:
    """Return all texts of a fact in a language, title first."""
    translations = catalogs.translations(language)
    return [
        *(str(translations.ugettext(text)) for text in (fact.title, *fact.items)),
        *(str(translations.upgettext(catalogs.VOICE, text)) for text in fact.voice.values()),
        *(str(translations.upgettext(catalogs.TEXT, text)) for text in fact.texts.values()),
    ]


def text_digest(fact: SafetyFact, languages: Sequence[str]) -> str:
    """Return a digest of a fact in these languages, with text overrides, sources and next
    review.
    """
    texts = [fact_texts(fact, language) for language in sorted(languages)]
    content = [fact.id, texts, fact.sources, fact.next_review.isoformat()]
    return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()


def sign_fact(
    fact_id: str, digest: str, *, languages: Sequence[str], admin_id: int, now: datetime
) -> None:
    """Sign a safety fact off. Idempotent.

    Args:
        digest: of the text that the admin saw.

    Raises:
        KeyError: there is no such fact.
        FactChanged: the text has changed.
    """
    if text_digest(safety_facts()[fact_id], languages) != digest:
        raise FactChanged
    with transaction() as session:
        is_new = insert_or_ignore(
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
                action="safety_fact_signed",
                subject=f"safety_fact:{fact_id}",
                after={"digest": digest},
            )
