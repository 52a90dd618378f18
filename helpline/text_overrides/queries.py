"""Queries of text overrides."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.i18n.published_overrides import TextOverrides, Words
from helpline.text_overrides.models import TextOverride


def saved(session: Session, language: str, word_id: str) -> TextOverride | None:
    """Return the last save of one text's override; None if there was none."""
    return session.scalar(
        sa.select(TextOverride).where(
            TextOverride.language == language, TextOverride.word_id == word_id
        )
    )


def of_language(session: Session, language: str) -> Mapping[str, TextOverride]:
    """Return the overrides of a language by text id."""
    found = session.scalars(
        sa.select(TextOverride).where(
            TextOverride.language == language, TextOverride.theirs.is_not(None)
        )
    )
    return {each.word_id: each for each in found}


def in_force(session: Session) -> TextOverrides:
    """Return the overrides in force in every language."""
    found: dict[str, dict[Words, tuple[str, ...]]] = {}
    for each in session.scalars(sa.select(TextOverride).where(TextOverride.theirs.is_not(None))):
        found.setdefault(each.language, {})[each.context, each.ours] = tuple(each.theirs or ())
    return found
