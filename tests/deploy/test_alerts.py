"""Alert rules, their tests, and the dashboard use metrics, pages and runbooks that exist."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from typing import Any

import pytest
import yaml
from flask import Flask

from config import ROOT
from helpline import clock
from helpline.messaging import service as messages
from tests.support.web import Client

DEPLOY = ROOT / "deploy"
TOKEN = "a-token-of-the-operator"
_METRIC = re.compile(r"\bhelpline_[a-z_]+")
_ENDPOINTS = re.compile(r'endpoint(=~?|!~)"([^"]+)"')
need_promtool = pytest.mark.skipif(
    shutil.which("promtool") is None, reason="promtool is not installed: apt-get install prometheus"
)


def rules() -> list[dict[str, Any]]:
    groups = yaml.safe_load((DEPLOY / "alerts.yml").read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


def series_of_tests() -> list[str]:
    tests = yaml.safe_load((DEPLOY / "alerts_test.yml").read_text())["tests"]
    return [series["series"] for test in tests for series in test["input_series"]]


def panels() -> list[str]:
    found = json.loads((DEPLOY / "grafana.json").read_text())["panels"]
    return [target["expr"] for panel in found for target in panel["targets"]]


@pytest.mark.settings(metrics_token=TOKEN)
@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_every_metric_of_rules_tests_and_dashboard_is_exposed(app: Flask, client: Client) -> None:
    messages.record_heartbeat("one", now=clock.now())
    text = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).text
    families = re.findall(r"^# TYPE (helpline_\S+)", text, re.MULTILINE)
    expressions = [rule["expr"] for rule in rules()] + series_of_tests() + panels()
    used = {name for expression in expressions for name in _METRIC.findall(expression)}
    assert used
    assert {re.sub("_(bucket|count|sum)$", "", name) for name in used} <= set(families)


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_every_page_that_a_rule_names_exists(app: Flask) -> None:
    endpoints = {rule.endpoint for rule in app.url_map.iter_rules()}
    for expression in [rule["expr"] for rule in rules()] + series_of_tests():
        for _operator, pattern in _ENDPOINTS.findall(expression):
            # Each alternative, so that a renamed blueprint does not drop out in silence.
            group = re.fullmatch(r"\((.+)\)(.*)", pattern)
            for each in group[1].split("|") if group else [pattern]:
                alternative = each + (group[2] if group else "")
                assert any(re.fullmatch(alternative, name) for name in endpoints), alternative


def test_every_alert_has_a_summary_a_description_and_a_runbook() -> None:
    page = (ROOT / "docs" / "alerts.md").read_text()
    titles = re.findall(r"^## (.+)$", page, re.MULTILINE)
    assert titles == [rule["alert"] for rule in rules()]
    for rule in rules():
        assert rule["labels"]["severity"] in ("page", "ticket")
        assert set(rule["annotations"]) == {"summary", "description", "runbook"}
        assert rule["annotations"]["runbook"] == f"docs/alerts.md#{rule['alert'].lower()}"


def test_every_alert_fires_in_a_test_of_the_rules() -> None:
    fired = set(re.findall(r"alertname=\"(\w+)\"", (DEPLOY / "alerts_test.yml").read_text()))
    assert fired == {rule["alert"] for rule in rules()}


@need_promtool
@pytest.mark.parametrize(
    "command", [("check", "rules", "alerts.yml"), ("test", "rules", "alerts_test.yml")], ids=str
)
def test_prometheus_takes_the_rules_and_they_fire(command: tuple[str, ...]) -> None:
    done = subprocess.run(
        ["promtool", *command], cwd=DEPLOY, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
