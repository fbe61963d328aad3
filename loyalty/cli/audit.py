"""`loyalty audit`: the ledger counted again from its first entry, and the chain of the audit trail followed."""

from dataclasses import asdict

import click

from loyalty.cli.application import application
from loyalty.cli.reports import tell
from loyalty.points.queries import audit as findings_of_ledger
from loyalty.staff.queries.chain import check_trail
from loyalty.staff.rules.chain import Head


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Write the findings as JSON.")
@click.option("--head", "noted", metavar="HEAD", help="An end of the chain noted before: show that it is still in it.")
@click.pass_context
def audit(ctx: click.Context, noted: str | None, *, as_json: bool) -> None:
    """Check the whole ledger and the audit trail from zero; end with 1 when something is wrong, naming each row.

    Note the head that this prints somewhere outside of the database: `--head` shows later that the trail up to there
    is the same, even if somebody had written the whole chain anew.
    """
    with application():
        trail = check_trail(Head.parse(noted) if noted else None)
        findings = [asdict(finding) for finding in findings_of_ledger()]
        findings += [asdict(found) for found in trail.breaks]
    state = {"links": trail.links, "waiting": trail.waiting, "head": str(trail.head)}
    tell({"clean": not findings, "findings": findings, "trail": state}, as_json=as_json)
    ctx.exit(1 if findings else 0)
