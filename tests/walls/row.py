"""One row of the walls table: what a route asks for, what its address names, and what is sent to it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from loyalty.staff.rules import PERMISSIONS

OPEN = "open"
SIGNED_IN = "signed in"
OWNER = "owner"
WORDS = (OPEN, SIGNED_IN, OWNER)

GROUP = "belongs to the group: there is no foreign one"
READ = frozenset({200})
DONE = frozenset({200, 201, 302, 303})

Target = Mapping[str, Any]
Sent = Mapping[str, Any] | Callable[[Target], Mapping[str, Any]] | None


@dataclass(frozen=True, slots=True)
class Row:
    """What one route must answer to whom.

    `needs`: a permission, or OPEN, SIGNED_IN (staff or program), OWNER. Written here by hand on purpose: that the
    view's mark says the same is one of the tests.
    `of`: the thing of tests/walls/world.py that the address (or the body) names; None when it names none.
    `sends`: the form of a page or the JSON of an operation, good enough that one's own thing is really changed;
    a function gets the target's values.
    `own`: the statuses of one's own thing. `missing`: that of a thing that is not there, and so of a foreign one.
    `alone`: GROUP, or another reason why there is no foreign one.
    `lists`: the marks (of tests/walls/world.py) that the page has: one's own are in it, foreign ones are not.
    `query`: what stands behind the ? of the address, which can name what the target has as the address does.
    `also`: a second permission that the view asks for itself.
    """

    needs: str
    of: str | None = None
    sends: Sent = None
    own: frozenset[int] = field(default=READ)
    missing: int = 404
    alone: str = ""
    lists: str | None = None
    query: str = ""
    also: str = ""

    def __post_init__(self) -> None:
        if self.needs not in (*WORDS, *PERMISSIONS):
            raise ValueError(f"{self.needs} is no permission")

    def body(self, target: Target) -> Mapping[str, Any]:
        return dict(self.sends(target) if callable(self.sends) else self.sends or {})


def read(needs: str, of: str | None = None, **more: Any) -> Row:
    """A route that shows something: 200 for one's own."""
    return Row(needs, of, **more)


def write(needs: str, of: str | None = None, **more: Any) -> Row:
    """A route that changes something: 200, 201 or a redirect for one's own."""
    return Row(needs, of, **{"own": DONE, **more})
