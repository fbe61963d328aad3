"""What kinds of sales and the usual categories of their lines are called."""

from collections.abc import Mapping

KIND_TEXTS: Mapping[str, str] = {
    "vehicle": "Vehicle sale",
    "service": "Service",
    "parts": "Parts",
    "accessory": "Accessories",
    "insurance": "Insurance",
    "warranty": "Warranty",
    "other": "Other",
}
CATEGORY_TEXTS: Mapping[str, str] = {
    "labour": "Labour",
    "parts": "Parts",
    "accessories": "Accessories",
    "vehicle": "Vehicle",
}
