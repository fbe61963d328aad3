"""What sales mean for points and growth."""

from collections.abc import Sequence
from datetime import datetime

from loyalty.earning import service
from loyalty.kernel.actor import Actor
from loyalty.kernel.effects import Effect
from loyalty.sales.events import SaleCorrected, SaleRecorded, SaleRefunded, VehicleDelivered


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
