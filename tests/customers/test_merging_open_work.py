"""Two members of different levels, each with work that is open: what is still to be done comes over, and goes back."""

from collections import Counter
from datetime import date

from jobs import visits as work
from loyalty.kernel.actor import EVERYTHING, SYSTEM
from loyalty.tasks.queries import tasks_of
from loyalty.tasks.rules import BY_HAND, NewTask, Sentenced
from loyalty.tasks.service import open_tasks
from loyalty.tiers.queries import standing
from loyalty.visits.queries import plans_page

TODAY = date(2026, 3, 12)


def to_do(customer_id):
    """What is open for a customer: plans by their vehicles, and tasks by their numbers."""
    plans = plans_page(EVERYTHING, state="active", limit=100).items
    return (
        Counter(plan.vehicle_id for plan in plans if plan.customer_id == customer_id),
        Counter(task.id for task in tasks_of(customer_id) if task.live),
    )


def test_open_work_of_both_is_the_kept_one_s_until_they_are_two_again(kept, gone, merge, part, store, clock):
    for night in (work.plans, work.reminders):
        night(TODAY, zone="Asia/Shanghai", dry_run=False, now=clock.now, by=SYSTEM)
    what = Sentenced("{note}", {"note": "取送车"})
    open_tasks(
        [NewTask(f"t{at}", BY_HAND.code, at, store, TODAY, TODAY, what) for at in (kept, gone)],
        now=clock.now,
        by=SYSTEM,
    )
    before = {at: to_do(at) for at in (kept, gone)}
    assert (standing(kept).level_code, standing(gone).level_code) == ("basic", "gold")
    assert all(plans and tasks for plans, tasks in before.values())

    merged = merge(kept, gone)

    moved = next(one for one in merged.effects if one.kind == "tasks.moved")
    assert moved.numbers == {"count": before[gone][1].total()}
    assert to_do(gone) == (Counter(), Counter())
    assert to_do(kept) == tuple(own + others for own, others in zip(before[kept], before[gone], strict=True))
    assert standing(kept).level_code == "gold"

    part(merged.merge_id)

    assert {at: to_do(at) for at in (kept, gone)} == before
    assert (standing(kept).level_code, standing(gone).level_code) == ("basic", "gold")
