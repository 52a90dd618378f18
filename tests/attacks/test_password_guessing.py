"""Guessing at one name's password from as many networks as one likes."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests import factories
from tests.cast import ASHA
from tests.support.clock import Clock
from tests.support.web import Client
from tests.web.test_sign_in import type_in


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_sixty_passwords_from_sixty_networks_are_not_all_looked_at(
    client: Client, new_client: Callable[[], Client], at: Clock
) -> None:
    at("2026-11-23 11:00")
    factories.staff(ASHA)
    thief = new_client()
    looked_at = sum(
        type_in(thief, ASHA.email, f"guess {n}", f"2001:db8:{n:x}::1").status_code == 422
        for n in range(60)
    )
    assert looked_at == 20
    # A whole day of it, each as soon as it may: about a hundred more.
    for _minute in range(24 * 4):
        at.later(minutes=15)
        looked_at += type_in(thief, ASHA.email, "guess", "203.0.113.9").status_code == 422
    assert looked_at < 130


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_one_password_for_many_names_is_slowed_by_the_wider_network(
    client: Client, new_client: Callable[[], Client], at: Clock
) -> None:
    at("2026-11-23 11:00")
    thief = new_client()
    looked_at = sum(
        type_in(thief, f"name{n}@example.org", "guess", f"2001:db8:0:{n:x}::1").status_code == 422
        for n in range(60)
    )
    assert looked_at == 50, "these /64 are of one /56"
