"""The JSON body of a delivery that is told apart from its sale."""

from collections.abc import Mapping
from typing import Any

from loyalty.sales.rules import DeliveryFact
from loyalty.web.json_fields import MomentField, StrictSchema


class DeliveryBody(StrictSchema):
    """When the vehicle was handed over; null when it was not, after all."""

    delivered_at = MomentField(required=True, allow_none=True)

    @staticmethod
    def fact(values: Mapping[str, Any], source: str, sale_number: str) -> DeliveryFact:
        """Return the plain value."""
        return DeliveryFact(source, sale_number, values["delivered_at"])
