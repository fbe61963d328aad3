"""`loyalty links`: ways in from core systems, by hand; there are pages too."""

import json
from datetime import timedelta
from pathlib import Path

import click

from loyalty.cli.application import application
from loyalty.cli.reports import tell
from loyalty.kernel.actor import SYSTEM
from loyalty.kernel.clock import utc_now
from loyalty.links import queries, service
from loyalty.links.rules import Plan, parse_plan
from loyalty.sales.rules import parse_mapping
from loyalty.staff.queries import store_by_code

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
AS_JSON = click.option("--json", "as_json", is_flag=True, help="Write the result as JSON.")
STORES = click.option("--store", "stores", multiple=True, help="A store's code, repeatable; all stores when left out.")


@click.group()
def links() -> None:
    """Make, test and look after links to core sales."""


@links.command("list")
@AS_JSON
def list_links(*, as_json: bool) -> None:
    """List the links: kind, state, last seen, what is rejected."""
    with application():
        found = queries.links(SYSTEM)
        standings = queries.standings([link.id for link in found], utc_now())
        rows = [
            {
                "link": link.code,
                "kind": link.kind,
                "paused": link.paused,
                "seen_at": standings[link.id].seen_at,
                "rejected": standings[link.id].rejects,
                "unreachable_since": link.pull.unreachable_since if link.pull else None,
            }
            for link in found
        ]
    tell({"links": rows}, as_json=as_json)


@links.command()
@click.argument("code")
@click.option("--name", required=True, help="What people call it.")
@click.option("--source", required=True, help="The system that the numbers come from, such as dms.")
@STORES
def webhook(code: str, name: str, source: str, stores: tuple[str, ...]) -> None:
    """Make a link CODE that receives events, and print its secret, which cannot be shown again."""
    with application():
        ids = _stores(stores)
        secret = service.create_webhook(code=code, name=name, source=source, stores=ids, now=utc_now(), by=SYSTEM)
    click.echo(secret)


@links.command()
@click.argument("code")
@click.option("--name", required=True, help="What people call it.")
@click.option(
    "--url",
    prompt="Address of the core database",
    hide_input=True,
    help="With user and password; asked for when left out, so that it stands in no list of processes.",
)
@click.option("--view", required=True, help="The view that is read, with its schema where it has one.")
@click.option("--mapping", "mapping_file", type=FILE, required=True, help="JSON: which column holds what.")
@click.option("--changed", default="updated_at", show_default=True, help="Column with the moment of the last change.")
@click.option("--deleted", help="Column that marks rows that are struck out.")
@click.option("--every", default=300, show_default=True, help="Seconds between two readings.")
@STORES
def view(  # noqa: PLR0913, PLR0917 - click hands each option over by its name
    code: str,
    name: str,
    url: str,
    view: str,
    mapping_file: Path,
    changed: str,
    deleted: str | None,
    every: int,
    stores: tuple[str, ...],
) -> None:
    """Make a link CODE that reads a view of a core database."""
    mapping = parse_mapping(json.loads(mapping_file.read_text("utf-8-sig")))
    plain = parse_plan({"view": view, "changed": changed, "deleted": deleted, "every_seconds": every})
    plan = Plan(plain.view, mapping, plain.changed, plain.deleted, every_seconds=plain.every_seconds)
    with application():
        service.create_pull(
            code=code,
            name=name,
            source=mapping.source,
            stores=_stores(stores),
            url=url,
            plan=plan,
            now=utc_now(),
            by=SYSTEM,
        )
    click.echo(f"Link {code} is made; `loyalty run pull --link {code}` reads it at once.")


@links.command()
@click.argument("code")
@click.option("--keep-hours", default=24, show_default=True, help="For how long the former secret stays in force.")
def rotate(code: str, keep_hours: int) -> None:
    """Print a new secret of the link CODE, which cannot be shown again."""
    with application():
        keep = timedelta(hours=keep_hours)
        secret = service.rotate_secret(queries.link_by_code(code), keep=keep, now=utc_now(), by=SYSTEM)
    click.echo(secret)


@links.command()
@click.argument("code")
def test(code: str) -> None:
    """Connect to the core database of the link CODE and tell what its view has."""
    with application():
        tested = service.test_connection(queries.link_by_code(code))
    click.echo(f"{len(tested.columns)} columns: {', '.join(tested.columns)}")
    if tested.unseen:
        click.echo(f"{tested.unseen} rows have no number or no moment of change; they are never read.", err=True)


@links.command()
@click.argument("code")
def pause(code: str) -> None:
    """Pause the link CODE: events are kept and wait, views are not read."""
    with application():
        service.set_paused(queries.link_by_code(code), paused=True, now=utc_now(), by=SYSTEM)


@links.command()
@click.argument("code")
def resume(code: str) -> None:
    """Let the link CODE go on."""
    with application():
        service.set_paused(queries.link_by_code(code), paused=False, now=utc_now(), by=SYSTEM)


@links.command()
@click.argument("code")
@AS_JSON
def rejected(code: str, *, as_json: bool) -> None:
    """List what of the link CODE is rejected, with the reasons."""
    with application():
        page = queries.rejects_page(queries.link_by_code(code).id, limit=100)
        rows = [
            {
                "kind": reject.kind,
                "number": reject.key,
                "tries": reject.tries,
                "reasons": [each["sentence"].format(**each["numbers"]) for each in reject.flaws],
            }
            for reject in page.items
        ]
    tell({"link": code, "rejected": rows}, as_json=as_json)


@links.command()
@click.argument("code")
@AS_JSON
def retry(code: str, *, as_json: bool) -> None:
    """Try what of the link CODE is rejected again, as it was kept."""
    with application():
        counts = service.retry_rejects(queries.link_by_code(code), now=utc_now(), by=SYSTEM)
    tell({"link": code, **counts}, as_json=as_json)


def _stores(codes: tuple[str, ...]) -> list[int] | None:
    return [store_by_code(code).id for code in codes] or None
