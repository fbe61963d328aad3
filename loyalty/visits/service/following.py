"""What came of the tasks of steps, and what merges of customers mean for plans."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import text

from loyalty.kernel.actor import Actor
from loyalty.kernel.db import batch, id_array, transaction
from loyalty.visits.rules import PlanState, StepState
from loyalty.visits.service.ending import end_plans, resume
from loyalty.visits.service.opening import open_again

_SETTLE = text("""
    UPDATE plan_steps SET state = :state, state_at = :now
    WHERE id = ANY (CAST(:ids AS bigint[])) AND state IN ('opened', 'done')
""")
# A message that was taken over can still come back; one that was repeated by hand and arrives makes it good.
_SETTLE_SENT = text("""
    UPDATE plan_steps AS s SET state = r.state, state_at = :now
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r (id bigint, state text)
    WHERE s.id = r.id AND s.state IN ('opened', 'done', 'missed') AND s.state <> r.state
""")
ENDS: Mapping[str, StepState] = {
    "sent": StepState.DONE,
    "delivered": StepState.DONE,
    "failed": StepState.MISSED,
    "denied": StepState.MISSED,
    "expired": StepState.MISSED,
    "cancelled": StepState.MISSED,
}
"""What the end of a message makes of its step; one that is unknown stays open until it is settled."""
_PLANS = text("SELECT DISTINCT plan_id FROM plan_steps WHERE id = ANY (CAST(:ids AS bigint[]))")
_MOVE = text("""
    UPDATE plans SET customer_id = :taker
    WHERE customer_id = :giver AND (CAST(:ids AS bigint[]) IS NULL OR id = ANY (CAST(:ids AS bigint[]))) RETURNING id
""")
_MOVE_FACTS = text("UPDATE plan_facts SET customer_id = :taker WHERE customer_id = :giver AND planned_at IS NULL")
_FORGET = (
    text("UPDATE plans SET vehicle_id = NULL WHERE customer_id = ANY (CAST(:ids AS bigint[]))"),
    text("UPDATE plan_facts SET vehicle_id = NULL WHERE customer_id = ANY (CAST(:ids AS bigint[]))"),
)


def settle_steps(step_ids: Collection[int], *, done: bool, now: datetime) -> None:
    """Write that the tasks of these steps were concluded, or that this was taken back."""
    if step_ids:
        state = StepState.DONE if done else StepState.OPENED
        with transaction() as session:
            session.execute(_SETTLE, {"ids": id_array(step_ids), "state": state, "now": now})


def settle_messages(ended: Sequence[tuple[int, str]], *, now: datetime) -> None:
    """Write what came of the messages of steps: step and state of the message of each."""
    rows = [{"id": step_id, "state": ENDS[state]} for step_id, state in ended if state in ENDS]
    if rows:
        with transaction() as session:
            session.execute(_SETTLE_SENT, {"rows": batch(rows), "now": now})


def stop_asked(step_ids: Collection[int], *, now: datetime, by: Actor) -> int:
    """Stop the plans of these steps, since the owner does not want to be called; return how many."""
    with transaction() as session:
        plans = session.scalars(_PLANS, {"ids": id_array(step_ids)}).all()
        return end_plans(plans, PlanState.STOPPED, "asked", now=now, by=by)


def resume_asked(step_ids: Collection[int], *, now: datetime, by: Actor) -> None:
    """Let plans go on that `stop_asked` had stopped: the result was taken back.

    What had been opened of them is opened again at once; what is not due yet waits for its day as before.
    """
    with transaction() as session:
        plans = session.scalars(_PLANS, {"ids": id_array(step_ids)}).all()
        for zone, steps in resume(plans, "asked").items():
            open_again(steps, zone, now=now, by=by)


def carry_plans(giver: int, taker: int, ids: Sequence[int] | None = None) -> list[int]:
    """Let the plans of one customer (of these numbers, or all) be another's; return their numbers."""
    with transaction() as session:
        session.execute(_MOVE_FACTS, {"giver": giver, "taker": taker})
        return list(session.scalars(_MOVE, {"giver": giver, "taker": taker, "ids": None if ids is None else list(ids)}))


def forget_vehicles(customer_ids: Sequence[int]) -> None:
    """Take the vehicle out of an erased person's plans; that there were plans stays."""
    with transaction() as session:
        for statement in _FORGET:
            session.execute(statement, {"ids": id_array(customer_ids)})
