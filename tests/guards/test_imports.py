"""The import contracts in pyproject.toml hold, and a planted violation of each is found."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
LINT_IMPORTS = Path(sys.executable).with_name("lint-imports")
CODE = ("demosite", "helpline", "phonesim")
FILES = ("config.py", "pyproject.toml")

PLANTED = {
    "downward": ("helpline/callbacks/planted_models.py", "from helpline.calls import models"),
    "directory": (
        "helpline/directory/referrals/planted.py",
        "from helpline.directory.crisis import models",
    ),
    "strangers": ("demosite/planted.py", "from helpline import clock"),
    "phonesim": ("phonesim/texts.py", "from phonesim.exchange import Exchange"),
    "pure": ("helpline/domain/planted.py", "import sqlalchemy"),
    "flask": ("helpline/callbacks/planted.py", "import flask"),
    "carrier": ("helpline/web/planted.py", "import twilio.rest"),
    "scheduler": ("helpline/worker/planted.py", "import apscheduler"),
    "settings": ("helpline/privacy/planted.py", "import config"),
}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the code, to plant things in."""
    for name in CODE:
        shutil.copytree(
            ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__", "static")
        )
    for name in FILES:
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def contracts() -> dict[str, dict[str, Any]]:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    return {each["id"]: each for each in settings["tool"]["importlinter"]["contracts"]}


def lint(tree: Path) -> tuple[int, str]:
    done = subprocess.run(
        [LINT_IMPORTS, "--no-cache", "--no-logo"],
        cwd=tree,
        env={**os.environ, "PYTHONPATH": str(tree), "COLUMNS": "400"},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_every_import_keeps_the_rules(tree: Path) -> None:
    code, told = lint(tree)
    assert code == 0, told


def test_an_import_that_breaks_a_rule_is_caught(tree: Path) -> None:
    for path, line in PLANTED.values():
        (tree / path).write_text(f"{line}\n")
    code, told = lint(tree)
    assert code == 1
    for name, contract in contracts().items():
        assert f"{contract['name']} BROKEN" in told, f"{name} was not broken:\n{told}"


def test_every_rule_is_tried_with_a_planted_import() -> None:
    assert PLANTED.keys() == contracts().keys()


def test_every_room_has_its_floor() -> None:
    """A new folder of helpline/ cannot be forgotten in the table of floors."""
    floors = contracts()["downward"]["layers"]
    named = {room.strip(" ()") for floor in floors for room in floor.split("|")}
    top = {".".join(room.split(".")[:2]) for room in named}
    rooms = {
        f"helpline.{each.stem}"
        for each in (ROOT / "helpline").iterdir()
        if (each.is_dir() and (each / "__init__.py").exists())
        or (each.suffix == ".py" and each.stem != "__init__")
    }
    assert rooms <= top


NOT_AT_START = {"alembic", "apscheduler", "flask_migrate", "holidays", "icalendar", "plivo"}
NOT_AT_START |= {"qrcode", "zxcvbn"}


def test_the_web_starts_without_what_few_requests_need(tmp_path: Path) -> None:
    start = (
        "import app, pathlib, sys; from helpline.cli import settings_file;"
        f"settings_file.make_secrets(pathlib.Path({str(tmp_path)!r})); app.create_app();"
        "print(*{name.partition('.')[0] for name in sys.modules})"
    )
    environment = {
        "PATH": os.environ["PATH"],
        "HELPLINE_INSTANCE_DIR": str(tmp_path),
        "HELPLINE_ENVIRONMENT": "development",
        "HELPLINE_TWILIO_ACCOUNT_SID": "AC" + "7" * 32,
        "HELPLINE_TWILIO_AUTH_TOKEN": "t" * 32,
        "HELPLINE_CALLER_ID": "+911140000001",
    }
    done = subprocess.run(
        [sys.executable, "-c", start],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = set(done.stdout.split())
    assert "flask" in loaded
    assert loaded & NOT_AT_START == set()
