"""The `loyalty` command, a module for each noun.

`serve` starts everything under one parent; `web`, `worker` and `ticker` are its pieces for several machines. The
other commands do one thing and end; each finds the running servers of its data folder or starts them for its own time.
A command's module is imported when the command is called, since Flask and SQLAlchemy take two seconds to load.
"""

from importlib import import_module

import click

# Each command: where it is, and what it does in a line, so that help need not import it.
COMMANDS = {
    "serve": ("loyalty.cli.serve:serve", "Run everything: servers, web, workers and ticker."),
    "demo": ("loyalty.cli.serve:demo", "Run everything on a small believable dealer group."),
    "seed": ("loyalty.cli.demo.seed:seed", "Write that dealer group into an empty database, or show its accounts."),
    "web": ("loyalty.cli.web:web", "Run the web server alone."),
    "worker": ("loyalty.cli.processes:worker", "Run one worker on one queue."),
    "ticker": ("loyalty.cli.processes:ticker", "Run the ticker that looks what is due."),
    "migrate": ("loyalty.cli.migrate:migrate", "Bring the database's schema up to date."),
    "backup": ("loyalty.cli.backups:backup", "Write everything that must last into one file."),
    "restore": ("loyalty.cli.backups:restore", "Bring back what such a file holds."),
    "import": ("loyalty.cli.imports:imports", "Read files of the dealer's systems."),
    "audit": ("loyalty.cli.audit:audit", "Check the whole ledger from zero."),
    "run": ("loyalty.cli.run:run", "Run a job by hand."),
    "programme": ("loyalty.cli.programme:programme", "Load the rules of a programme."),
    "links": ("loyalty.cli.links:links", "Make, test and look after links to core sales."),
    "stores": ("loyalty.cli.stores:stores", "Open and list stores."),
    "staff": ("loyalty.cli.staff:staff", "Create staff accounts."),
    "keys": ("loyalty.cli.keys:keys", "Rotate the keys that seal personal data."),
    "clients": ("loyalty.cli.clients:clients", "Create clients of the API and their tokens."),
}


class CommandsByNoun(click.Group):
    """A group whose commands are imported when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of the table."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command, or return None when there is none of that name."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name][0].partition(":")
        command = getattr(import_module(module), name)
        assert isinstance(command, click.Command)  # noqa: S101 - the table above names commands only
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the table as help, importing nothing."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, sentence) for name, (_, sentence) in COMMANDS.items()])


@click.group(cls=CommandsByNoun)
@click.version_option(package_name="loyalty")
def main() -> None:
    """After-sales loyalty for car dealers."""
