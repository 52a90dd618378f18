"""The release: an sdist and a wheel, installed outside the checkout, play the story of the README.

Nothing is fetched: the build backend and the packages that the wheel needs come from .venv.
"""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
import sys
import sysconfig
import tarfile
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil  # type: ignore[import-untyped]
import pytest

from config import ROOT
from helpline import __version__
from tests.cast import Member
from tests.journeys.live_services import Phones, clean_environment, free_port, until
from tests.journeys.people import Advisor, Visitor

NOT_IN_A_BUILD = shutil.ignore_patterns(".*", "__pycache__", "instance", "node_modules", "tests")
DATA = (
    "helpline/static/helpline.css",
    "helpline/templates/base_visitor.html",
    "helpline/migrations/env.py",
    "helpline/migrations/alembic.ini",
    "helpline/migrations/versions/0001_",
    "helpline/translations/hi/LC_MESSAGES/messages.mo",
    "helpline/directory/crisis/crisis_numbers.json",
    "app.py",
    "config.py",
    "setting_types.py",
    "phonesim/templates/phones.html",
    "demosite/pages/index.html",
)
DEMO_VISITOR, ASHAS_PHONE = "+919876543210", "+919812300001"
FILLING_IN_SECONDS = 3.0
"""A form that comes back sooner is taken for a program's."""


def run(*command: object, cwd: Path) -> str:
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=clean_environment(),
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    return done.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the sdist, and the wheel that was built from it."""
    folder = tmp_path_factory.mktemp("built")
    shutil.copytree(ROOT, folder / "source", ignore=NOT_IN_A_BUILD)
    build = [sys.executable, "-m", "build", "--no-isolation", "--outdir", folder]
    run(*build, folder / "source", cwd=folder)
    return folder


@pytest.fixture(scope="module")
def environment(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty environment with the wheel, and the way to the packages of .venv."""
    folder = tmp_path_factory.mktemp("elsewhere")
    run(sys.executable, "-m", "venv", "--without-pip", "environment", cwd=folder)
    python = folder / "environment" / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", python]
    (wheel,) = built.glob("*.whl")
    run(*pip, "install", "--no-index", "--no-deps", "--no-compile", wheel, cwd=folder)
    program = "import sysconfig; print(sysconfig.get_path('purelib'))"
    packages = Path(run(python, "-c", program, cwd=folder).strip())
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib"))
    run(*pip, "check", cwd=folder)
    return folder / "environment"


def test_sdist_and_wheel_have_all_that_the_service_reads(built: Path) -> None:
    (wheel,), (sdist,) = built.glob("*.whl"), built.glob("*.tar.gz")
    assert wheel.name == f"helpline-{__version__}-py3-none-any.whl"
    with zipfile.ZipFile(wheel) as opened:
        in_wheel = opened.namelist()
    with tarfile.open(sdist) as archive:
        in_sdist = [name.partition("/")[2] for name in archive.getnames()]
    for file in DATA:
        assert any(name.startswith(file) for name in in_wheel), file
    for file in ("deploy/gunicorn.conf.py", "docs/running.md", "requirements.txt", "CHANGELOG.md"):
        assert file in in_sdist
    tops = {name.partition("/")[0] for name in in_wheel if "dist-info" not in name}
    packages = {"demosite", "helpline", "phonesim"}
    assert tops == {*packages, "app.py", "config.py", "setting_types.py"}
    folders = {name: name for name in packages}
    folders |= {name: f"helpline/{name}" for name in ("migrations", "templates")}
    for source, target in folders.items():
        files = [file for file in (ROOT / source).rglob("*") if file.is_file()]
        names = {str(file.relative_to(ROOT / source)) for file in files if file.suffix != ".pyc"}
        assert {f"{target}/{name}" for name in names} <= set(in_wheel)


def test_the_installed_command_says_its_version(environment: Path, tmp_path: Path) -> None:
    told = run(environment / "bin" / "helpline", "--version", cwd=tmp_path)
    assert told.strip() == f"helpline, version {__version__}"


def test_the_installed_service_keeps_its_data_in_the_environment(
    environment: Path, tmp_path: Path
) -> None:
    """As Flask has it for packages that are installed: never among the packages."""
    program = "import config; print(config.instance_dir())"
    told = run(environment / "bin" / "python", "-c", program, cwd=tmp_path)
    assert Path(told.strip()) == environment / "var" / "helpline-instance"


def test_sqlite_and_limits_in_memory_and_own_phones_need_no_extra(
    environment: Path, tmp_path: Path
) -> None:
    program = (
        "import sys; sys.modules |= dict.fromkeys(['psycopg', 'redis', 'twilio', 'plivo']);"
        "import app; app.main()"
    )
    told = run(environment / "bin" / "python", "-c", program, "--version", cwd=tmp_path)
    assert __version__ in told


@dataclass
class Demo:
    """The demo of the installed wheel."""

    url: str
    phones: Phones
    output: str


@pytest.fixture(scope="module")
def demo(environment: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    folder = tmp_path_factory.mktemp("demo")
    port, phones_port, site_port = free_port(), free_port(), free_port()
    command = [environment / "bin" / "helpline", "run", "--demo", "--at", "2026-11-23 11:00"]
    command += ["--port", str(port), "--phones-port", str(phones_port)]
    log = folder / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*command, "--site-port", str(site_port)],
            cwd=folder,
            env={**clean_environment(), "HELPLINE_INSTANCE_DIR": str(folder / "instance")},
            stdout=output,
            stderr=output,
        )
    family = [psutil.Process(process.pid)]
    try:
        until(lambda: "Press Ctrl-C" in log.read_text() or process.poll(), "started", 240)
        assert process.poll() is None, log.read_text()
        family += family[0].children(recursive=True)
        phones = Phones(f"http://127.0.0.1:{phones_port}")
        yield Demo(f"http://127.0.0.1:{port}", phones, log.read_text())
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=60) == 0, log.read_text()
        assert "Traceback" not in log.read_text()
    finally:
        for each in family:
            if each.is_running():
                each.kill()
        process.wait()


def test_the_story_of_the_readme_plays_on_the_installed_wheel(demo: Demo) -> None:
    """A visitor asks, an advisor claims and calls, both talk, and the outcome is saved."""
    (password,) = re.findall(r"asha@helpline\.example  (\S+)", demo.output)
    asha = Member("Asha", "asha@helpline.example", password, ("advisor",), ("en",), ASHAS_PHONE)
    visitor, advisor = Visitor(demo), Advisor(demo)
    front = visitor.get("/")
    assert "हिन्दी" in front.text, "the catalogs are there"
    time.sleep(FILLING_IN_SECONDS)
    answer = visitor.submit(front, "/?region", phone=DEMO_VISITOR, consent="yes", name="Kavita")
    visitor.address = answer.url.removeprefix(demo.url)
    assert visitor.status() == "We have your request", "no advisor is there yet"
    advisor.sign_in(asha)
    desk = advisor.session.get(f"{demo.url}/desk/", timeout=60).text
    assert f"<!-- Helpline {__version__} -->" in desk
    advisor.take_next_and_call("Kavita")
    demo.phones.answer(ASHAS_PHONE)
    demo.phones.press(ASHAS_PHONE, "1")
    demo.phones.answer(DEMO_VISITOR)
    advisor.sees("You are connected.")
    demo.phones.hang_up(DEMO_VISITOR)
    assert "Saved." in advisor.saves("reached", "Will call a doctor.")
    assert visitor.status() == "We spoke with you"
