"""nginx in front, as deploy/nginx.conf has it: slow visitors keep nobody waiting, secret addresses
are in no log, and the crisis page is there while the application is not."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from config import ROOT, Settings
from tests.faults.test_web_starts import started, status
from tests.journeys.live_services import end, free_port, until
from tests.support.settings import environment_of, settings_for_tests

SECONDS = 240.0
SLOW = 150
SECRET = "a-secret-of-somebody-s-page"

pytestmark = pytest.mark.skipif(
    shutil.which("nginx") is None, reason="nginx is not on this machine"
)


@dataclass(frozen=True)
class Front:
    """nginx, and where its files are."""

    url: str
    port: int
    folder: Path

    def logged(self) -> str:
        """Everything it wrote, outside of its configuration."""
        files = [each for each in self.folder.rglob("*") if each.is_file()]
        return "\n".join(each.read_text() for each in files if each.suffix == ".log")


@contextmanager
def nginx(
    folder: Path, backend_port: int, page: Path, *, read_seconds: int = 20
) -> Iterator[Front]:
    """nginx with our site, over plain HTTP on a free port."""
    port = free_port()
    folder.mkdir()
    site = (ROOT / "deploy" / "nginx.conf").read_text()
    plain = re.search(r"^server \{\n    listen 80;.*?^\}\n", site, re.MULTILINE | re.DOTALL)
    assert plain is not None
    site = site.replace(plain[0], "")
    site = re.sub(r"^ *(listen \[|ssl_).*\n", "", site, flags=re.MULTILINE)
    for was, becomes in (
        ("listen 443 ssl http2", f"listen 127.0.0.1:{port}"),
        ("127.0.0.1:8000", f"127.0.0.1:{backend_port}"),
        ("/var/cache/helpline/crisis.html", str(page)),
        ("/var/log/nginx/helpline.log", str(folder / "site.log")),
        ("proxy_read_timeout 3s", f"proxy_read_timeout {read_seconds}s"),
        ("proxy_set_header Host $host;", "proxy_set_header Host $http_host;"),
    ):
        assert was in site, was
        site = site.replace(was, becomes)
    temporary = "\n".join(
        f"{kind}_temp_path {folder / kind};"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    whole = f"""
user root;
worker_processes 1;
daemon off;
pid {folder / "pid"};
error_log {folder / "main.log"} error;
events {{ worker_connections 1024; }}
http {{ {temporary}
access_log {folder / "access.log"};
{site} }}
"""
    (folder / "nginx.conf").write_text(whole)
    process = subprocess.Popen(
        [
            "nginx",
            "-p",
            str(folder),
            "-e",
            str(folder / "main.log"),
            "-c",
            str(folder / "nginx.conf"),
        ]
    )
    front = Front(f"http://127.0.0.1:{port}", port, folder)
    try:
        until(lambda: status(f"{front.url}/crisis"), "nginx is up", SECONDS)
        yield front
    finally:
        end([process])


def web(settings: Settings, port: int) -> list[str]:
    command = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--workers", "1"]
    command += ["--worker-class", "gthread", "--threads", "8", "--keep-alive", "20"]
    return [*command, "app:create_app()"]


def slow_visitors(stack: ExitStack, port: int) -> None:
    """Half of them stop within the headers, half within the form."""
    for number in range(SLOW):
        line = stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=5))
        told = f"POST / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Length: 500\r\n"
        line.sendall((told if number % 2 else f"{told}\r\nphone=").encode())


def test_slow_visitors_keep_nobody_waiting_and_without_the_application_numbers_stand(
    tmp_path: Path,
) -> None:
    port = free_port()
    settings = settings_for_tests(
        tmp_path / "instance",
        f"sqlite:///{tmp_path / 'helpline.sqlite3'}",
        public_url=f"http://127.0.0.1:{port}",
        public_dir=str(tmp_path / "public"),
        trusted_proxies=1,
    )
    page = settings.published_crisis_page
    with ExitStack() as stack:
        with started(web(settings, port), environment_of(settings), tmp_path / "web.out"):
            until(lambda: status(f"{settings.public_url}/healthz"), "the web is up", SECONDS)
            until(page.exists, "the page is published", SECONDS)
            front = stack.enter_context(nginx(tmp_path / "nginx", port, page))
            slow_visitors(stack, front.port)
            began = time.monotonic()
            answer = requests.get(f"{front.url}/crisis", timeout=20)
            assert time.monotonic() - began < 9, "nginx gives a slow visitor 10 seconds"
            assert answer.status_code == 200
            assert "visitor.js" in answer.text, "it is the application's own"
            requests.get(f"{front.url}/request/{SECRET}", timeout=20)

        for path in ("/crisis", "/hi/crisis", "/crisis?region=GB"):
            answer = requests.get(f"{front.url}{path}", timeout=20)
            assert answer.status_code == 200, path
            assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
            assert 'href="tel:112"' in answer.text and 'href="tel:14416"' in answer.text
            assert "United Kingdom" in answer.text
            assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        for answer in (
            requests.get(front.url, timeout=20),
            requests.post(front.url, data={"phone": "+919876543210"}, timeout=20),
            requests.get(f"{front.url}/request/{SECRET}", timeout=20),
        ):
            assert answer.status_code == 503
            assert 'href="tel:112"' in answer.text
            assert "we may not have received your request" in " ".join(answer.text.split())
        assert requests.post(f"{front.url}/webhooks/text", timeout=20).status_code == 502
        assert requests.get(f"{front.url}/published-crisis-page", timeout=20).status_code == 404
        assert SECRET not in front.logged()


def test_an_application_that_hangs_does_not_take_the_crisis_page_with_it(tmp_path: Path) -> None:
    page = tmp_path / "crisis.html"
    page.write_text('<a href="tel:112">112</a>')
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        with nginx(tmp_path / "nginx", port, page, read_seconds=1) as front:
            answer = requests.get(f"{front.url}/crisis", timeout=20)
    assert answer.status_code == 200
    assert 'href="tel:112"' in answer.text
