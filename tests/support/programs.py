"""Python programs that tests start, forked from a process that has imported the service already.

Importing takes most of the CPU time of a start. What is tested is the program: ``python -m`` with
the same arguments, environment and files. A test of the start itself uses ``subprocess``.
"""

from __future__ import annotations

import multiprocessing
import os
import runpy
import sys
from collections.abc import Callable, Mapping, Sequence
from io import IOBase
from multiprocessing.process import BaseProcess

from config import ROOT

PRELOADED = (
    "gunicorn.app.wsgiapp",
    "gunicorn.workers.gthread",
    "app",
    "helpline.web.pages",
    "helpline.cli.commands",
    "helpline.cli.run",
    "helpline.telephony.twilio.client",
    "phonesim.program",
)
_STDOUT, _STDERR = 1, 2


class Program:
    """A running program, with the methods of ``subprocess.Popen`` that tests use.

    Attributes:
        args: the module and its arguments.
    """

    def __init__(self, args: Sequence[str], process: BaseProcess) -> None:
        self.args, self._process = args, process

    @property
    def pid(self) -> int:
        assert self._process.pid is not None
        return self._process.pid

    @property
    def returncode(self) -> int | None:
        return self._process.exitcode

    def poll(self) -> int | None:
        return self._process.exitcode

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self._process.kill()

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end.

        Raises:
            TimeoutError: it goes on.
        """
        self._process.join(timeout)
        if self._process.exitcode is None:
            raise TimeoutError(f"still running: {self.args}")
        return self._process.exitcode


def start(args: Sequence[str], *, env: Mapping[str, str], output: IOBase) -> Program:
    """Start ``python -m`` with these arguments in the folder of the repository.

    Args:
        args: the module and its arguments.
        env: the whole environment.
        output: an open file for what it prints.
    """
    process = _process(_run, list(args), dict(env), output.name)
    return Program(args, process)


def call(function: Callable[..., object], *args: str) -> Program:
    """Start a process that calls a function of an importable module; it prints to ours."""
    return Program([function.__qualname__, *args], _process(function, *args))


def _process(function: Callable[..., object], *args: object) -> BaseProcess:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(PRELOADED))
    process = context.Process(target=function, args=args, daemon=True)
    process.start()
    return process


def _run(args: list[str], env: dict[str, str], output: str) -> None:
    file = os.open(output, os.O_WRONLY | os.O_APPEND)
    os.dup2(file, _STDOUT)
    os.dup2(file, _STDERR)
    os.environ.clear()
    os.environ.update(env)
    os.chdir(ROOT)
    sys.argv = list(args)
    sys.path.insert(0, str(ROOT))
    runpy.run_module(args[0], run_name="__main__", alter_sys=True)
