"""Check that this process has the keys that the database was written with.

The database holds a fingerprint of each key it depends on: of phone hashes, of links, and of every
field key still in use. Without one of them a process would read nothing and match no blocked number
and no STOP, without any error. It is checked at start, by ``flask helpline doctor`` and before a
restore (docs/decisions/0016-key-fingerprints).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.orm import Session

from helpline.db import Base, insert_or_ignore, transaction
from helpline.privacy import audit, key_rotation
from helpline.privacy.encryption import can_decrypt, key_fingerprints, phone_hash
from helpline.privacy.models import KeyCanary

_SAMPLE_ROWS = 5
_CANARY = sa.table("key_canary", sa.column("key"), sa.column("fingerprint"))


class Key(StrEnum):
    """A key that stored data depends on."""

    FIELDS = "fields"
    PHONE_INDEX = "phone_index"
    LINKS = "links"


SETTINGS = {
    Key.FIELDS: "HELPLINE_FIELD_KEYS",
    Key.PHONE_INDEX: "HELPLINE_PHONE_INDEX_KEY",
    Key.LINKS: "HELPLINE_SECRET_KEY",
}


class WrongKeys(Exception):
    """The database was written with other keys; ``keys`` are those that differ."""

    def __init__(self, keys: Collection[Key]) -> None:
        self.keys = tuple(keys)
        self.settings = ", ".join(SETTINGS[key] for key in self.keys)
        super().__init__(
            f"The database was written with different keys: {self.settings}. Nothing was changed. "
            "Restore the helpline.env that belongs to this database (docs/running.md)."
        )


def check(connection: Connection) -> None:
    """Check the keys of this process against a database, without writing to it.

    A database without fingerprints is judged by a sample of its encrypted values. An empty one
    matches every key.

    Args:
        connection: to any database of this service, such as a restored backup.

    Raises:
        WrongKeys: at least one key differs.
    """
    tables = set(sa.inspect(connection).get_table_names())
    stored: dict[str, set[str]] = {}
    if "key_canary" in tables:
        for key, fingerprint in connection.execute(sa.select(_CANARY.c.key, _CANARY.c.fingerprint)):
            stored.setdefault(key, set()).add(fingerprint)
    wrong = _wrong_by_fingerprint(stored) if stored else _wrong_by_sample(connection, tables)
    if wrong:
        raise WrongKeys(wrong)


def check_and_record(engine: Engine, *, now: datetime) -> None:
    """Check the keys against the live database, and record missing fingerprints there.

    Raises:
        WrongKeys: at least one key differs.
        sqlalchemy.exc.SQLAlchemyError: the database does not answer.
    """
    with engine.connect() as connection:
        check(connection)
        is_complete = not _missing(connection)
    if not is_complete:
        with _writing(engine) as connection:
            check(connection)  # Another process may have recorded its own keys meanwhile.
            _record(connection, now)


def record_fingerprints(engine: Engine, *, now: datetime) -> None:
    """Record missing fingerprints of this process's keys in a database.

    The newest field key is recorded before its first use, so that no process without it starts from
    then on.
    """
    with _writing(engine) as connection:
        _record(connection, now)


@contextmanager
def _writing(engine: Engine) -> Iterator[Connection]:
    # Outside the queue of SQLite's writers: a request that is about to write is in it already.
    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        yield connection


def _missing(connection: Connection) -> list[tuple[Key, str]]:
    if not sa.inspect(connection).has_table("key_canary"):
        return []
    fingerprints = key_fingerprints()
    rows = connection.execute(sa.select(_CANARY.c.key, _CANARY.c.fingerprint))
    stored = {(key, fingerprint) for key, fingerprint in rows}
    # Nothing says which older key an existing database still needs: assume every one.
    has_fields = any(key == Key.FIELDS for key, _ in stored)
    wanted = [
        (Key.FIELDS, pair)
        for pair in (fingerprints.fields[:1] if has_fields else fingerprints.fields)
    ]
    wanted += [(Key.PHONE_INDEX, fingerprints.phone_index), (Key.LINKS, fingerprints.links)]
    return [pair for pair in wanted if pair not in stored]


def _record(connection: Connection, now: datetime) -> None:
    rows = [
        {"key": key.value, "fingerprint": fingerprint, "created_at": now}
        for key, fingerprint in _missing(connection)
    ]
    if rows:
        dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
        connection.execute(dialect.insert(KeyCanary).on_conflict_do_nothing(), rows)


def retire_older_field_keys(*, now: datetime) -> None:
    """Record that nothing needs an older field key; they may be removed from then on."""
    with transaction() as session:
        newest = key_fingerprints().fields[0]
        session.execute(
            sa.delete(KeyCanary).where(KeyCanary.key == Key.FIELDS, KeyCanary.fingerprint != newest)
        )
        _add(session, Key.FIELDS, newest, now)


def accept(key: Key, *, now: datetime) -> None:
    """Record this process's key as the right one, whatever the database was written with.

    What only the other key decrypts stays unreadable.
    """
    current = key_fingerprints()
    fingerprints = {
        Key.FIELDS: current.fields,
        Key.PHONE_INDEX: (current.phone_index,),
        Key.LINKS: (current.links,),
    }[key]
    with transaction() as session:
        session.execute(sa.delete(KeyCanary).where(KeyCanary.key == key))
        for fingerprint in fingerprints:
            _add(session, key, fingerprint, now)
        audit.record(
            session, at=now, actor="operator", action="key_accepted", subject="keys", key=str(key)
        )


def _add(session: Session, key: Key, fingerprint: str, now: datetime) -> None:
    insert_or_ignore(session, KeyCanary, key=key.value, fingerprint=fingerprint, created_at=now)


def _wrong_by_fingerprint(stored: dict[str, set[str]]) -> list[Key]:
    current = key_fingerprints()
    accepted = {
        Key.FIELDS: set(current.fields),
        Key.PHONE_INDEX: {current.phone_index},
        Key.LINKS: {current.links},
    }
    return [key for key in Key if not stored.get(key, set()) <= accepted[key]]


def _wrong_by_sample(connection: Connection, tables: Collection[str]) -> list[Key]:
    tokens = list(_sample(connection, tables))
    if tokens and not any(can_decrypt(token) for token in tokens):
        return [Key.FIELDS]
    return [] if _phone_hashes_match(connection, tables) else [Key.PHONE_INDEX]


def _sample(connection: Connection, tables: Collection[str]) -> Iterator[bytes]:
    for part in key_rotation.encrypted_tables():
        if part.table not in tables:
            continue
        present = {
            column_info["name"] for column_info in sa.inspect(connection).get_columns(part.table)
        }
        key, columns = key_rotation.raw_columns(part)
        for column in columns:
            if column.name in present:
                query = sa.select(column).where(column.is_not(None)).order_by(key.desc())
                for value in connection.scalars(query.limit(_SAMPLE_ROWS)):
                    yield value.encode() if isinstance(value, str) else bytes(value)


def _phone_hashes_match(connection: Connection, tables: Collection[str]) -> bool:
    if "callback" not in tables:
        return True
    callback = Base.metadata.tables["callback"]
    raw = sa.table("callback", sa.column("id"), sa.column("phone"), sa.column("phone_hash"))
    rows = connection.execute(
        sa.select(raw.c.phone, raw.c.phone_hash)
        .where(raw.c.phone.is_not(None), raw.c.phone_hash.is_not(None))
        .order_by(raw.c.id.desc())
        .limit(_SAMPLE_ROWS)
    ).all()
    readable = [(token.encode(), stored) for token, stored in rows if can_decrypt(token.encode())]
    to_text = callback.c.phone.type.process_result_value  # type: ignore[attr-defined]
    hashes = [(phone_hash(to_text(token.decode(), None)), stored) for token, stored in readable]
    return not hashes or any(computed == stored for computed, stored in hashes)
