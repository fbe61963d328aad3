"""Stores, accounts, tokens and the audit trail, in the database."""

import threading
from datetime import date, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from loyalty.kernel.actor import EVERYTHING, SYSTEM, Actor, Scope
from loyalty.kernel.errors import Malformed
from loyalty.staff import queries, service
from loyalty.staff.queries import AuditFilter
from loyalty.staff.rules import (
    AssignmentNotFound,
    LastAdministrator,
    NameTaken,
    SignInLocked,
    StoreCodeTaken,
    StoreDetails,
    StoreNotFound,
    UsernameTaken,
    WrongPassword,
)
from tests.staff.conftest import PASSWORD, sent_to


def actions(scope=EVERYTHING):
    return [row.action for row in queries.audit_rows(AuditFilter(), scope)]


def uniquifier(db_session, account_id):
    return db_session.scalar(text("SELECT fs_uniquifier FROM staff_accounts WHERE id = :id"), {"id": account_id})


def test_a_store_code_is_taken_once(store, clock):
    with pytest.raises(StoreCodeTaken):
        service.create_store(code="CD01", name="另一家", now=clock.now, by=SYSTEM)

    assert [view.name for view in queries.stores(EVERYTHING)] == ["城东店"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"zone": "Asia/Peking"},
        {"currency": "XYZ"},
        {"details": StoreDetails(opening_hours={"mon": "late"})},
        {"details": StoreDetails(holidays="in May")},
    ],
)
def test_a_store_that_cannot_be_is_malformed_and_not_written(db_session, clock, wrong):
    with pytest.raises(Malformed):
        service.create_store(code="A", name="A", **wrong, now=clock.now, by=SYSTEM)

    assert queries.stores(EVERYTHING) == []
    assert actions() == []


def test_a_store_outside_the_scope_is_answered_like_a_missing_one(store, far_store):
    here = Scope(stores=frozenset({store}))

    assert queries.store_by_code("CD01", here).id == store
    with pytest.raises(StoreNotFound):
        queries.store_by_code("CX01", here)
    with pytest.raises(StoreNotFound):
        queries.store(far_store, here)


def test_changing_a_store_writes_what_changed_alone(store, clock):
    service.update_store(store, name="城东旗舰店", details=StoreDetails(), now=clock.now, by=SYSTEM)

    row = queries.audit_rows(AuditFilter(), EVERYTHING)[0]
    assert (row.action, row.before, row.after) == ("store.changed", {"name": "城东店"}, {"name": "城东旗舰店"})


def test_a_user_name_is_taken_once_whatever_its_capitals(make_account, clock):
    make_account("lin.yue")

    with pytest.raises(UsernameTaken):
        service.create_account(username="LIN.YUE", name="x", password=PASSWORD, now=clock.now, by=SYSTEM)


def test_the_password_is_kept_as_argon2id(make_account, db_session):
    make_account("lin.yue")

    stored = db_session.scalar(text("SELECT password FROM staff_accounts"))
    assert stored.startswith("$argon2id$")
    assert PASSWORD not in stored


def test_who_acts_costs_one_statement(make_account, store, far_store, clock, db_session):
    account_id = make_account("lin.yue", "manager", store=store)
    service.assign(account_id, "auditor", store_id=far_store, from_day=date(2026, 1, 1), now=clock.now, by=SYSTEM)
    known = uniquifier(db_session, account_id)

    with sent_to(db_session) as sent:
        actor = queries.signed_in(known, now=clock.now).actor

    assert len(sent) == 1
    assert actor.scope("points.read").stores == {store, far_store}
    assert actor.scope("points.adjust").stores == {store}


@pytest.mark.parametrize(
    ("from_day", "to_day", "holds"),
    [
        (date(2026, 3, 12), date(2026, 3, 12), True),
        (date(2026, 3, 13), None, False),
        (date(2026, 1, 1), date(2026, 3, 11), False),
        (date(2026, 1, 1), None, True),
    ],
)
def test_a_role_holds_on_its_days_both_included(make_account, store, clock, db_session, from_day, to_day, holds):
    account_id = make_account("lin.yue")
    service.assign(account_id, "manager", store_id=store, from_day=from_day, to_day=to_day, now=clock.now, by=SYSTEM)

    actor = queries.signed_in(uniquifier(db_session, account_id), now=clock.now).actor

    assert actor.may("points.adjust") is holds


def test_the_day_of_a_role_is_the_store_s_own(make_account, clock, db_session):
    abroad = service.create_store(code="LA", name="LA", zone="America/Los_Angeles", now=clock.now, by=SYSTEM)
    account_id = make_account("lin.yue")
    service.assign(account_id, "manager", store_id=abroad, from_day=date(2026, 3, 12), now=clock.now, by=SYSTEM)
    known = uniquifier(db_session, account_id)

    at_23_08_of_the_11th = queries.signed_in(known, now=clock.now).actor  # 2026-03-12 06:08 UTC
    an_hour_later = queries.signed_in(known, now=clock.now + timedelta(hours=1)).actor

    assert not at_23_08_of_the_11th.may("points.adjust")
    assert an_hour_later.may("points.adjust")


def test_the_same_role_again_changes_nothing(make_account, store, clock):
    account_id = make_account("lin.yue", "manager", store=store)
    before = actions()

    service.assign(account_id, "manager", store_id=store, from_day=date(2026, 2, 1), now=clock.now, by=SYSTEM)

    assert len(queries.account(account_id).assignments) == 1
    assert actions() == before


def test_a_role_ends_at_once_and_once(make_account, store, clock, db_session):
    account_id = make_account("lin.yue", "manager", store=store)
    (held,) = queries.account(account_id).assignments

    service.end_assignment(account_id, held.id, now=clock.now, by=SYSTEM)

    assert not queries.signed_in(uniquifier(db_session, account_id), now=clock.now).actor.may("points.adjust")
    with pytest.raises(AssignmentNotFound):
        service.end_assignment(account_id, held.id, now=clock.now, by=SYSTEM)


def test_a_role_of_somebody_else_is_not_found(make_account, store, clock):
    mine = make_account("lin.yue", "manager", store=store)
    other = make_account("chen.ke", "manager", store=store)
    (held,) = queries.account(mine).assignments

    with pytest.raises(AssignmentNotFound):
        service.end_assignment(other, held.id, now=clock.now, by=SYSTEM)

    assert len(queries.account(mine).assignments) == 1


def test_the_last_administrator_is_kept(make_account, clock):
    account_id = make_account("admin", "administrator")
    (held,) = queries.account(account_id).assignments

    with pytest.raises(LastAdministrator):
        service.disable(account_id, now=clock.now, by=SYSTEM)
    with pytest.raises(LastAdministrator):
        service.end_assignment(account_id, held.id, now=clock.now, by=SYSTEM)

    assert queries.account(account_id).active
    assert len(queries.account(account_id).assignments) == 1


def test_an_administrator_of_one_store_or_for_a_while_does_not_count(make_account, store, clock):
    account_id = make_account("admin", "administrator")
    make_account("near", "administrator", store=store)
    leaving = make_account("leaving")
    service.assign(
        leaving,
        "administrator",
        from_day=date(2026, 1, 1),
        to_day=date(2026, 4, 1),
        now=clock.now,
        by=SYSTEM,
    )

    with pytest.raises(LastAdministrator):
        service.disable(account_id, now=clock.now, by=SYSTEM)


def test_one_of_two_administrators_can_go(make_account, clock):
    first = make_account("admin", "administrator")
    make_account("second", "administrator")

    service.disable(first, now=clock.now, by=SYSTEM)

    assert not queries.account(first).active


def test_two_administrators_who_disable_each_other_leave_one(committed, app, make_account, clock):
    both = [make_account("admin", "administrator"), make_account("second", "administrator")]
    gate = threading.Barrier(2)
    refused = []

    def disable(account_id):
        with app.app_context():
            gate.wait()
            try:
                service.disable(account_id, now=clock.now, by=SYSTEM)
            except LastAdministrator as problem:
                refused.append(problem)

    threads = [threading.Thread(target=disable, args=(one,)) for one in both]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(refused) == 1
    assert sum(queries.account(one).active for one in both) == 1


def test_a_password_is_changed_by_who_knows_the_present_one(make_account, clock, db_session):
    account_id = make_account("lin.yue")
    before = uniquifier(db_session, account_id)

    with pytest.raises(WrongPassword):
        service.change_own_password(account_id, "not this one", "kettle orbit tram", now=clock.now, by=SYSTEM)
    assert uniquifier(db_session, account_id) == before

    service.change_own_password(account_id, PASSWORD, "kettle orbit tram", now=clock.now, by=SYSTEM)
    assert uniquifier(db_session, account_id) != before
    assert queries.signed_in(before, now=clock.now) is None


def test_a_token_is_kept_as_a_hash_and_found_with_one_statement(store, clock, db_session):
    _, token = service.create_api_client(
        name="core", permissions=["sales.write"], store_ids=[store], now=clock.now, by=SYSTEM
    )

    with sent_to(db_session) as sent:
        actor = queries.client_actor(token, now=clock.now)

    assert len(sent) == 1
    assert (actor.name, actor.scope("sales.write").stores) == ("core", {store})
    dump = str(db_session.execute(text("SELECT * FROM api_clients")).all())
    assert token not in dump


def test_a_revoked_token_opens_nothing(clock, db_session):
    client_id, token = service.create_api_client(name="core", permissions=["sales.write"], now=clock.now, by=SYSTEM)

    service.revoke_client(client_id, now=clock.now, by=SYSTEM)

    assert queries.client_actor(token, now=clock.now) is None


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"permissions": ["programme.edit"], "store_ids": [1]}, "permissions"),
        ({"permissions": ["sales.write"], "store_ids": [999]}, "stores"),
        ({"permissions": []}, "permissions"),
    ],
)
def test_a_token_that_cannot_be_is_malformed(db_session, clock, asked, field):
    with pytest.raises(Malformed) as wrong:
        service.create_api_client(name="core", **asked, now=clock.now, by=SYSTEM)

    assert set(wrong.value.errors) == {field}
    assert queries.clients() == []


def test_names_of_tokens_are_taken_for_ever(clock, db_session):
    client_id, _ = service.create_api_client(name="core", permissions=["sales.write"], now=clock.now, by=SYSTEM)
    service.revoke_client(client_id, now=clock.now, by=SYSTEM)

    with pytest.raises(NameTaken):
        service.create_api_client(name="core", permissions=["sales.read"], now=clock.now, by=SYSTEM)


def test_the_audit_trail_names_who_what_and_from_where(make_account, store, clock):
    by = Actor(kind="staff", id=7, name="管理员", address="203.0.113.9")

    service.update_store(store, name="城东", details=StoreDetails(), now=clock.now, by=by)

    row = queries.audit_rows(AuditFilter(action="store.changed"), EVERYTHING)[0]
    assert (row.at, row.actor_kind, row.actor_name, row.address) == (clock.now, "staff", "管理员", "203.0.113.9")
    assert (row.subject_kind, row.subject_id, row.store_id) == ("store", store, store)


def test_a_store_s_people_see_its_rows_of_the_trail_and_not_the_group_s(store, far_store, make_account):
    make_account("lin.yue")

    assert actions(Scope(stores=frozenset({store}))) == ["store.created"]
    assert set(actions()) == {"store.created", "account.created"}


@pytest.mark.parametrize(
    "change", ["UPDATE audit_rows SET action = 'x'", "DELETE FROM audit_rows", "TRUNCATE audit_rows CASCADE"]
)
def test_the_database_lets_nobody_edit_the_trail(store, db_session, change):
    with pytest.raises(IntegrityError), db_session.begin_nested():
        db_session.execute(text(change))

    assert actions() == ["store.created"]


def test_without_its_trigger_the_trail_could_be_edited(store, db_session):
    db_session.execute(text("ALTER TABLE audit_rows DISABLE TRIGGER audit_rows_append_only"))

    db_session.execute(text("DELETE FROM audit_rows"))

    assert actions() == []


def test_the_fifth_failure_locks_the_name_and_the_lock_ends(db_session, clock):
    told = [service.begin_sign_in("nobody", now=clock.now) for _ in range(5)]
    assert told == [None, None, None, None, clock.now + timedelta(minutes=5)]

    with pytest.raises(SignInLocked) as locked:
        service.begin_sign_in("nobody", now=clock.now + timedelta(minutes=4, seconds=1))
    assert (locked.value.details["minutes"], locked.value.retry_after) == (1, 59)

    assert service.begin_sign_in("nobody", now=clock.now + timedelta(minutes=5)) is None


def test_failures_are_forgotten_after_a_day(db_session, clock):
    for _ in range(4):
        service.begin_sign_in("nobody", now=clock.now)

    assert service.begin_sign_in("nobody", now=clock.advance(hours=24, seconds=1)) is None


def test_two_hundred_parallel_guesses_are_five(committed, app, clock):
    let_through = []

    def guess():
        with app.app_context():
            try:
                service.begin_sign_in("admin", now=clock.now)
            except SignInLocked:
                return
            let_through.append(1)

    threads = [threading.Thread(target=lambda: [guess() for _ in range(20)]) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(let_through) == 5
