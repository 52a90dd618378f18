"""flask helpline ...: the operator's commands."""

from __future__ import annotations

from contextlib import suppress
from importlib import import_module
from typing import cast

import click
from flask import has_app_context

from helpline import __version__

COMMANDS = {
    "add-staff": ("staff", "Add a member of staff, such as the first admin."),
    "backup": ("backup", "Back up the whole database to FILE while the service runs."),
    "check-keys": ("keys", "Check whether the database was written with the keys in use."),
    "count-again": ("recount", "Recalculate the reports for the days from FIRST to LAST."),
    "doctor": ("doctor", "Check whether the service works here and can place calls."),
    "emergency-numbers": ("emergency_numbers", "Show the emergency number that visitors see."),
    "new-password-link": ("staff", "Print a link for a member of staff to choose a new password."),
    "previous-databases": ("restore", "List or delete the previous databases of restores."),
    "rehearse-restore": ("restore", "Restore a backup beside the live database and check it."),
    "restore": ("restore", "Restore the database from a backup FILE, and upgrade it."),
    "rotate-keys": ("keys", "Re-encrypt names, numbers and notes with the newest key."),
    "set-up": ("set_up", "Upgrade the database and add the data that a new deployment needs."),
    "try-call": ("try_call", "Place one real call between two of your own phones."),
    "verify-audit": ("audit", "Check whether the audit log was changed or forged."),
    "worker": ("worker", "Run a worker until it is stopped."),
    "write-fallback": ("fallback", "Write fallback files for calls and texts to FOLDER."),
}
"""Each command's module in this package, and what it does."""
_ON_THIS_MACHINE = {
    "init": ("init", "Set up a new deployment: settings, secrets, database, first admin."),
    "run": ("run", "Run the web server and a worker; with --demo also simulated phones."),
}
_SAYS_NO_DATABASE = frozenset({"doctor", "emergency-numbers", "init", "run", "try-call", "worker"})
"""They say it themselves, need none, or write nothing but log lines."""


class _Commands(click.Group):
    """Imports a command when it is run: each needs little of what all need.

    Attributes:
        rows: the commands.
    """

    rows = COMMANDS

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(self.rows)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.rows:
            return None
        module = import_module(f"helpline.cli.{self.rows[cmd_name][0]}")
        return cast(click.Command, getattr(module, f"{cmd_name.replace('-', '_')}_command"))

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, self.rows[name][1]) for name in self.list_commands(ctx)])


class _MoreCommands(_Commands):
    rows = COMMANDS | _ON_THIS_MACHINE


@click.pass_context
def _show_settings(context: click.Context) -> None:
    """Set up and run the helpline."""
    if context.invoked_subcommand in _SAYS_NO_DATABASE:
        return
    import config  # noqa: PLC0415 slow
    from helpline.current import services  # noqa: PLC0415

    with suppress(config.InvalidSettings):  # The command itself says so, unless it needs none.
        settings = services().settings if has_app_context() else config.load()
        click.echo(f"Database: {settings.shown_database}", err=True)
        click.echo(f"Settings: {settings.settings_file} and the environment", err=True)


_with_version = click.version_option(__version__, prog_name="helpline")
group = click.group("helpline", cls=_Commands)(_with_version(_show_settings))
"""``flask helpline``."""
program = click.group("helpline", cls=_MoreCommands)(_with_version(_show_settings))
"""The ``helpline`` command, which also sets up and runs all on one machine."""
