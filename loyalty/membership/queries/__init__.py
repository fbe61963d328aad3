"""What can be asked about members."""

from loyalty.membership.queries.adjustments import adjusted_since
from loyalty.membership.queries.cards import Card, card, card_of, last_day
from loyalty.membership.queries.holds import HoldView, holds
from loyalty.membership.queries.ledger import Ending, LotView, Movement, endings, lots, movement, movements, reasons
from loyalty.membership.queries.lists import Filter, MemberRow, every, listed
from loyalty.membership.queries.members import (
    MemberView,
    active_members,
    lock_member,
    lock_member_of,
    lock_members,
    member,
    member_of,
    members_among,
)
from loyalty.membership.queries.policies import end_of_points, policy, reminder_leads
from loyalty.membership.queries.standing import ladder, level_changes, levels, levels_of
from loyalty.membership.queries.summary import Summary, summary

__all__ = [
    "Card",
    "Ending",
    "Filter",
    "HoldView",
    "LotView",
    "MemberRow",
    "MemberView",
    "Movement",
    "Summary",
    "active_members",
    "adjusted_since",
    "card",
    "card_of",
    "end_of_points",
    "endings",
    "every",
    "holds",
    "ladder",
    "last_day",
    "level_changes",
    "levels",
    "levels_of",
    "listed",
    "lock_member",
    "lock_member_of",
    "lock_members",
    "lots",
    "member",
    "member_of",
    "members_among",
    "movement",
    "movements",
    "policy",
    "reasons",
    "reminder_leads",
    "summary",
]
