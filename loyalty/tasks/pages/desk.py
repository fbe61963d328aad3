"""What the day's page shows: read from the address, so that it can be kept, sent and opened again."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Self

from flask import request

from loyalty.kernel.actor import Actor
from loyalty.staff.queries import person_behind, store_by_code
from loyalty.tasks import queries
from loyalty.tasks.queries import BY_PRIORITY, BY_TIME, EVERYBODY, MINE, NOBODY, OVERDUE, READ, Counts, Days, Filter
from loyalty.tasks.rules import VIEW_TITLES, kinds
from loyalty.web.texts import row_number

PAGE = 25
FILTERS = ("view", "whose", "kind", "store", "sort", "cursor")


@dataclass(frozen=True, slots=True)
class Desk:
    """A person's view of the queue: whose tasks, which of them, in which order."""

    whose: str
    view: str
    wanted: Filter
    days: Days
    counts: Counts

    @classmethod
    def of_request(cls, actor: Actor, now: datetime) -> Self:
        """Return the view that the address asks for; without one, the own tasks, or everybody's if there are none."""
        scope = actor.scope(READ)
        days = queries.days_of(scope, now)
        code, kind = request.args.get("store"), request.args.get("kind")
        base = Filter(
            kind=kind if kind in kinds() else None,
            store_id=store_by_code(code, scope).id if code else None,
            sort=BY_PRIORITY if request.args.get("sort") == BY_PRIORITY else BY_TIME,
        )
        whose = request.args.get("whose") or ""
        mine = replace(base, owner=person_behind(actor))
        told = queries.counts(mine, days, now=now) if whose in {"", MINE} else None
        if told is None or (not whose and told.all == 0):
            whose = whose if whose == NOBODY or whose.isdecimal() else EVERYBODY
            mine = replace(base, owner=_owner(whose))
            told = queries.counts(mine, days, now=now)
        else:
            whose = MINE
        view = request.args.get("view") or ""
        view = view if view == OVERDUE or view in VIEW_TITLES else ""
        return cls(whose, view, replace(mine, view=view or None), days, told)

    @property
    def narrowed(self) -> bool:
        """Whether anything but the tab of all is asked for."""
        return bool(self.view or self.wanted.kind or self.wanted.store_id)


def kept_filters(**more: Any) -> dict[str, Any]:
    """Return the filters of the address, for the address after an act."""
    kept: dict[str, Any] = {name: request.args[name] for name in FILTERS if request.args.get(name)}
    return kept | more


def _owner(whose: str) -> int | None:
    if whose == NOBODY:
        return 0
    return row_number(whose)
