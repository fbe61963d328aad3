"""What can be done to members and with their points."""

from loyalty.membership.service.enrolment import enrol, enrol_by_hand
from loyalty.membership.service.states import close, resume, suspend
from loyalty.membership.service.uses import adjust, redeem, return_redemption, transfer

__all__ = [
    "adjust",
    "close",
    "enrol",
    "enrol_by_hand",
    "redeem",
    "resume",
    "return_redemption",
    "suspend",
    "transfer",
]
