"""An advisor in trouble with a caller asks for help: who sees it, who has seen it, how it ends."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
import sqlalchemy as sa
from flask import Flask

from helpline import clock
from helpline.callbacks.errors import StateChanged
from helpline.calls.supervision import help_requests
from helpline.calls.supervision.models import HelpRequest
from helpline.db import db
from helpline.privacy.models import AuditEntry
from tests import factories
from tests.cast import ASHA, KAVITA, MEERA, RAVI, VIKRAM
from tests.invariants.together import at_once
from tests.support.clock import Clock
from tests.support.web import Client, form_of
from tests.web.page import Page


@pytest.fixture(autouse=True)
def morning(at: Clock, app: Flask) -> None:
    at("2026-11-23 11:00")
    for member in (ASHA, RAVI, VIKRAM, MEERA):
        factories.staff(member)


def audited() -> list[tuple[str, str]]:
    rows = sa.select(AuditEntry.deed, AuditEntry.actor).where(AuditEntry.deed.like("help_%"))
    return [(deed, actor) for deed, actor in db.session.execute(rows.order_by(AuditEntry.id))]


def test_supervisors_see_it_until_one_has_dealt_with_it(
    asha: Client, new_client: Callable[[], Client], at: Clock
) -> None:
    supervisor = new_client()
    supervisor.sign_in(VIKRAM)
    held = factories.claimed(ASHA, KAVITA)
    assert "Advisors who need help" not in supervisor.get("/floor/live").text
    asha.submit(asha.get("/desk/"), "/desk/help")
    assert "No supervisor has seen it yet." in asha.get("/desk/hand").text
    at.later(minutes=2)

    row = Page(f"<body>{supervisor.get('/floor/live').text}</body>").the(
        "section", cls="live-view-help"
    )
    assert "Asha asked for help 2 minutes ago" in row.text
    assert f"Callback {held.id}" in row.text
    assert KAVITA.name not in row.text
    [request] = help_requests.open_requests(db.session())
    form = form_of(supervisor.get("/floor/"), "/floor/help")
    assert supervisor.submit(form, acknowledge=request.id).status_code == 303
    assert "Vikram has seen it." in asha.get("/desk/hand").text
    again = supervisor.submit(form, acknowledge=request.id, follow=True)
    assert "Another supervisor has seen it" in again.text
    assert "seen by Vikram" in again.text
    assert supervisor.submit(form, close=request.id).status_code == 303
    assert "Advisors who need help" not in supervisor.get("/floor/live").text
    assert "You asked for help" not in asha.get("/desk/hand").text
    vikram = f"staff:{factories.staff(VIKRAM).id}"
    assert audited() == [
        ("help_asked", f"staff:{factories.staff(ASHA).id}"),
        ("help_acknowledged", vikram),
        ("help_ended", vikram),
    ]
    assert supervisor.submit(form, acknowledge=999).status_code == 404
    assert supervisor.submit(form, acknowledge="x").status_code == 404


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_the_advisor_withdraws_it_and_keeps_what_was_typed(asha: Client) -> None:
    held = factories.wrapping_up(ASHA, KAVITA)
    page = asha.get("/desk/")
    form = form_of(page, "/disposition").fill(notes="He shouts.")
    asked = asha.post(f"/desk/{held.id}/help", data=form.fields)
    assert "He shouts." in Page(asked.text).the("textarea", name="notes").text
    assert "You asked for help" in asked.text
    fields = form_of(asked, "/disposition").fields
    ended = asha.post(f"/desk/{held.id}/help", data=fields | {"help": "no"})
    assert "You asked for help" not in ended.text
    assert "He shouts." in ended.text
    assert [action for action, _ in audited()] == ["help_asked", "help_ended"]


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_without_a_callback_one_can_ask_too(asha: Client) -> None:
    asha.submit(asha.get("/desk/"), "/desk/help")
    [request] = help_requests.open_requests(db.session())
    assert (request.advisor, request.callback_id) == ("Asha", None)


def test_of_two_presses_or_two_supervisors_one_counts(app: Flask) -> None:
    asha, now = factories.staff(ASHA).id, clock.now()
    assert at_once(app, [partial(help_requests.ask, asha, now=now)] * 3) == [None] * 3
    [request] = db.session.scalars(sa.select(HelpRequest)).all()
    seen = at_once(
        app,
        [
            partial(
                help_requests.acknowledge,
                request.id,
                supervisor_id=factories.staff(member).id,
                now=now,
            )
            for member in (VIKRAM, MEERA)
        ],
    )
    assert sorted(type(each) for each in seen if each) == [StateChanged]
    assert [action for action, _ in audited()] == ["help_asked", "help_acknowledged"]
