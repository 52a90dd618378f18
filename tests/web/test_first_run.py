"""The first-run checklist on the overview: shown until each step is done, or dismissed."""

from __future__ import annotations

import sqlalchemy as sa
from flask import Flask

from helpline import clock
from helpline.calls.models import Attempt
from helpline.db import db
from helpline.directory.crisis import service as crisis
from helpline.directory.crisis.models import CrisisLineRow
from helpline.domain.call_progress import AttemptResult
from helpline.preflight.checks import Check, Finding, FindingCode, Level
from helpline.preflight.models import PreflightReport
from helpline.privacy.models import AuditEntry
from tests import factories
from tests.cast import ASHA, MEERA
from tests.support.clock import Clock
from tests.support.web import Client
from tests.web.page import Page

STEPS = (
    "Set the opening hours",
    "Verify the crisis numbers",
    "Connect the phone company",
    "Invite an advisor",
    "Make a test call",
)


def done(client: Client) -> list[str]:
    """The steps that the overview marks as done."""
    text = Page(client.get("/admin/").text).text
    assert all(f"{step} (to do)" in text or f"{step} (done)" in text for step in STEPS)
    return [step for step in STEPS if f"{step} (done)" in text]


def test_each_step_is_ticked_off_and_the_full_list_goes(
    app: Flask, client: Client, at: Clock
) -> None:
    at("2026-11-23 11:00")
    factories.staff(MEERA)
    client.sign_in(MEERA)
    assert done(client) == []
    crisis.import_packaged_lines(clock.now())
    assert done(client) == []
    factories.opening_hours(("00:00", "24:00"))
    assert done(client) == [STEPS[0]]
    db.session.execute(sa.update(CrisisLineRow).values(last_checked=clock.now()))
    db.session.commit()
    assert done(client) == [*STEPS[:2]]
    report = PreflightReport(id=1, next_at=clock.now(), found_at=clock.now())
    refused = Finding(Check.CREDENTIALS, Level.WRONG, FindingCode.CREDENTIALS_REFUSED)
    report.findings = [refused.to_data()]
    db.session.add(report)
    db.session.commit()
    assert done(client) == [*STEPS[:2]]
    report.findings = []
    db.session.commit()
    assert done(client) == [*STEPS[:3]]
    attempt = factories.calling(ASHA)
    assert done(client) == [*STEPS[:4]]
    db.session.execute(
        sa.update(Attempt).where(Attempt.id == attempt.id).values(result=AttemptResult.TALKED)
    )
    db.session.commit()
    assert "Before you open" not in client.get("/admin/").text


def test_each_step_links_to_where_it_is_done(app: Flask, client: Client) -> None:
    factories.staff(MEERA)
    client.sign_in(MEERA)
    links = {
        link.text: link.attrs.get("href", "") for link in Page(client.get("/admin/").text).all("a")
    }
    assert len({links[step] for step in STEPS}) == len(STEPS)
    assert all(client.get(links[step]).status_code == 200 for step in STEPS)


def test_an_admin_dismisses_it_for_all(app: Flask, client: Client) -> None:
    factories.staff(MEERA)
    client.sign_in(MEERA)
    home = client.get("/admin/")
    client.submit(home, "/checklist/dismiss")
    client.submit(home, "/checklist/dismiss")  # a second press changes nothing
    assert "Before you open" not in client.get("/admin/").text
    deeds = db.session.scalars(sa.select(AuditEntry.deed)).all()
    assert deeds.count("checklist_dismissed") == 1
