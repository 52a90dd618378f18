"""flask helpline worker: run the jobs."""

from __future__ import annotations

import os
import signal
import socket
import threading
from datetime import timedelta
from functools import partial
from types import FrameType
from typing import Any

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

from helpline.cli.keys import require_matching_keys
from helpline.cli.set_up import wait_for_database
from helpline.current import services
from helpline.db import db
from helpline.messaging.carrier_jobs import CarrierContext, Timeouts, WebhookUrls
from helpline.privacy.tombstone_file import TombstoneCopy
from helpline.telephony.adapters import ADAPTERS
from helpline.web.carrier_webhooks import carrier_webhooks
from helpline.web.carrier_webhooks.blueprint import webhook_url
from helpline.worker import runner, schedule


@click.command("worker")
@with_appcontext
def worker_command() -> None:
    """Run a worker until it is stopped. You can run several workers at once.

    \b
    Example:
      flask helpline worker
    """
    run(current_app._get_current_object())  # type: ignore[attr-defined]


def run(app: Flask) -> None:
    """Run the jobs until a signal ends this process."""
    scheduler = build_scheduler(app)

    def stop(_signal: int, _frame: FrameType | None) -> None:
        scheduler.shutdown(wait=False)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    scheduler.start()
    click.echo("The worker has stopped.")


def build_scheduler(app: Flask) -> schedule.WorkerScheduler:
    """Wait for the database, then return the scheduler of the jobs. Wake-ups are listened for."""
    with app.app_context():
        settings = services().settings
        wait_for_database()
        require_matching_keys()
        engine = db.engine
    name = f"{socket.gethostname()}:{os.getpid()}"
    ticks = runner.build_jobs(
        name,
        carrier_contexts(app),
        settings.published_crisis_file,
        every=timedelta(seconds=settings.tick_seconds),
        tombstones=TombstoneCopy(settings.tombstones, settings.tombstone_days),
    )
    scheduler = schedule.build_scheduler(
        ticks,
        app.app_context,
        settings.tick_seconds,
        by_clock=runner.CLOCK_JOBS,
        concurrency=runner.CONCURRENCY,
        find_due=runner.rounds_of(ticks).find,
    )
    listen = partial(scheduler.run_when_woken, engine, runner.urgent_rounds_of(ticks).find)
    threading.Thread(target=listen, name="wake-ups", daemon=True).start()
    return scheduler


def carrier_contexts(app: Flask) -> list[CarrierContext]:
    """Return the carriers of an application and their settings; none without an account."""
    if carrier_webhooks.name not in app.blueprints:  # Carriers are told their addresses.
        app.register_blueprint(carrier_webhooks)
    with app.app_context():
        carriers, settings = services().carriers, services().settings

    def address(view: str, **values: Any) -> str:
        with app.test_request_context():
            return webhook_url(view, **values)

    urls = WebhookUrls(
        answered=lambda ref: address("call_answered", ref=ref),
        status=lambda ref, leg: address("call_status", ref=ref, leg=leg),
        offer_answered=lambda ref: address("offer_answered", ref=ref),
        offer_status=lambda ref: address("offer_status", ref=ref),
        listener_answered=lambda ref: address("listener_answered", ref=ref),
        listener_joins=lambda ref: address("listener_joins", ref=ref),
        listener_status=lambda ref: address("listener_status", ref=ref),
        conference=lambda ref, leg: address("leg_moved", ref=ref, leg=leg),
        sms_status=lambda ref: address("sms_status", ref=ref),
    )
    return [
        CarrierContext(
            name,
            carrier,
            urls,
            Timeouts(
                advisor_ring_seconds=settings.advisor_ring_seconds,
                longest_seconds=settings.longest_call_minutes * 60,
                silent_after=timedelta(seconds=settings.silent_after_seconds),
                lost_after=timedelta(seconds=settings.lost_after_seconds),
                calls_per_second=ADAPTERS[name].calls_per_second(settings),
                legs_at_once=ADAPTERS[name].legs_at_once(settings),
            ),
        )
        for name, carrier in carriers.items()
    ]
