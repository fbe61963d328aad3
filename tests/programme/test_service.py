"""Versions and own days, in the database."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from loyalty.kernel.actor import EVERYTHING, SYSTEM, Actor
from loyalty.kernel.errors import Malformed
from loyalty.programme import queries, service
from loyalty.programme.rules import (
    AlreadyLoaded,
    AuthorApproves,
    MomentPassed,
    MomentTaken,
    NobodyAnswers,
    NotThatState,
    NotTheAuthor,
    VersionNotFound,
)
from loyalty.staff.queries import AuditFilter, audit_rows
from loyalty.staff.service import create_api_client
from tests.staff.conftest import sent_to

pytestmark = pytest.mark.usefixtures("trial", "db_session")


@pytest.fixture
def activate(author, approver, clock):
    """Return a function that writes, submits and approves a version at the clock's moment."""

    def make(rate, effective_from=None):
        version_id = service.draft("trial", {"rate": rate}, effective_from=effective_from, now=clock.now, by=author)
        service.submit(version_id, now=clock.now, by=author)
        service.approve(version_id, now=clock.now, by=approver)
        return version_id

    return make


def load(clock, *rates_from):
    content = {
        "versions": [{"kind": "trial", "effective_from": day, "body": {"rate": rate}} for day, rate in rates_from]
    }
    return service.load_file(content, now=clock.now, by=SYSTEM)


def test_a_version_lives_from_draft_to_active(author, approver, clock):
    version_id = service.draft("trial", {"rate": 2}, now=clock.now, by=author)
    assert queries.version(version_id).state == "draft"
    assert queries.in_force("trial", clock.now) is None

    service.submit(version_id, now=clock.now, by=author)
    assert queries.version(version_id).state == "in_review"

    clock.advance(hours=1)
    service.approve(version_id, now=clock.now, by=approver)
    shown = queries.version(version_id)
    assert (shown.state, shown.author, shown.approver) == ("active", "Author", "Approver")
    assert shown.effective_from == shown.activated_at == clock.now
    assert queries.in_force("trial", clock.now).rules == 2
    assert queries.in_force("trial", clock.now - timedelta(seconds=1)) is None


def test_rules_that_cannot_be_are_not_written(author, clock):
    with pytest.raises(Malformed) as wrong:
        service.draft("trial", {"rate": 1.5}, now=clock.now, by=author)

    assert set(wrong.value.errors) == {"body.rate"}
    assert queries.versions() == []


def test_the_author_cannot_approve(author, clock):
    version_id = service.draft("trial", {"rate": 2}, now=clock.now, by=author)
    service.submit(version_id, now=clock.now, by=author)

    with pytest.raises(AuthorApproves):
        service.approve(version_id, now=clock.now, by=author)

    assert queries.version(version_id).state == "in_review"


def test_the_author_s_token_cannot_approve_either(author, clock):
    client_id, _ = create_api_client(
        name="core", permissions=["programme.approve"], owner_id=author.id, now=clock.now, by=SYSTEM
    )
    version_id = service.draft("trial", {"rate": 2}, now=clock.now, by=author)
    service.submit(version_id, now=clock.now, by=author)

    with pytest.raises(AuthorApproves):
        service.approve(version_id, now=clock.now, by=Actor(kind="client", id=client_id, name="core"))


def test_a_token_that_nobody_answers_for_writes_no_rules(clock):
    client_id, _ = create_api_client(name="core", permissions=["programme.edit"], now=clock.now, by=SYSTEM)

    with pytest.raises(NobodyAnswers):
        service.draft("trial", {"rate": 2}, now=clock.now, by=Actor(kind="client", id=client_id, name="core"))


INSERT = text("""
    INSERT INTO policy_versions
        (kind, number, body, sha256, state, author_id, approver_id, effective_from, created_at, activated_at)
    VALUES ('trial', 1, '{}', '\\x00', :state, :author, :approver, now(), now(), now())
""")


@pytest.mark.parametrize("state", ["draft", "in_review", "active", "retired"])
def test_the_database_refuses_an_author_who_approves(author, db_session, state):
    with pytest.raises(IntegrityError, match="two_people"), db_session.begin_nested():
        db_session.execute(INSERT, {"state": state, "author": author.id, "approver": author.id})


@pytest.mark.parametrize("missing", ["author", "approver"])
def test_the_database_refuses_an_active_version_without_two_people(author, approver, db_session, missing):
    people = {"author": author.id, "approver": approver.id, missing: None}

    with pytest.raises(IntegrityError, match="approved"), db_session.begin_nested():
        db_session.execute(INSERT, {"state": "active", **people})


def test_without_the_check_the_author_could_approve(author, db_session):
    db_session.execute(text("ALTER TABLE policy_versions DROP CONSTRAINT ck_policy_versions_two_people"))

    db_session.execute(INSERT, {"state": "active", "author": author.id, "approver": author.id})

    assert queries.in_force("trial", datetime.max.replace(tzinfo=UTC)).number == 1


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE policy_versions SET body = '{\"rate\": 9}'",
        "UPDATE policy_versions SET effective_from = effective_from - interval '1 day'",
        "UPDATE policy_versions SET approver_id = NULL",
        "UPDATE policy_versions SET state = 'draft'",
        "UPDATE policy_versions SET number = 7",
        "DELETE FROM policy_versions",
    ],
)
def test_the_database_lets_nobody_change_an_active_version(activate, db_session, change):
    version_id = activate(2)
    before = queries.version(version_id)

    with pytest.raises(IntegrityError, match="refused"), db_session.begin_nested():
        db_session.execute(text(change))

    db_session.expire_all()
    assert queries.version(version_id) == before


def test_a_retired_version_cannot_be_made_active_again(activate, clock, db_session):
    first = activate(2)
    clock.advance(days=1)
    activate(3)
    assert queries.version(first).state == "retired"

    with pytest.raises(IntegrityError), db_session.begin_nested():
        db_session.execute(text("UPDATE policy_versions SET state = 'active' WHERE id = :id"), {"id": first})


def test_without_its_trigger_an_active_version_could_be_changed(activate, db_session):
    version_id = activate(2)
    db_session.execute(text("ALTER TABLE policy_versions DISABLE TRIGGER policy_versions_immutable"))

    db_session.execute(text("UPDATE policy_versions SET number = 7"))

    assert queries.version(version_id).number == 7


def test_a_newer_version_takes_over_from_its_moment_and_the_past_keeps_the_older(activate, clock):
    start = clock.now
    activate(2)
    later = start + timedelta(days=10)
    activate(3, effective_from=later)

    rates = [queries.in_force("trial", at).rules for at in (start, later - timedelta(seconds=1), later)]

    assert rates == [2, 2, 3]
    assert [version.state for version in queries.versions()] == ["active", "active"]
    assert [one.rules for one in queries.versions_in_force("trial", start)] == [2, 3]
    assert [one.rules for one in queries.versions_in_force("trial", later)] == [3]
    assert [one.rules for one in queries.versions_in_force("trial", start - timedelta(days=1))] == [2, 3]


def test_a_moment_that_has_passed_meanwhile_is_refused(author, approver, clock):
    version_id = service.draft(
        "trial", {"rate": 2}, effective_from=clock.now + timedelta(hours=1), now=clock.now, by=author
    )
    service.submit(version_id, now=clock.now, by=author)
    clock.advance(hours=1, seconds=1)

    with pytest.raises(MomentPassed):
        service.approve(version_id, now=clock.now, by=approver)
    assert queries.version(version_id).state == "in_review"

    service.send_back(version_id, now=clock.now, by=approver)
    service.revise(version_id, {"rate": 3}, now=clock.now, by=author)
    service.submit(version_id, now=clock.now, by=author)
    service.approve(version_id, now=clock.now, by=approver)
    assert queries.in_force("trial", clock.now).rules == 3


def test_two_versions_cannot_begin_at_one_moment(activate, author, approver, clock):
    later = clock.now + timedelta(days=1)
    activate(2, effective_from=later)

    with pytest.raises(MomentTaken):
        activate(3, effective_from=later)


def test_only_the_author_changes_a_draft(author, approver, clock):
    version_id = service.draft("trial", {"rate": 2}, now=clock.now, by=author)

    with pytest.raises(NotTheAuthor):
        service.revise(version_id, {"rate": 3}, now=clock.now, by=approver)

    assert queries.version(version_id).body == {"rate": 2}


def test_a_version_in_review_cannot_be_changed(author, clock):
    version_id = service.draft("trial", {"rate": 2}, now=clock.now, by=author)
    service.submit(version_id, now=clock.now, by=author)

    with pytest.raises(NotThatState):
        service.revise(version_id, {"rate": 3}, now=clock.now, by=author)
    with pytest.raises(NotThatState):
        service.submit(version_id, now=clock.now, by=author)


def test_a_version_that_is_not_there_is_not_found(clock, author):
    with pytest.raises(VersionNotFound):
        queries.version(999_999)
    with pytest.raises(VersionNotFound):
        service.submit(999_999, now=clock.now, by=author)


def test_numbers_count_within_a_kind(author, clock):
    ids = [service.draft("trial", {"rate": rate}, now=clock.now, by=author) for rate in (1, 2)]

    assert [queries.version(one).number for one in ids] == [1, 2]


def test_rules_in_force_cost_one_statement_a_transaction(clock, db_session):
    load(clock, ("1997-01-01", 1), ("2026-01-01", 2))
    days = [clock.now - timedelta(days=number) for number in range(200)]
    db_session.commit()
    db_session.info.clear()

    with sent_to(db_session) as sent:
        rates = {queries.in_force("trial", day).number for day in days}
        assert queries.in_force("nothing", clock.now) is None

    assert rates == {1, 2}
    assert len(sent) == 1


def test_a_body_is_read_once_by_the_process(clock, db_session):
    load(clock, ("1997-01-01", 4711))
    assert queries.in_force("trial", clock.now).rules == 4711

    with sent_to(db_session) as sent:
        assert queries.in_force("trial", clock.now).rules == 4711
        assert queries.in_force("trial", clock.now).body == {"rate": 4711}

    assert sent == []


def test_another_transaction_sees_what_was_activated_meanwhile(committed, app, activate, clock):
    activate(2)
    assert queries.in_force("trial", clock.now).rules == 2
    committed.commit()

    clock.advance(days=1)
    activate(3)

    assert queries.in_force("trial", clock.now).rules == 3


def test_a_file_is_loaded_into_an_installation_without_rules(clock):
    load(clock, ("2027-01-01", 3), ("1997-01-01", 1), ("2020-01-01", 2))

    shown = [(one.number, one.state, one.body["rate"]) for one in queries.versions()]
    assert shown == [(3, "active", 3), (2, "active", 2), (1, "retired", 1)]
    assert [queries.in_force("trial", at).rules for at in (datetime(1997, 1, 1, tzinfo=UTC), clock.now)] == [1, 2]
    (first, *_) = queries.versions()
    assert (first.author, first.approver, first.loaded) == (None, None, True)
    assert {row.action for row in audit_rows(AuditFilter(), EVERYTHING)} == {"version.loaded"}


def test_a_second_file_is_refused(clock):
    load(clock, ("1997-01-01", 1))

    with pytest.raises(AlreadyLoaded):
        load(clock, ("2027-01-01", 2))

    assert len(queries.versions()) == 1


def test_a_file_with_one_mistake_writes_nothing(clock):
    with pytest.raises(Malformed):
        load(clock, ("1997-01-01", 1), ("2027-01-01", 0))

    assert queries.versions() == []


def test_drafts_are_no_rules(author, clock):
    service.draft("trial", {"rate": 2}, now=clock.now, by=author)

    assert load(clock, ("1997-01-01", 1))
    assert queries.version(queries.in_force("trial", clock.now).id).number == 2


@pytest.mark.parametrize(
    ("content", "told"),
    [(b'{"versions": [', "line 1, column 15"), (b"\xff\xfe", "UTF-8"), (None, "No such file")],
)
def test_a_file_that_cannot_be_read_says_where(tmp_path, clock, content, told):
    path = tmp_path / "programme.json"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(Malformed) as wrong:
        service.load_file(path, now=clock.now, by=SYSTEM)

    assert told in wrong.value.errors["file"][0]
    assert str(path) in wrong.value.errors["file"][0]


def test_a_file_with_a_byte_order_mark_is_read(tmp_path, clock):
    path = tmp_path / "programme.json"
    entry = {"kind": "trial", "effective_from": "1997-01-01", "body": {"rate": 5}}
    path.write_text("\ufeff" + json.dumps({"versions": [entry]}), encoding="utf-8")

    service.load_file(path, now=clock.now, by=SYSTEM)

    assert queries.in_force("trial", clock.now).rules == 5


def test_own_days_are_set_changed_and_taken_back(author, clock):
    day = date(2026, 10, 1)
    service.set_own_day(day, works=True, name="国庆值班", now=clock.now, by=author)
    service.set_own_day(day, works=True, name="国庆轮值", now=clock.now, by=author)

    assert queries.work_calendar(day, day).works(day)
    assert queries.own_days(2026) == [(day, True, "国庆轮值")]

    service.unset_own_day(day, now=clock.now, by=author)
    assert not queries.work_calendar(day, day).works(day)
    assert [row.action for row in audit_rows(AuditFilter(subject_kind="calendar_day"), EVERYTHING)] == [
        "calendar.day_unset",
        "calendar.day_set",
        "calendar.day_set",
    ]
