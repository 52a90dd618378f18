"""flask helpline ...: the operator's commands."""

from __future__ import annotations

from contextlib import suppress
from importlib import import_module
from typing import cast

import click
from flask import has_app_context
from flask.cli import AppGroup

import config
from helpline import __version__
from helpline.current import services

COMMANDS = {
    "add-staff": "helpline.cli.staff:add_staff_command",
    "backup": "helpline.cli.backup:backup_command",
    "check-keys": "helpline.cli.keys:check_keys_command",
    "count-again": "helpline.cli.recount:recount_command",
    "doctor": "helpline.cli.doctor:doctor_command",
    "emergency-numbers": "helpline.cli.emergency_numbers:emergency_numbers_command",
    "new-password-link": "helpline.cli.staff:new_password_link_command",
    "previous-databases": "helpline.cli.restore:previous_databases_command",
    "rehearse-restore": "helpline.cli.restore:rehearse_restore_command",
    "restore": "helpline.cli.restore:restore_command",
    "rotate-keys": "helpline.cli.keys:rotate_keys_command",
    "set-up": "helpline.cli.set_up:set_up_command",
    "try-call": "helpline.cli.try_call:try_call_command",
    "verify-audit": "helpline.cli.audit:verify_audit_command",
    "worker": "helpline.cli.worker:worker_command",
    "write-fallback": "helpline.cli.fallback:write_fallback_command",
}
_ON_THIS_MACHINE = {
    "init": "helpline.cli.init:init_command",
    "run": "helpline.cli.run:run_command",
}
_SAYS_NO_DATABASE = frozenset({"doctor", "emergency-numbers", "init", "run", "try-call", "worker"})
"""They say it themselves, need none, or write nothing but log lines."""


class _Commands(AppGroup):
    """Imports a command when it is run: each needs little of what all need.

    Attributes:
        modules: where each command is.
    """

    modules = COMMANDS

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(self.modules)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        module, _colon, name = self.modules.get(cmd_name, "").partition(":")
        return cast(click.Command, getattr(import_module(module), name)) if module else None


class _MoreCommands(_Commands):
    modules = COMMANDS | _ON_THIS_MACHINE


@click.pass_context
def _show_settings(context: click.Context) -> None:
    """Set up and run the helpline."""
    if context.invoked_subcommand in _SAYS_NO_DATABASE:
        return
    with suppress(config.InvalidSettings):  # The command itself says so, unless it needs none.
        settings = services().settings if has_app_context() else config.load()
        click.echo(f"Database: {settings.shown_database}", err=True)
        click.echo(f"Settings: {settings.settings_file} and the environment", err=True)


_with_version = click.version_option(__version__, prog_name="helpline")
group = click.group("helpline", cls=_Commands)(_with_version(_show_settings))
"""``flask helpline``."""
program = click.group("helpline", cls=_MoreCommands)(_with_version(_show_settings))
"""The ``helpline`` command, which also sets up and runs all on one machine."""
