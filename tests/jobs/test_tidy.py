from datetime import timedelta
from io import BytesIO

import pytest
from sqlalchemy import func, select

from jobs.tidy import tidy
from loyalty.kernel.actor import job_actor
from loyalty.kernel.sessions import GUEST_LONGEST, OWNER_LONGEST, STAFF_IDLE, STAFF_LONGEST, WebSession
from loyalty.sales import service as sales
from loyalty.sales.models import ImportReject, ImportRun

BY = job_actor("tidy")


def session(kind, now, *, age=timedelta(0), idle=timedelta(0)):
    return WebSession(
        id_hash=f"{kind}{age}{idle}".encode(),
        kind=kind,
        subject_id=None if kind == "guest" else 1,
        data={},
        agent="",
        address="-",
        created_at=now - age,
        seen_at=now - idle,
    )


def swept(clock, *, dry_run=False):
    return tidy(clock.now.date(), zone="Asia/Shanghai", dry_run=dry_run, now=clock.now, by=BY)["sessions"]


SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("kind", "age", "idle"),
    [
        ("staff", STAFF_LONGEST, timedelta(0)),
        ("staff", STAFF_IDLE, STAFF_IDLE),
        ("owner", OWNER_LONGEST, timedelta(0)),
        ("guest", GUEST_LONGEST, GUEST_LONGEST),
    ],
)
def test_a_session_stays_to_its_last_second_and_goes_after_it(db_session, clock, kind, age, idle):
    db_session.add(session(kind, clock.now, age=age, idle=idle))
    db_session.commit()

    assert swept(clock) == 0
    clock.advance(seconds=1)

    assert swept(clock) == 1
    assert swept(clock) == 0


def test_a_dry_run_counts_and_deletes_nothing(db_session, clock):
    db_session.add(session("staff", clock.now, age=STAFF_LONGEST + SECOND))
    db_session.commit()

    assert swept(clock, dry_run=True) == 1
    assert db_session.scalar(select(func.count()).select_from(WebSession)) == 1


@pytest.mark.parametrize(("age", "gone"), [(timedelta(days=30), False), (timedelta(days=30) + SECOND, True)])
def test_files_that_were_read_are_kept_for_thirty_days(db_session, clock, app, age, gone):
    folder = sales.uploads_folder(app.extensions["loyalty.settings"].data_dir)
    kept = sales.keep_upload(BytesIO(b"customer,phone\nK-1,13812345678\n"), folder, most_bytes=1000)
    sales.add_run(
        file_name="a.csv", stored_name=kept.name, stored_key=kept.key, file_bytes=kept.size, now=clock.now - age, by=BY
    )

    told = tidy(clock.now.date(), zone="Asia/Shanghai", dry_run=False, now=clock.now, by=BY)["uploads"]

    assert told == int(gone)
    assert (folder / kept.name).exists() is not gone


@pytest.mark.parametrize(("age", "left"), [(timedelta(days=30), 1), (timedelta(days=30) + SECOND, 0)])
def test_rejected_rows_are_kept_as_long_as_the_file_was(db_session, clock, app, age, left):
    about = {"stored_name": None, "stored_key": None, "file_bytes": 10, "now": clock.now - age, "by": BY}
    run = sales.add_run(file_name="a.csv", **about)
    db_session.add(ImportReject(run_id=run, row=2, ordinal=0, field="phone", sentence="{x}", numbers={}))
    db_session.commit()

    tidy(clock.now.date(), zone="Asia/Shanghai", dry_run=False, now=clock.now, by=BY)

    assert db_session.scalar(select(func.count()).select_from(ImportReject)) == left
    assert db_session.scalar(select(func.count()).select_from(ImportRun)) == 1
