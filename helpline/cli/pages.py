"""The pages of the application, for the commands that need them."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from flask import current_app
from flask.cli import with_appcontext

P = ParamSpec("P")
T = TypeVar("T")


def with_pages(command: Callable[P, T]) -> Callable[P, T]:
    """Run a command in the context of the application, with its pages and their texts."""

    @with_appcontext
    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> T:
        from helpline.web import pages  # noqa: PLC0415 slow

        pages.add_pages(current_app._get_current_object())  # type: ignore[attr-defined]
        return command(*args, **kwargs)

    return run
