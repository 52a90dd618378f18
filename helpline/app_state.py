"""Values that belong to one application, for code that runs on its behalf and is not handed them.

Two applications of one process (a test's, a command's beside a server's) have their own each.
"""

from __future__ import annotations

from typing import Generic, TypeVar, cast

from flask import Flask, current_app

T = TypeVar("T")


class AppState(Generic[T]):
    """A value of the current application.

    Args:
        name: names it among the extensions of the application.
    """

    def __init__(self, name: str) -> None:
        self._name = f"helpline-{name}"

    def install(self, app: Flask, value: T) -> None:
        """Give an application its value; it replaces the one before."""
        app.extensions[self._name] = value

    def get(self) -> T | None:
        """Return the value of the current application; None outside of any."""
        return cast("T | None", current_app.extensions.get(self._name)) if current_app else None
