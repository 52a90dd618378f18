"""flask helpline try-call: one real call between two of the operator's own phones."""

from __future__ import annotations

import re
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import click
from flask import current_app
from flask.cli import with_appcontext
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from helpline import clock
from helpline.current import services, settings
from helpline.domain import phone_numbers
from helpline.domain.call_progress import FINAL, Leg
from helpline.domain.errors import InvalidPhoneNumber
from helpline.domain.phone_numbers import PhoneNumber
from helpline.telephony import flow
from helpline.telephony.port import Carrier, CarrierError, Webhooks

_NUMBER = re.compile(r"(?<![0-9A-Za-z-])(\+?\d{2})\d{5,}(\d{2})(?![0-9A-Za-z-])")


@dataclass
class Trial:
    """The call, and what has been reported of it. ``path`` is unguessable: it is in public."""

    carrier: Carrier
    webhooks: Webhooks
    public_url: str
    second: PhoneNumber
    path: str = field(default_factory=lambda: f"/webhooks/try-call/{secrets.token_hex(16)}/")
    started_at: float = field(default_factory=time.monotonic)
    has_ended: threading.Event = field(default_factory=threading.Event)

    def url(self, step: str) -> str:
        return self.public_url + self.path + step

    def say(self, text: str) -> None:
        """Print an event with its times, in a line; phone numbers are masked."""
        elapsed = time.monotonic() - self.started_at
        now = clock.now().isoformat(timespec="milliseconds")
        click.echo(f"{now} {elapsed:7.2f} s  {masked(text)}")

    def receive(self, request: Request) -> Response:
        """Print a webhook of the carrier, and answer it."""
        if not request.path.startswith(self.path):
            return Response(status=404)
        step = request.path.removeprefix(self.path)
        url = self.public_url + request.full_path.rstrip("?")
        if not self.webhooks.is_genuine(url, request.form, dict(request.headers)):
            self.say(f"{step}: REFUSED, the signature is not valid for {urlsplit(url).netloc}")
            return Response(status=403)
        form = request.form.to_dict()
        parameters = " ".join(f"{name}={value!r}" for name, value in sorted(form.items()))
        self.say(f"{step}: {parameters}")
        steps = self._answer(step, form)
        if steps is None:
            return Response(status=204)
        return Response(self.webhooks.render(steps), mimetype=self.webhooks.content_type)

    def _answer(self, step: str, form: Mapping[str, str]) -> flow.Flow | None:
        seconds = settings().press_one_seconds
        match step:
            case "answered":
                return flow.ask_to_press_one(pressed_url=self.url("pressed"), seconds=seconds)
            case "pressed" if self.webhooks.key_pressed(form).digits == "1":
                return (self._dial(seconds),)
            case "second-answered":
                return flow.ask_visitor(
                    pressed_url=self.url("second-pressed"),
                    seconds=seconds,
                    language=settings().voice_languages[0],
                )
            case "second-pressed" if self.webhooks.key_pressed(form).digits == "1":
                return flow.CONTINUE
            case "status":
                event = self.webhooks.call_status(form, Leg.ADVISOR)
                if event is not None and event.status in FINAL:
                    self.has_ended.set()
                return None
            case "second-status":
                return None
        return flow.HANG_UP

    def _dial(self, seconds: int) -> flow.Dial:
        return flow.Dial(
            self.second.e164,
            caller_id=self.carrier.caller_id,
            ring_seconds=settings().visitor_ring_seconds,
            max_seconds=settings().longest_call_minutes * 60,
            ended_url=self.url("second-ended"),
            status_url=self.url("second-status"),
            answered_url=self.url("second-answered"),
            answer_seconds=seconds,
        )


def masked(text: str) -> str:
    """Return a text without the middle digits of phone numbers."""
    return _NUMBER.sub(r"\1***\2", text)


@click.command("try-call")
@click.option("--from", "first", required=True, help="The phone that is called first.")
@click.option("--to", "second", required=True, help="The phone that it is connected with.")
@click.option("--carrier", "name", help="Which account, where the settings have several.")
@click.option(
    "--listen",
    default="127.0.0.1:8000",
    show_default=True,
    help="Where requests to the public URL arrive on this machine.",
)
@click.option("--seconds", default=300, show_default=True, help="End the call after this time.")
@with_appcontext
def try_call_command(first: str, second: str, name: str | None, listen: str, seconds: int) -> None:
    """Place one real call between two of your own phones and print every event.

    It is a call as for a visitor: the first phone rings, press 1, the second phone rings, press 1
    there. It costs money. Stop the web process meanwhile, since this command answers the carrier at
    the public URL in its place. Nothing is stored or logged, and phone numbers are masked, so that
    the output can be passed on. No database is needed.

    \b
    Example:
      flask helpline try-call --from "+91 98765 43210" --to "+91 98765 43211"

    \b
    Exit codes:
      0  the call has ended, and the carrier reported it
      1  it was refused, or no end was reported in time
    """
    carriers = services().carriers
    if name not in (None, *carriers):
        raise click.BadParameter(f"choose one of: {', '.join(carriers)}", param_hint="--carrier")
    if not carriers:
        raise click.ClickException("The settings have no carrier's account (docs/carriers.md).")
    name = name or next(iter(carriers))
    phones = [_phone(text, option) for text, option in ((first, "--from"), (second, "--to"))]
    if phones[0] == phones[1]:
        raise click.BadParameter("these must be two phones", param_hint="--to")
    trial = Trial(carriers[name], services().webhooks[name], settings().public_url, phones[1])
    host, _, port = listen.rpartition(":")
    if not port.isdigit():
        raise click.BadParameter("write it as 127.0.0.1:8000", param_hint="--listen")
    context = current_app.app_context

    @Request.application
    def application(request: Request) -> Response:
        with context():
            return trial.receive(request)

    try:
        server = make_server(host or "127.0.0.1", int(port), application, threaded=True)
    except SystemExit as error:  # Werkzeug ends the process where the port is taken.
        raise click.ClickException(f"{listen} is in use. Stop the web process first.") from error
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        _place(trial, phones[0], seconds)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _place(trial: Trial, phone: PhoneNumber, seconds: int) -> None:
    carrier = trial.carrier
    trial.say(f"request: call from {carrier.caller_id} to {phone.e164}")
    try:
        call_id = carrier.create_call(
            phone.e164,
            answer_url=trial.url("answered"),
            status_url=trial.url("status"),
            ring_seconds=settings().advisor_ring_seconds,
            max_seconds=seconds,
        )
    except CarrierError as error:
        trial.say(f"refused: {type(error).__name__} {error.problem} code={error.code}")
        raise click.ClickException("The carrier did not take the call.") from error
    trial.say(f"accepted: {call_id}")
    ended = False
    try:
        ended = trial.has_ended.wait(seconds)
    finally:
        if not ended:
            _report(trial, "hang up", lambda: carrier.hang_up(call_id))
    _report(trial, "look-up", lambda: carrier.fetch_call(call_id))
    if not ended:
        raise click.ClickException(
            "The carrier reported no end of the call. Does the public URL lead to this command?"
        )


def _report(trial: Trial, event: str, ask: Callable[[], object]) -> None:
    try:
        trial.say(f"{event}: {ask() or 'done'}")
    except CarrierError as error:
        trial.say(f"{event}: {type(error).__name__} {error.problem} code={error.code}")


def _phone(text: str, option: str) -> PhoneNumber:
    try:
        return phone_numbers.parse(text, settings().default_region, settings().allowed_regions)
    except InvalidPhoneNumber as error:
        raise click.BadParameter(
            "it is no phone number that can be called", param_hint=option
        ) from error
