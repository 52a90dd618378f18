"""Queries of text overrides."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.i18n.published_overrides import SourceText, TextOverrides
from helpline.text_overrides.models import TextOverride


def latest_override(session: Session, language: str, word_id: str) -> TextOverride | None:
    return session.scalar(
        sa.select(TextOverride).where(
            TextOverride.language == language, TextOverride.word_id == word_id
        )
    )


def overrides_for_language(session: Session, language: str) -> Mapping[str, TextOverride]:
    overrides = session.scalars(
        sa.select(TextOverride).where(
            TextOverride.language == language, TextOverride.theirs.is_not(None)
        )
    )
    return {override.word_id: override for override in overrides}


def in_force(session: Session) -> TextOverrides:
    overrides: dict[str, dict[SourceText, tuple[str, ...]]] = {}
    for override in session.scalars(
        sa.select(TextOverride).where(TextOverride.theirs.is_not(None))
    ):
        overrides.setdefault(override.language, {})[override.context, override.ours] = tuple(
            override.theirs or ()
        )
    return overrides
