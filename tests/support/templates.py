"""Templates are compiled once a test process, however many applications read them."""

from __future__ import annotations

from types import CodeType

from jinja2 import BytecodeCache
from jinja2.bccache import Bucket


class CompiledTemplates(BytecodeCache):
    """What Jinja made of each template, by name and text: a changed text is compiled anew."""

    def __init__(self) -> None:
        self._compiled: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Gives what is known."""
        bucket.code = self._compiled.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keeps what was made."""
        if bucket.code is not None:
            self._compiled[bucket.key, bucket.checksum] = bucket.code
