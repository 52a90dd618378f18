"""Replay: the file with the secrets is gone, and the database is not."""

from __future__ import annotations

import os
from pathlib import Path

from helpline.cli import settings_file
from tests.support import programs

_SECONDS = 60


def _helpline(instance: Path, *words: str) -> tuple[int, str]:
    """Exit code and output of a command."""
    environment = {**os.environ, "HELPLINE_INSTANCE_DIR": str(instance)}
    environment |= {"HELPLINE_ENVIRONMENT": "development", "HELPLINE_LOG_LEVEL": "warning"}
    with (instance.parent / "output").open("w") as output:
        program = programs.start(["app", *words], env=environment, output=output)
        code = program.wait(_SECONDS)
    return code, Path(output.name).read_text(encoding="utf-8")


def test_a_lost_helpline_env_is_noticed_and_never_replaced(tmp_path: Path) -> None:
    """1. A deployment with one member of staff. 2. Its helpline.env is lost: ``app.py run`` starts
    nothing and writes no secrets. 3. Somebody writes other secrets by hand: nothing starts.
    4. The right file is put back: everything fits."""
    instance, file = tmp_path / "instance", tmp_path / "instance" / "helpline.env"
    settings_file.make_secrets(instance)
    staff = ["--name", "Asha", "--email", "asha@helpline.example", "--role", "advisor"]
    secret = ["--password", "corridor teapot violin", "--phone", "+919812300001"]
    for words in (["set-up"], ["add-staff", *staff, *secret]):
        code, output = _helpline(instance, *words)
        assert code == 0, output
    right = file.read_text()

    file.unlink()
    code, output = _helpline(instance, "run")
    assert code == 1
    assert "Restore your copy of helpline.env" in output
    assert not file.exists()

    other = tmp_path / "other"
    settings_file.make_secrets(other)
    file.write_text((other / "helpline.env").read_text())
    for command in ("set-up", "worker", "check-keys"):
        code, output = _helpline(instance, command)
        assert code == 1, output
        for setting in ("FIELD_KEYS", "PHONE_INDEX_KEY", "SECRET_KEY"):
            assert f"HELPLINE_{setting}" in output
    code, output = _helpline(instance, "doctor")
    assert (code, "FAIL  Keys" in output) == (1, True)

    file.write_text(right)
    code, output = _helpline(instance, "check-keys")
    assert code == 0, output
