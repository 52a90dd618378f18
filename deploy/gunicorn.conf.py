"""How gunicorn serves the web. Every value can be overridden on its command line."""

import multiprocessing
import os
from collections import Counter
from contextlib import suppress

# A platform that sets PORT routes to it from outside.
bind = f"0.0.0.0:{os.environ['PORT']}" if os.environ.get("PORT") else "127.0.0.1:8000"
worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY") or max(2, multiprocessing.cpu_count()))
# Heartbeats in memory: on a slow disk a healthy process would look hung.
_MEMORY = "/dev/shm"  # noqa: S108  # nosec B108: gunicorn opens unnamed files there
worker_tmp_dir = _MEMORY if os.access(_MEMORY, os.W_OK) else None
threads = 64  # of which eight never wait for the database: see helpline/web/db_bulkhead.py
timeout = 30  # seconds
graceful_timeout = 20  # seconds in which what was begun is finished at a restart
keepalive = 20  # seconds; far longer than the proxy keeps a connection, see deploy/nginx.conf
max_requests = 100_000  # then a process is replaced by a fresh one
max_requests_jitter = 10_000
control_socket_disable = True  # unused, and the user may have no home to keep it in
# No access log: the address of a status page is its key.
accesslog = None
# What a proxy says of the scheme is believed by the service itself, and only where
# HELPLINE_TRUSTED_PROXIES says that there is one.
secure_scheme_headers: dict[str, str] = {}
# No proxy says below which path the service runs: it has a host name of its own.
forwarder_headers = ""


def pre_fork(server, worker):
    """Where there is a process for every core, each keeps to one of its own. A process runs one of
    its threads at a time; over several cores they would push each other around."""
    if not hasattr(os, "sched_setaffinity"):  # Linux has it.
        return
    cores = sorted(os.sched_getaffinity(0))
    if server.num_workers < len(cores):
        return
    taken = Counter(getattr(each, "core", None) for each in server.WORKERS.values())
    worker.core = min(cores, key=lambda core: taken[core])


def post_fork(server, worker):
    """The core that was chosen is kept to, where the system lets a process choose."""
    if hasattr(worker, "core"):
        with suppress(OSError):
            os.sched_setaffinity(0, {worker.core})
