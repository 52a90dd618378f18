"""Which passwords are refused, and why."""

from __future__ import annotations

import pytest

from helpline.staff.passwords import Weakness, weakness

ABOUT = ("Asha Menon", "asha.menon@example.org", "Night Helpline")


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("", Weakness.SHORT),
        ("kettle moss", Weakness.SHORT),
        ("x" * 201, Weakness.LONG),
        ("password1234", Weakness.COMMON),
        ("P@ssw0rd2026!", Weakness.COMMON),
        ("passwordpassword", Weakness.COMMON),
        ("123456789012", Weakness.COMMON),
        ("qwertyuiop123", Weakness.COMMON),
        ("abababababab", Weakness.COMMON),
        ("Administrator1", Weakness.COMMON),
        ("2026helpline!!", Weakness.ABOUT_YOU),
        ("P4ssw0rd2026!!", Weakness.COMMON),
        ("Summer2026!!!!", Weakness.COMMON),
        ("waheguru2026!!", Weakness.COMMON),
        ("AshaMenon2026", Weakness.ABOUT_YOU),
        ("asha.menon@example.org", Weakness.ABOUT_YOU),
        ("nighthelpline99", Weakness.ABOUT_YOU),
        ("kettle moss lantern", None),
        ("4@8({[<369&#!1|0$5+7%2" * 9, None),
        ("tk3-vvQ9_xpLw2", None),
        ("नमस्ते दुनिया के लोग", None),
    ],
)
def test_a_password_is_long_and_none_that_is_tried_first(
    password: str, why: Weakness | None
) -> None:
    assert weakness(password, ABOUT) == why
