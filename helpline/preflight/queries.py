"""Queries of the latest findings."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from helpline.preflight.checks import Check, Finding
from helpline.preflight.models import PreflightReport


def latest_findings(session: Session, *, exclude: Check) -> tuple[datetime | None, list[Finding]]:
    """Return when the last run was, and its findings.

    Args:
        exclude: a check to leave out, because the caller has a newer result.
    """
    report = session.get(PreflightReport, 1)
    if report is None or report.found_at is None:
        return None, []
    findings = [Finding.from_data(finding) for finding in report.findings]
    return report.found_at, [finding for finding in findings if finding.check != exclude]
