"""`loyalty migrate`."""

import os

import click

from loyalty.cli.first_texts import write_texts
from loyalty.cli.schema import upgrade
from loyalty.engines.problems import EngineProblem
from loyalty.engines.running import servers
from loyalty.kernel.settings import Settings


@click.command()
def migrate() -> None:
    """Bring the database's schema up to date, and write the texts of messages that come with this version."""
    try:
        with servers() as addresses:
            os.environ["LOYALTY_DATABASE_URL"] = addresses.database_url
            os.environ["LOYALTY_REDIS_URL"] = addresses.redis_url
            upgrade(Settings.from_environ(os.environ).database_url)
            write_texts()
    except EngineProblem as problem:
        raise click.ClickException(str(problem)) from problem
