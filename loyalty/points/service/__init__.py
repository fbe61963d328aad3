"""What can be done with points; every function is one transaction, or part of the caller's."""

from loyalty.points.service.accounts import open_accounts, set_earning, set_earning_class
from loyalty.points.service.awards import award, migrate, take_back
from loyalty.points.service.forgetting import forget_remarks
from loyalty.points.service.holds import capture, hold, release, release_lapsed
from loyalty.points.service.night import activate_due, expire_due
from loyalty.points.service.uses import adjust, redeem, return_redemption, transfer

__all__ = [
    "activate_due",
    "adjust",
    "award",
    "capture",
    "expire_due",
    "forget_remarks",
    "hold",
    "migrate",
    "open_accounts",
    "redeem",
    "release",
    "release_lapsed",
    "return_redemption",
    "set_earning",
    "set_earning_class",
    "take_back",
    "transfer",
]
