"""`loyalty programme`: the rules and facts of a new installation."""

from pathlib import Path

import click

from loyalty.cli.application import application
from loyalty.kernel.actor import SYSTEM
from loyalty.kernel.clock import utc_now
from loyalty.programme.service import load_file, load_tables


@click.group()
def programme() -> None:
    """Load the rules of a programme."""


@programme.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--zone", default="Asia/Shanghai", show_default=True, help="Whose midnight the days of the file begin at."
)
def load(file: Path, zone: str) -> None:
    """Activate the versions in FILE, on an installation that has no rules yet."""
    with application():
        loaded = load_file(file, zone=zone, now=utc_now(), by=SYSTEM)
    click.echo(f"{len(loaded)} versions are in force.")


@programme.group()
def tables() -> None:
    """Load the tables of facts of law and insurance."""


@tables.command("load")
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
def load_facts(file: Path | None) -> None:
    """Activate the tables in FILE, or those that come with the product, on an installation that has none yet."""
    with application():
        now = utc_now()
        loaded = load_tables(file, now=now, by=SYSTEM) if file else load_tables(now=now, by=SYSTEM)
    click.echo(f"{len(loaded)} tables are in force.")
