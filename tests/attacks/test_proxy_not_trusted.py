"""A proxy in front that nobody told us of: all its visitors would share one limit."""

from __future__ import annotations

import pytest
from flask import Flask

from helpline.preflight.checks import FindingCode
from helpline.worker import preflight_job
from tests.support.clock import Clock
from tests.support.web import Client

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"])
FORWARDED = {"X-Forwarded-For": "198.51.100.7"}
LOGGED = "no proxy is trusted"


def test_x_forwarded_for_from_a_proxy_that_is_not_trusted_is_said_once(
    app: Flask, client: Client, at: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    at("2026-11-23 12:00")
    client.get("/crisis")
    assert FindingCode.PROXY_NOT_TRUSTED not in [each.code for each in preflight_job.run_checks()]
    for _request in range(3):
        client.get("/crisis", headers=FORWARDED).close()
    assert caplog.text.count(LOGGED) == 1
    assert "198.51.100.7" not in caplog.text
    assert FindingCode.PROXY_NOT_TRUSTED in [each.code for each in preflight_job.run_checks()]
    at.later(days=3)
    assert FindingCode.PROXY_NOT_TRUSTED not in [each.code for each in preflight_job.run_checks()]


@pytest.mark.settings(trusted_proxies=1)
def test_nothing_is_said_of_a_proxy_that_is_trusted(
    app: Flask, client: Client, at: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    at("2026-11-23 12:00")
    client.get("/crisis", headers=FORWARDED).close()
    assert LOGGED not in caplog.text
    assert FindingCode.PROXY_NOT_TRUSTED not in [each.code for each in preflight_job.run_checks()]
