"""Clients generated from the API's description, in Python and in TypeScript, play a request."""

from __future__ import annotations

import importlib
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask

from tests import factories
from tests.browser.website import Website, website
from tests.support.web import Client

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"])

FOLDER = Path(__file__).parent
MODULES = FOLDER / "node_modules"
NODE = shutil.which("node")
NAME = "helpline_client"


@pytest.fixture
def helpline(app: Flask) -> Iterator[Website]:
    with website(app) as served:
        served.at("2026-11-23 12:00")
        yield served


@pytest.fixture
def description(client: Client, tmp_path: Path) -> Path:
    """The API's description, in a file."""
    file = tmp_path / "openapi.json"
    file.write_text(client.get("/api/v1/openapi.json").text, encoding="utf-8")
    return file


def _run(*command: str | Path, folder: Path) -> str:
    done = subprocess.run(
        [str(part) for part in command],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_python_client_asks_looks_moves_and_cancels(
    helpline: Website, description: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "config.json"
    config.write_text(json.dumps({"package_name_override": NAME, "post_hooks": []}))
    command = (sys.executable, "-m", "openapi_python_client", "generate", "--meta", "none")
    paths = ("--path", description, "--config", config, "--output-path", tmp_path / NAME)
    written = _run(*command, *paths, "--fail-on-warning", folder=tmp_path)
    assert "Warning" not in written

    monkeypatch.syspath_prepend(str(tmp_path))
    models, types = (_made(each) for each in ("models", "types"))
    anyone = _made("client").Client(base_url=helpline.url)
    body = models.Ask(phone="98765 43210", consent=True, slot_at=None, name="Kavita", note=None)
    asked = _made("api.api.request_callback").sync(
        client=anyone, body=body, idempotency_key=str(uuid4())
    )
    assert isinstance(asked, models.Asked)
    assert factories.by_token(asked.token).name == "Kavita"

    holder = _made("client").AuthenticatedClient(base_url=helpline.url, token=asked.token)
    looked = _made("api.api.get_callback").sync(client=holder)
    assert (looked.status, looked.rings_from) == ("waiting", "+91 11 4000 0000")
    offered = _made("api.api.list_slots").sync(client=anyone)
    wanted = next(slot.starts_at for slot in offered.slots if not slot.full)
    moving = _made("api.api.reschedule_callback")
    moved = moving.sync(client=holder, body=models.Move(slot_at=wanted, call_until=types.UNSET))
    assert moved.slot_at == wanted
    assert _made("api.api.cancel_callback").sync(client=holder).status == "cancelled"
    too_late = moving.sync(client=holder, body=models.Move(slot_at=None))
    assert isinstance(too_late, models.Problem)
    assert too_late.type_ == "/api/v1/#overtaken"


def _made(module: str) -> Any:
    return importlib.import_module(f"{NAME}.{module}")


@pytest.mark.skipif(
    NODE is None or not MODULES.is_dir(), reason="needs npm ci --prefix tests/api_clients"
)
def test_a_typescript_client_asks_looks_moves_and_cancels(
    helpline: Website, description: Path, tmp_path: Path
) -> None:
    assert NODE is not None
    (tmp_path / "node_modules").symlink_to(MODULES)
    for name in ("play.ts", "package.json"):
        shutil.copy(FOLDER / name, tmp_path)
    generator = MODULES / "openapi-typescript" / "bin" / "cli.js"
    _run(NODE, generator, description, "--output", "api.d.ts", folder=tmp_path)
    compiler = MODULES / "typescript" / "bin" / "tsc"
    options = ("--strict", "--module", "nodenext", "--target", "es2022", "--skipLibCheck")
    _run(NODE, compiler, *options, "play.ts", folder=tmp_path)
    told = json.loads(_run(NODE, "play.js", helpline.url, folder=tmp_path))
    assert factories.by_token(told["token"]).name == "Kavita"
    assert (told["looked"], told["cancelled"]) == ("waiting", "cancelled")
    assert told["moved"] == told["wanted"] is not None
    assert told["too_late"] == "/api/v1/#overtaken"
