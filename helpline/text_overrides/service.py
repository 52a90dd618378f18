"""Saying things otherwise, going back to our words, and publishing both."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa

from helpline.db import read_snapshot, transaction, updated_one_row
from helpline.domain import text_override_rules
from helpline.domain.errors import HelplineError
from helpline.i18n import published_overrides
from helpline.i18n.catalogs import use_of
from helpline.i18n.index import Wording
from helpline.privacy import audit
from helpline.row_updates import insert_or_ignore
from helpline.text_overrides import queries
from helpline.text_overrides.models import TextOverride


class StaleVersion(HelplineError):
    """Another admin changed the words after this one opened them."""


def path_next_to(crisis_file: Path) -> Path:
    """Where they are published: next to the crisis directory of this machine."""
    return crisis_file.with_name("words.json")


def save(
    word: Wording,
    language: str,
    theirs: Sequence[str] | None,
    *,
    expected_version: int,
    admin_id: int,
    now: datetime,
) -> None:
    """Puts words in the place of ours, or ours back.

    Args:
        word: the wording.
        theirs: one for each plural form; None: ours again.
        expected_version: the version the admin began from; 0: nobody has changed it yet.

    Raises:
        WrongWords: they would break where they are read.
        SavedMeanwhile: it is another version now; nothing was saved.
    """
    ours = word.ours(language)
    for usual, other in zip(ours, theirs or (), strict=theirs is not None):
        text_override_rules.check(use_of(word.context), usual, other)
    told = {"theirs": list(theirs) if theirs else None, "saved_at": now, "saved_by": admin_id}
    with transaction() as session:
        before = queries.saved(session, language, word.id)
        if not (
            insert_or_ignore(
                session,
                TextOverride,
                language=language,
                word_id=word.id,
                context=word.context,
                ours=word.text,
                version=1,
                **told,
            )
            if expected_version == 0
            else updated_one_row(
                session,
                sa.update(TextOverride)
                .where(
                    TextOverride.language == language,
                    TextOverride.word_id == word.id,
                    TextOverride.version == expected_version,
                )
                .values(version=expected_version + 1, **told),
            )
        ):
            raise StaleVersion
        audit.record(
            session,
            at=now,
            actor=f"staff:{admin_id}",
            deed="words_changed" if theirs else "words_reset",
            subject=f"words:{word.id}",
            language=language,
            before={"words": list(before.theirs) if before and before.theirs else list(ours)},
            after={"words": list(theirs) if theirs else list(ours)},
        )


def publish_if_changed(file: Path) -> bool:
    """Rewrites the published file of this machine where it differs from what is saved.

    Returns:
        Whether it was rewritten.
    """
    with read_snapshot() as session:
        wanted = queries.in_force(session)
    if published_overrides.load(file) == wanted:
        return False
    published_overrides.publish(file, wanted)
    return True
