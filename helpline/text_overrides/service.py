"""Transactions of text overrides: save, reset and publish."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from helpline.db import StaleVersion, insert_or_ignore, read_snapshot, transaction, update_version
from helpline.domain import text_override_rules
from helpline.i18n import published_overrides
from helpline.i18n.catalogs import use_of
from helpline.i18n.index import TextEntry
from helpline.privacy import audit
from helpline.text_overrides import queries
from helpline.text_overrides.models import TextOverride


def published_path(crisis_file: Path) -> Path:
    """Return where overrides are published: next to the crisis directory of this machine."""
    return crisis_file.with_name("words.json")


def save(
    wording: TextEntry,
    language: str,
    forms: Sequence[str] | None,
    *,
    expected_version: int,
    admin_id: int,
    now: datetime,
) -> None:
    """Save the override of a text, or reset the text.

    Args:
        forms: one text for each plural form; None: the built-in text.
        expected_version: the version that the admin opened; 0 if there was none.

    Raises:
        InvalidText: the override would break where it is used.
        StaleVersion: there is a newer version; nothing was saved.
    """
    built_in = wording.ours(language)
    for original, other in zip(built_in, forms or (), strict=forms is not None):
        text_override_rules.check(use_of(wording.context), original, other)
    values = {"theirs": list(forms) if forms else None, "saved_at": now, "saved_by": admin_id}
    with transaction() as session:
        before = queries.latest_override(session, language, wording.id)
        if expected_version:
            update_version(
                session,
                TextOverride,
                TextOverride.language == language,
                TextOverride.word_id == wording.id,
                expected_version=expected_version,
                **values,
            )
        elif not insert_or_ignore(
            session,
            TextOverride,
            language=language,
            word_id=wording.id,
            context=wording.context,
            ours=wording.text,
            version=1,
            **values,
        ):
            raise StaleVersion
        audit.record(
            session,
            at=now,
            actor=f"staff:{admin_id}",
            action="words_changed" if forms else "words_reset",
            subject=f"words:{wording.id}",
            language=language,
            before={"words": list(before.theirs) if before and before.theirs else list(built_in)},
            after={"words": list(forms) if forms else list(built_in)},
        )


def publish_if_changed(file: Path) -> bool:
    """Rewrite this machine's file where it differs; return whether it did."""
    with read_snapshot() as session:
        overrides = queries.in_force(session)
    if published_overrides.load(file) == overrides:
        return False
    published_overrides.publish(file, overrides)
    return True
