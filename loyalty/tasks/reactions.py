"""What changes of customers and of staff, and replies to messages, mean for tasks."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from loyalty.appointments.events import AppointmentMissed
from loyalty.customers.events import CustomerClosed, CustomerErased, CustomersMerged, CustomersParted
from loyalty.customers.queries import customers_by_ids
from loyalty.customers.service import carry_back, carry_over
from loyalty.kernel.actor import EVERYTHING, Actor
from loyalty.kernel.effects import Effect
from loyalty.messaging.events import ReplyArrived, ReplyHandled
from loyalty.messaging.service import handle_reply
from loyalty.staff.events import WorkEnded
from loyalty.tasks import queries, service
from loyalty.tasks.events import TaskConcluded
from loyalty.tasks.rules import MISSED, REASON_TEXTS, NewTask, Sentenced
from loyalty.tasks.rules.replies import ABOUT, DAYS, REPLY, WHAT

PART = "tasks"


def carry_tasks(merges: Sequence[CustomersMerged], *, now: datetime, by: Actor) -> list[Effect]:
    """Let the tasks of the gone customer be the kept one's."""
    del now, by
    return [
        Effect("tasks.moved", "Tasks that come over: {count}.", {"count": len(ids)}, one.kept_id)
        for one, ids in carry_over(merges, PART, service.carry_tasks)
        if ids
    ]


def return_tasks(partings: Sequence[CustomersParted], *, now: datetime, by: Actor) -> list[Effect]:
    """Give the gone customer its tasks back, with what was recorded since."""
    del now, by
    carry_back(partings, PART, service.carry_tasks)
    return []


def end_closed(closings: Sequence[CustomerClosed], *, now: datetime, by: Actor) -> list[Effect]:
    """Stop what is still to be done for a customer who has closed the account."""
    ids = [one.customer_id for one in closings]
    service.end_of_customers(ids, REASON_TEXTS["closed"], now=now, by=by)
    return []


def forget_people(erasures: Sequence[CustomerErased], *, now: datetime, by: Actor) -> list[Effect]:
    """Stop what is still to be done for an erased person, and take out what tells of the person."""
    for one in erasures:
        service.end_of_customers(one.customer_ids, REASON_TEXTS["erased"], now=now, by=by)
        service.forget_people(one.customer_ids)
    return []


def share_out_left(endings: Sequence[WorkEnded], *, now: datetime, by: Actor) -> list[Effect]:
    """Share out anew what belongs to people who have left."""
    count = service.hand_over(now, by, account_ids=[one.account_id for one in endings])
    return [Effect("tasks.handed_over", "Tasks given to others: {count}.", {"count": count})] if count else []


def call_missed(missed: Sequence[AppointmentMissed], *, now: datetime, by: Actor) -> list[Effect]:
    """Let somebody call the owners who did not come, on the next day that their store works."""
    tasks = []
    for one in missed:
        day = queries.next_workday(one.store_id, queries.day_in(one.store_id, now))
        tasks.append(
            NewTask(
                dedupe_key=f"appointment:{one.appointment_id}",
                kind=MISSED.code,
                customer_id=one.customer_id,
                store_id=one.store_id,
                due_from=day,
                due_to=day,
                what=Sentenced("Missed the appointment on {when}", {"when": one.starts_at.isoformat()}),
                vehicle_id=one.vehicle_id,
                about_kind="appointment",
                about_id=one.appointment_id,
            )
        )
    opened = service.open_tasks(tasks, now=now, by=by)
    return [Effect("tasks.opened", "Tasks opened: {count}.", {"count": len(opened)})] if opened else []


def open_replies(replies: Sequence[ReplyArrived], *, now: datetime, by: Actor) -> list[Effect]:
    """Let somebody answer what customers wrote; a reply of nobody known stands in the list of replies alone."""
    people = customers_by_ids([one.customer_id for one in replies if one.customer_id is not None])
    tasks = []
    for one in replies:
        store_id = people[one.customer_id].home_store_id if one.customer_id in people else None
        if one.customer_id is None or store_id is None:
            continue
        today = queries.day_in(store_id, now)
        tasks.append(
            NewTask(
                dedupe_key=f"{ABOUT}:{one.reply_id}",
                kind=REPLY.code,
                customer_id=one.customer_id,
                store_id=store_id,
                due_from=today,
                due_to=today + timedelta(days=DAYS),
                what=Sentenced(WHAT),
                about_kind=ABOUT,
                about_id=one.reply_id,
            )
        )
    service.open_tasks(tasks, now=now, by=by)
    return []


def end_replies(handled: Sequence[ReplyHandled], *, now: datetime, by: Actor) -> list[Effect]:
    """End the tasks of replies that were answered on the page of replies."""
    service.void(ABOUT, [one.reply_id for one in handled], reason=REASON_TEXTS["answered"], now=now, by=by)
    return []


def answer_replies(conclusions: Sequence[TaskConcluded], *, now: datetime, by: Actor) -> list[Effect]:
    """Take replies off the page of replies when their tasks are concluded."""
    for one in conclusions:
        if one.about_kind == ABOUT and not one.follows:
            handle_reply(one.about_id, note="", scope=EVERYTHING, now=now, by=by)
    return []
