"""The people of a fault run: visitors who book, advisors who call them, a prober.

All of them are browsers without JavaScript that use the real server.
"""

from __future__ import annotations

import itertools
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

import requests

from bench.scenarios.faults_site import ADVISORS
from bench.scenarios.people import visitor_number
from bench.scenarios.site import Site
from tests.cast import Member
from tests.web.page import Page

BOOKERS = 3
BOOKS_EVERY_SECONDS = 1.0
PROBES_EVERY_SECONDS = 0.1
ANSWERS_WITHIN_SECONDS = 5.0
_LOOKS_EVERY_SECONDS = 0.5
_TAKES_A_SLOT = 0.3
_PHONES_READY = 900
_MAIN, _CRISIS = "/", "/crisis"


@dataclass(frozen=True)
class Answer:
    """One page that was asked for, or request that was sent. Times of this machine, in seconds.

    Args:
        began, ended: when it was asked for, and when the answer was there.
        good: whether it was the page, not an error or silence.
        problem: the status, or what went wrong.
    """

    began: float
    ended: float
    good: bool
    problem: str


@dataclass(frozen=True)
class Accepted:
    """A request that was answered with success: its address, and when."""

    path: str
    at: float


class Load:
    """A steady load, from start to stop."""

    def __init__(self, site: Site, seed: int) -> None:
        self._site = site
        self._dice = random.Random(seed)
        self._stopped = threading.Event()
        self._numbers = itertools.count()
        self.accepted: list[Accepted] = []
        self.refused: list[Answer] = []
        self.deeds: Counter[str] = Counter()
        self.pages: dict[str, list[Answer]] = {_MAIN: [], _CRISIS: []}
        deeds: list[Callable[[], None]] = [self._books] * BOOKERS
        deeds += [self._desk_of(each) for each in ADVISORS]
        deeds += [self._probes_of(path, sign) for path, sign in ((_MAIN, "ask"), (_CRISIS, "112"))]
        self._threads = [threading.Thread(target=each, daemon=True) for each in deeds]

    @property
    def talks(self) -> int:
        """Calls that advisors brought to their end."""
        return self.deeds["disposition"]

    @property
    def main(self) -> list[Answer]:
        """How the main page answered."""
        return self.pages[_MAIN]

    @property
    def crisis(self) -> list[Answer]:
        """How the page of crisis numbers answered."""
        return self.pages[_CRISIS]

    def start(self) -> None:
        """Everybody comes. Their phones know what to do before anything goes wrong."""
        for number in range(_PHONES_READY):
            self._site.phones.behaves(
                visitor_number(number), kind="answer", answer_after=2, hang_up_after=5
            )
        for each in ADVISORS:
            assert each.phone
            self._site.phones.behaves(
                each.phone, kind="answer", answer_after=1, press=["1"], hang_up_after=240
            )
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Everybody goes."""
        self._stopped.set()
        for thread in self._threads:
            thread.join(timeout=30)

    def _books(self) -> None:
        while not self._stopped.wait(BOOKS_EVERY_SECONDS * self._dice.uniform(0.7, 1.3)):
            number = next(self._numbers) % _PHONES_READY
            began = time.monotonic()
            try:
                path = self._book(number)
            except (requests.RequestException, AssertionError) as problem:
                said = str(problem) or type(problem).__name__
                self.refused.append(Answer(began, time.monotonic(), False, said[:200]))
            else:
                self.accepted.append(Accepted(path, time.monotonic()))

    def _book(self, number: int) -> str:
        """The form as a browser without JavaScript sends it; the address of the status page."""
        home = self._site.url
        with requests.Session() as browser:
            browser.headers["X-Forwarded-For"] = _address(number)
            answer = browser.get(home + _MAIN, timeout=ANSWERS_WITHIN_SECONDS)
            assert answer.ok, f"the form: {answer.status_code}"
            page = Page(answer.text)
            form = page.the_form("/?region")
            typed = page.form("/?region") | {"phone": visitor_number(number), "consent": "yes"}
            slots = [
                each.attrs["value"]
                for each in page.all("input", name="when")
                if each.attrs["value"] != "asap" and "disabled" not in each.attrs
            ]
            if slots and self._dice.random() < _TAKES_A_SLOT:
                typed["when"] = self._dice.choice(slots)
            self._stopped.wait(getattr(self._site.settings, "least_fill_seconds", 0))
            sent = browser.post(
                home + form.attrs["action"],
                data=typed,
                allow_redirects=False,
                timeout=3 * ANSWERS_WITHIN_SECONDS,
            )
            assert sent.status_code == 303, f"sent: {sent.status_code}"
            path = sent.headers["Location"].removeprefix(home)
            assert path.startswith("/request/"), "led elsewhere"
            return path

    def _desk_of(self, member: Member) -> Callable[[], None]:
        def work() -> None:
            desk = _Desk(self._site.url, member)
            while not self._stopped.wait(_LOOKS_EVERY_SECONDS):
                try:
                    done = desk.look()
                except (requests.RequestException, AssertionError) as problem:
                    done = str(problem) or type(problem).__name__
                self.deeds[done[:60]] += 1

        return work

    def _probes_of(self, path: str, sign: str) -> Callable[[], None]:
        def probe() -> None:
            while not self._stopped.wait(PROBES_EVERY_SECONDS):
                began = time.monotonic()
                try:
                    got = requests.get(self._site.url + path, timeout=ANSWERS_WITHIN_SECONDS)
                    good, said = got.status_code == 200 and sign in got.text, str(got.status_code)
                except requests.RequestException as problem:
                    good, said = False, type(problem).__name__
                self.pages[path].append(Answer(began, time.monotonic(), good, said))

        return probe


class _Desk:
    """An advisor who takes the next callback, presses Call, and says what came of it."""

    def __init__(self, url: str, member: Member) -> None:
        self._url = url
        self._member = member
        self._browser = requests.Session()
        self._browser.headers["X-Forwarded-For"] = f"198.19.0.{ADVISORS.index(member) + 1}"

    def look(self) -> str:
        """Does what is to be done just now, and says what that was."""
        page = self._open("/desk/")
        actions = {
            _last_word(each.attrs["action"]): each.attrs["action"]
            for each in page.all("form")
            if each.attrs.get("action")
        }
        if "login" in actions:
            form = page.form("/login")
            typed = {"email": self._member.email, "password": self._member.password}
            self._send(actions["login"], form | typed)
            return "login"
        if "disposition" in actions and "Get more time" in page.text:
            said = page.form("/disposition") | {"disposition": "reached", "notes": ""}
            self._send(actions["disposition"], said)
            return "disposition"
        for deed in ("call", "next"):
            if deed in actions:
                self._send(actions[deed], page.form(actions[deed]))
                return deed
        return "waits"

    def _open(self, path: str) -> Page:
        answer = self._browser.get(self._url + path, timeout=ANSWERS_WITHIN_SECONDS)
        assert answer.ok, f"{path}: {answer.status_code}"
        return Page(answer.text)

    def _send(self, action: str, typed: dict[str, str]) -> None:
        sent = self._browser.post(
            self._url + action, data=typed, timeout=ANSWERS_WITHIN_SECONDS, allow_redirects=False
        )
        assert sent.status_code < 400, f"{_last_word(action)}: {sent.status_code}"


def status_answers(site: Site, path: str) -> bool:
    """Whether the page of a request is there, at the second try if the first is cut off."""
    for _ in range(2):
        with suppress(requests.RequestException):
            if requests.get(site.url + path, timeout=3 * ANSWERS_WITHIN_SECONDS).status_code == 200:
                return True
    return False


def waited_for(answers: list[Answer], begins: float, ends: float) -> list[Answer]:
    """Return the answers awaited in this interval, also to earlier requests."""
    return [each for each in answers if each.began <= ends and each.ended >= begins]


def longest_gap(answers: list[Answer], begins: float, ends: float) -> float:
    """Return the longest time without a good answer, in seconds: from the request of the first bad
    or late one until the next good one.

    Args:
        answers: in order.
        begins, ends: only answers awaited in this interval count.
    """
    longest, since = 0.0, None
    for each in waited_for(answers, begins, ends):
        since = each.began if since is None else since
        longest = max(longest, each.ended - since)
        if each.good:
            since = None
    return longest


def _last_word(address: str) -> str:
    return address.partition("?")[0].rpartition("/")[2]


def _address(number: int) -> str:
    """Of the network that is kept for examples and tests (RFC 2544)."""
    return f"198.18.{number // 250}.{number % 250 + 1}"
