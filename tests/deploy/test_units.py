"""The systemd units start what there is, are hardened, and keep the newest backups."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from config import ROOT
from helpline.cli.commands import COMMANDS

DEPLOY = ROOT / "deploy"
UNITS = sorted([*DEPLOY.glob("*.service"), *DEPLOY.glob("*.timer")])
SERVICES = sorted(DEPLOY.glob("*.service"))
WORST_EXPOSURE = 2.0
"""Of 10, by `systemd-analyze security`; 1.6 when this was written."""
need_systemd = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed"
)


def name_of(unit: Path) -> str:
    return unit.name


def analyze(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["systemd-analyze", *arguments], capture_output=True, text=True, check=False
    )


def test_the_runbook_names_the_units() -> None:
    runbook = (ROOT / "docs" / "running.md").read_text()
    assert [unit.name for unit in UNITS if f"deploy/{unit.name}" not in runbook] == []
    assert "deploy/alerts.yml" in runbook


@pytest.mark.parametrize("unit", SERVICES, ids=name_of)
def test_a_unit_starts_a_program_and_a_command_that_exist(unit: Path) -> None:
    (line,) = re.findall(r"^ExecStart=(.+)$", unit.read_text(), re.MULTILINE)
    program, *arguments = shlex.split(line)
    assert os.access(program.replace("/opt/helpline/", f"{ROOT}/"), os.X_OK), program
    if program.endswith("/flask"):
        assert arguments[:3] == ["--app", "app:create_app", "helpline"]
        assert arguments[3] in COMMANDS


@need_systemd
def test_systemd_takes_the_units(tmp_path: Path) -> None:
    for unit in UNITS:
        text = unit.read_text().replace("/opt/helpline", str(ROOT))
        (tmp_path / unit.name).write_text(text)
    done = analyze("verify", *(str(tmp_path / unit.name) for unit in UNITS))
    ours = [line for line in done.stderr.splitlines() if "helpline" in line]
    assert (done.returncode, ours) == (0, [])


@need_systemd
@pytest.mark.parametrize("unit", SERVICES, ids=name_of)
def test_a_unit_is_hardened(unit: Path) -> None:
    done = analyze("security", "--offline=true", str(unit))
    exposure = re.search(r"Overall exposure level for \S+ ([\d.]+)", done.stdout)
    if exposure is None:
        pytest.skip("this systemd cannot look at a file offline")
    assert float(exposure[1]) <= WORST_EXPOSURE, done.stdout


def backup(folder: Path, flask: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the script of helpline-backup.service with a program in place of flask."""
    program = folder / "flask"
    program.write_text(f'#!/bin/sh\nfor file in "$@"; do :; done\n{flask}\n')
    program.chmod(0o755)
    backups, instance = folder / "backups", folder / "instance"
    backups.mkdir(exist_ok=True)
    instance.mkdir(exist_ok=True)
    (instance / "tombstones.jsonl").write_text("{}\n")
    environment = {
        "PATH": os.environ["PATH"],
        "FLASK": str(program),
        "HELPLINE_INSTANCE_DIR": str(instance),
        **variables,
    }
    return subprocess.run(
        [DEPLOY / "backup.sh", backups],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


WRITES = (
    'echo data >"$file"; cd "$(dirname "$file")"; sha256sum "$(basename "$file")" >"$file.sha256"'
)
OLD = [f"helpline-2026-11-{day:02}T03-30-00Z" for day in range(1, 6)]


def with_old_backups(folder: Path) -> None:
    (folder / "backups").mkdir()
    for name in (*OLD, "helpline-by-hand"):
        (folder / "backups" / name).write_text("old")
        (folder / "backups" / f"{name}.sha256").write_text("old")


def test_the_newest_backups_are_kept_with_the_tombstones(tmp_path: Path) -> None:
    with_old_backups(tmp_path)
    done = backup(tmp_path, WRITES, BACKUPS_KEPT="3")
    assert done.returncode == 0, done.stderr
    names = {path.name for path in (tmp_path / "backups").iterdir()}
    new = names - {name + ending for name in OLD for ending in ("", ".sha256")}
    assert {"tombstones.jsonl", "helpline-by-hand", "helpline-by-hand.sha256"} < new
    assert len(new) == 5  # those three, the new backup and its checksum
    assert names - new == {name + ending for name in OLD[-2:] for ending in ("", ".sha256")}


@pytest.mark.parametrize(
    "flask", ["exit 1", f'{WRITES}; echo damaged >"$file"'], ids=["no backup", "a damaged one"]
)
def test_nothing_is_deleted_unless_the_new_backup_is_whole(tmp_path: Path, flask: str) -> None:
    with_old_backups(tmp_path)
    assert backup(tmp_path, flask, BACKUPS_KEPT="1").returncode != 0
    assert {path.name for path in (tmp_path / "backups").iterdir()} >= set(OLD)


@pytest.mark.parametrize("kept", ["0", "31", "many"])
def test_a_wrong_number_of_backups_is_refused(tmp_path: Path, kept: str) -> None:
    done = backup(tmp_path, WRITES, BACKUPS_KEPT=kept)
    assert done.returncode != 0
    assert list((tmp_path / "backups").iterdir()) == []
