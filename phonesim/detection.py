"""Answering-machine detection.

`Enable` reports human or machine_start after some seconds; `DetectMessageEnd` waits for the end of
a machine's greeting (machine_end_beep). A synchronous detection delays the instructions; an
asynchronous one lets the call continue and reports to its own URL.
"""

from __future__ import annotations

from collections.abc import Callable

from phonesim.calls import Call
from phonesim.exchange import Exchange

HUMAN_SECONDS = 2.0
MACHINE_SECONDS = 4.0
GREETING_SECONDS = 10.0


def verdict(call: Call) -> tuple[str, float]:
    """What will be found, and after how many seconds."""
    if not call.by_machine:
        return "human", HUMAN_SECONDS
    if call.machine_detection == "DetectMessageEnd":
        return "machine_end_beep", GREETING_SECONDS
    return "machine_start", MACHINE_SECONDS


def detect(exchange: Exchange, call: Call, go_on: Callable[[], None]) -> None:
    """Find out who answered, if that was asked for, and go on with the call."""
    if not call.machine_detection:
        go_on()
        return
    found, seconds = verdict(call)

    def decided() -> None:
        if call.is_over:
            return
        call.answered_by = found
        exchange.note(call, f"answered by {found}")
        if call.amd_callback.url:
            params = exchange.carrier_of(call).detection_params(call, seconds)
            exchange.notify(call, "amd", call.amd_callback, params)
        if not call.amd_in_background:
            go_on()

    call.timers.append(exchange.after(seconds, decided))
    if call.amd_in_background:
        go_on()
