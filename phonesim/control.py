"""The control API under /sim: what tests and demos do with the phones. JSON in and out.

No sign-in: the server is for one machine and binds 127.0.0.1. A phone is named by its E.164 number
(the + may be written as it is, or as %2B). What cannot be done now answers 409 {"error": ...}; bad
input answers 400. The addresses are listed in the package's docstring.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, request

from phonesim.behaviours import Behaviour
from phonesim.calls import NotPossible
from phonesim.faults import read_fault
from phonesim.network import Network
from phonesim.numbers import is_e164, normalised


def blueprint(network: Network) -> Blueprint:
    """The control addresses, for this network."""
    sim = Blueprint("control", __name__, url_prefix="/sim")

    @sim.errorhandler(NotPossible)
    def not_possible(problem: NotPossible) -> tuple[dict[str, str], int]:
        return {"error": str(problem)}, 409

    @sim.errorhandler(ValueError)
    def bad_input(problem: ValueError) -> tuple[dict[str, str], int]:
        return {"error": str(problem)}, 400

    _looking(sim, network)
    _buttons(sim, network)
    _visitors(sim, network)
    _phone_behaviours(sim, network)
    _steering(sim, network)
    return sim


def _number(text: str) -> str:
    number = normalised(text)
    if not is_e164(number):
        raise ValueError("a phone is named by its E.164 number")
    return number


def _told() -> dict[str, Any]:
    told = request.get_json(silent=True)
    if told is None:
        told = request.form.to_dict()
    if not isinstance(told, dict):
        raise ValueError("a JSON object is needed")
    return told


def _looking(sim: Blueprint, network: Network) -> None:
    @sim.get("/phones")
    def phones() -> Response:
        with network.lock:
            return jsonify(phones=[phone.public() for phone in network.phones.values()])

    @sim.get("/phones/<number>")
    def phone(number: str) -> Response:
        with network.lock:
            return jsonify(network.phone(_number(number)).public())

    @sim.get("/calls")
    def calls() -> Response:
        return jsonify(network.all_calls())

    @sim.get("/conferences")
    def conferences() -> Response:
        with network.lock:
            return jsonify(conferences=[each.public() for each in network.conferences.values()])

    @sim.get("/calls/<sid>")
    def call(sid: str) -> tuple[Response, int] | Response:
        with network.lock:
            if sid not in network.calls:
                return jsonify(error="no such call"), 404
            return jsonify(network.calls[sid].public())

    @sim.get("/messages")
    def messages() -> Response:
        with network.lock:
            return jsonify(messages=[one.public() for one in network.messages.all.values()])

    @sim.get("/webhooks")
    def webhooks() -> Response:
        return jsonify(webhooks=network.courier.log())


def _buttons(sim: Blueprint, network: Network) -> None:
    def after(number: str) -> Response:
        with network.lock:
            return jsonify(network.phone(number).public())

    @sim.post("/phones/<number>/answer")
    def answer(number: str) -> Response:
        network.answer(_number(number))
        return after(_number(number))

    @sim.post("/phones/<number>/decline")
    def decline(number: str) -> Response:
        network.decline(_number(number))
        return after(_number(number))

    @sim.post("/phones/<number>/voicemail")
    def voicemail(number: str) -> Response:
        network.to_voicemail(_number(number))
        return after(_number(number))

    @sim.post("/phones/<number>/hangup")
    def hang_up(number: str) -> Response:
        network.hang_up(_number(number))
        return after(_number(number))

    @sim.post("/phones/<number>/press")
    def press(number: str) -> Response:
        network.press(_number(number), str(_told().get("digits", "")))
        return after(_number(number))


def _visitors(sim: Blueprint, network: Network) -> None:
    @sim.post("/phones/<number>/dial")
    def dial(number: str) -> Response:
        told = _told()
        to = normalised(str(told.pop("to", "")))
        withheld = told.pop("withheld", False)
        withheld = withheld if isinstance(withheld, str) else bool(withheld)
        extras = {str(name): str(value) for name, value in told.pop("extras", {}).items()}
        presented = str(told.pop("presented", ""))
        behaviour = Behaviour.read({"kind": "answer", **told} if told else {})
        call = network.call_in(_number(number), to, behaviour, withheld, extras, presented)
        return jsonify(call.public())

    @sim.post("/phones/<number>/text")
    def text(number: str) -> Response:
        told = _told()
        to = normalised(str(told.get("to", "")))
        body, channel = str(told.get("body", "")), str(told.get("channel", ""))
        message = network.messages.receive(_number(number), to, body, channel)
        return jsonify(message.public())


def _phone_behaviours(sim: Blueprint, network: Network) -> None:
    @sim.put("/phones/<number>/behaviour")
    def behaviour(number: str) -> Response:
        network.behave(_number(number), _behaviours(_told()))
        with network.lock:
            return jsonify(network.phone(_number(number)).public())

    @sim.put("/phones")
    def behaviours() -> Response:
        told = {_number(number): _behaviours(each) for number, each in _told().items()}
        for number, each in told.items():
            network.behave(number, each)
        return jsonify(phones=len(told))


def _behaviours(told: dict[str, Any]) -> list[Behaviour]:
    """One behaviour, or a `sequence` of them for one call after the other."""
    if told.get("sequence") == []:
        raise ValueError("a sequence needs a behaviour")
    if "sequence" in told:
        return [Behaviour.read(one) for one in told["sequence"]]
    return [Behaviour.read(told)]


def _steering(sim: Blueprint, network: Network) -> None:
    @sim.put("/behaviour")
    def default_behaviour() -> Response:
        behaviours = _behaviours(_told())
        with network.lock:
            network.default_behaviours = behaviours[:1]
        return jsonify(behaviour=behaviours[0].public())

    @sim.get("/faults")
    def faults() -> Response:
        return jsonify(network.faults.state())

    @sim.put("/faults")
    def set_faults() -> Response:
        told = _told()
        network.faults.replace(told.get("faults", []), told.get("random") or {})
        return jsonify(network.faults.state())

    @sim.post("/faults")
    def add_fault() -> Response:
        network.faults.add(read_fault(_told()))
        return jsonify(network.faults.state())

    @sim.delete("/faults")
    def no_faults() -> Response:
        network.faults.replace([], {})
        return jsonify(network.faults.state())

    @sim.get("/clock")
    def clock() -> Response:
        return jsonify(_clock(network))

    @sim.put("/clock")
    def set_clock() -> Response:
        told = _told()
        clock = network.clock
        clock.run_at(float(told.get("time_scale", clock.scale)))
        clock.offset_seconds = float(told.get("offset_seconds", clock.offset_seconds))
        return jsonify(_clock(network))

    @sim.post("/reset")
    def reset() -> Response:
        network.reset()
        return jsonify(reset=True)


def _clock(network: Network) -> dict[str, Any]:
    return {
        "now": network.clock.now().isoformat(timespec="milliseconds"),
        "offset_seconds": network.clock.offset_seconds,
        "time_scale": network.clock.scale,
    }
