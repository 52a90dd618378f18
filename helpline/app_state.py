"""Values of one application, for code that runs on its behalf without being passed them.

Two applications in one process, such as a test's and a command's, each have their own.
"""

from __future__ import annotations

from typing import Generic, TypeVar, cast

from flask import Flask, current_app

T = TypeVar("T")


class AppState(Generic[T]):
    """A value of the current application, by a key among its extensions."""

    def __init__(self, name: str) -> None:
        self._name = f"helpline-{name}"

    def install(self, app: Flask, value: T) -> None:
        app.extensions[self._name] = value

    def get(self) -> T | None:
        """Return the value of the current application; None outside an application context."""
        return cast("T | None", current_app.extensions.get(self._name)) if current_app else None
