"""Which tables a statement reads from end to end, as the database plans it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa

from helpline.db import READ_COMMITTED, db
from tests.support.sql_recorder import Said

GROWING = {
    *("attempt", "audit_entry", "call_event", "callback", "callback_event", "carrier_failure"),
    *("consent_proof", "floor_deed", "hand_over", "help_request", "inbound_call"),
    *("inbound_reply", "job_failure", "listener", "note_draft", "number_on_line", "number_rest"),
    *("offer", "outbox", "referral", "ring", "staff_session", "tally", "text_in", "text_out"),
    *("tombstone", "voice_message", "webhook_delivery"),
}
"""Tables that grow with every callback."""
_NEWEST = re.compile(r"FROM (\w+) ORDER BY \1\.id DESC\s+LIMIT")
"""Some of the newest rows: the reading ends with them."""
_READS = ("SELECT", "WITH", "UPDATE", "DELETE", "INSERT")


def scanned(statements: Sequence[Said]) -> dict[str, str]:
    """Return each statement that reads a growing table from end to end, with the tables."""
    db.session.rollback()
    on_postgresql = db.engine.dialect.name == "postgresql"
    options = {"isolation_level": READ_COMMITTED} if on_postgresql else {}
    connection = db.session.connection(execution_options=options)
    if on_postgresql:
        for setting in ("enable_seqscan", "enable_hashjoin", "enable_mergejoin"):
            connection.exec_driver_sql(f"SET LOCAL {setting} = off")  # as with many rows
    read = _read_on_postgresql if on_postgresql else _read_on_sqlite
    found = {}
    for text, params in dict(statements).items():
        if text.lstrip("( \n").startswith(_READS):
            first = params[0] if isinstance(params, list) else params
            tables = GROWING.intersection(read(connection, text, first))
            tables -= {match[1] for match in _NEWEST.finditer(text)}
            if tables:
                found[text] = ", ".join(sorted(tables))
    db.session.rollback()
    return found


def _read_on_sqlite(connection: sa.Connection, statement: str, params: Any) -> Iterator[str]:
    rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", params)
    for *_, detail in rows:
        match = re.match(r"SCAN (\w+?)(?:_\d+)?(?: USING (?:COVERING )?INDEX (\w+))?$", detail)
        if match and match[2] not in _partial_indexes(connection):
            yield match[1]


def _read_on_postgresql(connection: sa.Connection, statement: str, _params: Any) -> Iterator[str]:
    """As planned without knowing the parameters."""
    for number, name in enumerate(dict.fromkeys(re.findall(r"%\((\w+)\)s", statement)), start=1):
        statement = statement.replace(f"%({name})s", f"${number}")
    explain = f"EXPLAIN (GENERIC_PLAN, FORMAT JSON) {statement}"
    [explained] = connection.exec_driver_sql(explain).scalar_one()
    nodes = [explained["Plan"]]
    while nodes:
        node = nodes.pop()
        if node["Node Type"] == "Limit" and "Filter" not in node["Plans"][0]:
            node["Plans"] = node["Plans"][0].get("Plans", [])  # The reading ends with the limit.
        nodes += node.get("Plans", [])
        by_all = "Index Name" in node and "Index Cond" not in node
        if node["Node Type"] == "Seq Scan" or (
            by_all and node["Index Name"] not in _partial_indexes(connection)
        ):
            yield node.get("Relation Name", "")


def _partial_indexes(connection: sa.Connection) -> set[str]:
    """Return the indexes of some rows only, which do not grow with those that are over."""
    query = (
        "SELECT indexname FROM pg_indexes WHERE strpos(indexdef, ' WHERE ') > 0"
        if connection.dialect.name == "postgresql"
        else "SELECT name FROM sqlite_master WHERE type = 'index' AND instr(sql, ' WHERE ')"
    )
    return set(connection.exec_driver_sql(query).scalars())
