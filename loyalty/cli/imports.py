"""`loyalty import`: files of the dealer's other systems, by the same code as the page."""

import json
from pathlib import Path

import click

from loyalty.cli.application import application
from loyalty.cli.reports import tell
from loyalty.kernel.actor import SYSTEM
from loyalty.kernel.clock import utc_now
from loyalty.kernel.settings import Settings
from loyalty.sales.rules import FileMapping, parse_mapping
from loyalty.sales.service import import_file

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group("import")
def imports() -> None:
    """Read files of the dealer's systems."""


@imports.command()
@click.argument("file", type=FILE)
@click.option("--mapping", "mapping_file", type=FILE, required=True, help="JSON: which column holds what.")
@click.option("--dry-run", is_flag=True, help="Only tell what would be written.")
@click.option("--json", "as_json", is_flag=True, help="Write the result as JSON.")
@click.pass_context
def sales(ctx: click.Context, file: Path, mapping_file: Path, *, dry_run: bool, as_json: bool) -> None:
    """Import a CSV or Excel FILE of sales; end with 1 when rows were rejected."""
    with application() as app:
        settings: Settings = app.extensions["loyalty.settings"]
        result = import_file(
            file,
            _mapping(mapping_file),
            dry_run=dry_run,
            now=utc_now(),
            by=SYSTEM,
            progress=_progress,
            most_bytes=settings.upload_limit_bytes,
            side_by_side=True,
        )
        report = result.to_json()
    tell(report, as_json=as_json)
    ctx.exit(1 if report.get("rejected") else 0)


def _mapping(file: Path) -> FileMapping:
    try:
        return parse_mapping(json.loads(file.read_text("utf-8-sig")))
    except ValueError as problem:
        raise click.BadParameter(f"{file} is not JSON: {problem}", param_hint="--mapping") from problem


def _progress(rows: int) -> None:
    click.echo(f"{rows} rows", err=True)
