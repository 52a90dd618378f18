"""Run everything on one machine: web, worker and, for a demo, the simulated phone network."""

from __future__ import annotations

import os
import secrets
import socket
import tempfile
from collections.abc import Callable, Collection
from contextlib import closing
from pathlib import Path
from typing import cast

import click
from flask import Flask
from flask.cli import ScriptInfo

import config
from helpline.cli import settings_file
from helpline.telephony.adapters import ADAPTERS, FIRST

_ACCOUNTS = ("TWILIO_ACCOUNT_SID", "PLIVO_AUTH_ID")
CreateApp = Callable[[], Flask]


@click.command("run")
@click.option("--small", is_flag=True, help="One process for all: half the memory, one core.")
@click.option("--demo", is_flag=True, help="Start with simulated phones and demo staff.")
@click.option(
    "--carrier",
    default=FIRST,
    show_default=True,
    type=click.Choice(tuple(ADAPTERS)),
    help="Carrier whose phones are simulated (demo only).",
)
@click.option("--at", help="Start the clock at this time, in the helpline's time zone (demo only).")
@click.option("--port", default=8000, show_default=True, help="Port of the web server.")
@click.option(
    "--phones-port", default=8001, show_default=True, help="Port of the simulated phones."
)
@click.option(
    "--site-port",
    default=8002,
    show_default=True,
    help="Port of the demo website with the contact panel.",
)
@click.pass_obj
def run_command(
    script: ScriptInfo,
    small: bool,
    demo: bool,
    carrier: str,
    at: str | None,
    port: int,
    phones_port: int,
    site_port: int,
) -> None:
    """Run the web server and a worker; with --demo also simulated phones and a demo website.

    \b
    Examples:
      helpline run
      helpline run --small
      helpline run --demo
      helpline run --demo --carrier plivo
      helpline run --demo --at "2026-11-23 17:58"
    """
    if small and (demo or at is not None):
        raise click.UsageError("--small runs no demo.")
    instance = config.instance_dir()
    settings_file.make_secrets(instance)
    port, phones_port, site_port = free_ports(port, phones_port, site_port)
    environment = {**os.environ, "HELPLINE_INSTANCE_DIR": str(instance)}
    environment.setdefault("HELPLINE_PUBLIC_URL", f"http://127.0.0.1:{port}")
    if demo:
        environment.update(_demo_settings(instance, carrier, phones_port))
    counts = tempfile.TemporaryDirectory(prefix="helpline-metrics-", dir=_shared_memory_folder())
    click.get_current_context().with_resource(counts)
    environment.setdefault("PROMETHEUS_MULTIPROC_DIR", counts.name)
    os.environ.update(environment)
    create_app = cast(CreateApp, script.create_app)
    # Only now: the metrics library reads the environment when it is imported.
    if small:
        from helpline.cli import one_process  # noqa: PLC0415

        one_process.run(create_app, port=port)
        return
    from helpline.cli import local_service  # noqa: PLC0415

    local_service.run(
        create_app,
        at=at,
        port=port,
        demo_ports=(phones_port, site_port) if demo else None,
    )


def _shared_memory_folder() -> Path | None:
    """Return a folder in memory where web processes share metrics, or None.

    On a full disk, writing to a mapped file kills the process, and with it the crisis page.
    """
    memory = Path("/dev/shm")  # noqa: S108  # nosec B108: a folder of our own is made in it
    return memory if os.access(memory, os.W_OK) else None


def free_ports(*preferred: int) -> list[int]:
    """Return for each wanted port that one or the next free one, all different."""
    ports: list[int] = []
    for port in preferred:
        ports.append(_free_port(port, ports))
    return ports


def _free_port(preferred: int, used: Collection[int]) -> int:
    for port in range(preferred, preferred + 50):
        if port in used:
            continue
        with closing(socket.socket(socket.AF_INET, socket.SOCK_STREAM)) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            if port != preferred:
                click.echo(f"Port {preferred} is in use. Using {port} instead.")
            return port
    raise click.ClickException(f"No free port between {preferred} and {preferred + 49}.")


def _demo_settings(instance: Path, carrier: str, phones_port: int) -> dict[str, str]:
    file = instance / config.SETTINGS_FILE
    saved = file.read_text() if file.exists() else ""
    if any(os.environ.get(f"HELPLINE_{each}") or f"{each}=" in saved for each in _ACCOUNTS):
        raise click.ClickException(
            "A carrier account is configured, so simulated phones cannot be used here. Run "
            "without --demo, or set another HELPLINE_INSTANCE_DIR."
        )
    return {
        "HELPLINE_ENVIRONMENT": "development",
        "HELPLINE_SECOND_FACTOR": "off",
        "HELPLINE_TEXTS_ENABLED": "true",
        "HELPLINE_LOG_LEVEL": os.environ.get("HELPLINE_LOG_LEVEL", "warning"),
        **_demo_account(carrier, f"http://127.0.0.1:{phones_port}"),
    }


def _demo_account(carrier: str, phones_url: str) -> dict[str, str]:
    token = secrets.token_hex(16)
    if carrier == FIRST:
        return {
            "HELPLINE_TWILIO_ACCOUNT_SID": config.EXAMPLE_ACCOUNT_SID,
            "HELPLINE_TWILIO_AUTH_TOKEN": token,
            "HELPLINE_TWILIO_BASE_URL": phones_url,
            "HELPLINE_CALLER_ID": config.EXAMPLE_NUMBER,
        }
    return {
        "HELPLINE_PLIVO_AUTH_ID": config.EXAMPLE_AUTH_ID,
        "HELPLINE_PLIVO_AUTH_TOKEN": token,
        "HELPLINE_PLIVO_BASE_URL": phones_url,
        "HELPLINE_PLIVO_CALLER_ID": config.EXAMPLE_NUMBER,
    }
