"""What every application of a test process would make anew, made once.

Each test has an application of its own. What costs the most in making one is the same in all of
them: compiled templates, compiled SQL, compiled URL rules.
"""

from __future__ import annotations

from functools import cache
from types import CodeType
from typing import Any

import sqlalchemy as sa
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from sqlalchemy import event

from tests.support.url_map import UrlMap, shared_rule


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


class Engines:
    """Engines that are lent to one application after another, with the SQL they have compiled.

    Nothing else goes from one to the next: the connections are closed in between, and new ones
    lead to the database of whoever has the engine.
    """

    def __init__(self) -> None:
        self._free: dict[str, list[sa.Engine]] = {}

    def lend(self, options: dict[str, Any]) -> sa.Engine:
        """An engine as Flask-SQLAlchemy would make it of these options."""
        url = sa.make_url(options["url"])
        kind = repr((url.drivername, sorted({**options, "url": ""}.items(), key=str)))
        free = self._free.setdefault(kind, [])
        engine = free.pop() if free else self._new(options)
        engine.url = url
        engine.lent_from = free  # type: ignore[attr-defined]
        return engine

    def take_back(self, engine: sa.Engine) -> None:
        """Closes its connections; the next may have it."""
        engine.dispose()
        engine.lent_from.append(engine)  # type: ignore[attr-defined]

    def _new(self, options: dict[str, Any]) -> sa.Engine:
        engine = sa.engine_from_config(options, prefix="")
        _, first = engine.dialect.create_connect_args(engine.url)

        @event.listens_for(engine, "do_connect")
        def to_its_database(dialect: sa.Dialect, record: Any, cargs: Any, cparams: Any) -> Any:
            record.info["leads to"] = url = engine.url
            where, named = dialect.create_connect_args(url)
            always = {name: value for name, value in cparams.items() if name not in first}
            return dialect.connect(*where, **(always | named))

        @event.listens_for(engine, "checkout")
        def not_to_that_of_another(_connection: Any, record: Any, _proxy: Any) -> None:
            """A thread of the application before, late, may have connected in between."""
            if record.info["leads to"] is not engine.url:
                raise sa.exc.DisconnectionError("it leads to another test's database")

        return engine


COMPILED = CompiledTemplates()
ENGINES = Engines()


@cache
def prepare(db: SQLAlchemy) -> None:
    """Before the first application: engines are lent, and URL rules shared."""
    Flask.url_map_class = UrlMap
    Flask.url_rule_class = staticmethod(shared_rule)  # type: ignore[assignment]
    db._make_engine = lambda _key, options, _app: ENGINES.lend(options)


def use_cheap_password_hashes(app: Flask) -> None:
    """Make password hashes as strong as passwords of tests need."""
    app.extensions["security"].pwd_context.update(
        argon2__time_cost=1, argon2__memory_cost=64, argon2__parallelism=1
    )


def give_back(db: SQLAlchemy, app: Flask) -> None:
    """The application is done with its engine."""
    with app.app_context():
        ENGINES.take_back(db.engine)
