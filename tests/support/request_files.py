"""Which files of the service a request runs through."""

from __future__ import annotations

import inspect
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from config import ROOT

_SERVICE = f"{ROOT / 'helpline'}/"


@contextmanager
def files_run() -> Iterator[set[str]]:
    """Collect the files of helpline/ whose functions run inside the block, in this thread and in
    those that begin there. A module that is merely imported does not count.
    """
    files: set[str] = set()

    def note(frame: FrameType, event: str, _argument: Any) -> None:
        code = frame.f_code
        is_function = code.co_flags & inspect.CO_OPTIMIZED  # The body of a module or class is not.
        if event == "call" and is_function and code.co_filename.startswith(_SERVICE):
            files.add(code.co_filename.removeprefix(_SERVICE))

    threading.setprofile(note)
    sys.setprofile(note)
    try:
        yield files
    finally:
        sys.setprofile(None)
        threading.setprofile(None)  # type: ignore[arg-type]
