"""Replay: the file with the secrets is gone, and the database is not."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from config import ROOT
from helpline.cli import settings_file

_SECONDS = 60


def _run(instance: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "HELPLINE_INSTANCE_DIR": str(instance)}
    environment |= {"HELPLINE_ENVIRONMENT": "development", "HELPLINE_LOG_LEVEL": "warning"}
    return subprocess.run(
        [sys.executable, *words],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )


_COMMANDS = """
import json, sys
from app import create_app
runner = create_app().test_cli_runner()
done = [runner.invoke(args=["helpline", *words]) for words in json.loads(sys.argv[1])]
print(json.dumps([[each.exit_code, each.output] for each in done]))
"""


def _helpline(instance: Path, *commands: list[str]) -> list[tuple[int, str]]:
    """Exit code and output of each command, all in one process to save its start."""
    done = _run(instance, "-c", _COMMANDS, json.dumps(commands))
    return [(code, output) for code, output in json.loads(done.stdout.splitlines()[-1])]


def test_a_lost_helpline_env_is_noticed_and_never_replaced(tmp_path: Path) -> None:
    """1. A deployment with one member of staff. 2. Its helpline.env is lost: ``app.py run`` starts
    nothing and writes no secrets. 3. Somebody writes other secrets by hand: nothing starts.
    4. The right file is put back: everything fits."""
    instance, file = tmp_path / "instance", tmp_path / "instance" / "helpline.env"
    settings_file.make_secrets(instance)
    staff = ["--name", "Asha", "--email", "asha@helpline.example", "--role", "advisor"]
    secret = ["--password", "corridor teapot violin", "--phone", "+919812300001"]
    for code, output in _helpline(instance, ["set-up"], ["add-staff", *staff, *secret]):
        assert code == 0, output
    right = file.read_text()

    file.unlink()
    started = _run(instance, "app.py", "run")
    assert started.returncode == 1
    assert "Restore your copy of helpline.env" in started.stderr
    assert not file.exists()

    other = tmp_path / "other"
    settings_file.make_secrets(other)
    file.write_text((other / "helpline.env").read_text())
    *refused, doctor = _helpline(instance, ["set-up"], ["worker"], ["check-keys"], ["doctor"])
    for code, output in refused:
        assert code == 1, output
        for setting in ("FIELD_KEYS", "PHONE_INDEX_KEY", "SECRET_KEY"):
            assert f"HELPLINE_{setting}" in output
    assert (doctor[0], "FAIL  Keys" in doctor[1]) == (1, True)

    file.write_text(right)
    [(code, output)] = _helpline(instance, ["check-keys"])
    assert code == 0, output
