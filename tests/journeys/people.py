"""The visitor and the advisor, as browsers without JavaScript that speak to a real server."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field

import requests

from tests.cast import Member
from tests.journeys.live_services import PATIENCE_SECONDS, House, until
from tests.web.page import Page

_numbers = itertools.count(1)


def a_new_number() -> str:
    """A phone number that nobody has asked with."""
    return f"+9198765{next(_numbers):05}"


@dataclass
class Browser:
    """Somebody's browser."""

    house: House
    session: requests.Session = field(default_factory=requests.Session)

    def get(self, path: str) -> Page:
        """Opens a page."""
        answer = self.session.get(self.house.url + path, timeout=PATIENCE_SECONDS)
        assert answer.ok, f"{path}: {answer.status_code}"
        return Page(answer.text)

    def submit(self, page: Page, action: str, **typed: str) -> requests.Response:
        """Sends a form of a page, and goes where it leads."""
        form = page.the_form(action)
        sent = page.form(action) | typed
        address = self.house.url + form.attrs["action"]
        answer = self.session.post(address, data=sent, timeout=PATIENCE_SECONDS)
        assert answer.ok, f"{action}: {answer.status_code} {Page(answer.text).text[:500]}"
        return answer


class Visitor(Browser):
    """Somebody who asks to be rung."""

    phone = ""
    address = ""

    def ask(self, **typed: str) -> str:
        """Asks for a call as soon as possible; the number comes back."""
        self.phone = a_new_number()
        answer = self.submit(self.get("/"), "/?region", phone=self.phone, consent="yes", **typed)
        self.address = answer.url.removeprefix(self.house.url)
        assert self.address.startswith("/request/")
        return self.phone

    def status(self) -> str:
        """The heading of their status page."""
        return self.get(self.address).all("h1")[0].text

    def waits_for(self, heading: str) -> None:
        """Looks again and again until the page says this."""
        until(lambda: heading in self.status(), f"the status page says {heading!r}")


class Advisor(Browser):
    """Somebody at the desk."""

    phone = ""

    def sign_in(self, member: Member) -> None:
        """Through the door."""
        door = self.get("/login")
        answer = self.submit(door, "/login", email=member.email, password=member.password)
        assert "/desk/" in answer.url, answer.url
        self.phone = member.phone or ""

    def press(self, action: str, **typed: str) -> str:
        """Presses a button of the desk; the words of the page it leads to."""
        return Page(self.submit(self.get("/desk/"), action, **typed).text).text

    def take_next_and_call(self, name: str) -> None:
        """Takes the callback that waits, and presses Call."""
        assert name in self.press("/next")
        self.press("/call")

    def sees(self, words: str, seconds: float = PATIENCE_SECONDS) -> None:
        """Looks at the desk until it says this."""
        until(lambda: words in self.get("/desk/").text, f"the desk says {words!r}", seconds)

    def saves(self, disposition: str, notes: str = "") -> str:
        """Says what came of the call, once the desk offers it."""
        until(lambda: "Get more time" in self.get("/desk/").text, "the wrap-up")
        return self.press("/disposition", disposition=disposition, notes=notes)
