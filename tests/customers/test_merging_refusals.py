"""Which merges are refused, and until when one is taken back; each refusal changes nothing."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from loyalty.customers import queries, service
from loyalty.customers.rules import (
    CustomerNotFound,
    MergedOnward,
    MergeOfClosed,
    MergeOfKinds,
    MergeWithSelf,
    PartedBefore,
    UndoTooLate,
    WaitingRequest,
)
from loyalty.kernel.actor import EVERYTHING, SYSTEM
from loyalty.kernel.db import db
from loyalty.membership.rules import KeepTheMember, SuspendedBeforeMerge, number_of
from loyalty.membership.service import suspend
from loyalty.points import service as ledger
from loyalty.points.rules import Ask
from loyalty.points.rules.merging import HeldBeforeMerge
from tests.customers.test_merging import picture


def test_reserved_points_are_settled_first(kept, gone, merge, store, clock):
    ledger.hold(Ask(gone, 500, "H1", store, "order"), now=clock.now, by=SYSTEM)
    before = picture(kept, gone)

    with pytest.raises(HeldBeforeMerge) as told:
        merge(kept, gone)

    assert told.value.details["points"] == 500
    assert picture(kept, gone) == before
    ledger.release(Ask(gone, 500, "L1", store, "order"), "H1", now=clock.now, by=SYSTEM)
    assert merge(kept, gone).merge_id  # the control: without the reservation it is done


def test_a_suspended_membership_is_settled_first(kept, gone, merge, clock):
    suspend(number_of(gone), "shared card", scope=EVERYTHING, now=clock.now, by=SYSTEM)

    with pytest.raises(SuspendedBeforeMerge, match="shared card"):
        merge(kept, gone)


def test_the_member_is_kept_and_not_the_one_who_is_none(kept, make_customer, merge):
    newcomer = make_customer("王建国")

    with pytest.raises(KeepTheMember):
        merge(newcomer, kept)

    assert merge(kept, newcomer).merge_id


@pytest.mark.parametrize(
    ("late", "refused"), [(timedelta(days=30, microseconds=-1), False), (timedelta(days=30), True)]
)
def test_thirty_days_are_thirty_days(kept, gone, merge, part, clock, late, refused):
    merged = merge(kept, gone)
    clock.set(clock.now + late)

    if refused:
        with pytest.raises(UndoTooLate):
            part(merged.merge_id)
    else:
        part(merged.merge_id)

    assert (queries.customer(gone, EVERYTHING).state == "merged") is refused


def test_a_merge_is_undone_once_and_the_last_one_first(kept, gone, merge, part, make_customer):
    third = make_customer("王建国")
    first = merge(gone, third)
    second = merge(kept, gone)

    with pytest.raises(MergedOnward):
        part(first.merge_id)
    assert queries.standing_for([third]) == {third: kept}
    part(second.merge_id)
    part(first.merge_id)
    with pytest.raises(PartedBefore):
        part(first.merge_id)

    assert queries.standing_for([third, gone]) == {third: third, gone: gone}


def test_who_cannot_be_merged(kept, make_customer, merge, clock):
    company = make_customer("广州物流有限公司", kind="company")
    closed = make_customer("王建国")
    service.change_customer(closed, {"state": "closed"}, scope=EVERYTHING, now=clock.now, by=SYSTEM)

    for other, refusal in ((kept, MergeWithSelf), (company, MergeOfKinds), (closed, MergeOfClosed)):
        with pytest.raises(refusal):
            merge(kept, other)


def test_a_third_store_cannot_merge(kept, gone, merge, here, far_store):
    with pytest.raises(CustomerNotFound):
        merge(kept, gone, scope=replace(here, stores=frozenset({far_store})))


def test_what_waits_for_a_second_person_is_decided_first(kept, gone, merge, store, clock):
    asked = {"store": store, "gone": gone, "now": clock.now}
    db.session.execute(
        text(
            "INSERT INTO staff_accounts (username, name, password, password_at, active, fs_uniquifier, created_at)"
            " VALUES ('m', '周敏', 'x', :now, true, 'u', :now)"
        ),
        {"now": clock.now},
    )
    db.session.execute(
        text(
            "INSERT INTO approvals (kind, subject_kind, subject_id, about_customer_id, store_id, body, effect,"
            " asked_by, asked_at) SELECT 'points_adjustment', 'member', :gone, :gone, :store, '{}',"
            """ '{"sentence": "x", "numbers": {}, "effects": []}', id, :now FROM staff_accounts"""
        ),
        asked,
    )

    with pytest.raises(WaitingRequest):
        merge(kept, gone)

    db.session.execute(text("UPDATE approvals SET state = 'withdrawn', decided_at = :now"), {"now": clock.now})
    assert merge(kept, gone).merge_id  # the control: with nothing waiting it is done
