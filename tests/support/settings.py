"""Settings for tests: secrets that are none, and a carrier that nobody answers for."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from config import Settings
from tests.cast import CARRIER_ACCOUNT, CARRIER_TOKEN, HELPLINE

NOBODY = "http://127.0.0.1:9"
_SIMULATED = re.compile(r"http://127\.0\.0\.1:\d+")
IN_PRODUCTION = "+911123456789"
SECRETS = {
    "secret_key": "a-secret-key-for-tests-and-nothing-else",
    "password_salt": "a-salt-for-tests",
    "field_keys": "dGhpcnR5LXR3byBieXRlcyBmb3IgdGVzdHMgb25seSE=",
    "phone_index_key": "a-phone-index-key-for-tests-and-nothing-else",
}

_VALIDATED: dict[str, Settings] = {}
"""Settings by what is the same in most tests: to validate them takes longer than to copy them."""


def settings_for_tests(instance_dir: Path, database_url: str, **changes: Any) -> Settings:
    """Settings of a development machine with a carrier account, at a base address that refuses.

    Args:
        instance_dir: an empty folder of the test's own.
        database_url: a migrated database of the test's own.
        changes: fields of config.Settings that the test wants otherwise.
    """
    fields: dict[str, Any] = {
        "instance_dir": instance_dir,
        "database_url": database_url,
        "environment": "development",
        "public_url": "http://localhost",
        "helpline_number": HELPLINE,
        "twilio_account_sid": CARRIER_ACCOUNT,
        "twilio_auth_token": CARRIER_TOKEN,
        "twilio_base_url": NOBODY,
        "caller_id": HELPLINE,
        "calls_per_second": 1000,
        # A test types faster than anybody; tests/web/test_limits.py sets it.
        "least_fill_seconds": 0,
        # And everybody comes from one address.
        "limit_asks_of_address": "100000/minute",
        "limit_asks_of_region": "100000/minute",
        "limit_asks_of_all": "100000/minute",
        # Signing in is tested in tests/web; elsewhere it is one step, and lasts.
        "second_factor": "off",
        "session_hours": 24 * 365,
        "session_idle_minutes": 60 * 24 * 365,
        **SECRETS,
    }
    if changes.get("environment") == "production":  # It refuses placeholders.
        fields |= {"helpline_number": IN_PRODUCTION, "caller_id": IN_PRODUCTION}
    fields |= changes
    own = {
        name: fields.pop(name)
        for name, value in list(fields.items())
        if name in ("instance_dir", "database_url")
        or (name.endswith("_base_url") and _SIMULATED.fullmatch(value))
    }
    key = f"{own['database_url'].partition(':')[0]} {sorted(own)} {sorted(fields.items())}"
    if key not in _VALIDATED:
        _VALIDATED[key] = Settings(_env_file=None, **fields, **own)
    return _VALIDATED[key].model_copy(update=own)


def environment_of(settings: Settings) -> dict[str, str]:
    """The same settings as environment variables, for a process that a test starts."""
    environment = {}
    for name in type(settings).model_fields:
        value = getattr(settings, name)
        if value is None:  # It is not set.
            continue
        parts = value if isinstance(value, tuple) else (value,)
        text = ",".join(str(_open(part)) for part in parts)
        environment["DATABASE_URL" if name == "database_url" else f"HELPLINE_{name.upper()}"] = text
    return environment


def _open(value: Any) -> Any:
    return value.get_secret_value() if hasattr(value, "get_secret_value") else value
