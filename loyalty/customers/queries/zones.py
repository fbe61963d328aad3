"""In which zone days about a customer are read."""

from loyalty.staff.queries import stores_by_ids

USUAL_ZONE = "Asia/Shanghai"
"""The zone of a customer without a home store."""


def zone_of_customer(home_store_id: int | None) -> str:
    """Return the zone of the home store, or the usual one where there is none."""
    found = stores_by_ids([home_store_id]) if home_store_id is not None else {}
    return found[home_store_id].zone if home_store_id in found else USUAL_ZONE
