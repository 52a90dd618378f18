"""What belongs to an application stays with it when a second one is made in the same process."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from flask import Flask
from sqlalchemy.orm import Session

from config import Settings
from helpline import clock
from helpline.db import db
from helpline.domain.unreadable import is_unreadable
from helpline.hours import queries as hours_queries
from helpline.i18n import catalogs, published_overrides
from helpline.messaging import sms
from helpline.privacy.encryption import EncryptedText, link_token, phone_hash
from helpline.text_overrides.service import published_path
from helpline.web import db_bulkhead, inbound_fallback, page_cache, rate_limits
from tests.cast import KAVITA
from tests.conftest import _opened
from tests.support.clock import Clock

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"])


@pytest.fixture
def another(app: Flask, make_settings: Callable[..., Settings], tmp_path: Path) -> Iterator[Flask]:
    """A second application, with other keys, rules, clock and words."""
    changes = {
        "instance_dir": tmp_path / "another",
        "field_keys": Fernet.generate_key().decode(),
        "phone_index_key": "another-phone-index-key-for-tests-alone",
        "secret_key": "another-secret-key-for-tests-and-no-more",
        "texts_enabled": True,
        "default_time_zone": "Asia/Kathmandu",
        "clock_offset_seconds": 3600,
        "twilio_base_url": "http://127.0.0.1:9",
    }
    settings = Settings(_env_file=None, **(make_settings().model_dump() | changes))
    published_overrides.publish(
        published_path(settings.published_crisis_file), {"en": {("", "today"): ("now",)}}
    )
    with _opened(settings) as second:
        yield second


def test_keys_rules_clock_and_words_are_those_of_the_application(
    app: Flask, another: Flask, at: Clock
) -> None:
    at("2026-11-23 11:00")
    column, dialect = EncryptedText(), None
    number, token = phone_hash(KAVITA.phone), link_token("a form")
    kept = column.process_bind_param("a name", dialect)  # type: ignore[arg-type]
    zone = hours_queries.plan_of(None).zone_name
    assert zone != "Asia/Kathmandu"

    with another.app_context():
        assert phone_hash(KAVITA.phone) != number
        assert link_token("a form") != token
        read = column.process_result_value(kept, dialect)  # type: ignore[arg-type]
        assert is_unreadable(read)
        assert sms.enabled(db.session())
        assert clock.now() == datetime.now(UTC) + timedelta(hours=1)
        assert clock.ahead() == timedelta(hours=1)
        assert catalogs.translations("en").ugettext("today") == "now"
        assert hours_queries.plan_of(None).zone_name == "Asia/Kathmandu"
        assert hours_queries.open_state(None, clock.now()).plan.zone_name == "Asia/Kathmandu"

    assert phone_hash(KAVITA.phone) == number
    assert link_token("a form") == token
    assert column.process_result_value(kept, dialect) == "a name"  # type: ignore[arg-type]
    assert not sms.enabled(db.session())
    assert clock.now() == datetime.now(UTC)
    assert catalogs.translations("en").ugettext("today") == "today"
    assert hours_queries.plan_of(None).zone_name == zone
    assert hours_queries.open_state(None, clock.now()).plan.zone_name == zone


def test_pages_senders_limits_and_requests_are_counted_by_application(
    app: Flask, another: Flask
) -> None:
    for words in ("of the first", "of the second", "of the first"):
        which = another if words == "of the second" else app
        with which.test_request_context():
            assert page_cache.cached_text("facts", lambda text=words: text) == words  # type: ignore[misc]
    for state in (db_bulkhead.PLACES, inbound_fallback.SENDERS):
        assert state.of(app) is not state.of(another)
    assert rate_limits.limits_of(app) is not rate_limits.limits_of(another)


def test_outside_of_any_application_there_are_no_keys_and_real_time(
    another: Flask, at: Clock
) -> None:
    import contextvars

    at("2026-11-23 11:00")

    def look() -> None:
        with pytest.raises(RuntimeError, match="keys belong to an application"):
            phone_hash(KAVITA.phone)
        assert clock.now() == datetime.now(UTC)
        assert not sms.enabled(Session())

    contextvars.Context().run(look)
