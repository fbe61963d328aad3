"""`loyalty clients`: programs that call the API."""

import click

from loyalty.cli.application import application
from loyalty.kernel.actor import SYSTEM
from loyalty.kernel.clock import utc_now
from loyalty.staff.queries import store_by_code
from loyalty.staff.rules import PERMISSIONS
from loyalty.staff.service import create_api_client


@click.group()
def clients() -> None:
    """Create clients of the API and their tokens."""


@clients.command()
@click.argument("name")
@click.option(
    "--permission",
    "permissions",
    multiple=True,
    required=True,
    type=click.Choice(sorted(PERMISSIONS)),
    help="Repeatable.",
)
@click.option("--store", "store_codes", multiple=True, help="A store's code, repeatable; all stores when left out.")
def create(name: str, permissions: tuple[str, ...], store_codes: tuple[str, ...]) -> None:
    """Create a client and print its token, which is not stored and cannot be shown again."""
    with application():
        ids = [store_by_code(code).id for code in store_codes] or None
        _, token = create_api_client(name=name, permissions=permissions, store_ids=ids, now=utc_now(), by=SYSTEM)
    click.echo(token)
