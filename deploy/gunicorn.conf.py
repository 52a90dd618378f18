"""How gunicorn serves the web. Every value can be overridden on its command line."""

import multiprocessing

bind = "127.0.0.1:8000"
worker_class = "gthread"
workers = max(2, multiprocessing.cpu_count())
threads = 64  # of which eight never wait for the database: see helpline/web/patience.py
timeout = 30  # seconds
graceful_timeout = 20  # seconds in which what was begun is finished at a restart
keepalive = 5  # seconds
max_requests = 100_000  # then a process is replaced by a fresh one
max_requests_jitter = 10_000
# No access log: the address of a status page is its key.
accesslog = None
# What a proxy says of the scheme is believed by the service itself, and only where
# HELPLINE_TRUSTED_PROXIES says that there is one.
secure_scheme_headers: dict[str, str] = {}
