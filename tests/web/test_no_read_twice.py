"""No page reads the same row twice: what one part of it has read, another is given."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from helpline import clock
from helpline.calls import service as calls
from helpline.calls.supervision import service as supervision
from helpline.calls.supervision.models import SupervisorAction
from helpline.calls.supervision.service import Order
from helpline.db import db
from helpline.domain.retries import Disposition
from tests import factories
from tests.cast import ARJUN, ASHA, IMRAN, KAVITA, LEELA, MEERA, RAVI, VIKRAM
from tests.support.clock import Clock
from tests.support.repeated_reads import repeated_reads
from tests.support.web import Client
from tests.web.routes import address_of

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"])


def busy_helpline() -> tuple[list[str], dict[str, int]]:
    """Callbacks in every state, with a history; the tokens of their links, and ids for routes."""
    factories.policy()  # Saved once, as in every helpline that has opened.
    vikram = factories.staff(VIKRAM).id
    done = factories.calling(RAVI, IMRAN)
    calls.record_disposition(
        done.callback_id,
        done.advisor_id,
        Disposition.NO_ANSWER,
        "They were out.",
        now=clock.now(),
        has_carrier=False,
    )
    held = factories.calling(ASHA, KAVITA)
    tokens = [factories.link(ARJUN), factories.link(LEELA, slot_at=factories.slot("15:00"))]
    waiting = factories.by_token(tokens[0])
    for reason in ("They called us.", "And again."):
        order = Order(SupervisorAction.FIRST, None, reason, None)
        supervision.carry_out(waiting.id, order, supervisor_id=vikram, now=clock.now())
    return tokens, {"callback_id": held.callback_id, "staff_id": held.advisor_id}


def test_no_page_reads_a_row_twice(app: Flask, new_client: Callable[[], Client], at: Clock) -> None:
    at("2026-11-26 11:10")
    factories.opening_hours(("10:00", "18:00"))
    browsers = {"visitor": new_client()}
    for member in (ASHA, VIKRAM, MEERA):
        factories.staff(member)
        browsers[member.name] = new_client()
        browsers[member.name].sign_in(member)
    tokens, known = busy_helpline()
    found: dict[str, list[str]] = {}
    pages = 0
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or set()) or rule.rule.startswith("/<any"):
            continue
        for token in tokens if "<token>" in rule.rule else [""]:
            address = address_of(rule, **known, token=token)
            if address.startswith(("/exit", "/logout")):
                continue
            for who, browser in browsers.items():
                with repeated_reads(db.engine) as repeated:
                    answer = browser.get(address)
                if answer.status_code == 200:
                    pages += 1
                if repeated:
                    found[f"{who} {address}"] = repeated
    assert pages > 80
    assert not found, "\n".join(f"{page}: {text}" for page, text in found.items())
