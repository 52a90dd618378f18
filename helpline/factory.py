"""The application factory: with pages, or without them in half the time."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from pathlib import Path

import sqlalchemy as sa
import structlog
from flask import Flask
from sqlalchemy.orm import Session

from config import InvalidSettings, Settings
from helpline import atomic_files, clock, log_config
from helpline.callbacks.phone_limits import models as _phone_limits
from helpline.callbacks.set_aside import models as _set_aside
from helpline.calls import models as _calls
from helpline.calls.supervision import models as _supervision
from helpline.current import AppServices
from helpline.db import SQLITE_ENDINGS, db
from helpline.directory.crisis import models as _crisis
from helpline.directory.referrals import models as _referrals
from helpline.hours import models as _hours
from helpline.hours import queries as hours_queries
from helpline.i18n import published_overrides
from helpline.messaging import sms
from helpline.messaging.webhooks import models as _webhooks
from helpline.migration import FOLDER
from helpline.policy import service_profile
from helpline.privacy.encryption import install_keys
from helpline.staff import passwords
from helpline.staff.invitations import models as _invitations
from helpline.staff.login_throttle import models as _login_throttle
from helpline.staff.password_links import models as _password_links
from helpline.staff.sessions import models as _sessions
from helpline.staff.two_factor import models as _two_factor
from helpline.telephony import adapters, carrier_routes
from helpline.telephony.port import Carrier
from helpline.text_overrides import models as _text_overrides
from helpline.text_overrides import service as text_override_service
from helpline.web import db_bulkhead
from helpline.web.request_context import UNWRITTEN, UnwrittenFiles
from helpline.websites import models as _websites

log: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(__name__)

ALL_MODELS = (
    _calls,
    _referrals,
    _crisis,
    _supervision,
    _hours,
    _invitations,
    _phone_limits,
    _password_links,
    _set_aside,
    _text_overrides,
    _two_factor,
    _sessions,
    _login_throttle,
    _webhooks,
    _websites,
)
_MAX_REQUEST_BYTES = 64 * 1024


def create_app(settings: Settings) -> Flask:
    """Create the application; the environment is not read here."""
    from helpline.web import pages  # noqa: PLC0415 slow

    app = create_base_app(settings)
    pages.add_pages(app)
    return app


def create_base_app(settings: Settings) -> Flask:
    """Create the application without pages, for commands and workers."""
    app = Flask(
        "helpline",
        template_folder=str(FOLDER.with_name("templates")),
        instance_path=str(settings.instance_dir.resolve()),
    )
    app.config.update(_flask_config(settings))
    log_config.configure()
    try:
        _restrict_permissions(settings)
    except OSError:  # Without the folder visitors see the built-in crisis lines.
        log.exception("instance folder is not usable")
    _install_state(app, settings)
    return app


def _sends_texts(settings: Settings, session: Session) -> bool:
    """What an admin decided; the setting until then."""
    decided = service_profile.sends_texts(session)
    return settings.texts_enabled if decided is None else decided


def _install_state(app: Flask, settings: Settings) -> None:
    """Give the application all that is its own: two in one process share nothing."""
    services = AppServices(settings, carriers_of(settings), adapters.webhooks_of(settings))
    app.extensions["helpline"] = services
    carrier_routes.install(
        app, {name: carrier.caller_id for name, carrier in services.carriers.items()}
    )
    clock.install(app, settings.clock_offset_seconds, speed=settings.clock_speed)
    install_keys(
        app,
        [key.get_secret_value() for key in settings.field_keys],
        settings.phone_index_key.get_secret_value(),
        settings.secret_key.get_secret_value(),
    )
    hours_queries.DEFAULT_ZONE.install(app, settings.default_time_zone)
    is_on = partial(_sends_texts, settings) if settings.has_carrier else None
    sms.install(app, sms.SmsSettings(is_on, settings.most_texts_a_day))
    published_overrides.install(
        app, text_override_service.published_path(settings.published_crisis_file)
    )
    UNWRITTEN.install(app, UnwrittenFiles())
    db_bulkhead.install(app)
    # A request is counted until it has closed its session: teardown runs from last to first.
    app.teardown_appcontext(db_bulkhead.leave)
    db.init_app(app)


def _restrict_permissions(settings: Settings) -> None:
    """Only the owner reads the data. SQLite gives its log and index the mode of the database
    file.
    """
    atomic_files.make_private_folder(settings.instance_dir)
    url = sa.make_url(settings.sqlalchemy_url)
    if url.get_backend_name() == "sqlite" and url.database and url.database != ":memory:":
        database = Path(url.database)
        if database.parent.exists():
            atomic_files.make_private_file(database)
        for ending in SQLITE_ENDINGS:
            atomic_files.restrict_permissions(database.with_name(database.name + ending))


def carriers_of(settings: Settings) -> dict[str, Carrier]:
    """Return the carriers of the settings, by name.

    Raises:
        click.ClickException: the package of one is not installed.
    """
    try:
        return adapters.carriers_of(settings)
    except adapters.PackageMissing as error:
        raise InvalidSettings(str(error)) from error


def _flask_config(settings: Settings) -> dict[str, object]:
    https = settings.public_url.startswith("https://")
    return {
        "SECRET_KEY": settings.secret_key.get_secret_value(),
        "SQLALCHEMY_DATABASE_URI": settings.sqlalchemy_url,
        # No values in database errors.
        "SQLALCHEMY_ENGINE_OPTIONS": {
            "hide_parameters": True,
            **db_bulkhead.engine_options(settings.sqlalchemy_url),
        },
        # Responses are compressed by web/static_files.
        "COMPRESS_REGISTER": False,
        "COMPRESS_ALGORITHM": ["br", "gzip"],
        "COMPRESS_ALGORITHM_STREAMING": ["br", "gzip"],
        "COMPRESS_BR_LEVEL": 5,
        "COMPRESS_MIN_SIZE": 300,
        "MAX_CONTENT_LENGTH": _MAX_REQUEST_BYTES,
        "SESSION_COOKIE_SECURE": https,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_NAME": "__Host-session" if https else "session",
        "PERMANENT_SESSION_LIFETIME": timedelta(hours=settings.session_hours),
        "WTF_CSRF_TIME_LIMIT": None,
        "SECURITY_PASSWORD_SALT": settings.password_salt.get_secret_value(),
        "SECURITY_PASSWORD_HASH": "argon2",
        "SECURITY_POST_LOGIN_VIEW": "/staff",
        "SECURITY_POST_LOGOUT_VIEW": "/login",
        "SECURITY_MSG_GENERIC_AUTHN_FAILED": (
            "Email or password is incorrect. Try again.",
            "error",
        ),
        "SECURITY_RETURN_GENERIC_RESPONSES": True,
        "SECURITY_EMAIL_VALIDATOR_ARGS": {"check_deliverability": False},
        "SECURITY_SEND_REGISTER_EMAIL": False,
        "SECURITY_DEFAULT_REMEMBER_ME": False,
        "SECURITY_STATIC_FOLDER": None,
        "SECURITY_CACHE_CONTROL": None,  # Ours is stricter; see web/access.
        "SECURITY_UNAUTHORIZED_VIEW": None,
        "SECURITY_PASSWORD_LENGTH_MIN": passwords.MIN_LENGTH,
        "SECURITY_PASSWORD_NORMALIZE_FORM": passwords.UNICODE_FORM,
    }
