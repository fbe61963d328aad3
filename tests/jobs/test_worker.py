"""The queue rings bells: what it holds can run nothing else, and what it loses is rung again."""

import threading

import pytest
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from rq import Callback, Queue
from rq.job import Job
from rq.serializers import JSONSerializer
from rq.worker import Worker
from sqlalchemy import select

from jobs.runner import NotAllowed, OurJob, OurQueue, queue_named, ring
from jobs.schedule import BELLS, QUEUES, carry_out, plan_nights
from jobs.ticker import LOOK_SECONDS, PATIENCE_SECONDS, Ticker
from jobs.worker import OurWorker
from loyalty.cli.serve import QUEUES as SERVED
from loyalty.kernel.db import database_now, db
from loyalty.kernel.schedule import ScheduleRun

pytestmark = pytest.mark.processes

CARRY_OUT = "jobs.schedule.carry_out"


class TrustingWorker(Worker):
    """RQ as it comes: the negative control."""

    job_class = Job
    queue_class = Queue


@pytest.fixture
def raw_queue(valkey):
    """The queue as somebody sees it who can write to Valkey."""
    return Queue("night", connection=valkey, serializer=JSONSerializer)


def runs():
    db.session.expire_all()
    return db.session.scalars(select(ScheduleRun).order_by(ScheduleRun.id)).all()


def look(app, valkey, **more):
    return Ticker(app, valkey, **more).look()


def test_a_foreign_function_in_the_queue_does_not_run(committed, raw_queue, run_worker, tmp_path):
    target = tmp_path / "written"
    job = raw_queue.enqueue("os.system", f"touch {target}", result_ttl=60)

    run_worker()

    assert not target.exists()
    assert job.is_failed
    assert "NotAllowed" in job.latest_result().exc_string


def test_without_our_job_class_it_would_run(committed, raw_queue, run_worker, tmp_path):
    target = tmp_path / "written"
    raw_queue.enqueue("os.system", f"touch {target}")

    run_worker(TrustingWorker)

    assert target.exists()


@pytest.mark.parametrize(("kind", "called"), [(OurWorker, False), (TrustingWorker, True)])
def test_callbacks_that_somebody_adds_run_only_without_our_job_class(
    committed, raw_queue, run_worker, monkeypatch, tmp_path, kind, called
):
    target = tmp_path / "written"
    monkeypatch.setenv("CALLED_BACK", str(target))
    raw_queue.enqueue(CARRY_OUT, 1, on_success=Callback("tests.jobs.conftest.called_back"))

    run_worker(kind)

    assert target.exists() == called


@pytest.mark.parametrize("wrong", ["1", 1.5, True, None, [1]])
def test_arguments_are_whole_numbers_only(valkey, wrong):
    job = OurJob.create(CARRY_OUT, args=[wrong], connection=valkey, serializer=JSONSerializer)

    with pytest.raises(NotAllowed, match="whole numbers"):
        _ = job.func


def test_a_bell_is_rung_once_in_a_slot(valkey):
    queue = queue_named("night", valkey)

    assert [ring(queue, carry_out, 7, slot=slot) for slot in (1, 1, 2)] == [True, False, True]
    assert queue.count == 2


def test_a_worker_carries_out_what_the_ticker_rings_for(committed, app, valkey, run_worker, ran):
    look(app, valkey)

    run_worker()

    (done,) = runs()
    assert (done.state, done.steps_done) == ("done", 3)
    assert OurQueue("night", connection=valkey).count == 0


def test_an_emptied_queue_loses_nothing(committed, app, valkey, run_worker, ran):
    look(app, valkey)
    valkey.flushall()
    run_worker()
    assert [run.state for run in runs()] == ["due"]  # the bell is gone, the row is not

    look(app, valkey)
    run_worker()

    assert [run.state for run in runs()] == ["done"]


def test_two_tickers_do_what_one_does(committed, app, valkey, run_worker, ran):
    gate = threading.Barrier(2)

    def tick():
        gate.wait()
        for _ in range(3):
            look(app, valkey)

    threads = [threading.Thread(target=tick) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    run_worker()

    (done,) = runs()
    assert (done.state, done.attempts) == ("done", 1)


def test_without_a_queue_the_ticker_waits_and_then_works_by_itself(committed, app, ran, tmp_path):
    seconds = [100.0]
    ticker = Ticker(
        app, Redis(unix_socket_path=str(tmp_path / "none"), retry=Retry(NoBackoff(), 0)), seconds=lambda: seconds[0]
    )

    ticker.look()
    seconds[0] += PATIENCE_SECONDS - 0.1
    ticker.look()
    assert ran == []

    seconds[0] += 0.1
    ticker.look()
    assert [name for name, _ in ran] == ["one", "two", "three"]


def test_a_ticker_stops_when_asked(committed, app, valkey):
    ticker = Ticker(app, valkey)
    thread = threading.Thread(target=ticker.run)
    thread.start()

    ticker.stopped.set()
    thread.join(LOOK_SECONDS)

    assert not thread.is_alive()


def test_the_database_decides_what_is_due(committed):
    plan_nights(database_now())

    assert BELLS[0].due() == [run.id for run in runs()]


def test_every_queue_has_a_worker():
    assert SERVED == QUEUES
