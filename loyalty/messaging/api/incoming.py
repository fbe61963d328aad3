"""What providers hand in: receipts of what they delivered, and what people replied."""

from typing import Any

from loyalty.messaging import service
from loyalty.messaging.schemas import IncomingBody, ReceiptsAnswer, ReceiptsBody, ReplyAnswer
from loyalty.messaging.service import Incoming, ReceiptTold
from loyalty.web.api import ApiBlueprint
from loyalty.web.guards import guard
from loyalty.web.requests import current_actor, request_now

RECEIVE = "messages.receive"

operations = ApiBlueprint(
    "message_events", __name__, url_prefix="/messages", description="Receipts and replies of providers."
)


@operations.post("/receipts")
@guard(RECEIVE)
@operations.arguments(ReceiptsBody)
@operations.response(200, ReceiptsAnswer)
def take_receipts(asked: dict[str, Any]) -> dict[str, Any]:
    """Take receipts, each once; they settle what is unclear."""
    receipts = [ReceiptTold(**one) for one in asked["receipts"]]
    return {"moved": service.record_receipts(receipts, now=request_now(), by=current_actor())}


@operations.post("/replies")
@guard(RECEIVE)
@operations.arguments(IncomingBody)
@operations.response(200, ReplyAnswer)
def take_reply(asked: dict[str, Any]) -> dict[str, Any]:
    """Take a reply, once. T, TD, 退订, N, R, 拒收 and STOP opt out of offers at once; by SMS, of calls too."""
    incoming = Incoming(asked["channel"], asked["id"], asked["address"], asked["text"], asked["received_at"])
    received = service.receive_reply(incoming, now=request_now(), by=current_actor())
    return {
        "id": received.reply_id,
        "opted_out": received.opted_out,
        "customers": len(received.customer_ids),
        "repeated": received.repeated,
    }
