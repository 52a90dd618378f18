"""A log line says what is on a list, and nothing of a person, whoever writes it."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from flask import Flask

from helpline import log_config
from tests.support.web import Client


@pytest.fixture
def lines() -> Iterator[Any]:
    """Everything logged, as a process writes it at its most talkative."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    levels = {name: logging.getLogger(name).level for name in log_config._LIBRARY_LEVELS}
    stream = io.StringIO()
    log_config.install(level="debug", readable=False, stream=stream)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.handlers[:] = before
    root.setLevel(level)
    for name, was in levels.items():
        logging.getLogger(name).setLevel(was)


def test_what_is_not_on_the_list_is_dropped_and_numbers_are_blackened(lines: Any) -> None:
    log = structlog.stdlib.get_logger("helpline.somewhere")
    log.info("rang", callback=12, name="Kavita", phone="+919876500001", code=21211)
    log.warning("of +91 98765 00001", problem="98765-00001 said no", call="CA" + "0" * 32)
    log.info("strange", callback=919876500001, staff={"id": 7}, count=None)

    first, second, third = lines()
    assert first["at"].endswith("Z")
    assert {name: first[name] for name in first if name != "at"} == {
        "event": "rang",
        "level": "info",
        "logger": "helpline.somewhere",
        "callback": 12,
        "code": 21211,
        "left_out": ["name", "phone"],
    }
    assert (second["event"], second["problem"]) == ("of …", "… said no")
    assert second["call"] == "CA" + "0" * 32, "the carrier's id is none"
    assert (third["callback"], third["left_out"], third["count"]) == ("…", ["staff"], None)


def test_of_a_library_only_its_own_words_stay(lines: Any) -> None:
    library = logging.getLogger("somebodys.library")
    library.debug("POST %s with %s took %d ms", "/request/secret", {"note": "secret"}, 12)
    library.info("GET /request/AbCdEfGhIjKlMnOpQrStUv?x done for +91 98765 00001")
    library.warning("%(who)s failed", {"who": "secret"})
    logging.getLogger("urllib3.connectionpool").debug("secret")
    logging.getLogger("werkzeug").info("secret")
    logging.getLogger("gunicorn.access").info("secret")
    assert [each["event"] for each in lines()] == [
        "POST … with … took 12 ms",
        "GET /request/…?x done for …",
        "… failed",
    ]
    assert log_config._format_message("odd %d", ("secret",)) == "odd %d"


def test_an_error_is_told_by_its_kind_and_place(lines: Any) -> None:
    try:
        raise ValueError("Key (phone)=(secret) already exists")
    except ValueError:
        structlog.stdlib.get_logger("helpline.x").exception("worker job failed")
        logging.getLogger("library").exception("it broke: %s", "secret")
    for told in lines():
        assert told["error"] == "ValueError"
        assert told["frames"][-1].startswith("tests/privacy/test_logs.py:")
        assert "secret" not in json.dumps(told)


def test_a_person_at_a_terminal_reads_plain_lines() -> None:
    stream = io.StringIO()
    root = logging.getLogger()
    before = root.handlers[:], root.level
    log_config.install(level="info", readable=True, stream=stream)
    structlog.stdlib.get_logger("helpline.x").info("rang", callback=12, name="Kavita")
    root.handlers[:] = before[0]
    root.setLevel(before[1])
    assert "rang" in stream.getvalue()
    assert "callback=12" in stream.getvalue()
    assert "Kavita" not in stream.getvalue()


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_request_has_an_id_and_a_line_without_its_address(
    app: Flask, client: Client, lines: Any
) -> None:
    given = "0123456789abcdef-0123"
    answer = client.get("/request/not-a-link", headers={"X-Request-ID": given})
    assert answer.headers["X-Request-ID"] == given
    (told,) = [each for each in lines() if each["event"] == "request"]
    assert (told["endpoint"], told["status"], told["method"]) == ("visitor.status", 404, "GET")
    assert told["request_id"] == given
    assert "not-a-link" not in json.dumps(lines())
    for not_one in ("Kavita", "98765000019876500001", "a" * 65, "abc", "../../aaaaaaaaaaaaaaaaaa"):
        made = client.get("/", headers={"X-Request-ID": not_one}).headers["X-Request-ID"]
        assert made != not_one
        assert len(made) == 32
