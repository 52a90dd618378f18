"""The page: simulated phones in a browser.

Every button is a form that works without JavaScript. With it, the cards are asked for every second
and only those that changed are replaced.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from phonesim.behaviours import Behaviour
from phonesim.calls import INBOUND, NotPossible, connected_to
from phonesim.network import Network
from phonesim.numbers import is_e164, normalised
from phonesim.phones import Phone

MOST_CARDS = 24
HEARD_LINES = 4
TEXTS = 8
KEYS = "123456789*0#"
BUSY_REFRESH_SECONDS = 3
CALM_REFRESH_SECONDS = 12

_SAID = {
    "idle": "Idle",
    "ringing": "Ringing",
    "calling": "Calling",
    "in call": "On a call",
}


def blueprint(network: Network) -> Blueprint:
    """The page's addresses, for this network."""
    page = Blueprint("page", __name__)

    @page.get("/")
    def phones() -> str:
        view = _view(network)
        busy = any(card["state"] != "idle" for card in view["cards"])
        return render_template(
            "phones.html",
            **view,
            problem=request.args.get("problem", "")[:200],
            # Without JavaScript; slower while somebody may be typing.
            refresh_seconds=BUSY_REFRESH_SECONDS if busy else CALM_REFRESH_SECONDS,
        )

    @page.get("/cards")
    def cards() -> str:
        return render_template("cards.html", **_view(network))

    @page.post("/phones")
    def add() -> AnyResponse:
        _own_pages_only()
        number = normalised(request.form.get("number", ""))
        if not is_e164(number):
            return _back(problem="enter the full number with + and the country code")
        with network.lock:
            phone = network.phone(number)
            phone.name = request.form.get("name", "").strip()[:60] or phone.name
        return _back(number)

    @page.post("/phones/<number>/<deed>")
    def use(number: str, deed: str) -> AnyResponse:
        _own_pages_only()
        if not is_e164(number) or deed not in _DEEDS:
            abort(404)
        try:
            _DEEDS[deed](network, number)
        except NotPossible as problem:
            return _back(number, str(problem))
        return _back(number)

    return page


def _own_pages_only() -> None:
    """Other sites open in the same browser must not place calls."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        abort(403)


_DEEDS: dict[str, Callable[[Network, str], object]] = {
    "answer": lambda network, number: network.answer(number),
    "decline": lambda network, number: network.decline(number),
    "voicemail": lambda network, number: network.to_voicemail(number),
    "hangup": lambda network, number: network.hang_up(number),
    "press": lambda network, number: network.press(number, request.form.get("digits", "")),
    "dial": lambda network, number: network.call_in(
        number, request.form.get("to", ""), Behaviour()
    ),
    "text": lambda network, number: network.messages.receive(
        number, request.form.get("to", ""), request.form.get("body", "")[:1600]
    ),
}


def _back(number: str = "", problem: str = "") -> AnyResponse:
    """To the page, at this phone; to a script, just how it went."""
    if request.headers.get("X-Requested-With") == "fetch":
        return Response(problem, status=409 if problem else 204, mimetype="text/plain")
    anchor = f"phone-{number.lstrip('+')}" if number else None
    words = f"{problem[:1].upper()}{problem[1:]}." if problem else None
    return redirect(url_for("page.phones", _anchor=anchor, problem=words), code=303)


def _view(network: Network) -> dict[str, Any]:
    with network.lock:
        phones = sorted(network.phones.values(), key=_place)
        cards = [_card(network, phone) for phone in phones[:MOST_CARDS]]
        return {
            "cards": cards,
            "hidden": max(0, len(phones) - MOST_CARDS),
            "lines": list(network.lines),
            "keys": KEYS,
            "now_ms": _milliseconds(network.clock.now()),
            "scale": network.clock.scale,
        }


def _place(phone: Phone) -> tuple[bool, bool]:
    """Named phones first and never moving; of the others, those in use first."""
    return (not phone.name, not phone.name and phone.call is None)


def _milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def _card(network: Network, phone: Phone) -> dict[str, Any]:
    """What a card shows. `version` changes whenever anything on it does."""
    call = phone.call
    shown = call or phone.last_call
    other = ""
    if call is not None:
        other = call.to if call.direction == INBOUND else call.from_
    partner = connected_to(call)
    card: dict[str, Any] = {
        "number": phone.number,
        "id": "phone-" + phone.number.lstrip("+"),
        "name": phone.name or "Unnamed phone",
        "state": phone.state,
        "state_words": _SAID[phone.state],
        "stuck": bool(call and call.stuck),
        "machine": bool(call and call.by_machine),
        "other": _named(network, other),
        "partner": _named(network, partner) if partner else "",
        "since_ms": _milliseconds(call.answered) if call and call.answered else None,
        "asks_for_keys": bool(call and call.program and call.program.asking),
        "heard": [note.what for note in shown.heard[-HEARD_LINES:]] if shown else [],
        "heard_before": call is None,
        "texts": [
            (text.at.strftime("%H:%M"), text.body, text.incoming) for text in phone.texts[-TEXTS:]
        ],
        "text_count": len(phone.texts),
        "can_ring": [line.number for line in network.lines.values() if line.voice_url],
        "log": [(note.at.strftime("%H:%M:%S"), note.what) for note in phone.log[-30:]],
        "rung": len(phone.rings),
        "behaves": phone.behaviours[0].kind if phone.behaviours else "manual",
    }
    card["version"] = hashlib.sha1(repr(card).encode(), usedforsecurity=False).hexdigest()[:12]
    return card


def _named(network: Network, number: str) -> str:
    if number in network.lines:
        return f"the helpline, {number}"
    phone = network.phones.get(number)
    return f"{phone.name}, {number}" if phone and phone.name else number
