"""Text overrides follow the sentences that were reworded for 1.0.

An override is stored by the English sentence it replaces, and by an id made of its context and
that sentence. ``reworded_texts.json`` has context, sentence before and sentence after.
"""

import hashlib
import json
from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "0060"
down_revision = "0059"
branch_labels = None
depends_on = None

REWORDED = Path(__file__).parent.parent / "reworded_texts.json"
OVERRIDE = sa.table(
    "rewording",
    sa.column("id", sa.Integer()),
    sa.column("language", sa.String()),
    sa.column("word_id", sa.String()),
    sa.column("context", sa.String()),
    sa.column("ours", sa.Text()),
)


def upgrade() -> None:
    _move({(context, before): after for context, before, after in _reworded()})


def downgrade() -> None:
    _move({(context, after): before for context, before, after in _reworded()})


def _reworded() -> list[list[str]]:
    return json.loads(REWORDED.read_text(encoding="utf-8"))


def _move(sentences: dict[tuple[str, str], str]) -> None:
    connection = op.get_bind()
    rows = connection.execute(sa.select(OVERRIDE)).all()
    taken = {(row.language, row.word_id) for row in rows}
    for row in rows:
        sentence = sentences.get((row.context, row.ours))
        if sentence is None:
            continue
        word_id = hashlib.sha256(f"{row.context}\0{sentence}".encode()).hexdigest()[:16]
        if (row.language, word_id) not in taken:  # Else an admin has edited the new one already.
            taken.add((row.language, word_id))
            connection.execute(
                sa.update(OVERRIDE)
                .where(OVERRIDE.c.id == row.id)
                .values(ours=sentence, word_id=word_id)
            )
