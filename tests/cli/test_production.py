"""Production does not start with what is for trying things out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from config import Settings
from tests.support.settings import IN_PRODUCTION, SECRETS

FINE: dict[str, Any] = {
    **SECRETS,
    "environment": "production",
    "helpline_number": IN_PRODUCTION,
    "public_url": "https://help.kiran.in",
}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"second_factor": "off"}, "HELPLINE_SECOND_FACTOR must be all or admins"),
        ({"session_hours": 25}, "24 or less"),
        ({"clock_offset_seconds": 5}, "simulated clock cannot be used"),
        ({"secret_key": "x" * 40}, "HELPLINE_SECRET_KEY must be random"),
        ({"clock_speed": 2}, "simulated clock cannot be used"),
        ({"phone_index_key": "please-change-me-" * 3}, "HELPLINE_PHONE_INDEX_KEY must be random"),
        ({"password_salt": "short"}, "HELPLINE_PASSWORD_SALT needs at least 16"),
    ],
)
def test_what_is_unsafe_is_refused_by_name(
    change: dict[str, Any], words: str, tmp_path: Path
) -> None:
    with pytest.raises(ValueError, match=words):
        Settings(_env_file=None, instance_dir=tmp_path, **(FINE | change))
    assert Settings(_env_file=None, instance_dir=tmp_path, **FINE).second_factor == "all"


def test_an_instance_with_demo_staff_is_not_taken_to_production(tmp_path: Path) -> None:
    (tmp_path / "demo_staff.txt").write_text("admin\tmeera@helpline.example\tshown-on-a-screen")
    with pytest.raises(ValueError, match="own instance folder and database"):
        Settings(_env_file=None, instance_dir=tmp_path, **FINE)
    developing = FINE | {"environment": "development"}
    assert Settings(_env_file=None, instance_dir=tmp_path, **developing)
