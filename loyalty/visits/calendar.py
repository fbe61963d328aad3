"""What follow-up adds to the calendar: steps that are planned and not yet tasks."""

from collections.abc import Collection
from datetime import date, datetime

from flask import url_for

from loyalty.kernel.actor import Actor
from loyalty.tasks.rules import STEPS, CalendarEntry
from loyalty.visits import queries
from loyalty.visits.queries import READ
from loyalty.web.languages import in_chinese
from loyalty.web.panels import Panel


def entry_panels(
    *, since: date, until: date, store_ids: Collection[int], advisor_id: int | None, actor: Actor, now: datetime
) -> list[Panel]:
    """Return the planned steps of these stores between two days, of one advisor's customers where one is named."""
    del now
    if not actor.may(READ):
        return []
    seen = [at for at in store_ids if actor.scope(READ).covers(at)]
    return [
        Panel(
            one.day.isoformat(),
            "",
            {
                "entry": CalendarEntry(
                    STEPS,
                    one.day,
                    one.who,
                    str(one.names["step_zh" if in_chinese() else "step"]),
                    url_for("visits.show", plan_id=one.plan_id),
                    "signpost",
                )
            },
        )
        for one in queries.steps_ahead(since, until, seen, advisor_id)
    ]
