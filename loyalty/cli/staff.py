"""`loyalty staff`: accounts for the first day and for emergencies; afterwards there is a page."""

import click

from loyalty.cli.application import application
from loyalty.kernel.actor import SYSTEM
from loyalty.kernel.clock import day_at, utc_now
from loyalty.kernel.settings import Settings
from loyalty.staff.queries import account_id, present_code, store_by_code
from loyalty.staff.rules import ROLES
from loyalty.staff.service import assign, create_account, reset_factor

GROUP_ZONE = "Asia/Shanghai"


@click.group()
def staff() -> None:
    """Create staff accounts, and help those who cannot sign in."""


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
        account = create_account(username=username, name=name, password=password, given=True, now=now, by=SYSTEM)
        for role in roles:
            assign(
                account,
                role,
                store_id=store.id if store else None,
                from_day=day_at(now, store.zone if store else GROUP_ZONE),
                now=now,
                by=SYSTEM,
            )
    click.echo(f"Account {username} can sign in now, and chooses another password first.")


@staff.command()
@click.argument("username")
def code(username: str) -> None:
    """Show the code of somebody's second factor: for demonstrations, refused in production."""
    with application() as app:
        settings: Settings = app.extensions["loyalty.settings"]
        if settings.production:
            raise click.ClickException("In production only the app on the person's phone shows codes.")
        click.echo(present_code(account_id(username), now=utc_now()))


@staff.command("reset-factor")
@click.argument("username")
def reset(username: str) -> None:
    """Take somebody's second factor away, for the day when no administrator can sign in."""
    with application():
        reset_factor(account_id(username), now=utc_now(), by=SYSTEM)
    click.echo(f"Account {username} sets up a new second factor at the next sign-in.")
