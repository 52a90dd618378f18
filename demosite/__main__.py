"""Starts the demo website: python -m demosite --port 8002 --helpline http://127.0.0.1:8000"""

from __future__ import annotations

import argparse
import contextlib
import signal
import sys

from demosite.site import serve


def main() -> None:
    """Serves the site until it is told to stop."""
    parser = argparse.ArgumentParser(prog="python -m demosite")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8002)
    parser.add_argument(
        "--helpline",
        default="http://127.0.0.1:8000",
        help="URL of the helpline, without a trailing slash",
    )
    told = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with contextlib.suppress(KeyboardInterrupt), serve(told.host, told.port, told.helpline) as site:
        site.serve_forever()


if __name__ == "__main__":
    main()
