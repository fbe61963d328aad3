"""`loyalty programme`: the rules of a new installation."""

from pathlib import Path

import click

from loyalty.cli.application import application
from loyalty.kernel.actor import SYSTEM
from loyalty.kernel.clock import utc_now
from loyalty.programme.service import load_file


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
