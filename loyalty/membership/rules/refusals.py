"""What membership refuses."""

from loyalty.kernel.errors import NotFound, Refused


class MemberNotFound(NotFound):
    """There is no such member, or not in the stores of whoever asks."""

    code = "membership.not_found"
    sentence = "There is no member {number}."


class MovementNotFound(NotFound):
    """The member's account has no such movement."""

    code = "membership.movement_not_found"
    sentence = "There is no movement {id} here."


class AlreadyMember(Refused):
    """The customer has been enrolled before; `number` is the member number."""

    code = "membership.already_member"
    sentence = "This customer is a member already, with the number {number}."


class NotThatState(Refused):
    """The member's state does not allow the move."""

    code = "membership.not_that_state"
    sentence = "The state of this membership does not allow that. Reload the page to see what can be done."


class NotActive(Refused):
    """Only active members use points."""

    code = "membership.not_active"
    sentence = "Points are used only while the membership is active. Change the membership first."


class AdjustmentAboveLimit(Refused):
    """One person may adjust a member's points by `limit` within 24 hours, and has adjusted `before`."""

    code = "membership.adjustment_above_limit"
    sentence = (
        "One person adjusts at most {limit} points of a member within 24 hours; {before} were adjusted before, "
        "{asked} were asked for. Lower the figure, or ask a second person for it."
    )


class KeepTheMember(Refused):
    """Points and level stay with the customer who is a member; `gone` is it, and `kept` is not."""

    code = "membership.keep_the_member"
    sentence = "{gone} is an active member and {kept} is not. Merge the other way round: keep {gone}."


class SuspendedBeforeMerge(Refused):
    """Why a membership is suspended is settled before another one takes it over."""

    code = "membership.suspended_before_merge"
    sentence = "The membership {number} is suspended: {reason}. Resume or close it first."
