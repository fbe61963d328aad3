"""`loyalty migrate`."""

import os

import click

from loyalty.cli.schema import upgrade
from loyalty.engines.problems import EngineProblem
from loyalty.engines.running import servers
from loyalty.kernel.settings import Settings


@click.command()
def migrate() -> None:
    """Bring the database's schema up to date."""
    try:
        with servers() as addresses:
            found = {**os.environ, "LOYALTY_DATABASE_URL": addresses.database_url}
            upgrade(Settings.from_environ(found | {"LOYALTY_REDIS_URL": addresses.redis_url}).database_url)
    except EngineProblem as problem:
        raise click.ClickException(str(problem)) from problem
