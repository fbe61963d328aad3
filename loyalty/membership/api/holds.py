"""Points reserved for a use that is decided later."""

from typing import Any

from loyalty.kernel.errors import Malformed
from loyalty.membership import queries, service
from loyalty.membership.api.blueprint import operations
from loyalty.membership.api.uses import booked
from loyalty.membership.queries import HoldView
from loyalty.membership.rules import Use
from loyalty.membership.schemas import CaptureBody, HoldBody, HoldList, ReceiptAnswer, ReleaseBody
from loyalty.points.rules import Receipt
from loyalty.web.guards import guard
from loyalty.web.limits import USES_BY_PROGRAM, limited
from loyalty.web.requests import current_actor, request_now


@operations.get("/<number>/holds")
@guard("points.read")
@operations.response(200, HoldList)
def list_holds(number: str) -> dict[str, list[HoldView]]:
    """List what is reserved of a member's points, the oldest first."""
    member = queries.member(number, current_actor().scope("points.read"))
    return {"items": queries.holds(member.customer_id)}


@operations.post("/<number>/holds")
@guard("points.redeem")
@limited(USES_BY_PROGRAM, scope="uses", each=True)
@operations.takes_key
@operations.arguments(HoldBody)
@operations.response(200, ReceiptAnswer)
def hold(asked: dict[str, Any], number: str) -> dict[str, Any]:
    """Reserve points; the key of the answer captures or releases them, and `until` frees them by itself."""
    until = asked["until"]
    if until is not None and until <= request_now():
        raise Malformed({"until": ["This moment has passed. Choose a later one."]})

    def reserve(use: Use, **how: Any) -> Receipt:
        return service.hold(use, until=until, **how)

    return booked(asked, number, "points.redeem", "members.hold", reserve)


@operations.post("/<number>/holds/<key>:capture")
@guard("points.redeem")
@limited(USES_BY_PROGRAM, scope="uses", each=True)
@operations.takes_key
@operations.arguments(CaptureBody)
@operations.response(200, ReceiptAnswer)
def capture(asked: dict[str, Any], number: str, key: str) -> dict[str, Any]:
    """Redeem points of a hold; the rest of it is free again."""

    def redeem(use: Use, **how: Any) -> Receipt:
        return service.capture(use, key, **how)

    return booked(asked, number, "points.redeem", "members.capture", redeem, after=f":{key}")


@operations.post("/<number>/holds/<key>:release")
@guard("points.redeem")
@operations.takes_key
@operations.arguments(ReleaseBody)
@operations.response(200, ReceiptAnswer)
def release(asked: dict[str, Any], number: str, key: str) -> dict[str, Any]:
    """Let all points of a hold be used again."""

    def free(use: Use, **how: Any) -> Receipt:
        return service.release(use, key, **how)

    return booked({**asked, "points": 0}, number, "points.redeem", "members.release", free, after=f":{key}")
