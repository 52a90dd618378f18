"""Containerfile, compose.yaml and Procfile start what there is; `make image` runs the steps."""

from __future__ import annotations

import fnmatch
import os
import re
import runpy
import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from click import Context

from config import ROOT, Settings, environment_variable
from helpline.cli.commands import COMMANDS, group

CONTAINERFILE = (ROOT / "Containerfile").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
OURS = ("web", "worker", "migrate")
SETTINGS = {environment_variable(name) for name in Settings.model_fields}
START = ROOT / "deploy" / "start.sh"


def copied() -> list[str]:
    """What the Containerfile copies from the repository."""
    lines = re.findall(r"^COPY ([^-].*)$", CONTAINERFILE, re.MULTILINE)
    return [name for line in lines for name in line.split()[:-1]]


def started(folder: Path, *arguments: str) -> list[str]:
    """The command line that start.sh runs."""
    python = folder / "python"
    python.write_text('#!/bin/sh\nfor each in "$@"; do echo "$each"; done\n')
    python.chmod(0o755)
    environment = {"PATH": f"{folder}:{os.environ['PATH']}"}
    done = subprocess.run(
        [START, *arguments], env=environment, capture_output=True, text=True, check=True
    )
    return done.stdout.splitlines()


def test_the_image_has_every_module_and_nothing_private() -> None:
    assert {path.name for path in ROOT.glob("*.py")} <= set(copied())
    allowed = re.findall(r"^!(.+)$", (ROOT / ".dockerignore").read_text(), re.MULTILINE)
    assert (ROOT / ".dockerignore").read_text().splitlines()[1] == "*"
    for name in copied():
        assert (ROOT / name).exists(), name
        assert any(fnmatch.fnmatch(name, f"{each}*") for each in allowed), name
    assert not {"instance", "tests", ".git", ".venv"} & set(allowed)


def test_the_image_runs_as_an_unprivileged_user_and_asks_whether_web_answers() -> None:
    last = CONTAINERFILE.rpartition("\nFROM ")[2]
    assert re.search(r"^USER [1-9]\d+:[1-9]\d+$", last, re.MULTILINE)
    assert "HEALTHCHECK" in last
    assert 'ENTRYPOINT ["/app/deploy/start.sh"]' in last
    assert os.access(START, os.X_OK)


@pytest.mark.parametrize("argument", ["worker", "migrate", "doctor", "check-keys"])
def test_an_argument_of_the_image_is_a_command(tmp_path: Path, argument: str) -> None:
    *flask, group_name, command = [each for each in started(tmp_path, argument) if each != "--wait"]
    assert flask == ["-m", "flask", "--app", "app:create_app"]
    assert group_name == "helpline"
    assert command in COMMANDS


def test_without_an_argument_the_image_runs_the_web(tmp_path: Path) -> None:
    expected = ["-m", "gunicorn", "--config", "deploy/gunicorn.conf.py", "app:create_app()"]
    assert started(tmp_path) == started(tmp_path, "web") == expected


def test_the_web_listens_where_a_platform_routes_to(monkeypatch: pytest.MonkeyPatch) -> None:
    file = str(ROOT / "deploy" / "gunicorn.conf.py")
    monkeypatch.delenv("PORT", raising=False)
    assert runpy.run_path(file)["bind"] == "127.0.0.1:8000"
    monkeypatch.setenv("PORT", "5000")
    monkeypatch.setenv("WEB_CONCURRENCY", "3")
    config = runpy.run_path(file)
    assert (config["bind"], config["workers"]) == ("0.0.0.0:5000", 3)


def test_the_processes_of_the_procfile_exist() -> None:
    processes = dict(
        line.split(": ", 1) for line in (ROOT / "Procfile").read_text().splitlines() if line
    )
    assert set(processes) == {"release", "web", "worker"}
    assert processes["web"] == 'gunicorn --config deploy/gunicorn.conf.py "app:create_app()"'
    for name in ("release", "worker"):
        flask, app, factory, group_name, command, *options = shlex.split(processes[name])
        assert (flask, app, factory) == ("flask", "--app", "app:create_app")
        assert group_name == "helpline"
        found = group.get_command(Context(group), command)
        assert found is not None
        known = {each for parameter in found.params for each in parameter.opts}
        assert set(options) <= known


def test_compose_runs_each_process_by_itself_and_hardened() -> None:
    assert set(COMPOSE["services"]) == {*OURS, "database", "caddy"}
    volumes = set(COMPOSE["volumes"])
    for name, service in COMPOSE["services"].items():
        for volume in service["volumes"]:
            source = volume.split(":")[0]
            assert source in volumes or (ROOT / source).exists(), volume
        if name in OURS:
            assert service["command"] == [name]
            assert service["read_only"] is True
            assert service["cap_drop"] == ["ALL"]
            assert "ports" not in service


def test_compose_names_settings_that_exist_and_holds_no_secret() -> None:
    for name in OURS:
        values = COMPOSE["services"][name]["environment"]
        assert set(values) <= SETTINGS
    text = CONTAINERFILE + (ROOT / "compose.yaml").read_text()
    text = re.sub(r"\$\{[^}]*\}", "", text)  # comes from .env
    secret = re.compile(r"(?:SECRET|PASSWORD|TOKEN|KEYS?|SALT)\b[\"']?[:=] ?\S", re.IGNORECASE)
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    assert [line for line in lines if secret.search(line)] == []
    used = set(re.findall(r"HELPLINE_[A-Z_]+", text))
    assert used <= SETTINGS
