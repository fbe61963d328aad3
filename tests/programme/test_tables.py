"""Tables of facts: what they may hold, when they hold, and who lets them hold."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from loyalty.approvals import service as approvals
from loyalty.approvals.queries import waiting_about
from loyalty.kernel.actor import EVERYTHING, SYSTEM
from loyalty.kernel.errors import Malformed
from loyalty.programme import queries, service
from loyalty.programme.rules import TABLE_APPROVAL, NotThatState, NotTheAuthor
from loyalty.programme.rules.tables import (
    KINDS,
    Facts,
    NoSuchKind,
    TableNotFound,
    TablesThere,
    check_facts,
    parse_tables,
    rows_as_csv,
    rows_of_csv,
    table_kind,
)
from loyalty.programme.service.reading import read_json
from loyalty.programme.service.tables import FIRST_TABLES
from loyalty.staff.queries import AuditFilter, audit_rows

ROWS = [{"least": "0.65", "most": "1.35"}]


def facts(**changed):
    given = {
        "kind": "pricing_factor",
        "region": "CN",
        "valid_from": date(2026, 1, 1),
        "valid_to": None,
        "source": "notice",
        "certainty": "seen",
        "remark": "",
        "rows": ROWS,
    }
    return Facts(**(given | changed))


@pytest.fixture
def activate(db_session, author, approver, clock):
    """Return a function that writes, submits and approves a table."""

    def make(**changed):
        table_id = service.draft_table(facts(**changed), now=clock.now, by=author)
        service.submit_table(table_id, now=clock.now, by=author)
        waiting = waiting_about(TABLE_APPROVAL, table_id)
        approvals.approve(waiting.id, scope=EVERYTHING, now=clock.now, by=approver)
        return table_id

    return make


@pytest.mark.parametrize(
    ("changed", "place"),
    [
        ({"kind": "nothing"}, "kind"),
        ({"region": "CN-XX"}, "region"),
        ({"certainty": "sure"}, "certainty"),
        ({"source": " "}, "source"),
        ({"valid_to": date(2025, 12, 31)}, "valid_to"),
        ({"remark": "x" * 501}, "remark"),
        ({"rows": []}, "rows"),
        ({"rows": [{"least": "0.65"}]}, "rows[0].most"),
        ({"rows": [*ROWS, {"least": 1, "most": "1.35"}]}, "rows[1].least"),
        ({"rows": [{"least": "0.65", "most": "1e3"}]}, "rows[0].most"),
        ({"rows": [{**ROWS[0], "more": "1"}]}, "rows[0].more"),
        ({"rows": [{**ROWS[0], "certainty": "sure"}]}, "rows[0].certainty"),
    ],
)
def test_what_is_wrong_with_facts_is_named_by_place(changed, place):
    with pytest.raises(Malformed) as wrong:
        check_facts(facts(**changed))

    assert set(wrong.value.errors) == {place}


@pytest.mark.parametrize(
    ("value", "fits"),
    [
        (-100_000, True),
        (-100_001, False),
        (100_000, True),
        (100_001, False),
        (True, False),
        (1.5, False),
        ("-10", False),
    ],
)
def test_a_share_is_a_whole_number_of_basis_points_within_its_bounds(value, fits):
    rows = [{"situation": "free_1", "change": value}]

    if fits:
        assert check_facts(facts(kind="compulsory_float", rows=rows)).rows == rows
    else:
        with pytest.raises(Malformed):
            check_facts(facts(kind="compulsory_float", rows=rows))


def test_a_table_is_in_force_for_its_days_in_its_region(activate):
    activate(valid_to=date(2026, 12, 31))
    own = activate(region="CN-HA", valid_from=date(2026, 6, 1), valid_to=date(2026, 6, 30))

    def found(region, day):
        table = queries.rows_in_force("pricing_factor", region, day)
        return table and (table.region, table.rows)

    assert found("CN", date(2025, 12, 31)) is None
    assert found("CN", date(2026, 1, 1)) == ("CN", ROWS)
    assert found("CN", date(2026, 12, 31)) == ("CN", ROWS)
    assert found("CN", date(2027, 1, 1)) is None
    assert found("CN-HA", date(2026, 5, 31)) == ("CN", ROWS)
    assert found("CN-HA", date(2026, 6, 1)) == found("CN-HA", date(2026, 6, 30)) == ("CN-HA", ROWS)
    assert found("CN-HA", date(2026, 7, 1)) == ("CN", ROWS)
    assert found("CN-HB", date(2026, 6, 15)) == ("CN", ROWS)
    assert queries.table(own).number == 1


def test_a_later_table_takes_over_from_its_day_and_the_past_keeps_the_older(activate):
    first = activate(valid_from=None)
    second = activate(valid_from=date(2026, 7, 1))

    ids = [queries.rows_in_force("pricing_factor", "CN", day).id for day in (date(1990, 1, 1), date(2026, 6, 30))]

    assert ids == [first, first]
    assert queries.rows_in_force("pricing_factor", "CN", date(2026, 7, 1)).id == second
    assert queries.table(first).state == "active"


def test_a_correction_that_begins_on_the_same_day_retires_the_mistaken_table(activate):
    mistaken = activate()
    right = activate(rows=[{"least": "0.5", "most": "1.5"}])

    assert [queries.table(one).state for one in (mistaken, right)] == ["retired", "active"]
    assert queries.rows_in_force("pricing_factor", "CN", date(2026, 1, 1)).id == right


def test_drafts_and_retired_tables_hold_for_no_day(activate, author, approver, clock):
    service.draft_table(facts(), now=clock.now, by=author)
    assert queries.rows_in_force("pricing_factor", "CN", date(2026, 1, 1)) is None

    table_id = activate()
    service.retire_table(table_id, note="misread", now=clock.now, by=approver)

    assert queries.rows_in_force("pricing_factor", "CN", date(2026, 1, 1)) is None
    assert queries.table_steps(table_id)[-1].note == "misread"


def test_the_author_does_not_approve(db_session, author, clock):
    table_id = service.draft_table(facts(), now=clock.now, by=author)
    service.submit_table(table_id, now=clock.now, by=author)
    waiting = waiting_about(TABLE_APPROVAL, table_id)

    with pytest.raises(Exception, match="another person"):
        approvals.approve(waiting.id, scope=EVERYTHING, now=clock.now, by=author)

    assert queries.table(table_id).state == "in_review"


INSERT = text("""
    INSERT INTO rule_tables (kind, region, number, source, certainty, remark, rows, sha256, state, author_id,
                             approver_id, created_at)
    VALUES ('pricing_factor', 'CN', 1, 's', 'seen', '', '[]', '\\x00', 'active', :author, :approver, now())
""")


def test_the_database_refuses_an_author_who_approves(author, db_session):
    with pytest.raises(IntegrityError, match="two_people"), db_session.begin_nested():
        db_session.execute(INSERT, {"author": author.id, "approver": author.id})

    db_session.execute(text("ALTER TABLE rule_tables DROP CONSTRAINT ck_rule_tables_two_people"))
    db_session.execute(INSERT, {"author": author.id, "approver": author.id})  # the control


@pytest.mark.parametrize(
    "change",
    ["UPDATE rule_tables SET rows = '[]'", "UPDATE rule_tables SET valid_to = valid_from", "DELETE FROM rule_tables"],
)
def test_the_database_lets_nobody_change_an_active_table(activate, db_session, change):
    activate()

    with pytest.raises(IntegrityError, match="refused"), db_session.begin_nested():
        db_session.execute(text(change))

    db_session.execute(text("ALTER TABLE rule_tables DISABLE TRIGGER rule_tables_immutable"))
    db_session.execute(text(change))  # the control


def test_a_draft_is_changed_by_its_author_alone_and_only_while_it_is_one(db_session, author, approver, clock):
    table_id = service.draft_table(facts(), now=clock.now, by=author)
    with pytest.raises(NotTheAuthor):
        service.revise_table(table_id, facts(source="other"), now=clock.now, by=approver)
    service.revise_table(table_id, facts(source="other"), now=clock.now, by=author)
    service.submit_table(table_id, now=clock.now, by=author)
    with pytest.raises(NotThatState):
        service.revise_table(table_id, facts(), now=clock.now, by=author)

    service.send_table_back(table_id, note="source?", now=clock.now, by=approver)

    assert (queries.table(table_id).source, queries.table(table_id).state) == ("other", "draft")
    actions = [row.action for row in audit_rows(AuditFilter(subject_kind="rule_table"), EVERYTHING)]
    assert actions == ["table.sent_back", "table.submitted", "table.revised", "table.drafted"]


def test_what_is_not_there_is_not_found(db_session):
    with pytest.raises(TableNotFound):
        queries.table(999_999)
    with pytest.raises(NoSuchKind):
        table_kind("nothing")


def test_the_first_tables_come_with_their_sources_and_their_certainty(db_session, clock):
    loaded = service.load_tables(now=clock.now, by=SYSTEM)

    tables = queries.tables(limit=len(loaded))
    assert {table.kind for table in tables} == {kind.code for kind in KINDS}
    assert all(table.source and table.state == "active" and table.loaded for table in tables)
    henan = queries.rows_in_force("compulsory_float", "CN-HA", date(2026, 3, 12))
    beijing = queries.rows_in_force("compulsory_float", "CN-BJ", date(2026, 3, 12))
    assert [table.rows[2]["change"] for table in (henan, beijing)] == [-3000, -3500]
    assert henan.certainty == "general"
    with pytest.raises(TablesThere):
        service.load_tables(now=clock.now, by=SYSTEM)


def test_a_file_with_one_mistake_loads_nothing(db_session, clock):
    good = {"kind": "pricing_factor", "source": "s", "certainty": "seen", "rows": ROWS}
    with pytest.raises(Malformed) as wrong:
        service.load_tables({"tables": [good, good | {"rows": [{}]}, good | {"until": 1}]}, now=clock.now, by=SYSTEM)

    assert set(wrong.value.errors) == {"tables[1].rows[0].least", "tables[1].rows[0].most", "tables[2].until"}
    assert queries.tables() == []


@pytest.mark.parametrize(
    ("content", "place"),
    [
        ([], "tables"),
        ({"tables": []}, "tables"),
        ({"tables": ["x"]}, "tables[0]"),
        ({"tables": [{"regions": []}]}, "tables[0].regions"),
        ({"tables": [{"valid_from": "2026-02-30"}]}, "tables[0].valid_from"),
    ],
)
def test_what_is_wrong_with_a_file_is_named_by_place(content, place):
    with pytest.raises(Malformed) as wrong:
        parse_tables(content)

    assert set(wrong.value.errors) == {place}


def test_rows_come_out_of_csv_as_they_went_in():
    for one in parse_tables(read_json(FIRST_TABLES)):
        columns = table_kind(one.kind).every_column

        assert rows_of_csv(columns, rows_as_csv(columns, one.rows).encode(), str) == one.rows


def test_heads_and_choices_may_be_written_as_they_are_called():
    columns = table_kind("compulsory_float").every_column
    content = "Record,Change of the premium (%)\n1 year without a claim,\u221210%\nfatal,+30\n,\n".encode()

    rows = rows_of_csv(columns, content, str)

    assert rows == [{"situation": "free_1", "change": -1000}, {"situation": "fatal", "change": 3000}]


@pytest.mark.parametrize("typed", ["²", "NaN", "1e99999999", "0.001", "--1", "9" * 400])
def test_a_share_that_cannot_be_read_stays_as_it_was_typed(typed):
    content = f"situation,change\nfree_1,{typed}\n".encode()

    assert rows_of_csv(table_kind("compulsory_float").every_column, content, str)[0]["change"] == typed


def test_a_text_that_could_be_a_formula_is_neutralised_on_the_way_out():
    columns = table_kind("pricing_factor").every_column
    csv = rows_as_csv(columns, [{**ROWS[0], "source": '=HYPERLINK("x")'}])

    assert "'=HYPERLINK" in csv
    assert rows_of_csv(columns, csv.encode(), str)[0]["source"] == '=HYPERLINK("x")'


@pytest.mark.parametrize(
    ("content", "told"),
    [(b"\xff", "UTF-8"), (b"", "head"), (b"least,nothing\n1,2\n", "nothing"), (b'"least\n1', "CSV")],
)
def test_a_file_that_cannot_be_read_says_so(content, told):
    with pytest.raises(Malformed) as wrong:
        rows_of_csv(table_kind("pricing_factor").every_column, content, str)

    assert told in wrong.value.errors["file"][0]


@given(st.sampled_from(KINDS), st.text(max_size=200))
def test_no_csv_is_a_fault(kind, content):
    try:
        rows = rows_of_csv(kind.every_column, content.encode("utf-8", "replace"), str)
    except Malformed:
        return
    assert all(isinstance(row, dict) for row in rows)
