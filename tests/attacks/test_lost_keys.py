"""Replay: the file with the secrets is gone, and the database is not."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from config import ROOT

_SECONDS = 60


def _flask(instance: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return _run(instance, "-m", "flask", "--app", "app:create_app", "helpline", *words)


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


def test_a_lost_helpline_env_is_noticed_and_never_replaced(tmp_path: Path) -> None:
    """1. A deployment with one member of staff. 2. Its helpline.env is lost: ``app.py run`` starts
    nothing and writes no secrets. 3. Somebody writes other secrets by hand: nothing starts.
    4. The right file is put back: everything fits."""
    instance, file = tmp_path / "instance", tmp_path / "instance" / "helpline.env"
    make = "import sys; from pathlib import Path; from helpline.cli import machine; "
    make += "machine.make_secrets(Path(sys.argv[1]))"
    assert _run(instance, "-c", make, str(instance)).returncode == 0
    staff = ("--name", "Asha", "--email", "asha@helpline.example", "--role", "advisor")
    secret = ("--password", "corridor teapot violin", "--phone", "+919812300001")
    assert _flask(instance, "set-up").returncode == 0
    assert _flask(instance, "add-staff", *staff, *secret).returncode == 0
    right = file.read_text()

    file.unlink()
    for _ in range(2):
        started = _run(instance, "app.py", "run")
        assert started.returncode == 1
        assert "Put back your copy of helpline.env" in started.stderr
        assert not file.exists()

    other = tmp_path / "other"
    assert _run(other, "-c", make, str(other)).returncode == 0
    file.write_text((other / "helpline.env").read_text())
    for command in (["set-up"], ["worker"], ["check-keys"]):
        refused = _flask(instance, *command)
        assert refused.returncode == 1, command
        for setting in ("FIELD_KEYS", "PHONE_INDEX_KEY", "SECRET_KEY"):
            assert f"HELPLINE_{setting}" in refused.stderr
    preflight = _flask(instance, "preflight")
    assert (preflight.returncode, "WRONG Keys" in preflight.stdout) == (1, True)

    file.write_text(right)
    assert _flask(instance, "check-keys").returncode == 0
