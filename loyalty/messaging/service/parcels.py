"""What is in somebody's hands past the point of no return."""

from dataclasses import dataclass

from loyalty.messaging.ports import HookCall, Outgoing
from loyalty.messaging.service.steps import Handed


@dataclass(frozen=True, slots=True)
class Parcel:
    """A message, or a delivery of a webhook: call it once, now. `recipient_id` is the customer, or the hook."""

    handed: Handed
    recipient_id: int
    outgoing: Outgoing | HookCall
