"""The rules of the ledger: pure, on a working copy of an account."""

from loyalty.points.rules.book import KINDS, PLACES, Book, Entry, Lot, Source, use_order
from loyalty.points.rules.effects import SENTENCES, effect_of, effects_of
from loyalty.points.rules.papers import MOST_POINTS, Ask, Award, Paper, Take, ask_paper, check_points, content_hash
from loyalty.points.rules.policies import Expiry, Redemption, Refunds, parse_expiry, parse_redemption, parse_refunds
from loyalty.points.rules.refusals import (
    AboveShare,
    BelowMinimum,
    CaptureAboveHold,
    HoldClosed,
    HoldNotFound,
    NoAccount,
    NotAMultiple,
    NotEnoughPoints,
    RedemptionNotFound,
    ReturnAboveRedeemed,
    TransferToSelf,
)
from loyalty.points.rules.results import Balance, Finding, NightWork, Receipt

__all__ = [
    "KINDS",
    "MOST_POINTS",
    "PLACES",
    "SENTENCES",
    "AboveShare",
    "Ask",
    "Award",
    "Balance",
    "BelowMinimum",
    "Book",
    "CaptureAboveHold",
    "Entry",
    "Expiry",
    "Finding",
    "HoldClosed",
    "HoldNotFound",
    "Lot",
    "NightWork",
    "NoAccount",
    "NotAMultiple",
    "NotEnoughPoints",
    "Paper",
    "Receipt",
    "Redemption",
    "RedemptionNotFound",
    "Refunds",
    "ReturnAboveRedeemed",
    "Source",
    "Take",
    "TransferToSelf",
    "ask_paper",
    "check_points",
    "content_hash",
    "effect_of",
    "effects_of",
    "parse_expiry",
    "parse_redemption",
    "parse_refunds",
    "use_order",
]
