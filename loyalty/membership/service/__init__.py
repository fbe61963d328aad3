"""What can be done to members and with their points."""

from loyalty.membership.service.adjustments import ADJUSTMENTS, ask_to_adjust, would_adjust
from loyalty.membership.service.enrolment import enrol, enrol_by_hand, hold_buyers
from loyalty.membership.service.holds import capture, hold, release
from loyalty.membership.service.levels import LEVELS, ask_for_level
from loyalty.membership.service.states import close, resume, suspend
from loyalty.membership.service.telling import tell_of_lapses, tell_of_rises
from loyalty.membership.service.uses import adjust, redeem, return_redemption, transfer

__all__ = [
    "ADJUSTMENTS",
    "LEVELS",
    "adjust",
    "ask_for_level",
    "ask_to_adjust",
    "capture",
    "close",
    "enrol",
    "enrol_by_hand",
    "hold",
    "hold_buyers",
    "redeem",
    "release",
    "resume",
    "return_redemption",
    "suspend",
    "tell_of_lapses",
    "tell_of_rises",
    "transfer",
    "would_adjust",
]
