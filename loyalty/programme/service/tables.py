"""Writing, reviewing and activating tables of facts."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import text

from loyalty.approvals import queries as approvals
from loyalty.approvals import service as second_person
from loyalty.approvals.rules import Asked
from loyalty.kernel.actor import EVERYTHING, Actor
from loyalty.kernel.db import transaction
from loyalty.programme import queries
from loyalty.programme.models import RuleTable
from loyalty.programme.rules import NO_NOTE, TABLE_APPROVAL, NotTheAuthor, check_move, check_two_people, sha256_of
from loyalty.programme.rules.tables import Facts, TableNotFound, TablesThere, check_facts, parse_tables
from loyalty.programme.service.people import person
from loyalty.programme.service.reading import read_json
from loyalty.staff.service import AuditEntry, record_audit

FIRST_TABLES = Path(__file__).parent.parent / "rule_tables.json"
"""The tables that come with the product."""

_ONE_WRITER = text("LOCK TABLE rule_tables IN SHARE ROW EXCLUSIVE MODE")


def draft_table(facts: Facts, *, now: datetime, by: Actor) -> int:
    """Write a new table and return its id; malformed with each place that is wrong."""
    checked, author_id = check_facts(facts), person(by)
    with transaction() as session:
        session.execute(_ONE_WRITER)
        table = _new(checked, queries.last_table_number(facts.kind, facts.region) + 1, now)
        table.state, table.author_id = "draft", author_id
        session.add(table)
        session.flush()
        _record("table.drafted", table, now, by)
        return table.id


def revise_table(table_id: int, facts: Facts, *, now: datetime, by: Actor) -> None:
    """Put other facts into a draft of the same kind and region; refused unless it is the asker's own."""
    author_id = person(by)
    with transaction():
        table = _lock(table_id)
        check_move("submit", table.state)
        if table.author_id != author_id:
            raise NotTheAuthor
        checked = check_facts(facts)
        table.valid_from, table.valid_to = checked.valid_from, checked.valid_to
        table.source, table.certainty, table.remark = checked.source, checked.certainty, checked.remark
        table.rows, table.sha256 = checked.rows, checked.sha256
        _record("table.revised", table, now, by)


def submit_table(table_id: int, *, note: str = "", now: datetime, by: Actor) -> None:
    """Ask for a draft to be approved; the note tells the other person why. It joins the list of approvals."""
    with transaction():
        _move(table_id, "submit", "table.submitted", now, by, note)
        second_person.ask(Asked(TABLE_APPROVAL, table_id, body={"reason": note} if note else {}), now=now, by=by)


def send_table_back(table_id: int, *, note: str = "", now: datetime, by: Actor) -> None:
    """Give a table in review back to its author with a note; who submitted it takes it back alone."""
    waiting = approvals.waiting_about(TABLE_APPROVAL, table_id)
    if waiting is None:
        check_move("send_back", queries.table(table_id).state)
        return
    if waiting.request.asked_by == person(by):
        second_person.withdraw(waiting.id, scope=EVERYTHING, now=now, by=by)
    else:
        second_person.send_back(waiting.id, note or NO_NOTE, scope=EVERYTHING, now=now, by=by)


def take_table_back(table_id: int, *, now: datetime, by: Actor) -> None:
    """Make a table in review a draft again: what the list of approvals does when its request goes back."""
    _move(table_id, "send_back", "table.sent_back", now, by)


def activate_table(table_id: int, *, now: datetime, by: Actor) -> None:
    """Let a table in review count for its days: what the list of approvals does at a yes.

    A table that began on the same day in the same place was mistaken, and is retired.
    """
    approver_id = person(by)
    with transaction() as session:
        session.execute(_ONE_WRITER)
        table = _lock(table_id)
        state = check_move("approve", table.state)
        check_two_people(table.author_id, approver_id)
        facts = check_facts(queries.table(table_id).facts)
        for mistaken in queries.active_with_start(facts):
            _retire(_lock(mistaken), now, by)
        session.flush()
        table.state, table.approver_id, table.activated_at = state, approver_id, now
        session.flush()
        _record("table.activated", table, now, by)


def retire_table(table_id: int, *, note: str, now: datetime, by: Actor) -> None:
    """Let an active table count no more, for no day; the note says why."""
    person(by)
    with transaction():
        _retire(_lock(table_id), now, by, note)


def load_tables(source: Path | Mapping[str, Any] = FIRST_TABLES, *, now: datetime, by: Actor) -> list[int]:
    """Activate all tables of a file and return their ids, or none; refused where there are tables already."""
    content = read_json(source) if isinstance(source, Path) else dict(source)
    loaded = parse_tables(content)
    with transaction() as session:
        session.execute(_ONE_WRITER)
        if queries.has_tables():
            raise TablesThere
        numbers: dict[tuple[str, str], int] = {}
        written = []
        for facts in loaded:
            place = (facts.kind, facts.region)
            numbers[place] = numbers.get(place, 0) + 1
            table = _new(facts, numbers[place], now)
            table.state, table.activated_at, table.loaded_from = "active", now, sha256_of(content)
            written.append(table)
        session.add_all(written)
        session.flush()
        record_audit([_entry("table.loaded", table, now, by) for table in written])
        return [table.id for table in written]


def _new(facts: Facts, number: int, now: datetime) -> RuleTable:
    return RuleTable(
        kind=facts.kind,
        region=facts.region,
        number=number,
        valid_from=facts.valid_from,
        valid_to=facts.valid_to,
        source=facts.source,
        certainty=facts.certainty,
        remark=facts.remark,
        rows=facts.rows,
        sha256=facts.sha256,
        created_at=now,
    )


def _retire(table: RuleTable, now: datetime, by: Actor, note: str = "") -> None:
    table.state, table.retired_at = check_move("retire", table.state), now
    _record("table.retired", table, now, by, note)


def _move(table_id: int, move: str, action: str, now: datetime, by: Actor, note: str = "") -> None:
    with transaction():
        table = _lock(table_id)
        table.state = check_move(move, table.state)
        _record(action, table, now, by, note)


def _lock(table_id: int) -> RuleTable:
    with transaction() as session:
        table = session.get(RuleTable, table_id, with_for_update=True, populate_existing=True)
    if table is None:
        raise TableNotFound(table=table_id)
    return table


def _record(action: str, table: RuleTable, now: datetime, by: Actor, note: str = "") -> None:
    record_audit([_entry(action, table, now, by, note)])


def _entry(action: str, table: RuleTable, now: datetime, by: Actor, note: str = "") -> AuditEntry:
    after = {
        "kind": table.kind,
        "region": table.region,
        "number": table.number,
        "state": table.state,
        "sha256": table.sha256.hex(),
    }
    return AuditEntry(action, "rule_table", table.id, by, now, after=after | ({"note": note} if note else {}))
