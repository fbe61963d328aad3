"""`loyalty staff`: accounts for the first day and for emergencies; afterwards there is a page."""

import click

from loyalty.cli.application import application
from loyalty.kernel.actor import SYSTEM
from loyalty.kernel.clock import day_at, utc_now
from loyalty.staff.queries import store_by_code
from loyalty.staff.rules import ROLES
from loyalty.staff.service import assign, create_account

GROUP_ZONE = "Asia/Shanghai"


@click.group()
def staff() -> None:
    """Create staff accounts."""


@staff.command()
@click.argument("username")
@click.option("--name", required=True, help="The person's name, as colleagues read it.")
@click.option(
    "--role", "roles", multiple=True, required=True, type=click.Choice(sorted(ROLES)), help="May be repeated."
)
@click.option("--store", "store_code", help="The code of the store where the roles hold; all stores when left out.")
@click.password_option(envvar="LOYALTY_STAFF_PASSWORD", help="Asked for when left out.")
def create(username: str, name: str, roles: tuple[str, ...], store_code: str | None, password: str) -> None:
    """Create an account with its roles."""
    now = utc_now()
    with application():
        store = store_by_code(store_code) if store_code else None
        account_id = create_account(username=username, name=name, password=password, now=now, by=SYSTEM)
        for role in roles:
            assign(
                account_id,
                role,
                store_id=store.id if store else None,
                from_day=day_at(now, store.zone if store else GROUP_ZONE),
                now=now,
                by=SYSTEM,
            )
    click.echo(f"Account {username} can sign in now.")
