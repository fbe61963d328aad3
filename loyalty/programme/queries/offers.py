"""What forms of rules offer by name."""

from datetime import datetime

from loyalty.kernel.actor import EVERYTHING
from loyalty.programme.rules.forms import Raw
from loyalty.staff.queries import stores


def offered_stores(now: datetime) -> dict[str, Raw]:  # noqa: ARG001  what is offered may depend on the moment
    """Return the stores by code, with their names."""
    return {store.code: Raw(store.name) for store in stores(EVERYTHING)}
