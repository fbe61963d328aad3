"""`loyalty keys`: the field keys that seal personal data, and their rotation."""

import click

from loyalty import keyed
from loyalty.cli.application import application
from loyalty.cli.reports import tell
from loyalty.kernel.clock import utc_now
from loyalty.kernel.crypto import BrokenSeal, key_ring
from loyalty.kernel.reindexing import turn, turned
from loyalty.kernel.rotation import counts, rotate

KEEP = (
    "Hashes of erased people, stops of addresses that nobody has, and recovery codes on paper from before are "
    "recognised only while LOYALTY_INDEX_KEY_OTHER stays; have the codes made anew before it goes."
)
WAIT = "Sign-ins that are under way hold values for a day as well, so take a key out a day after the rotation."


@click.group()
def keys() -> None:
    """Rotate the keys that seal personal data, and the key of its blind indexes."""


@keys.command("rotate")
@click.option("--json", "as_json", is_flag=True, help="Write the report as JSON.")
def rotate_keys(*, as_json: bool) -> None:
    """Seal everything by the first key of LOYALTY_FIELD_KEYS, while the service runs.

    First add the new key behind the others on all machines and restart them, then put it in front and restart them,
    then run this. Killed, it goes on where it was. At its end it names the keys that can be taken out.

    With LOYALTY_INDEX_KEY_OTHER, blind indexes are made again by LOYALTY_INDEX_KEY in the same way: first set the new
    key as the other one on all machines and restart them, then let the two change places and restart them, then run
    this.
    """
    with application():
        try:
            sealed = rotate(keyed.SEALED, now=utc_now(), told=_progress)
            indexed = turn(keyed.BLIND, now=utc_now(), told=_progress)
        except BrokenSeal as problem:
            raise click.ClickException(f"{problem}. Nothing of this value was changed.") from problem
        tell({"sealed": sealed, "indexed": indexed, **_state()}, as_json=as_json)


@keys.command("status")
@click.option("--json", "as_json", is_flag=True, help="Write the report as JSON.")
def show_keys(*, as_json: bool) -> None:
    """Tell how many values each key seals, and which keys can be taken out."""
    with application():
        tell(_state(), as_json=as_json)


def _state() -> dict[str, object]:
    first, found = key_ring().first, counts(keyed.SEALED)
    removable = [key for key, values in found.items() if key != first and not values]
    report: dict[str, object] = {"first_key": first, "values_by_key": found, "can_be_taken_out": removable}
    if key_ring().other_index_key is not None:
        report |= {"other_index_key_can_be_taken_out": turned(keyed.BLIND), "about_the_other_index_key": KEEP}
    if missing := [key for key, values in found.items() if values and key not in key_ring().keys]:
        report["missing_keys"] = missing
    return report | ({"note": WAIT} if removable else {})


def _progress(column: str, done: int) -> None:
    click.echo(f"{column}: {done}", err=True)
