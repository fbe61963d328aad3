"""`loyalty run`: one step of the night, or the reading of links, by hand."""

from datetime import timedelta

import click

from jobs.links import PULL, pull_by_hand
from jobs.schedule import DEFAULT_ZONE, STEPS
from loyalty.cli.application import application
from loyalty.cli.reports import tell
from loyalty.kernel.clock import day_at, parse_day, utc_now


@click.command()
@click.argument("job", type=click.Choice([*(step.name for step in STEPS), PULL]))
@click.option(
    "--as-of", "as_of", metavar="DAY", help="The last day that counts, as 2026-03-12; yesterday when left out."
)
@click.option("--zone", default=DEFAULT_ZONE, show_default=True, help="Whose midnight ends the day.")
@click.option("--link", "links", multiple=True, help="pull: a link's code, repeatable; all of them when left out.")
@click.option("--dry-run", is_flag=True, help="Only tell what would be done.")
@click.option("--json", "as_json", is_flag=True, help="Write the report as JSON.")
@click.pass_context
def run(
    ctx: click.Context,
    job: str,
    as_of: str | None,
    zone: str,
    links: tuple[str, ...],
    *,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Run a job by hand; run again, it finds nothing left to do. A pull ends with 1 when rows were rejected."""
    now = utc_now()
    if job == PULL:
        with application():
            reports = pull_by_hand(links, dry_run=dry_run, now=now, progress=_progress)
        tell({"job": job, "dry_run": dry_run, "links": reports}, as_json=as_json)
        ctx.exit(1 if any(report["rejected"] or report["problem"] for report in reports) else 0)
    step = next(step for step in STEPS if step.name == job)
    with application():
        day = parse_day(as_of) if as_of else day_at(now, zone) - timedelta(days=1)
        report = step.run(day, zone=zone, dry_run=dry_run, now=now)
    tell({"job": job, "as_of": day.isoformat(), "dry_run": dry_run, **report}, as_json=as_json)


def _progress(rows: int) -> None:
    click.echo(f"{rows} rows", err=True)
