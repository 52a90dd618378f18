#!/bin/sh
# Topic: job queues
# Expected: RetryStrategy(max_attempts=3) runs a job that fails three times at most.
# What happens: procrastinate runs it four times: attempts are counted from 0 and the first run is not one of
#   them. retry=3 is the same. With retry=False the job runs once.
# Versions: procrastinate 3.10.0 (PyPI), with its in-memory connector. Seen on 2026-12-01.
# Source: https://github.com/procrastinate-org/procrastinate/blob/main/procrastinate/retry.py
#   (RetryStrategy.get_retry_decision).
# Why it matters here: a limit on calls to one person that is handed to a queue as max_attempts allows one call
#   more than was promised. In this product max_attempts counts calls, the first included, and the limit
#   is checked by the product's own rules (helpline/domain/retries.py; tests/domain/test_retries.py).
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv python
python/bin/python -m pip install --quiet --disable-pip-version-check procrastinate==3.10.0

cat > run.py << 'PY'
import asyncio
import logging
import sys
from collections import Counter
from importlib.metadata import version

import procrastinate
from procrastinate.testing import InMemoryConnector

logging.disable(logging.CRITICAL)
runs = Counter()


async def main():
    app = procrastinate.App(connector=InMemoryConnector())

    @app.task(name="strategy", retry=procrastinate.RetryStrategy(max_attempts=3))
    async def strategy():
        runs["max_attempts=3"] += 1
        raise ConnectionError

    @app.task(name="number", retry=3)
    async def number():
        runs["retry=3"] += 1
        raise ConnectionError

    @app.task(name="none", retry=False)
    async def none():
        runs["retry=False"] += 1
        raise ConnectionError

    async with app.open_async():
        for task in (strategy, number, none):
            await task.defer_async()
        await app.run_worker_async(wait=False, listen_notify=False)


asyncio.run(asyncio.wait_for(main(), 60))
print(f"Python {sys.version.split()[0]}, procrastinate {version('procrastinate')}; runs: {dict(runs)}")
sys.exit(0 if runs == {"max_attempts=3": 4, "retry=3": 4, "retry=False": 1} else 1)
PY
python/bin/python run.py
