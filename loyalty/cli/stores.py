"""`loyalty stores`: the first stores of an installation; afterwards there is a page."""

import click

from loyalty.cli.application import application
from loyalty.kernel.actor import EVERYTHING, SYSTEM
from loyalty.kernel.clock import utc_now
from loyalty.staff.queries import stores as known_stores
from loyalty.staff.rules import StoreDetails
from loyalty.staff.service import create_store


@click.group()
def stores() -> None:
    """Open and list stores."""


@stores.command()
@click.argument("code")
@click.argument("name")
@click.option("--zone", default="Asia/Shanghai", show_default=True, help="Time zone in which its days count.")
@click.option("--currency", default="CNY", show_default=True, help="Currency of its orders.")
@click.option("--phone", help="Phone for its customers.")
def create(code: str, name: str, zone: str, currency: str, phone: str | None) -> None:
    """Open a store under the CODE that sales name it by."""
    with application():
        details = StoreDetails(phone=phone)
        create_store(code=code, name=name, zone=zone, currency=currency, details=details, now=utc_now(), by=SYSTEM)
    click.echo(f"Store {code} is open.")


@stores.command("list")
def list_stores() -> None:
    """List the stores."""
    with application():
        for store in known_stores(EVERYTHING):
            click.echo(f"{store.code}  {store.name}  {store.zone}  {store.currency}")
