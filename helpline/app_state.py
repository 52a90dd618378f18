"""Values of one application, for code that runs on its behalf without being passed them.

Two applications in one process, such as a test's and a command's, each have their own.
"""

from __future__ import annotations

from typing import Generic, TypeVar, cast

from flask import Flask, current_app

T = TypeVar("T")


class AppState(Generic[T]):
    """A value of the current application, by a key among its extensions.

    Args:
        name: what the value is, in the plural.
        outside: the value outside of any application; None where there is none.
    """

    def __init__(self, name: str, outside: T | None = None) -> None:
        self._name, self._key, self._outside = name, f"helpline-{name}", outside

    def install(self, app: Flask, value: T) -> None:
        app.extensions[self._key] = value

    def of(self, app: Flask) -> T:
        return cast(T, app.extensions[self._key])

    def get(self) -> T:
        """Return the value of the current application, or else that outside of any.

        Raises:
            RuntimeError: there is neither.
        """
        value = current_app.extensions.get(self._key) if current_app else self._outside
        if value is None:
            raise RuntimeError(f"{self._name} belong to an application, and there is none here")
        return cast(T, value)
