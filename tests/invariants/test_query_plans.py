"""No page, poll or job scans a table that grows with every callback."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa
from flask import Flask

from helpline import clock
from helpline.db import READ_COMMITTED, db
from helpline.privacy import key_check
from helpline.worker import due
from tests import factories
from tests.cast import ARJUN, ASHA, KAVITA, LEELA, MEERA, VIKRAM
from tests.stateful.fixtures import World
from tests.support.clock import Clock
from tests.support.sql_recorder import Said, listening
from tests.support.web import Client

GROWING = {
    *("attempt", "audit_entry", "call_event", "callback", "callback_event", "carrier_failure"),
    *("consent_proof", "floor_deed", "hand_over", "help_request", "inbound_call"),
    *("inbound_reply", "listener", "note_draft", "offer", "outbox", "referral", "ring"),
    *("staff_session", "tally", "text_in", "text_out", "tombstone", "voice_message"),
    "webhook_delivery",
}
RETENTION_PAGE, RETENTION_JOB = "/admin/privacy", "erase_due"
"""What is kept is read for the retention, and for its next run on the page."""
NEWEST = re.compile(r"FROM (\w+) ORDER BY \1\.id DESC\s+LIMIT")
"""Some of the newest rows: the reading ends with them."""
READS = ("SELECT", "WITH", "UPDATE", "DELETE", "INSERT")


def read_on_sqlite(connection: sa.Connection, statement: str, params: object) -> Iterator[str]:
    """The tables that a statement reads from end to end, in any order."""
    rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", params)  # type: ignore[arg-type]
    for *_, detail in rows:
        match = re.match(r"SCAN (\w+?)(?:_\d+)?(?: USING (?:COVERING )?INDEX (\w+))?$", detail)
        if match and match[2] not in partial_indexes(connection):
            yield match[1]


def read_on_postgresql(connection: sa.Connection, statement: str, params: object) -> Iterator[str]:
    """The tables that a statement reads from end to end, in any order."""
    explain = f"EXPLAIN (FORMAT JSON) {statement}"
    [explained] = connection.exec_driver_sql(explain, params).scalar_one()  # type: ignore[arg-type]
    nodes = [explained["Plan"]]
    while nodes:
        node = nodes.pop()
        if node["Node Type"] == "Limit" and "Filter" not in node["Plans"][0]:
            node["Plans"] = node["Plans"][0].get("Plans", [])  # The reading ends with the limit.
        nodes += node.get("Plans", [])
        by_all = "Index Name" in node and "Index Cond" not in node
        if node["Node Type"] == "Seq Scan" or (
            by_all and node["Index Name"] not in partial_indexes(connection)
        ):
            yield node.get("Relation Name", "")


def partial_indexes(connection: sa.Connection) -> set[str]:
    """Indexes of some rows only, which do not grow with those that are over."""
    query = (
        "SELECT indexname FROM pg_indexes WHERE strpos(indexdef, ' WHERE ') > 0"
        if connection.dialect.name == "postgresql"
        else "SELECT name FROM sqlite_master WHERE type = 'index' AND instr(sql, ' WHERE ')"
    )
    return set(connection.exec_driver_sql(query).scalars())


def scanned(statements: Sequence[Said]) -> dict[str, str]:
    """Each statement that scans a growing table, with the tables."""
    db.session.rollback()
    on_postgresql = db.engine.dialect.name == "postgresql"
    options = {"isolation_level": READ_COMMITTED} if on_postgresql else {}
    connection = db.session.connection(execution_options=options)
    if on_postgresql:
        for setting in ("enable_seqscan", "enable_hashjoin", "enable_mergejoin"):
            connection.exec_driver_sql(f"SET LOCAL {setting} = off")  # as with many rows
    read = read_on_postgresql if on_postgresql else read_on_sqlite
    found = {}
    for text, params in dict(statements).items():
        if text.lstrip("( \n").startswith(READS):
            first = params[0] if isinstance(params, list) else params
            tables = GROWING.intersection(read(connection, text, first))
            tables -= {match[1] for match in NEWEST.finditer(text)}
            if tables:
                found[text] = ", ".join(sorted(tables))
    db.session.rollback()
    return found


def told(found: dict[str, str]) -> str:
    return "\n\n".join(f"{tables}: {text}" for text, tables in found.items())


def test_pages_and_polls(
    app: Flask, client: Client, new_client: Callable[[], Client], at: Clock
) -> None:
    at("2026-11-23 11:00")
    factories.wrapping_up(ASHA, KAVITA)
    token = factories.link(LEELA, may_text=True)
    factories.callback(ARJUN, slot_at=factories.slot("15:00"))
    staff = [new_client() for _ in range(3)]
    for browser, member in zip(staff, (ASHA, VIKRAM, MEERA), strict=True):
        factories.staff(member)
        browser.sign_in(member)
    paths = sorted(
        rule.rule
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and not rule.arguments and rule.rule != RETENTION_PAGE
    )
    key_check.check_and_record(db.engine, now=clock.now())
    served = set()
    with listening(db.engine) as statements:
        for path in (*paths, f"/request/{token}"):
            for browser in (client, *staff):
                if browser.get(path).status_code == 200:
                    served.add(urlsplit(path).path)
    assert len(served) > 50
    found = scanned(statements)
    assert not found, told(found)


def test_jobs(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(due.DueWork, "find", lambda work: work.kinds)
    world = World(app)
    for jobs in world.workers:
        del jobs[RETENTION_JOB]
    world.asks("+919876543210")
    with listening(db.engine) as statements:
        for _ in range(3):
            world.works()
            world.passes(minutes=20)
    found = scanned(statements)
    assert not found, told(found)
