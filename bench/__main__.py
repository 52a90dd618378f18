"""How fast it is: every figure beside another one that was measured in the same run.

Nothing else should run on the machine meanwhile. `make bench` measures everything and prints the
table; with --write it is also written to bench/RESULTS.md.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Mapping, Sequence

from bench import (
    booking,
    claims,
    desk,
    growth,
    idle,
    outbox,
    overload,
    pages,
    retention,
    slots,
    start,
)
from bench.plan import Bench, Plan
from bench.services import stopped_by_signals
from bench.table import Row, machine, renewed, renewed_runs, table
from config import ROOT

BENCHES: Mapping[str, Bench] = {
    "claim": claims.against_pgbench,
    "claim-many": claims.with_many_finished,
    "growth": growth.many_finished,
    "book": booking.against_pgbench,
    "pages": pages.against_plain,
    "polls": pages.polls,
    "refused": pages.refused,
    "overload": overload.three_times_the_knee,
    "desk": desk.call_and_disposition,
    "slots": slots.sixty_days,
    "start": start.to_first_page,
    "rest": start.at_rest,
    "command": start.command,
    "worker": outbox.to_dialled,
    "press": outbox.one_press,
    "retention": retention.first_run,
    "worker-idle": idle.worker,
    "memory": pages.memory,
    "memory-worker": outbox.memory,
}
EXAMPLES = """\
examples:
  make bench
  make bench ARGS="--write"
  python -m bench --only claim pages
  python -m bench --only claim --write      measure these rows again
  python -m bench --quick --only claim      quick check, in a minute
"""
RESULTS = ROOT / "bench" / "RESULTS.md"
_INTRODUCTION = """\
# How fast it is

Written by `make bench ARGS="--write"`. Ours and theirs are measured in turn, in one run, on one
machine; the ratio is what tells. A row without a bound is told and not judged.
Pages are served by one process that keeps to a core of its own, ours and theirs. Claims are made by
processes that keep to a core each, as the web does; pgbench runs where it likes. A start is that of
`helpline run --demo` on SQLite with two web processes, and memory at rest what it holds 20 seconds
later, without its phones and website. PSS counts a library in part where other programs use it too.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures, and prints the table. 1 where something wanted is not kept."""
    asked = _asked(arguments)
    quick = Plan(seconds=2, rounds=1, finished=50_000, requests=2_000)
    plan = quick if asked.quick else Plan()
    rows: list[Row] = []
    with stopped_by_signals():
        for name in asked.only or BENCHES:
            print(f"{name}: {(BENCHES[name].__doc__ or '').splitlines()[0]}", flush=True)
            began = time.monotonic()
            rows += BENCHES[name](plan)
            print(f"  done in {time.monotonic() - began:.0f} s", flush=True)
    lines = [row.cells() for row in rows]
    print(f"\n{table(lines)}\n\n{machine()}\n")
    if asked.write:
        known = RESULTS.read_text(encoding="utf-8") if asked.only and RESULTS.exists() else ""
        runs = renewed_runs(known, asked.only or (), machine())
        told = f"{table(renewed(known, lines))}\n\n{runs}\n"
        RESULTS.write_text(f"{_INTRODUCTION}\n{told}", encoding="utf-8")
        print(f"Results written to {RESULTS.relative_to(ROOT)}")
    return 1 if any(row.kept is False for row in rows) else 0


def _asked(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bench",
        description=__doc__,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--only", nargs="+", choices=tuple(BENCHES), metavar="NAME", help=", ".join(BENCHES)
    )
    parser.add_argument("--quick", action="store_true", help="short run with rough results")
    parser.add_argument("--write", action="store_true", help="write bench/RESULTS.md")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
