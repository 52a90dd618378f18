"""Somebody rings the helpline: real web processes, a real worker, simulated phones."""

from __future__ import annotations

import time
from pathlib import Path

import requests

from tests.cast import ARJUN, ASHA, HELPLINE, LEELA
from tests.journeys.live_services import PATIENCE_SECONDS, House, open_house, until
from tests.support.carriers import BESIDE

ADVISOR = str(ASHA.phone)


def sign_in(house: House) -> requests.Session:
    """Asha, at her desk."""
    browser = requests.Session()
    page = browser.get(f"{house.url}/login", timeout=PATIENCE_SECONDS).text
    token = page.partition('name="csrf_token"')[2].partition('value="')[2].partition('"')[0]
    told = {"email": ASHA.email, "password": ASHA.password, "csrf_token": token}
    browser.post(f"{house.url}/login", data=told, timeout=PATIENCE_SECONDS)
    assert browser.get(f"{house.url}/desk/", timeout=PATIENCE_SECONDS).status_code == 200
    return browser


def desk(house: House, browser: requests.Session) -> str:
    return browser.get(f"{house.url}/desk/", timeout=PATIENCE_SECONDS).text


def take_next(house: House, browser: requests.Session) -> str | None:
    """Claim the next callback; the desk's page once it has a recorded message on it."""
    page = desk(house, browser)
    if "<audio" in page:
        return page
    token = page.partition('name="csrf_token"')[2].partition('value="')[2].partition('"')[0]
    browser.post(f"{house.url}/desk/next", data={"csrf_token": token}, timeout=PATIENCE_SECONDS)
    return None


def test_a_caller_talks_with_an_advisor_and_another_leaves_a_message(
    tmp_path: Path, database_url: str, database_kind: str
) -> None:
    with open_house(tmp_path, database_url, carrier=BESIDE[database_kind]) as house:
        phones, browser = house.phones, sign_in(house)
        phones.tell("POST", f"/phones/{ARJUN.phone}/dial", {"to": HELPLINE})
        phones.press(ARJUN.phone, "1")
        phones.answer(ADVISOR)
        phones.press(ADVISOR, "1")
        until(lambda: phones.phone(ARJUN.phone)["connected_to"] == ADVISOR, "connected")
        until(lambda: "connected to an inbound call" in desk(house, browser), "on the desk")

        phones.tell("POST", f"/phones/{LEELA.phone}/dial", {"to": HELPLINE})
        phones.press(LEELA.phone, "1")
        until(lambda: "are busy" in " ".join(phones.phone(LEELA.phone)["heard"]), "the offer")
        phones.press(LEELA.phone, "2")
        until(lambda: "[beep]" in phones.phone(LEELA.phone)["heard"], "the tone")
        time.sleep(0.3)  # some seconds of speech, by the simulated clock
        phones.tell("POST", f"/phones/{LEELA.phone}/press", {"digits": "#"})
        phones.wait(LEELA.phone, "idle")
        assert "listen to your message" in " ".join(phones.phone(LEELA.phone)["heard"])

        phones.hang_up(ARJUN.phone)
        phones.wait(ADVISOR, "idle")
        until(lambda: "inbound call" not in desk(house, browser), "free again")
        # Leela is called back once the carrier says that she is off the phone.
        page = until(lambda: take_next(house, browser), "audio")
        address = page.partition("<audio")[2].partition('src="')[2].partition('"')[0]
        heard = browser.get(house.url + address, timeout=PATIENCE_SECONDS)
        assert heard.content.startswith(b"RIFF")
        assert requests.get(house.url + address, timeout=PATIENCE_SECONDS).history
