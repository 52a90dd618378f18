"""The systemd units start what there is, and the runbook names them."""

from __future__ import annotations

from config import ROOT

DEPLOY = ROOT / "deploy"


def test_the_runbook_names_the_units_and_the_alerts() -> None:
    runbook = (ROOT / "docs" / "running.md").read_text()
    for name in (
        "helpline-web.service",
        "helpline-migrate.service",
        "helpline-worker@.service",
        "alerts.yml",
    ):
        assert (DEPLOY / name).exists()
        assert f"deploy/{name}" in runbook
