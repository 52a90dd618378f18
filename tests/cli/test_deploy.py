"""The files that an operator takes from deploy/ speak of what is there."""

from __future__ import annotations

import json
import re
import shutil
import subprocess

import pytest
import yaml
from flask import Flask

from config import ROOT
from helpline import clock
from helpline.messaging import service as messages
from tests.support.web import Client

DEPLOY = ROOT / "deploy"
TOKEN = "a-token-of-the-operator"
_NAME = re.compile(r"\bhelpline_[a-z_]+")


@pytest.mark.settings(metrics_token=TOKEN)
@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_every_number_that_is_watched_is_told(app: Flask, client: Client) -> None:
    messages.beat("one", now=clock.now())
    told = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).text
    known = set(re.findall(r"^# TYPE (helpline_\S+)", told, re.MULTILINE))
    rules = yaml.safe_load((DEPLOY / "alerts.yml").read_text())["groups"][0]["rules"]
    panels = json.loads((DEPLOY / "grafana.json").read_text())["panels"]
    watched = [rule["expr"] for rule in rules]
    watched += [target["expr"] for panel in panels for target in panel["targets"]]
    used = {name for each in watched for name in _NAME.findall(each)}
    assert used
    assert {re.sub("_(bucket|count|sum)$", "", name) for name in used} <= known


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not on this machine")
def test_prometheus_takes_the_rules() -> None:
    done = subprocess.run(
        ["promtool", "check", "rules", str(DEPLOY / "alerts.yml")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_procfile_and_the_units_start_what_there_is() -> None:
    runbook = (ROOT / "docs" / "running.md").read_text()
    for name in (
        "Procfile",
        "helpline-web.service",
        "helpline-migrate.service",
        "helpline-worker@.service",
        "alerts.yml",
    ):
        assert (DEPLOY / name).exists()
        assert f"deploy/{name}" in runbook
    for rule in yaml.safe_load((DEPLOY / "alerts.yml").read_text())["groups"][0]["rules"]:
        assert rule["alert"] in runbook, "every alert says what to do"
