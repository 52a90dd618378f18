"""Reading which words admins put in the place of ours."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.languages.rewordings import Rewordings, Words
from helpline.rewording.models import Rewording


def saved(session: Session, language: str, word_id: str) -> Rewording | None:
    """What was last saved of one wording; None until an admin changes it first."""
    return session.scalar(
        sa.select(Rewording).where(Rewording.language == language, Rewording.word_id == word_id)
    )


def of_language(session: Session, language: str) -> Mapping[str, Rewording]:
    """All that is said otherwise in a language, by the id of the words."""
    found = session.scalars(
        sa.select(Rewording).where(Rewording.language == language, Rewording.theirs.is_not(None))
    )
    return {each.word_id: each for each in found}


def in_force(session: Session) -> Rewordings:
    """All that is said otherwise, in every language."""
    found: dict[str, dict[Words, tuple[str, ...]]] = {}
    for each in session.scalars(sa.select(Rewording).where(Rewording.theirs.is_not(None))):
        found.setdefault(each.language, {})[each.context, each.ours] = tuple(each.theirs or ())
    return found
