"""Steps that are ahead stand in the calendar until they are tasks."""

from datetime import date

from loyalty.kernel.actor import Actor
from loyalty.visits import queries


def test_planned_steps_stand_in_the_calendar_and_opened_ones_do_not(client, acting, agent, store, deliver, night):
    deliver(day=date(2026, 3, 10))
    night(date(2026, 3, 10))
    acting(Actor("staff", agent, "Agent", {"tasks.read": frozenset({store})}))
    ahead = queries.steps_ahead(date(2026, 3, 9), date(2026, 4, 30), [store])

    page = client.get("/staff/calendar?whose=all&kind=steps").text

    assert ahead
    assert f"/staff/visits/{ahead[0].plan_id}" in page
    assert queries.steps_ahead(date(2026, 3, 9), date(2026, 4, 30), []) == []
    assert "/staff/visits/" not in client.get("/staff/calendar?whose=all&kind=tasks").text.split("<main")[1]

    night(date(2026, 4, 30))
    assert queries.steps_ahead(date(2026, 3, 9), date(2026, 4, 30), [store]) == []
