"""Liveness, readiness and metrics."""

from __future__ import annotations

import contextvars
import hmac
from dataclasses import replace

from flask import Blueprint, Response, abort, current_app, request, url_for
from flask.typing import ResponseReturnValue
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from werkzeug.test import EnvironBuilder, run_wsgi_app

from helpline import __version__, clock
from helpline.current import settings
from helpline.db import db
from helpline.messaging.queries import last_heartbeat
from helpline.migration import is_newest_or_later
from helpline.privacy import key_check
from helpline.reports.gauges import WORKER_SILENT_AFTER
from helpline.web import db_bulkhead, instance_report, metrics, republish
from helpline.web.access import ANYONE, allow
from helpline.web.request_context import directory

health = Blueprint("health", __name__)
_FORWARDED = "X-Forwarded-For"


@health.get("/healthz")
@allow(ANYONE)
def alive() -> ResponseReturnValue:
    """Liveness, for load balancers: a visitor page works without a worker, the crisis page without
    a database.
    """
    return {"alive": True, "version": __version__}


@health.get("/readyz")
@allow(ANYONE)
def ready() -> ResponseReturnValue:
    """Readiness: crisis page, database, keys, migrations, worker, and whether this process is up to
    date with the database; 503 names what is not.
    """
    parts = ("crisis_page", "database", "keys", "migrations", "published", "worker")
    checks = dict.fromkeys(parts, False)
    checks["crisis_page"] = _crisis_page_shows()
    db_bulkhead.without_check()
    try:
        session = db.session()
        checks["migrations"] = is_newest_or_later(session.connection())
        checks["database"] = True
        checks["keys"] = _keys_are_right(session)
        checks["published"] = republish.is_current(session)
        beat = last_heartbeat(session)
        checks["worker"] = beat is not None and beat >= clock.now() - WORKER_SILENT_AFTER
    except SQLAlchemyError:
        db.session.rollback()
    is_ready = all(checks.values())
    return {"ready": is_ready, **checks}, 200 if is_ready else 503


@health.get("/metrics")
@allow(ANYONE)
def measured() -> ResponseReturnValue:
    """Prometheus metrics, for holders of the operator's token."""
    token = settings().metrics_token.get_secret_value()
    if not token:
        abort(404)
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not hmac.compare_digest(given.encode(), token.encode()):
        return Response(status=401, headers={"WWW-Authenticate": "Bearer"})
    return Response(metrics.render_metrics(), content_type=CONTENT_TYPE_PLAIN_0_0_4)


@health.get(instance_report.PATH)
@allow(ANYONE)
def instance() -> ResponseReturnValue:
    """Settings of this process, for ``flask helpline doctor`` with the same secret key."""
    question = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not instance_report.is_signed_question(question):
        abort(404)
    report = replace(
        instance_report.of_this_process(),
        client=request.remote_addr or "",
        scheme=request.scheme,
        forwarded_for=[
            part.strip() for part in request.headers.get(_FORWARDED, "").split(",") if part.strip()
        ],
    )
    return Response(instance_report.sign_answer(report), content_type="text/plain")


def _keys_are_right(session: Session) -> bool:
    try:
        key_check.check(session.connection())
    except key_check.WrongKeys:
        return False
    return True


def _crisis_page_shows() -> bool:
    """Whether the whole application serves the emergency number on the crisis page."""
    environ = EnvironBuilder(
        path=url_for("visitor.crisis"), base_url=settings().public_url
    ).get_environ()
    number = directory().emergency(settings().default_region).tel or ""
    # In a context of its own, so that nothing of the one request is seen by the other.
    body, status, _ = contextvars.Context().run(
        run_wsgi_app, current_app.wsgi_app, environ, buffered=True
    )
    return status.startswith("200") and f'"tel:{number}"'.encode() in b"".join(body)
