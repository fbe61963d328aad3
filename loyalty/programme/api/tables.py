"""Tables of facts for programs."""

from collections.abc import Callable
from typing import Any

from flask import Response, make_response, request

from loyalty.kernel.paging import Page, decode_cursor, encode_cursor, page_size
from loyalty.programme import queries, service
from loyalty.programme.rules.tables import Facts, TableNotFound, table_kind
from loyalty.programme.schemas import InForceQuery, TableDraftSchema, TableSchema, TablesQuery, TablesSchema
from loyalty.web.api import ApiBlueprint, answer_once
from loyalty.web.guards import guard
from loyalty.web.requests import current_actor, request_now

operations = ApiBlueprint(
    "tables",
    __name__,
    url_prefix="/programme/tables",
    description="Facts of law and insurance: where and on which days they hold, by which source, how sure they are.",
)


@operations.get("")
@guard("programme.read")
@operations.arguments(TablesQuery, location="query")
@operations.response(200, TablesSchema)
def list_tables(asked: dict[str, Any]) -> Page[queries.TableView]:
    """Return tables, newest first, of one kind or region or of all."""
    size = page_size(asked["limit"])
    before = decode_cursor(asked["cursor"], [int])[0] if asked["cursor"] else None
    found = queries.tables(kind=asked["kind"], region=asked["region"], before_id=before, limit=size + 1)
    return Page(found[:size], encode_cursor([found[size - 1].id]) if len(found) > size else None)


@operations.get("/in-force")
@guard("programme.read")
@operations.arguments(InForceQuery, location="query")
@operations.response(200, TableSchema)
def show_in_force(asked: dict[str, Any]) -> queries.TableView:
    """Return the table that holds in a region on a day: its own, or else that of the whole mainland."""
    kind = table_kind(asked["kind"])
    found = queries.rows_in_force(kind.code, asked["region"], asked["day"])
    if found is None:
        raise TableNotFound(table=kind.code)
    return found


@operations.get("/<int:table_id>")
@guard("programme.read")
@operations.response(200, TableSchema)
def show_table(table_id: int) -> queries.TableView:
    """Return one table with its rows."""
    return queries.table(table_id)


@operations.post("")
@guard("programme.edit")
@operations.takes_key
@operations.arguments(TableDraftSchema)
@operations.response(201, TableSchema)
def draft_table(asked: dict[str, Any]) -> Response:
    """Write a draft; what is wrong with its rows is named by place, as `rows[2].factor`."""

    def work() -> int:
        return service.draft_table(Facts(**asked), now=request_now(), by=current_actor())

    return _once("programme.draft_table", request.get_json(), work, status=201)


@operations.post("/<int:table_id>:submit")
@guard("programme.edit")
@operations.takes_key
@operations.response(200, TableSchema)
def submit_table(table_id: int) -> Response:
    """Ask for a draft to be approved; the other person decides in the list of approvals."""

    def work() -> int:
        service.submit_table(table_id, now=request_now(), by=current_actor())
        return table_id

    return _once("programme.submit_table", {"table": table_id}, work)


def _once(operation: str, body: object, work: Callable[[], int], *, status: int = 200) -> Response:
    """Answer with the table that `work` names, once for the key of this request."""
    answer = answer_once(operation, body, lambda: TableSchema().dump(queries.table(work())))
    return make_response(answer, status)
