"""What sales mean for points and growth."""

from collections.abc import Sequence
from datetime import datetime

from loyalty.customers.events import CustomersMerged, CustomersParted
from loyalty.customers.queries import merge_part
from loyalty.earning import service
from loyalty.kernel.actor import Actor
from loyalty.kernel.effects import Effect
from loyalty.sales.events import DeliveryCorrected, SaleCorrected, SaleRecorded, SaleRefunded, VehicleDelivered


def award_points(sales: Sequence[SaleRecorded], *, now: datetime, by: Actor) -> list[Effect]:
    """Give each buyer who is a member the points of the sale, once for each sale and version."""
    return service.award_sales(sales, now=now, by=by)


def correct_points(corrections: Sequence[SaleCorrected], *, now: datetime, by: Actor) -> list[Effect]:
    """Give or take the difference that a correction makes."""
    return service.correct_sales(corrections, now=now, by=by)


def take_back_points(refunds: Sequence[SaleRefunded], *, now: datetime, by: Actor) -> list[Effect]:
    """Take back what the refunded part had earned."""
    return service.take_back_refunds(refunds, now=now, by=by)


def award_deliveries(deliveries: Sequence[VehicleDelivered], *, now: datetime, by: Actor) -> list[Effect]:
    """Give what the delivery of a vehicle earns, where a rule rewards it."""
    return service.award_deliveries(deliveries, now=now, by=by)


def correct_deliveries(corrections: Sequence[DeliveryCorrected], *, now: datetime, by: Actor) -> list[Effect]:
    """Take back what a delivery gave that was another one or none, and give what the corrected one earns."""
    return service.correct_deliveries(corrections, now=now, by=by)


def carry_lines(merges: Sequence[CustomersMerged], *, now: datetime, by: Actor) -> list[Effect]:
    """Let what each line earned come over with the sales, so that a refund finds it."""
    del now, by
    for one in merges:
        service.carry_lines(one.gone_id, one.kept_id, merge_part(one.merge_id, "sales").get("ids", []))
    return []


def return_lines(partings: Sequence[CustomersParted], *, now: datetime, by: Actor) -> list[Effect]:
    """Let what each line earned and gave back go with the sales that go back."""
    del now, by
    for one in partings:
        service.carry_lines(one.kept_id, one.gone_id, merge_part(one.merge_id, "sales").get("ids", []))
    return []
