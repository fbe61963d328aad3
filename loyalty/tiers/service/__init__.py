"""What can be done with levels; each is one transaction or part of the caller's, and a review one for each chunk."""

from loyalty.tiers.queries import explain
from loyalty.tiers.service.deliveries import correct_deliveries
from loyalty.tiers.service.facts import count_days, count_referrals
from loyalty.tiers.service.floors import approve_floor, drop_floor, floor_effect, set_floor
from loyalty.tiers.service.merging import forget_reasons, merge_standings, part_standings
from loyalty.tiers.service.reviews import review
from loyalty.tiers.service.standings import note_deliveries, open_standings

__all__ = [
    "approve_floor",
    "correct_deliveries",
    "count_days",
    "count_referrals",
    "drop_floor",
    "explain",
    "floor_effect",
    "forget_reasons",
    "merge_standings",
    "note_deliveries",
    "open_standings",
    "part_standings",
    "review",
    "set_floor",
]
