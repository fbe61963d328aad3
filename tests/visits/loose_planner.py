"""The planner without its safeguards, for the negative control: facts are not locked, and a key may be there twice.

`python -m tests.visits.loose_planner FOLDER PLANNERS`: so many planners meet in the folder when each has read its first
facts, so that they trip over each other on any machine.
"""

import os
import sys
import time
from pathlib import Path

from sqlalchemy import select, text

from loyalty.cli import main
from loyalty.kernel.db import db
from loyalty.visits import queries
from loyalty.visits.models import PlanFact
from loyalty.visits.queries import Noted
from loyalty.visits.service import planning

LONGEST = 60  # seconds that one waits for the others

folder, planners = Path(sys.argv[1]), int(sys.argv[2])


def meet():
    """Wait until every planner has come; whoever has come counts for good."""
    (folder / str(os.getpid())).touch()
    until = time.monotonic() + LONGEST
    while len(list(folder.iterdir())) < planners and time.monotonic() < until:
        time.sleep(0.01)


def facts_without_a_lock(most):
    """Return the oldest facts that wait, whoever else holds them."""
    columns = [getattr(PlanFact, name) for name in Noted.__dataclass_fields__]
    chosen = select(*columns).where(PlanFact.planned_at.is_(None)).order_by(PlanFact.id).limit(most)
    found = [Noted(*row) for row in db.session.execute(chosen)]
    meet()
    return found


if __name__ == "__main__":
    queries.lock_facts = facts_without_a_lock
    loose = planning.INSERT_PLANS.text.replace("ON CONFLICT (customer_id, key) DO NOTHING", "")
    planning.INSERT_PLANS = text(loose)
    main(["run", "plans"])
