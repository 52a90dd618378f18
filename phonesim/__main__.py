"""Run the simulated phone network: `python -m phonesim --help`."""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Mapping, Sequence

from phonesim.numbers import is_e164
from phonesim.server import Server
from phonesim.settings import STOP_WORDS, Settings

EXAMPLES = """\
examples:
  PHONESIM_AUTH_TOKEN=secret python -m phonesim \\
      --account-sid AC00000000000000000000000000000001 --number +918000000000

  two named phones on the page, calls to the number answered by the service:
    python -m phonesim ... --phone "Asha, advisor=+919999900002" \\
        --phone "A visitor=+919999900001" --voice-url http://127.0.0.1:8000/webhooks/voice

  an account at Plivo, alone or beside the other:
    PHONESIM_PLIVO_AUTH_TOKEN=secret python -m phonesim \\
        --plivo-auth-id MA000000000000000001 --plivo-number +918000000000

  fast, for tests (20 simulated seconds in a real one), any free port:
    python -m phonesim ... --time-scale 20 --port 0

  webhooks for a public address carried to a local port, as a proxy would:
    python -m phonesim ... --route https://helpline.example=http://127.0.0.1:8000

Every option can be an environment variable: PHONESIM_PORT, PHONESIM_ACCOUNT_SID and so on
(several values separated by ;). Keep the token there: options are visible to other users.
"""


class Environment:
    """The environment variables that stand for options."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ

    def get(self, name: str, default: str = "") -> str:
        """Return one value."""
        return self._environ.get(f"PHONESIM_{name}", default)

    def list(self, name: str) -> list[str]:
        """Return several values, separated by ;."""
        return [one.strip() for one in self.get(name).split(";") if one.strip()]


def parser(environ: Mapping[str, str]) -> argparse.ArgumentParser:
    """The options, with defaults from the environment."""
    options = argparse.ArgumentParser(
        prog="python -m phonesim",
        description="A simulated phone network with the HTTP APIs of Twilio and Plivo. No real "
        "calls are made.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    env = Environment(environ)
    for add_group in (_server, _account, _webhooks, _simulation, _rules):
        add_group(options.add_argument, env)
    options.add_argument(
        "--verbose", action="store_true", help="log every step of every call, by identifier"
    )
    options.set_defaults(
        env_numbers=env.list("NUMBER"),
        env_plivo_numbers=env.list("PLIVO_NUMBER"),
        env_phones=env.list("PHONE"),
        env_routes=env.list("ROUTE"),
    )
    return options


Add = Callable[..., object]


def _server(add: Add, env: Environment) -> None:
    add("--host", default=env.get("HOST", "127.0.0.1"), help="address to listen on (%(default)s)")
    add("--port", type=int, default=int(env.get("PORT", "8001")),
        help="port to listen on; 0: any free port (%(default)s)")  # fmt: skip


def _account(add: Add, env: Environment) -> None:
    add("--account-sid", default=env.get("ACCOUNT_SID"),
        help="account SID (AC and 32 hexadecimal digits)")  # fmt: skip
    add("--auth-token", default=env.get("AUTH_TOKEN"),
        help="auth token (better set in the environment)")  # fmt: skip
    add("--number", action="append", help="number that belongs to the account; may be repeated")
    add("--plivo-auth-id", default=env.get("PLIVO_AUTH_ID"),
        help="auth id of an account at Plivo (MA and 18 letters and digits)")  # fmt: skip
    add("--plivo-auth-token", default=env.get("PLIVO_AUTH_TOKEN"),
        help="its auth token (better set in the environment); several separated by ;")  # fmt: skip
    add("--plivo-number", action="append", help="number that belongs to it; may be repeated")
    add("--plivo-calls-at-once", type=int, default=int(env.get("PLIVO_CALLS_AT_ONCE", "50")),
        help="legs that it may have under way; further ones fail; 0: no limit "
             "(%(default)s)")  # fmt: skip
    add("--phone", action="append", metavar="NAME=NUMBER",
        help="phone with a name; may be repeated")  # fmt: skip
    add("--trial", action="store_true", default=bool(env.get("TRIAL")),
        help="trial account: only calls numbers given with --verified")  # fmt: skip
    add("--verified", action="append", help="number verified with the account; may be repeated")
    add("--balance", default=env.get("BALANCE", "25.00"), help="account balance")


def _webhooks(add: Add, env: Environment) -> None:
    add("--voice-url", default=env.get("VOICE_URL"), help="webhook for inbound calls")
    add("--sms-url", default=env.get("SMS_URL"), help="webhook for inbound texts")
    add("--voice-fallback-url", default=env.get("VOICE_FALLBACK_URL"),
        help="fallback webhook for inbound calls")  # fmt: skip
    add("--sms-fallback-url", default=env.get("SMS_FALLBACK_URL"),
        help="fallback webhook for inbound texts")  # fmt: skip
    add("--status-callback", default=env.get("STATUS_CALLBACK"),
        help="status callback for the end of inbound calls")  # fmt: skip
    add("--route", action="append", metavar="PUBLIC=LOCAL",
        help="rewrite of webhook URLs; see the examples")  # fmt: skip
    add("--demo-addresses", action="store_true", default=bool(env.get("DEMO_ADDRESSES")),
        help="point the numbers to Twilio's demo, like newly bought ones")  # fmt: skip


def _simulation(add: Add, env: Environment) -> None:
    add("--seed", type=int, default=int(env.get("SEED", "0")), help="seed for random faults")
    add("--clock-offset-seconds", type=float, default=float(env.get("CLOCK_OFFSET_SECONDS", "0")))
    add("--clock-speed", type=float, default=float(env.get("CLOCK_SPEED", "1")),
        help="clock: the seconds since 1970 times this factor, plus the offset "
             "(%(default)s)")  # fmt: skip
    add("--time-scale", type=float, default=float(env.get("TIME_SCALE", "1")),
        help="simulated seconds per real second (%(default)s)")  # fmt: skip
    add("--cps", type=float, default=float(env.get("CPS", "0")),
        help="calls started per second; more are queued; 0: no limit")  # fmt: skip
    add("--plivo-cps", type=float, default=float(env.get("PLIVO_CPS", "2")),
        help="the same of the account at Plivo (%(default)s)")  # fmt: skip


def _rules(add: Add, env: Environment) -> None:
    add("--opt-out-words", default=env.get("OPT_OUT_WORDS", ",".join(STOP_WORDS)),
        help="words that opt out of texts (Twilio's defaults: %(default)s)")  # fmt: skip
    add("--no-help-reply", action="store_true", default=bool(env.get("NO_HELP_REPLY")),
        help="do not reply to HELP for the service (Twilio does by default)")  # fmt: skip
    add("--country-rules", action="store_true", default=bool(env.get("COUNTRY_RULES")),
        help="apply country rules: no calls from Indian numbers to India, no inbound texts from "
             "there")  # fmt: skip


def pairs(values: Sequence[str]) -> dict[str, str]:
    """`left=right` texts as a mapping; the last = parts them."""
    found = {}
    for value in values:
        left, sign, right = value.rpartition("=")
        if not sign or not left:
            raise ValueError(f"{value!r} must have the form left=right")
        found[left.strip()] = right.strip()
    return found


def read_settings(arguments: Sequence[str], environ: Mapping[str, str]) -> Settings:
    """Settings from the command line and the environment; ends the program on a mistake."""
    options = parser(environ)
    given = options.parse_args(arguments)
    logging.basicConfig(
        level=logging.INFO if given.verbose else logging.WARNING,
        format="phonesim %(levelname)s %(message)s",
    )
    numbers = tuple(given.number or given.env_numbers)
    plivo_numbers = tuple(given.plivo_number or given.env_plivo_numbers)
    plivo_tokens = tuple(filter(None, given.plivo_auth_token.split(";")))
    if given.plivo_auth_id and not plivo_tokens:
        options.error("--plivo-auth-token is required (or set PHONESIM_PLIVO_AUTH_TOKEN)")
    if given.account_sid or not given.plivo_auth_id:
        if not given.account_sid.startswith("AC"):
            options.error("--account-sid is required and must start with AC")
        if not given.auth_token:
            options.error("--auth-token is required (or set PHONESIM_AUTH_TOKEN)")
    for sid, name, owned in (
        (given.account_sid, "--number", numbers),
        (given.plivo_auth_id, "--plivo-number", plivo_numbers),
    ):
        if sid and (not owned or not all(is_e164(number) for number in owned)):
            options.error(f"{name} is required, in international format (+91...)")
    try:
        phones = {number: name for name, number in pairs(given.phone or given.env_phones).items()}
        routes = pairs(given.route or given.env_routes)
    except ValueError as problem:
        options.error(str(problem))
    return Settings(
        account_sid=given.account_sid,
        auth_token=given.auth_token,
        numbers=numbers,
        host=given.host,
        port=given.port,
        voice_url=given.voice_url,
        sms_url=given.sms_url,
        voice_fallback_url=given.voice_fallback_url,
        sms_fallback_url=given.sms_fallback_url,
        status_callback=given.status_callback,
        seed=given.seed,
        clock_offset_seconds=given.clock_offset_seconds,
        clock_speed=given.clock_speed,
        time_scale=given.time_scale,
        calls_per_second=given.cps,
        plivo_auth_id=given.plivo_auth_id,
        plivo_auth_tokens=plivo_tokens,
        plivo_numbers=plivo_numbers,
        plivo_calls_per_second=given.plivo_cps,
        plivo_calls_at_once=given.plivo_calls_at_once,
        opt_out_words=tuple(
            word.strip().upper() for word in given.opt_out_words.split(",") if word.strip()
        ),
        answers_help=not given.no_help_reply,
        trial=given.trial,
        verified=tuple(given.verified or ()),
        balance=given.balance,
        country_rules=given.country_rules,
        demo_addresses=given.demo_addresses,
        phones=phones,
        routes=routes,
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until SIGTERM or SIGINT."""
    settings = read_settings(sys.argv[1:] if arguments is None else arguments, os.environ)
    asked_to_stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: asked_to_stop.set())
    server = Server(settings)  # says so and ends, where the port is in use
    server.start()
    print(f"Simulated phones: {server.url} (a simulation, no real calls are made)", flush=True)
    asked_to_stop.wait()
    server.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
