"""The rules of membership: numbers, states, the dealer's policy, and what is refused."""

from loyalty.membership.rules.adjustments import check_adjustment
from loyalty.membership.rules.documents import NO_DOCUMENT, is_document
from loyalty.membership.rules.ladder import Check, Floor, Ladder, Rung, rung_of
from loyalty.membership.rules.moments import check_past
from loyalty.membership.rules.numbers import id_of_number, number_of, shown
from loyalty.membership.rules.policy import Policy, parse_policy
from loyalty.membership.rules.refusals import (
    AdjustmentAboveLimit,
    AlreadyMember,
    KeepTheMember,
    MemberNotFound,
    MovementNotFound,
    NotActive,
    NotThatState,
    SuspendedBeforeMerge,
)
from loyalty.membership.rules.requests import Use
from loyalty.membership.rules.states import MOVES, STATES, check_active, check_move
from loyalty.membership.rules.telling import (
    LAPSE_KNOWS,
    LAPSE_TEXT,
    RISE_IS_NEWS,
    RISE_KNOWS,
    RISE_TEXT,
    TOLD_AT,
    is_news,
    lead_due,
)
from loyalty.membership.rules.views import Newcomer

__all__ = [
    "LAPSE_KNOWS",
    "LAPSE_TEXT",
    "MOVES",
    "NO_DOCUMENT",
    "RISE_IS_NEWS",
    "RISE_KNOWS",
    "RISE_TEXT",
    "STATES",
    "TOLD_AT",
    "AdjustmentAboveLimit",
    "AlreadyMember",
    "Check",
    "Floor",
    "KeepTheMember",
    "Ladder",
    "MemberNotFound",
    "MovementNotFound",
    "Newcomer",
    "NotActive",
    "NotThatState",
    "Policy",
    "Rung",
    "SuspendedBeforeMerge",
    "Use",
    "check_active",
    "check_adjustment",
    "check_move",
    "check_past",
    "id_of_number",
    "is_document",
    "is_news",
    "lead_due",
    "number_of",
    "parse_policy",
    "rung_of",
    "shown",
]
