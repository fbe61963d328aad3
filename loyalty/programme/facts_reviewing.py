"""Tables of facts in review as requests in the one list of approvals."""

from collections.abc import Sequence
from datetime import datetime

from loyalty.approvals.rules import ApprovalKind, Figure, Named, Preview, Request
from loyalty.kernel.actor import Actor
from loyalty.kernel.effects import Effect
from loyalty.programme import queries, service
from loyalty.programme.queries import TableView
from loyalty.programme.rules import TABLE_APPROVAL
from loyalty.programme.rules.differences import differing
from loyalty.programme.rules.tables import check_facts
from loyalty.programme.rules.titles import region_title, table_title


def _named(requests: Sequence[Request]) -> dict[int, Named]:
    found = queries.tables_by_ids([request.subject_id for request in requests])
    return {request.id: _name(found[request.subject_id]) for request in requests}


def _name(table: TableView) -> Named:
    numbers = {"kind": table_title(table.kind), "region": region_title(table.region), "number": table.number}
    return Named("{kind}, {region}, table {number}", numbers, f"/staff/programme/tables/{table.id}")


def _effect(request: Request, now: datetime) -> Preview:  # noqa: ARG001  a table holds for its days, whenever approved
    """Return which days a table will hold for, and how much is different from the one that holds now."""
    table = queries.table(request.subject_id)
    facts = check_facts(table.facts)
    told = {"first": str(facts.valid_from or "--"), "last": str(facts.valid_to or "--"), "count": len(facts.rows)}
    effects = [Effect("programme.table_activated", "{count} rows hold from {first} to {last}.", told)]
    before = queries.table_before(facts)
    if before:
        count = differing(before.rows, facts.rows)
        numbers = {"before": before.number, "count": count}
        effects.append(Effect("programme.table_follows", "Beside table {before}, {count} values differ.", numbers))
    if queries.active_with_start(facts):
        effects.append(Effect("programme.table_retired", "The table that began on the same day is retired.", {}))
    return Preview(tuple(effects), (Figure("Rows", len(before.rows) if before else None, len(facts.rows)),))


def _carry_out(request: Request, *, now: datetime, by: Actor) -> list[Effect]:
    effects = _effect(request, now).effects
    service.activate_table(request.subject_id, now=now, by=by)
    return list(effects)


def _drop(request: Request, *, now: datetime, by: Actor) -> None:
    service.take_table_back(request.subject_id, now=now, by=by)


RULE_TABLES = ApprovalKind(
    "Table of facts",
    code=TABLE_APPROVAL,
    permission="programme.approve",
    subject_kind="rule_table",
    named=_named,
    preview=_effect,
    carry_out=_carry_out,
    drop=_drop,
)
