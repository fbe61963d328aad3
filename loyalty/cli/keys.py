"""`loyalty keys`: the field keys that seal personal data, and their rotation."""

import click

from loyalty import wiring
from loyalty.cli.application import application
from loyalty.cli.reports import tell
from loyalty.kernel.clock import utc_now
from loyalty.kernel.crypto import BrokenSeal, key_ring
from loyalty.kernel.rotation import counts, rotate

WAIT = "Sign-ins that are under way hold values for a day as well, so take a key out a day after the rotation."


@click.group()
def keys() -> None:
    """Rotate the keys of LOYALTY_FIELD_KEYS."""


@keys.command("rotate")
@click.option("--json", "as_json", is_flag=True, help="Write the report as JSON.")
def rotate_keys(*, as_json: bool) -> None:
    """Seal everything by the first key of LOYALTY_FIELD_KEYS, while the service runs.

    First add the new key behind the others on all machines and restart them, then put it in front and restart them,
    then run this. Killed, it goes on where it was. At its end it names the keys that can be taken out.
    """
    with application():
        try:
            sealed = rotate(wiring.SEALED, now=utc_now(), told=_progress)
        except BrokenSeal as problem:
            raise click.ClickException(f"{problem}. Nothing of this value was changed.") from problem
        tell({"sealed": sealed, **_state()}, as_json=as_json)


@keys.command("status")
@click.option("--json", "as_json", is_flag=True, help="Write the report as JSON.")
def show_keys(*, as_json: bool) -> None:
    """Tell how many values each key seals, and which keys can be taken out."""
    with application():
        tell(_state(), as_json=as_json)


def _state() -> dict[str, object]:
    first, found = key_ring().first, counts(wiring.SEALED)
    removable = [key for key, values in found.items() if key != first and not values]
    report: dict[str, object] = {"first_key": first, "values_by_key": found, "can_be_taken_out": removable}
    return report | ({"note": WAIT} if removable else {})


def _progress(column: str, done: int) -> None:
    click.echo(f"{column}: {done}", err=True)
