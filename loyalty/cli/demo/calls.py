"""The calls of the last weeks, as care agents recorded them, so that today's queue is a day's work."""

from datetime import date, datetime, time, timedelta
from random import Random

from loyalty.cli.demo.staff import ZONE
from loyalty.kernel.actor import EVERYTHING, Actor
from loyalty.kernel.clock import day_at, zone_of
from loyalty.kernel.errors import Refused
from loyalty.staff.rules import PERMISSIONS
from loyalty.tasks import queries, service
from loyalty.tasks.queries import Brief, Filter
from loyalty.tasks.rules import Attempt

LEFT_OVER = timedelta(days=2)
MOST = 500
TALK = (
    "车况良好，暂时没有问题。",
    "空调偶有异响，已约周六复检。",
    "对服务满意，会再来。",
    "想了解保养套餐，已说明。",
    "",
)


def record_calls(random: Random, now: datetime) -> None:
    """Record what was due some days ago, and this morning some of the rest, by whoever had it to do."""
    today = day_at(now, ZONE)
    days = queries.days_of(EVERYTHING, now)
    open_ = [row.task for row in queries.every(Filter(), days, most=MOST)]
    for task in open_:
        if task.due_to < today - LEFT_OVER:
            _record(random, task, _afternoon(random, task.due_from))
        elif random.random() < 0.4:
            _record(random, task, now - timedelta(minutes=random.randrange(5, 60)))


def _record(random: Random, task: Brief, at: datetime) -> None:
    if task.owner_id is None or task.owner is None:
        return
    by = Actor("staff", task.owner_id, task.owner, dict.fromkeys(PERMISSIONS))
    talked = [one.code for one in task.shape.outcomes if one.means == "reached"]
    code = random.choice(talked) if random.random() < 0.8 else "no_answer"
    try:
        service.record(task.id, Attempt(code, random.choice(TALK)), scope=EVERYTHING, now=at, by=by)
    except Refused:
        return  # an earlier call ended this one


def _afternoon(random: Random, day: date) -> datetime:
    return datetime.combine(day, time(random.randrange(14, 18), random.randrange(60)), zone_of(ZONE))
