"""Deliveries for programs, told apart from their sale."""

from typing import Any

from flask import Response

from loyalty.sales.api.blueprint import operations
from loyalty.sales.schemas import OutcomeBody
from loyalty.sales.schemas.deliveries import DeliveryBody
from loyalty.sales.service import record_deliveries
from loyalty.web.api import answer_once, json_answer
from loyalty.web.guards import guard
from loyalty.web.json_fields import effects_json
from loyalty.web.requests import current_actor, request_now

OK, CREATED = 200, 201


@operations.post("/sales/<source>/<path:number>/deliveries")
@guard("sales.write")
@operations.arguments(DeliveryBody)
@operations.takes_key
@operations.alt_response(OK, schema=OutcomeBody, description="It was known, or is corrected.")
@operations.response(CREATED, OutcomeBody)
def record_delivery(values: dict[str, Any], source: str, number: str) -> Response:
    """Tell when the vehicle of a sale was handed over.

    What is told last counts, also over the sale itself: another moment corrects the one before, null takes it back,
    and whatever hung on it is void. The same again answers the same.
    """
    fact = DeliveryBody.fact(values, source, number)

    def work() -> dict[str, Any]:
        outcome = record_deliveries([fact], now=request_now(), by=current_actor())[0].or_raise()
        return {
            "state": outcome.state,
            "source": source,
            "number": number,
            "version": outcome.version,
            "effects": effects_json(outcome.effects),
        }

    body = {"delivered_at": values["delivered_at"]}
    answer = answer_once(f"sales.delivery {source} {number}", body, work)
    return json_answer(answer, CREATED if answer["state"] == "created" else OK)
