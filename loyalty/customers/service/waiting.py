"""What waits for a second person about a customer: it names the customer it was asked for, so it is decided first."""

from collections.abc import Sequence

from loyalty.approvals import queries as approvals
from loyalty.customers.rules import WaitingRequest, customer_number
from loyalty.kernel.actor import EVERYTHING


def check_nothing_waits(customer_ids: Sequence[int]) -> None:
    """Refuse (WaitingRequest) while a request for approval about one of the customers is to be decided."""
    for customer_id in customer_ids:
        wanted = approvals.Filter(state="waiting", about_customer_id=customer_id)
        waiting = approvals.listed(wanted, EVERYTHING, limit=1).items
        if waiting:
            raise WaitingRequest(number=customer_number(customer_id), request=waiting[0].id)
