"""What the booked lines of a sale come to now."""

from collections.abc import Sequence
from dataclasses import replace

from loyalty.earning.queries import Booked
from loyalty.earning.rules import WHOLE_SALE, Standing


def live(lines: Sequence[Booked]) -> list[Booked]:
    """Return the lines of one version, in the order in which they were booked, without events that were undone.

    An event is undone by a line that no refund wrote and that leaves nothing of it; the same event may come again.
    """
    counted: list[Booked] = []
    left: dict[tuple[str, str], int] = {}
    for line in lines:
        counted.append(line)
        if line.line == WHOLE_SALE:
            event = (line.rule, line.unit)
            left[event] = left.get(event, 0) + line.points
            if line.points < 0 and line.refund_id is None and not left[event]:
                counted = [one for one in counted if (one.line, one.rule, one.unit) != (WHOLE_SALE, *event)]
    return counted


def standings_of(lines: Sequence[Booked]) -> list[Standing]:
    """Return what each line of a sale has by each rule, and what refunds have taken of it."""
    found: dict[tuple[str, int, str], Standing] = {}
    for line in live(lines):
        place = (line.rule, line.line, line.unit)
        standing = found.get(place) or Standing(line.rule, line.line, line.unit, line.basis, 0)
        given, taken = max(line.points, 0), max(-line.points, 0)
        found[place] = replace(standing, awarded=standing.awarded + given, taken=standing.taken + taken)
    return list(found.values())
