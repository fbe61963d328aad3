"""The work calendar for programs."""

from datetime import date, timedelta
from typing import Any

from loyalty.kernel.clock import parse_day
from loyalty.kernel.errors import Malformed, Sentence
from loyalty.programme import queries, service
from loyalty.programme.rules import holiday_name, is_published
from loyalty.programme.schemas import CalendarDaySchema, CalendarDaysSchema, DaysQuery, OwnDaySchema
from loyalty.staff.queries import store_by_code
from loyalty.web.api import ApiBlueprint
from loyalty.web.guards import guard
from loyalty.web.requests import current_actor, request_now

operations = ApiBlueprint(
    "calendar",
    __name__,
    url_prefix="/programme/calendar",
    description="Which days are worked: holidays and make-up workdays of mainland China, and the dealer's own days.",
)

MOST_DAYS = 400


@operations.get("")
@guard("programme.read")
@operations.arguments(DaysQuery, location="query")
@operations.response(200, CalendarDaysSchema)
def list_days(asked: dict[str, Any]) -> dict[str, Any]:
    """Return the days from one to another, both included, and why each is worked or not: by all stores, or by one."""
    since, until = asked["since"], asked["until"]
    if not 0 <= (until - since).days < MOST_DAYS:
        raise Malformed({"until": [Sentence("Ask for 1 to {most} days.", most=MOST_DAYS)]})
    days = [since + timedelta(days=index) for index in range((until - since).days + 1)]
    store_id = (
        None if asked["store"] is None else store_by_code(asked["store"], current_actor().scope("programme.read")).id
    )
    return {"items": _days(days, store_id)}


@operations.put("/<day>")
@guard("programme.edit")
@operations.arguments(OwnDaySchema)
@operations.response(200, CalendarDaySchema)
def set_day(asked: dict[str, Any], day: str) -> dict[str, Any]:
    """Let a day be worked or not, whatever the published list says; repeating the call changes nothing more."""
    chosen = parse_day(day, place="day")
    service.set_own_day(chosen, works=asked["works"], name=asked["name"], now=request_now(), by=current_actor())
    return _days([chosen])[0]


@operations.delete("/<day>")
@guard("programme.edit")
@operations.response(200, CalendarDaySchema)
def unset_day(day: str) -> dict[str, Any]:
    """Let the published list say again what a day is; repeating the call changes nothing more."""
    chosen = parse_day(day, place="day")
    service.unset_own_day(chosen, now=request_now(), by=current_actor())
    return _days([chosen])[0]


def _days(days: list[date], store_id: int | None = None) -> list[dict[str, Any]]:
    calendar = queries.work_calendar(days[0], days[-1], store_id=store_id)
    own = {day: name for year in {day.year for day in days} for day, _works, name in queries.own_days(year)}
    return [
        {
            "day": day,
            "works": calendar.works(day),
            "kind": calendar.kind(day).value,
            "name": calendar.closed.get(day) or own.get(day) or holiday_name(day),
            "published": is_published(day.year),
        }
        for day in days
    ]
