"""What merges and erasures of customers mean for their sales."""

from collections.abc import Sequence
from datetime import datetime

from loyalty.customers.events import CustomerErased, CustomersMerged, CustomersParted
from loyalty.customers.service import carry_back, carry_over
from loyalty.kernel.actor import Actor
from loyalty.kernel.effects import Effect
from loyalty.sales import service

PART = "sales"


def carry_sales(merges: Sequence[CustomersMerged], *, now: datetime, by: Actor) -> list[Effect]:
    """Let the sales of the gone customer be the kept one's."""
    del now, by
    return [
        Effect("sales.moved", "Sales that come over: {count}.", {"count": len(ids)}, one.kept_id)
        for one, ids in carry_over(merges, PART, service.carry_sales)
        if ids
    ]


def return_sales(partings: Sequence[CustomersParted], *, now: datetime, by: Actor) -> list[Effect]:
    """Give the gone customer its sales back, with the corrections and refunds since; later sales stay."""
    del now, by
    return [
        Effect("sales.returned", "Sales that go back: {count}.", {"count": len(ids)}, one.gone_id)
        for one, ids in carry_back(partings, PART, service.carry_sales)
        if ids
    ]


def forget_people(erasures: Sequence[CustomerErased], *, now: datetime, by: Actor) -> list[Effect]:
    """Take the vehicle and the texts from the person's sales, and clear the refused rows of files; amounts stay."""
    del now, by
    cleared = sum(service.forget_people(one.customer_ids, one.traces) for one in erasures)
    sentence = "Refused rows of imports that are cleared: {count}."
    return [Effect("sales.rejects_cleared", sentence, {"count": cleared})] if cleared else []
