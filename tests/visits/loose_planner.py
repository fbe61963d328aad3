"""The planner without its safeguards, for the negative control: facts are not locked, and a key may be there twice."""

from sqlalchemy import select, text

from loyalty.cli import main
from loyalty.kernel.db import db
from loyalty.visits import queries
from loyalty.visits.models import PlanFact
from loyalty.visits.queries import Noted
from loyalty.visits.service import planning


def facts_without_a_lock(most):
    """Return the oldest facts that wait, whoever else holds them."""
    columns = [getattr(PlanFact, name) for name in Noted.__dataclass_fields__]
    chosen = select(*columns).where(PlanFact.planned_at.is_(None)).order_by(PlanFact.id).limit(most)
    return [Noted(*row) for row in db.session.execute(chosen)]


if __name__ == "__main__":
    queries.lock_facts = facts_without_a_lock
    loose = planning.INSERT_PLANS.text.replace("ON CONFLICT (customer_id, key) DO NOTHING", "")
    planning.INSERT_PLANS = text(loose)
    main(["run", "plans"])
