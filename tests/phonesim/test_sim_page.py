"""The page: simulated phones in a browser, here without JavaScript."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import requests

from tests.phonesim.fixtures import ADVISOR, HELPLINE, VISITOR, Service, Sim, until

ASK = (
    "<Response><Gather numDigits='1' timeout='300'><Say>Press 1 to be connected.</Say></Gather>"
    "</Response>"
)


@pytest.fixture
def named(start_sim: Callable[..., Sim], service: Service) -> Iterator[Sim]:
    """A network with two named phones, rung from the helpline's number. A person presses the
    buttons, so time passes at no more than ten times its pace."""
    phones = {VISITOR: "A visitor", ADVISOR: "Asha, advisor"}
    yield start_sim(phones=phones, voice_url=service.url + "/voice", time_scale=10.0)


def page(sim: Sim) -> str:
    """The page as it is now."""
    answer = requests.get(sim.url, timeout=60)
    answer.raise_for_status()
    return answer.text


def push(sim: Sim, number: str, deed: str, **form: str) -> requests.Response:
    """Send the form behind a button, as a browser does."""
    answer = requests.post(f"{sim.url}/phones/{number}/{deed}", data=form, timeout=60)
    answer.raise_for_status()
    return answer


def test_it_says_that_no_real_call_is_made(named: Sim) -> None:
    text = page(named)
    assert "<title>Simulated phones</title>" in text
    assert "No real calls are made" in text
    assert text.index("A visitor") < text.index("Asha, advisor")
    assert HELPLINE in text


def test_a_call_is_answered_and_played_to_the_end_with_buttons(named: Sim) -> None:
    sid = named.ring(twiml=ASK)
    named.in_state(ADVISOR, "ringing")
    text = page(named)
    assert "Ringing" in text and "Send to voicemail" in text
    push(named, ADVISOR, "answer")
    until(lambda: "Press 1 to be connected." in page(named))
    assert 'aria-label="Press 1"' in page(named)
    push(named, ADVISOR, "press", digits="5")
    push(named, ADVISOR, "hangup")
    assert named.ended(sid) == "completed"
    assert "Heard in the last call" in page(named)


@pytest.mark.parametrize(("deed", "status"), [("decline", "busy"), ("voicemail", "in-progress")])
def test_a_call_is_declined_or_goes_to_voicemail(named: Sim, deed: str, status: str) -> None:
    sid = named.ring(twiml="<Response><Pause length='600'/></Response>")
    named.in_state(ADVISOR, "ringing")
    push(named, ADVISOR, deed)
    assert named.call(sid)["status"] == status


def test_what_cannot_be_done_is_said_on_the_page(named: Sim) -> None:
    answer = push(named, ADVISOR, "answer")
    assert "This phone is not ringing." in answer.text
    assert answer.history[0].status_code == 303


def test_a_phone_can_be_added_with_a_name(named: Sim) -> None:
    form = {"number": "+91 99999 00009", "name": "A <b>neighbour</b>"}
    text = requests.post(f"{named.url}/phones", data=form, timeout=60).text
    assert "A &lt;b&gt;neighbour&lt;/b&gt;" in text
    wrong = requests.post(f"{named.url}/phones", data={"number": "12"}, timeout=60).text
    assert "Enter the full number" in wrong


def test_a_phone_can_ring_and_text_the_helpline(named: Sim, service: Service) -> None:
    service.says("/voice", "<Say>Welcome.</Say><Pause length='100'/>")
    push(named, VISITOR, "dial", to=HELPLINE)
    until(lambda: "Welcome." in page(named))
    text = push(named, VISITOR, "text", to=HELPLINE, body="CALL").text
    assert "<p>CALL</p>" in text


def test_other_sites_cannot_use_the_phones(named: Sim) -> None:
    headers = {"Sec-Fetch-Site": "cross-site"}
    url = f"{named.url}/phones/{VISITOR}/dial"
    answer = requests.post(url, data={"to": HELPLINE}, headers=headers, timeout=60)
    assert answer.status_code == 403


def test_a_script_gets_cards_only_and_problems_as_plain_text(named: Sim) -> None:
    cards = requests.get(f"{named.url}/cards", timeout=60).text
    assert "<title>" not in cards and 'class="phone idle"' in cards
    answer = requests.post(
        f"{named.url}/phones/{VISITOR}/hangup", headers={"X-Requested-With": "fetch"}, timeout=5
    )
    assert (answer.status_code, answer.text) == (409, "this phone is not on a call")


def test_a_crowd_of_phones_does_not_fill_the_page(named: Sim) -> None:
    for number in range(40):
        named.phone(f"+9199999020{number:02}")
    text = page(named)
    assert text.count('<article class="phone') == 24
    assert "18 more" in " ".join(text.split())
