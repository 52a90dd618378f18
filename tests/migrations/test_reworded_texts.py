"""Text overrides keep applying to a sentence that was reworded."""

from __future__ import annotations

import importlib.util
import json

import sqlalchemy as sa
from flask_migrate import downgrade, upgrade

from helpline.i18n.index import TextEntry
from tests.support.database import PostgresDatabases, SqliteDatabases, writing
from tools.check_migrations import ROOT, bare_app

REWORDED = json.loads((ROOT / "migrations/reworded_texts.json").read_text(encoding="utf-8"))
(FILE,) = (ROOT / "migrations/versions").glob("*_reworded_texts.py")
BEFORE = "We call from %(number)s"
AFTER = "We will call from %(number)s"
OTHER = "Ask for a call"


def id_of(sentence: str) -> str:
    return TextEntry("", sentence, None, ()).id


def test_overrides_follow_their_sentences_there_and_back(
    databases: SqliteDatabases | PostgresDatabases,
) -> None:
    url = databases.fresh()
    spec = importlib.util.spec_from_file_location("reworded_texts", FILE)
    assert spec is not None and spec.loader is not None
    migration = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(migration)
    with bare_app(url):
        downgrade(revision=migration.down_revision)
    saved = [("hi", BEFORE), ("en", BEFORE), ("en", AFTER), ("hi", OTHER)]
    with bare_app(url) as engine, writing(engine).begin() as connection:
        connection.execute(
            sa.text(
                "INSERT INTO staff (id, email, active, fs_uniquifier, name, languages) "
                "VALUES (1, 'meera@example.org', :active, 'one', 'Meera', '[]')"
            ),
            {"active": True},
        )
        for language, sentence in saved:
            connection.execute(
                sa.text(
                    "INSERT INTO rewording "
                    "(language, word_id, context, ours, theirs, version, saved_at, saved_by) "
                    "VALUES (:language, :id, '', :ours, '[]', 1, '2026-11-23 10:00:00', 1)"
                ),
                {"language": language, "id": id_of(sentence), "ours": sentence},
            )
    with bare_app(url) as engine:
        upgrade()
        assert _saved(engine) == {
            ("hi", AFTER, id_of(AFTER)),
            ("en", BEFORE, id_of(BEFORE)),  # The new sentence has an override of its own.
            ("en", AFTER, id_of(AFTER)),
            ("hi", OTHER, id_of(OTHER)),
        }
        downgrade(revision=migration.down_revision)
        assert ("hi", BEFORE, id_of(BEFORE)) in _saved(engine)


def test_no_two_sentences_become_one() -> None:
    for column in (1, 2):
        sentences = [(each[0], each[column]) for each in REWORDED]
        assert len(set(sentences)) == len(sentences)


def _saved(engine: sa.Engine) -> set[tuple[str, str, str]]:
    with engine.connect() as connection:
        rows = connection.execute(sa.text("SELECT language, ours, word_id FROM rewording"))
        return {(row.language, row.ours, row.word_id) for row in rows}
