"""Commands start without the pages, and `--help` without the service."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from config import ROOT
from helpline.cli.settings_file import make_secrets

PAGES = {"flask_security", "flask_smorest", "helpline.web.pages", "webauthn", "wtforms"}
SERVICE = {"config", "sqlalchemy", "helpline.factory"}
RUN = """
import sys
import app
for line in {lines}:
    script = app.ScriptInfo(create_app=app.create_command_app)
    app.commands.program.main(line, obj=script, standalone_mode=False)
print("LOADED", *sys.modules)
"""


def loaded_after(instance: Path, *lines: list[str]) -> set[str]:
    """Run commands in one new process; return the modules it has imported."""
    done = subprocess.run(
        [sys.executable, "-c", RUN.format(lines=list(lines))],
        cwd=ROOT,
        env={
            "PATH": os.environ["PATH"],
            "HELPLINE_INSTANCE_DIR": str(instance),
            "HELPLINE_ENVIRONMENT": "development",
        },
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stdout.splitlines()[-1].split()[1:])


def test_help_imports_nothing_of_the_service(tmp_path: Path) -> None:
    loaded = loaded_after(tmp_path, ["--help"])
    assert loaded & (SERVICE | PAGES) == set()
    assert "click" in loaded


def test_commands_run_without_the_pages(tmp_path: Path) -> None:
    make_secrets(tmp_path)
    loaded = loaded_after(
        tmp_path,
        ["set-up"],
        ["check-keys"],
        ["count-again", "2026-11-01", "2026-11-02"],
        ["verify-audit"],
        ["backup", str(tmp_path / "copy")],
        ["rehearse-restore", str(tmp_path / "copy")],
        ["previous-databases"],
        ["rotate-keys"],
        ["emergency-numbers"],
        ["write-fallback", str(tmp_path / "fallback")],
    )
    loaded |= loaded_after(tmp_path, ["restore", str(tmp_path / "copy"), "--replace"])
    assert loaded & PAGES == set()
    assert loaded >= SERVICE
