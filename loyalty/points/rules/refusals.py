"""What the ledger refuses, each with the figure that tells the way out."""

from loyalty.kernel.errors import NotFound, Refused


class NotEnoughPoints(Refused):
    """More was asked for than can be used now; `available` is the most that can."""

    code = "points.not_enough"
    sentence = "{asked} points were asked for, but {available} can be used now."


class NotAMultiple(Refused):
    """The programme redeems whole multiples only; `nearest` is the next lower one that could be redeemed."""

    code = "points.not_a_multiple"
    sentence = "Points are redeemed in multiples of {multiple}; {nearest} would be possible."


class BelowMinimum(Refused):
    """The programme redeems no fewer than `minimum` points at once."""

    code = "points.below_minimum"
    sentence = "At least {minimum} points are redeemed at once; {asked} were asked for."


class AboveShare(Refused):
    """The points are worth more than the part of the order that may be paid with points."""

    code = "points.above_share"
    sentence = "This order can take at most {most} points; {asked} were asked for."


class NoAccount(Refused):
    """The customer has no account of this unit, that is, is not a member."""

    code = "points.no_account"
    sentence = "Customer {customer_id} has no {unit} account; enrol the customer first."


class TransferToSelf(Refused):
    """Both sides of a transfer are the same customer."""

    code = "points.transfer_to_self"
    sentence = "Points cannot be transferred to the account they come from."


class ReturnAboveRedeemed(Refused):
    """More was asked back than is left of the redemption; `left` is the most that can go back."""

    code = "points.return_above_redeemed"
    sentence = "{asked} points were asked back, but {left} are left of this redemption."


class HoldClosed(Refused):
    """The hold was captured or released before."""

    code = "points.hold_closed"
    sentence = "This hold was {state} already."


class CaptureAboveHold(Refused):
    """More was to be captured than the hold reserves."""

    code = "points.capture_above_hold"
    sentence = "{asked} points were asked for, but the hold reserves {held}."


class RedemptionNotFound(NotFound):
    """The customer has no redemption under this key."""

    code = "points.redemption_not_found"
    sentence = "There is no redemption {key}."


class HoldNotFound(NotFound):
    """The customer has no hold under this key."""

    code = "points.hold_not_found"
    sentence = "There is no hold {key}."
