"""Bodies of the members' API."""

from loyalty.membership.schemas.levels import (
    CriterionView,
    FloorBody,
    FloorList,
    FloorView,
    FloorWaiting,
    RungView,
    TierAnswer,
)
from loyalty.membership.schemas.members import EnrolBody, MemberAnswer, MemberList, MembersQuery, MemberView, StateBody
from loyalty.membership.schemas.parts import BalanceView, EffectView
from loyalty.membership.schemas.reading import (
    EntriesQuery,
    Entry,
    EntryList,
    Lot,
    LotList,
    MomentQuery,
    Movement,
    NextEnd,
    PointsAnswer,
)
from loyalty.membership.schemas.uses import (
    AdjustmentBody,
    ReceiptAnswer,
    RedemptionBody,
    ReturnBody,
    TransferBody,
    WaitingAnswer,
)

__all__ = [
    "AdjustmentBody",
    "BalanceView",
    "CriterionView",
    "EffectView",
    "EnrolBody",
    "EntriesQuery",
    "Entry",
    "EntryList",
    "FloorBody",
    "FloorList",
    "FloorView",
    "FloorWaiting",
    "Lot",
    "LotList",
    "MemberAnswer",
    "MemberList",
    "MemberView",
    "MembersQuery",
    "MomentQuery",
    "Movement",
    "NextEnd",
    "PointsAnswer",
    "ReceiptAnswer",
    "RedemptionBody",
    "ReturnBody",
    "RungView",
    "StateBody",
    "TierAnswer",
    "TransferBody",
    "WaitingAnswer",
]
