"""Messages through the product's outbox, in a process of its own: `python -m tests.bench.product_messages COUNT`."""

import json
import sys
from dataclasses import replace
from time import perf_counter, process_time

from sqlalchemy import text

from loyalty import wiring
from loyalty.app import create_app
from loyalty.kernel.actor import SYSTEM
from loyalty.kernel.db import database_now, db
from loyalty.kernel.heap import settle_heap
from loyalty.messaging import adapters
from loyalty.messaging.ports import Answer
from loyalty.messaging.rules import CHANNELS, NewMessage
from loyalty.messaging.service import TemplateDraft, drain, ensure_templates, plan
from tests.messaging.conftest import READY
from tests.messaging.mailroom import write_people


class Instant:
    """A channel that answers at once."""

    dedupes = False
    lanes = 1

    def __init__(self):
        self.taken = 0

    def send(self, outgoing, *, seconds):
        del outgoing, seconds
        self.taken += 1
        return Answer("accepted")


def main(count: int) -> None:
    """Plan messages to as many customers, drain them by one hand, and write what that took as JSON."""
    channel = Instant()
    wiring.WAYS = lambda settings: replace(adapters.ways(settings), carriers=dict.fromkeys(CHANNELS, channel))
    app = create_app()
    settle_heap()  # as the worker does
    with app.app_context():
        now = database_now()
        ensure_templates([TemplateDraft("ready", "Ready", "service", READY)], now=now)
        ids = write_people(count, "email", "k{}@example.com")
        run = f"bench:{now.isoformat()}"
        began = perf_counter()
        for at in range(0, count, 1_000):
            part = [
                NewMessage(f"{run}:{one}", one, "ready", now, {"name": "王建国"}, channel="email")
                for one in ids[at : at + 1_000]
            ]
            plan(part, now=now, by=SYSTEM)
        planned = perf_counter() - began
        db.session.execute(text("ANALYZE messages, customers, identifiers"))
        db.session.commit()
        began, burnt = perf_counter(), process_time()
        done = drain("email", seconds=600)
        told = {
            "seconds": perf_counter() - began,
            "cpu_seconds": process_time() - burnt,
            "planned_seconds": planned,
            "done": done,
            "taken": channel.taken,
        }
    sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main(int(sys.argv[1]))
