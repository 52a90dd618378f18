"""How long to wait after wrong passwords."""

from __future__ import annotations

from datetime import timedelta

from helpline.domain.login_backoff import ACCOUNT, ACCOUNT_AND_ADDRESS, NETWORK, WIDE_NETWORK


def test_a_guesser_is_slowed_to_a_few_tries_an_hour() -> None:
    waits = [ACCOUNT_AND_ADDRESS.wait(wrong).total_seconds() for wrong in range(17)]
    assert waits == [0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]
    assert ACCOUNT_AND_ADDRESS.wait(10**9) == timedelta(minutes=15)


def test_guesses_at_one_name_are_bounded_whatever_the_addresses() -> None:
    assert not ACCOUNT.wait(ACCOUNT.free - 1)
    assert ACCOUNT.wait(10**9) == timedelta(minutes=15)


def test_a_busy_network_waits_a_minute_at_most() -> None:
    for pace in (NETWORK, WIDE_NETWORK):
        assert not pace.wait(pace.free - 1)
        assert pace.wait(10**9) == timedelta(minutes=1)
