"""What a request reads from the database more than once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.engine import Engine

from tests.support.sql_recorder import listening


@contextmanager
def repeated_reads(engine: Engine) -> Iterator[list[str]]:
    """The SELECT statements that are executed again meanwhile, with the same parameters."""
    repeated: list[str] = []
    with listening(engine) as statements:
        yield repeated
    reads = Counter(
        (text, repr(params)) for text, params in statements if text.lstrip().startswith("SELECT")
    )
    repeated += [text for (text, _params), count in reads.items() if count > 1]
