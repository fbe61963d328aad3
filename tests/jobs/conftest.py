"""Steps of a night that only write down that they ran."""

import os
import signal
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from rq.serializers import JSONSerializer

from jobs import schedule as nights
from jobs.runner import queue_named
from jobs.worker import OurWorker
from loyalty.kernel import schedule

ZONE = "Asia/Shanghai"
DAY = date(2026, 3, 11)
BEGUN = datetime(2026, 3, 11, 18, tzinfo=UTC)  # 02:00 in Shanghai on the day after


def called_back(*_):
    """What somebody might want to be called back."""
    Path(os.environ["CALLED_BACK"]).touch()


@pytest.fixture
def ran(monkeypatch):
    """The steps that ran, as (step, day); each of the three does nothing else."""
    done = []

    def step(name):
        def work(as_of, **_):
            done.append((name, as_of))
            return {"count": 1}

        return nights.Step(name, work)

    monkeypatch.setattr(nights, "STEPS", tuple(step(name) for name in ("one", "two", "three")))
    return done


@pytest.fixture
def night(db_session):
    """The id of one night that is due."""
    schedule.plan([schedule.Slot(nights.NIGHT, ZONE, DAY, BEGUN)])
    return schedule.due_ids()[0]


@pytest.fixture
def run_worker(app, valkey):
    """Return a function that lets a worker take everything from a queue, as the class given."""
    handlers = {sign: signal.getsignal(sign) for sign in (signal.SIGINT, signal.SIGTERM)}

    def run(kind=OurWorker, queue="night"):
        worker = kind([queue_named(queue, valkey)], connection=valkey, serializer=JSONSerializer)
        worker.app = app
        worker.work(burst=True, logging_level="CRITICAL")

    yield run
    for sign, handler in handlers.items():
        signal.signal(sign, handler)
