"""Households and holders of vehicles: what is refused."""

from loyalty.kernel.errors import Malformed, NotFound, Refused

LONGEST_HOUSEHOLD = 80
SECOND_ROLES = ("driver", "payer")
"""What somebody else than the main owner can be for a vehicle."""


class HouseholdNotFound(NotFound):
    """There is no such household, or nobody in it is visible to whoever asks."""

    code = "customers.household_not_found"
    sentence = "There is no such household."


class InAHousehold(Refused):
    """One belongs to one household at a time."""

    code = "customers.in_a_household"
    sentence = "{number} belongs to the household {household}. Take it out there first."


class CompanyInHousehold(Refused):
    """A household is made of people."""

    code = "customers.company_in_household"
    sentence = "{number} is a company. Its drivers are entered at its vehicles."


class NotInHousehold(NotFound):
    """The customer belongs to no household now."""

    code = "customers.not_in_household"
    sentence = "{number} belongs to no household."


class HoldsAlready(Refused):
    """The customer is the owner, a driver or a payer of the vehicle already."""

    code = "customers.holds_already"
    sentence = "{number} holds this vehicle already."


class HoldingNotFound(NotFound):
    """The customer is no driver or payer of the vehicle now."""

    code = "customers.holding_not_found"
    sentence = "{number} is neither driver nor payer of this vehicle."


class EndBeforeBegin(Refused):
    """Something cannot end before it began."""

    code = "customers.end_before_begin"
    sentence = "It began on {day}. Choose this day or a later one."


def household_name(typed: str) -> str:
    """Return the name of a household without outer spaces; malformed when empty or above 80 characters."""
    name = " ".join(typed.split())
    if not name or len(name) > LONGEST_HOUSEHOLD:
        raise Malformed({"name": ["A household has a name of 1 to 80 characters."]})
    return name
