"""What every carrier's adapter does, whichever it is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

import pytest

from helpline.domain.call_progress import FINAL, CarrierStatus, Leg
from helpline.telephony import flow, prompts
from helpline.telephony.port import CarrierError, NumberRoutes, Rejected, Route
from tests.phonesim.conftest import service  # noqa: F401 a fixture
from tests.phonesim.fixtures import ADVISOR, HELPLINE, VISITOR, Service, until
from tests.telephony.adapters import ADAPTERS, RECORDING, Adapter

URL = "https://helpline.example/webhooks/voice/x"
ENGLISH = prompts.voice_for("en")


@pytest.fixture(params=sorted(ADAPTERS))
def adapter(request: pytest.FixtureRequest) -> Iterator[Adapter]:
    made = ADAPTERS[request.param]()
    yield made
    made.sim.server.stop()


def place(adapter: Adapter) -> str:
    return adapter.carrier.create_call(
        ADVISOR, answer_url=URL, status_url=URL, ring_seconds=20, max_seconds=60
    )


def test_a_call_is_created_found_and_ended(adapter: Adapter) -> None:
    carrier, before = adapter.carrier, datetime.now(UTC) - timedelta(minutes=1)
    adapter.sim.behave(ADVISOR, kind="no_answer")
    adapter.sim.do("PUT", "/clock", {"time_scale": 1}).raise_for_status()  # It rings all the while.
    call_id = place(adapter)
    (found,) = carrier.find_calls(ADVISOR, since=before)
    assert carrier.find_calls(VISITOR, since=before) == []
    call = carrier.fetch_call(call_id)
    assert call.id == found.id
    assert call.status is not None
    assert call.status not in FINAL
    assert carrier.fetch_legs(call_id) == []
    carrier.cancel(call_id)
    until(lambda: carrier.fetch_call(found.id).status == CarrierStatus.CANCELED)
    assert carrier.fetch_call(call_id).status in FINAL
    with pytest.raises(Rejected):
        carrier.hang_up(call_id)


def test_a_call_that_the_carrier_does_not_know_has_ended(adapter: Adapter) -> None:
    assert adapter.carrier.fetch_call("CA" + 32 * "0").status in FINAL


def test_a_text_message_is_sent_and_found(adapter: Adapter) -> None:
    carrier, before = adapter.carrier, datetime.now(UTC) - timedelta(minutes=1)
    sms_id = carrier.send_sms(VISITOR, "Hello", status_url=URL)
    (found,) = carrier.find_sms(VISITOR, since=before)
    assert found.id == sms_id
    assert found.body in ("Hello", None)
    assert carrier.fetch_sms(sms_id).status is not None


def test_the_account_and_its_number_are_known(adapter: Adapter) -> None:
    carrier = adapter.carrier
    assert carrier.fetch_account().is_active
    assert carrier.fetch_balance().currency
    assert carrier.may_call("IN") in (True, None)
    assert carrier.fetch_number(VISITOR) is None
    number = carrier.fetch_number(HELPLINE)
    assert number is not None
    carrier.set_routes(number.id, NumberRoutes(call=Route(URL)))
    changed = carrier.fetch_number(HELPLINE)
    assert changed is not None
    assert changed.routes.call == Route(URL)
    moment = carrier.clock()
    assert moment is not None
    assert moment.tzinfo is not None


def test_deleting_a_recording_twice_is_no_error(adapter: Adapter) -> None:
    adapter.carrier.delete_recording(RECORDING)
    with pytest.raises(CarrierError):
        adapter.carrier.fetch_recording("../" + RECORDING)


def test_a_signed_webhook_is_genuine_and_a_changed_one_is_not(adapter: Adapter) -> None:
    webhooks = adapter.webhooks
    for form in adapter.forms.values():
        (headers,) = webhooks.sign(URL, form)
        forged = {name: value[::-1] for name, value in headers.items()}
        assert webhooks.is_genuine(URL, form, headers)
        assert not webhooks.is_genuine(URL, form, {})
        assert not webhooks.is_genuine(URL, form, forged)
        assert not webhooks.is_genuine(URL + "/", form, headers)
        assert not webhooks.is_genuine(URL, {**form, "more": "1"}, headers)


def test_each_event_is_read(adapter: Adapter) -> None:
    for name, form in adapter.forms.items():
        read = getattr(adapter.webhooks, name)
        event = read(form, Leg.ADVISOR) if name == "call_status" else read(form)
        assert event == adapter.events[name]


def test_an_empty_webhook_means_nothing_and_raises_nothing(adapter: Adapter) -> None:
    webhooks = adapter.webhooks
    assert webhooks.call_status({}, Leg.VISITOR) is None
    assert webhooks.dial_ended({}) is None
    assert webhooks.recording_ready({}) is None
    assert webhooks.sms_report({}) is None
    assert webhooks.error_code({}) is None
    assert webhooks.inbound_call({}).number is None
    assert webhooks.inbound_sms({}).sms_id == ""
    assert webhooks.key_pressed({}).digits == ""


DIAL = flow.Dial(VISITOR, HELPLINE, 30, 7200, URL, URL, URL, extension="12")
FLOWS = {
    "ask_to_press_one": flow.ask_to_press_one(pressed_url=URL, seconds=10),
    "ask_visitor": flow.ask_visitor(pressed_url=URL, seconds=10, language="hi"),
    "ask_advisor": flow.ask_advisor(voice=ENGLISH, pressed_url=URL, seconds=10),
    "ask": flow.ask(["a", "b"], voice=ENGLISH, input_url=URL, seconds=6, whole_number=True),
    "ask_language": flow.ask_language([("en", "a"), ("hi", "b")], input_url=URL, seconds=6),
    "dial": (DIAL,),
    "dial_advisor": flow.dial_advisor(["a"], DIAL, voice=ENGLISH),
    "ask_to_listen": flow.ask_to_listen(pressed_url=URL, seconds=10),
    "announce_listener": flow.announce_listener(flow.Conference("room", URL), "hi"),
    "conference": (flow.Conference("room", URL, muted=True, announced=True, ends_for_all=True),),
    "record": flow.record(["a"], flow.Record(URL, URL, 120), voice=ENGLISH),
    "say_to_staff": flow.say_to_staff("<b> & goodbye"),
    "say_all_and_end": flow.say_all_and_end([(ENGLISH, ["a", "b"])]),
    "hang_up": flow.HANG_UP,
    "continue": flow.CONTINUE,
}


@pytest.mark.parametrize("name", FLOWS)
def test_each_flow_is_rendered_with_every_prompt_and_address(adapter: Adapter, name: str) -> None:
    document = ElementTree.fromstring(adapter.webhooks.render(FLOWS[name]))
    texts = [text.strip() for text in document.itertext() if text.strip()]
    values = [
        value.partition("#")[0] for element in document.iter() for value in element.attrib.values()
    ]
    for instruction in FLOWS[name]:
        match instruction:
            case flow.Say():
                assert instruction.text in texts
            case flow.Gather():
                assert {
                    each.text for each in instruction.prompts if isinstance(each, flow.Say)
                } <= {*texts}
                confirmed_by_carrier = instruction.confirms_dial and adapter.judges_key
                assert (instruction.input_url in values) is not confirmed_by_carrier
            case flow.Dial() | flow.Conference():
                assert instruction.ended_url in values


@pytest.mark.parametrize("muted", [True, False])
def test_a_conference_has_no_music_and_a_tone_only_for_who_is_announced(
    adapter: Adapter, muted: bool
) -> None:
    entering = flow.Conference("room", URL, muted=muted, announced=not muted, ends_for_all=muted)
    (conference,) = ElementTree.fromstring(adapter.webhooks.render((entering,))).iter("Conference")
    assert conference.text == "room"
    assert conference.get("startConferenceOnEnter") == "true", "nobody waits for a moderator"
    assert conference.get("waitUrl", "") == conference.get("waitSound", "") == ""
    assert conference.get("muted") == conference.get("endConferenceOnExit") == str(muted).lower()
    tones = {conference.get("beep", "false"), conference.get("enterSound", "")}
    assert bool(tones & {"onEnter", "beep:1"}) is not muted


def test_a_connected_call_is_redirected_with_the_leg_that_it_dialled(
    adapter: Adapter,
    service: Service,  # noqa: F811 the fixture
) -> None:
    carrier, urls = adapter.carrier, {}
    service.is_signed = lambda *_request: True
    for number in (ADVISOR, VISITOR):
        adapter.sim.behave(number, kind="answer")
    for name, instruction in (
        ("dial", flow.Dial(VISITOR, HELPLINE, 30, 7200, service.url + "/room")),
        ("room", flow.Conference("room", URL)),
        ("bye", flow.Hangup()),
    ):
        service.answers[f"/{name}"] = adapter.webhooks.render((instruction,))
        urls[name] = f"{service.url}/{name}"
    carrier.create_call(
        ADVISOR, answer_url=urls["dial"], status_url=URL, ring_seconds=20, max_seconds=600
    )
    until(lambda: adapter.sim.phone(ADVISOR)["connected_to"] == VISITOR)
    call, leg = (each["sid"] for each in adapter.sim.get("/calls")["calls"])
    carrier.redirect_both(call, leg, url=urls["room"], leg_url=urls["room"])
    until(lambda: len(service.to("/room")) == 2)
    until(lambda: adapter.sim.phone(VISITOR)["connected_to"] == ADVISOR)
    carrier.redirect(call, urls["bye"])
    until(lambda: carrier.fetch_call(call).status == CarrierStatus.COMPLETED)
    assert carrier.fetch_call(leg).status == CarrierStatus.IN_PROGRESS
    with pytest.raises(Rejected):
        carrier.redirect(call, urls["bye"])


def test_a_reply_to_a_text_message_is_rendered(adapter: Adapter) -> None:
    webhooks = adapter.webhooks
    sms = webhooks.inbound_sms(adapter.forms["inbound_sms"])
    assert "Hello &amp; goodbye" in webhooks.render_sms_reply("Hello & goodbye", sms)
    assert not list(ElementTree.fromstring(webhooks.render_sms_reply(None)))
