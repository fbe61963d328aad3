"""`loyalty audit`: the ledger counted again from its first entry."""

from dataclasses import asdict

import click

from loyalty.cli.application import application
from loyalty.cli.reports import tell
from loyalty.points.queries import audit as findings_of_ledger


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Write the findings as JSON.")
@click.pass_context
def audit(ctx: click.Context, *, as_json: bool) -> None:
    """Check the whole ledger from zero; end with 1 when something is wrong, naming each row."""
    with application():
        findings = [asdict(finding) for finding in findings_of_ledger()]
    tell({"clean": not findings, "findings": findings}, as_json=as_json)
    ctx.exit(1 if findings else 0)
