"""Sales for programs: recorded, corrected, refunded and read."""

from collections import Counter
from collections.abc import Sequence
from typing import Any, Literal

from flask import Response, request
from marshmallow import ValidationError
from werkzeug.exceptions import BadRequest

from loyalty.kernel.errors import Malformed, Problem, Sentence
from loyalty.kernel.paging import page_size
from loyalty.sales import queries
from loyalty.sales.api.blueprint import operations
from loyalty.sales.rules import Outcome, SaleFact
from loyalty.sales.schemas import (
    MOST_IN_BATCH,
    BatchOutcomeBody,
    OutcomeBody,
    RefundBody,
    RefundOutcomeBody,
    SaleBody,
    SalesBody,
    SalesQuery,
    SoldBody,
    SoldPageBody,
    read_sale,
)
from loyalty.sales.service import record_refunds, record_sales
from loyalty.web.api import answer_once, json_answer
from loyalty.web.errors import flat, plain_details, tell_problem
from loyalty.web.guards import guard
from loyalty.web.json_fields import effects_json
from loyalty.web.requests import current_actor, request_now

OK, CREATED = 200, 201


@operations.post("/sales")
@guard("sales.write")
@operations.doc(requestBody={"required": True, "content": {"application/json": {"schema": SaleBody}}})
@operations.takes_key
@operations.alt_response(OK, schema=OutcomeBody, description="The same was recorded before.")
@operations.response(CREATED, OutcomeBody)
def create_sale() -> Response:
    """Record a sale.

    The same sale again answers the same with 200; other content under its number is refused with 409, since a
    correction is a PUT. Customers and vehicles that are new are created.
    """
    body = _json()
    sale = read_sale(body)
    answer = answer_once("sales.create", body, lambda: _record(sale, "create"))
    return _sent(answer)


@operations.put("/sales/<source>/<path:number>")
@guard("sales.write")
@operations.doc(requestBody={"required": True, "content": {"application/json": {"schema": SaleBody}}})
@operations.takes_key
@operations.response(OK, OutcomeBody)
def correct_sale(source: str, number: str) -> Response:
    """Correct a sale: what it says now replaces what it said, and points and tier follow the difference."""
    body = _json()
    sale = read_sale(body)
    if (sale.source, sale.number) != (source, number):
        raise Malformed({"number": ["The source and number of the body are not those of the address."]})
    queries.sale_by_number(source, number, current_actor().scope("sales.write"))
    return _sent(answer_once("sales.correct", body, lambda: _record(sale, "correct")))


@operations.post("/sales:batch")
@guard("sales.write")
@operations.doc(requestBody={"required": True, "content": {"application/json": {"schema": SalesBody}}})
@operations.takes_key
@operations.response(OK, BatchOutcomeBody)
def create_sales() -> Response:
    """Record up to 500 sales at once; each is answered for itself, and a rejected one does not hold up the others."""
    body = _json()
    sales = body.get("sales") if isinstance(body, dict) and body.keys() == {"sales"} else None
    if not isinstance(sales, list) or not 0 < len(sales) <= MOST_IN_BATCH:
        raise Malformed({"sales": [Sentence("Send 1 to {most} sales as the list “sales”.", most=MOST_IN_BATCH)]})
    return _sent(answer_once("sales.batch", body, lambda: _record_batch(sales)))


@operations.post("/sales/<source>/<path:number>/refunds")
@guard("sales.write")
@operations.doc(requestBody={"required": True, "content": {"application/json": {"schema": RefundBody}}})
@operations.takes_key
@operations.alt_response(OK, schema=RefundOutcomeBody, description="The same was recorded before.")
@operations.response(CREATED, RefundOutcomeBody)
def create_refund(source: str, number: str) -> Response:
    """Give back lines of a sale, by quantity or amount; never more than was sold. The same again answers the same."""
    body = _json()
    fact = RefundBody.fact(RefundBody().load(body), source, number)

    def work() -> dict[str, Any]:
        outcome = record_refunds([fact], now=request_now(), by=current_actor())[0].or_raise()
        return {"state": outcome.state, "number": fact.number, "effects": effects_json(outcome.effects)}

    answer = answer_once(f"sales.refund {source} {number}", body, work)
    return _sent(answer)


@operations.get("/sales")
@guard("sales.read")
@operations.arguments(SalesQuery, location="query", as_kwargs=True)
@operations.response(OK, SoldPageBody)
def list_sales(cursor: str | None, limit: int | None, **wanted: Any) -> dict[str, Any]:
    """List sales, the latest recorded first."""
    scope = current_actor().scope("sales.read")
    page = queries.sales_page(scope, queries.Wanted(**wanted), limit=page_size(limit), cursor=cursor)
    return {"items": page.items, "next_cursor": page.next_cursor}


@operations.get("/sales/<source>/<path:number>")
@guard("sales.read")
@operations.response(OK, SoldBody)
def show_sale(source: str, number: str) -> queries.SaleView:
    """Show a sale with its lines."""
    return queries.sale_by_number(source, number, current_actor().scope("sales.read"))


def _json() -> Any:
    try:
        return request.get_json()
    except BadRequest as error:
        raise Malformed({"_": ["The body is not JSON in UTF-8."]}) from error


def _sent(answer: dict[str, Any]) -> Response:
    return json_answer(answer, CREATED if answer.get("state") == "created" else OK)


def _record(sale: SaleFact, mode: Literal["create", "correct"]) -> dict[str, Any]:
    outcome = record_sales([sale], mode=mode, now=request_now(), by=current_actor())[0].or_raise()
    return _answer(sale, outcome)


def _answer(sale: SaleFact, outcome: Outcome) -> dict[str, Any]:
    return {
        "state": outcome.state,
        "source": sale.source,
        "number": sale.number,
        "version": outcome.version,
        "effects": effects_json(outcome.effects),
    }


def _record_batch(bodies: Sequence[object]) -> dict[str, Any]:
    """Return the outcome of each sale; those that cannot even be read are rejected in their place."""
    unread: dict[int, Problem] = {}
    facts: list[tuple[int, SaleFact]] = []
    for place, body in enumerate(bodies):
        try:
            facts.append((place, read_sale(body)))
        except ValidationError as error:
            unread[place] = Malformed(flat(error.messages))
    outcomes = record_sales([fact for _, fact in facts], mode="create", now=request_now(), by=current_actor())
    read = {place: _answer_or_error(fact, outcome) for (place, fact), outcome in zip(facts, outcomes, strict=True)}
    answers = [read[place] if place in read else _error(unread[place]) for place in range(len(bodies))]
    return {"sales": answers, "counts": dict(Counter(answer["state"] for answer in answers))}


def _answer_or_error(fact: SaleFact, outcome: Outcome) -> dict[str, Any]:
    if outcome.problem is None:
        return _answer(fact, outcome)
    return {"source": fact.source, "number": fact.number, **_error(outcome.problem)}


def _error(problem: Problem) -> dict[str, Any]:
    told = tell_problem(problem)
    details = plain_details(told.details)
    if told.errors:
        details["errors"] = told.errors
    return {"state": "rejected", "error": {"code": told.code, "message": told.message, "details": details}}
