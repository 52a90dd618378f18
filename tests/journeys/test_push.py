"""Callbacks that ring advisors' phones by themselves, played with the real processes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from tests.cast import ARJUN, ASHA, MEERA, RAVI, Member
from tests.journeys.live_services import PATIENCE_SECONDS, House, house_on, until
from tests.web.page import Page


class Browser:
    """Somebody's browser, without JavaScript."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.session = requests.Session()

    def page(self, path: str) -> Page:
        """A page."""
        answer = self.session.get(f"{self.house.url}{path}", timeout=PATIENCE_SECONDS)
        assert answer.ok, f"{path}: {answer.status_code}"
        return Page(answer.text)

    def submit(self, path: str, action: str, **fields: Any) -> requests.Response:
        """Sends a form of a page; the answer comes back, as far as it leads."""
        page = self.page(path)
        target = page.the_form(action).attrs.get("action") or path
        sent = page.form(action) | fields
        answer = self.session.post(f"{self.house.url}{target}", data=sent, timeout=PATIENCE_SECONDS)
        assert answer.ok, f"{target}: {answer.status_code} {answer.text[:500]}"
        return answer

    def sign_in(self, member: Member) -> Browser:
        """Signs in."""
        self.submit("/login", "login", email=member.email, password=member.password)
        return self


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def house(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    """A helpline at eleven, where callbacks ring two phones at once by themselves."""
    with house_on(request.param, request, tmp_path_factory, calls_per_second=20) as house:
        admin = Browser(house).sign_in(MEERA)
        admin.submit("/admin/calls", "/admin/calls", dispatch="push", push_ring_at_once="2")
        yield house


@pytest.fixture(autouse=True)
def _phones_as_at_the_start(house: House) -> None:
    house.phones.reset()


def ask(house: House) -> str:
    """Arjun asks for a call; the address of his page comes back."""
    answer = Browser(house).submit("/", "", phone=ARJUN.phone, language="en", consent="yes")
    return answer.url.removeprefix(house.url)


def test_of_two_phones_that_ring_the_first_to_press_is_connected(house: House) -> None:
    phones = house.phones
    desks = {each: Browser(house).sign_in(each) for each in (ASHA, RAVI)}
    for desk in desks.values():
        desk.page("/desk/")
    phones.behaves(ARJUN.phone, kind="answer", answer_after=1)
    status_page = ask(house)
    phones.wait(ASHA.phone or "", "ringing")
    phones.wait(RAVI.phone or "", "ringing")
    until(lambda: "Answer it and press 1" in desks[RAVI].page("/desk/").text, "told at the desk")
    phones.answer(RAVI.phone or "")
    phones.press(RAVI.phone or "", "1")
    phones.wait(ARJUN.phone, "in call")
    phones.wait(ASHA.phone or "", "idle")
    until(lambda: "You are connected" in desks[RAVI].page("/desk/").text, "the desk shows it")
    assert "No current callback" in desks[ASHA].page("/desk/").text
    assert "You are on a call with us" in Browser(house).page(status_page).text
    phones.hang_up(ARJUN.phone)
    until(
        lambda: "The call was answered and has ended" in desks[RAVI].page("/desk/").text,
        "wrap-up",
    )
    desks[RAVI].submit("/desk/", "disposition", disposition="reached")
    assert "We spoke with you" in Browser(house).page(status_page).text
    assert (phones.rings(ARJUN.phone), phones.rings(ASHA.phone or "")) == (1, 1)


def test_whoever_declines_and_whoever_does_not_answer_is_asked_once(house: House) -> None:
    phones = house.phones
    for member in (ASHA, RAVI):
        Browser(house).sign_in(member).page("/desk/")
    phones.behaves(ASHA.phone or "", kind="decline")
    phones.behaves(RAVI.phone or "", kind="voicemail", answer_after=2)
    status_page = ask(house)
    until(lambda: phones.rings(ASHA.phone or "") == 1, "Asha's phone rang")
    until(lambda: phones.rings(RAVI.phone or "") == 1, "Ravi's phone rang")
    phones.wait(RAVI.phone or "", "idle")
    assert phones.rings(ARJUN.phone) == 0, "no machine has ever pressed 1"
    assert "We will call you as soon as we can" in Browser(house).page(status_page).text
    desk = Browser(house).sign_in(ASHA)
    phones.behaves(ASHA.phone or "", kind="answer", press=["1"])
    phones.behaves(ARJUN.phone, kind="answer")
    desk.submit("/desk/", "next")
    desk.submit("/desk/", "/call")
    phones.wait(ARJUN.phone, "in call")
    assert phones.rings(ASHA.phone or "") == 2
    phones.hang_up(ARJUN.phone)
    until(lambda: "Get more time" in desk.page("/desk/").text, "wrap-up")
    desk.submit("/desk/", "disposition", disposition="reached")
