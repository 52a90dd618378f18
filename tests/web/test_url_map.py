"""URL rules, which applications of one process share once they are compiled."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from config import Settings
from helpline.factory import create_app

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"])


def test_equal_applications_compile_their_rules_once(app: Flask, settings: Settings) -> None:
    second = create_app(settings)

    assert second.url_map.bind("localhost").map is app.url_map.bind("localhost").map


def test_applications_in_other_languages_have_rules_of_their_own(
    app: Flask, make_settings: Callable[..., Settings]
) -> None:
    english = create_app(make_settings(site_languages="en"))

    assert app.url_map.bind("localhost").test("/hi/crisis")
    assert not english.url_map.bind("localhost").test("/hi/crisis")


def test_rule_added_after_the_first_request_is_served_by_that_application_only(
    app: Flask, settings: Settings
) -> None:
    other = create_app(settings)
    assert not other.url_map.bind("localhost").test("/late")

    app.add_url_rule("/late", "late", methods=["GET"])

    assert app.url_map.bind("localhost").test("/late")
    assert app.url_map.bind("localhost").build("late") == "/late"
    assert not other.url_map.bind("localhost").test("/late")
