"""The application for a command: on the servers that run, or on its own."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import click
from flask import Flask

from loyalty.app import create_app
from loyalty.cli.first_texts import write_texts
from loyalty.cli.schema import is_current, upgrade
from loyalty.engines.problems import EngineProblem
from loyalty.engines.running import servers
from loyalty.kernel.errors import Problem
from loyalty.kernel.heap import settle_heap
from loyalty.kernel.settings import Settings, UnsafeSettings


@contextmanager
def ready_servers() -> Iterator[Settings]:
    """Give the settings with both URLs, for a database with this version's schema, and tell problems in a sentence.

    Servers of our own data folder get the schema here; a real server is migrated on purpose only.
    """
    ours = not os.environ.get("LOYALTY_DATABASE_URL")
    try:
        with servers() as addresses:
            os.environ["LOYALTY_DATABASE_URL"] = addresses.database_url
            os.environ["LOYALTY_REDIS_URL"] = addresses.redis_url
            settings = Settings.from_environ(os.environ)
            if not is_current(settings.database_url):
                if not ours:
                    raise click.ClickException("The database's schema is of another version: run `loyalty migrate`.")
                upgrade(settings.database_url)
                write_texts()
            yield settings
    except (EngineProblem, Problem, UnsafeSettings) as problem:
        raise click.ClickException(str(problem)) from problem


@contextmanager
def application() -> Iterator[Flask]:
    """Give the application in its context."""
    with ready_servers():
        app = create_app()
        settle_heap()
        with app.app_context():
            yield app
